use base::Fault as _;
use base::id::{ClusterId, WarehouseId, WorkgroupName};
use time::{Duration, OffsetDateTime};

use crate::RouteRefusal;
use crate::route::{EndpointName, EndpointState, Endpoints, ServedEndpoint, route};

/// `name`, port, whether it is available; each a second younger than the one before.
fn endpoints(clusters: &[(&str, u16, bool)], workgroups: &[(&str, u16, bool)]) -> Endpoints {
    let mut endpoints = Endpoints::new("127.0.0.1");
    let clusters =
        clusters.iter().map(|(name, port, up)| (EndpointName::Cluster(ClusterId::new(*name)), name, port, up));
    let workgroups = workgroups.iter();
    let workgroups =
        workgroups.map(|(name, port, up)| (EndpointName::Workgroup(WorkgroupName::new(*name)), name, port, up));
    for (age, (key, name, port, available)) in clusters.chain(workgroups).enumerate() {
        let created = OffsetDateTime::UNIX_EPOCH + Duration::seconds(i64::try_from(age).unwrap());
        let warehouse = WarehouseId::new(*name);
        let port = *port;
        let state = if *available { EndpointState::Open } else { EndpointState::Closed };
        let attachment = network::Attachment::default();
        endpoints.put(key, ServedEndpoint { warehouse, port, state, publicly_accessible: false, attachment, created });
    }
    endpoints
}

#[track_caller]
fn check(endpoints: &Endpoints, server_name: Option<&str>, port: u16, expected: &str) {
    let found = match route(endpoints, server_name, port) {
        Ok(endpoint) => endpoint.warehouse.to_string(),
        Err(RouteRefusal::Unknown { .. }) => "unknown".to_owned(),
        Err(RouteRefusal::NotAvailable { .. }) => "not available".to_owned(),
        Err(RouteRefusal::Nothing) => "nothing".to_owned(),
        Err(RouteRefusal::Paused { cluster }) => format!("{cluster} is paused"),
        Err(RouteRefusal::NotPublic { .. } | RouteRefusal::NotAdmitted { .. }) => panic!("a route asks for no address"),
    };
    assert_eq!(found, expected, "{server_name:?} on {port}");
}

#[test]
fn a_server_name_opens_what_it_names() {
    let all =
        endpoints(&[("first", 5439, true), ("analytics", 5439, true)], &[("wg1", 5439, true), ("first", 5440, true)]);
    for (server_name, expected) in [
        ("analytics.redshift.localhost", "analytics"),
        ("ANALYTICS.Redshift.localhost.", "analytics"),
        ("analytics.abc.us-east-1.redshift.amazonaws.com", "analytics"),
        ("wg1.redshift-serverless.localhost", "wg1"),
        ("wg1.123456789012.us-east-1.redshift-serverless.amazonaws.com", "wg1"),
        ("wg1.redshift.localhost", "unknown"),
        ("analytics.redshift-serverless.localhost", "unknown"),
        ("gone.redshift.localhost", "unknown"),
        (".redshift.localhost", "unknown"),
    ] {
        check(&all, Some(server_name), 5439, expected);
        // Whatever port it came in at.
        check(&all, Some(server_name), 9999, expected);
    }
}

#[test]
fn any_other_name_is_for_the_oldest_of_its_port() {
    let all = endpoints(&[("b", 5439, true), ("a", 5439, true), ("c", 5440, true)], &[("wg1", 5440, true)]);
    for server_name in
        [None, Some("localhost"), Some("127.0.0.1"), Some("redshift.localhost"), Some("redshift"), Some("")]
    {
        check(&all, server_name, 5439, "b");
        check(&all, server_name, 5440, "c");
        check(&all, server_name, 5441, "nothing");
    }
}

#[test]
fn what_is_not_available_is_not_reached() {
    let all = endpoints(&[("b", 5439, false), ("a", 5439, true)], &[("wg1", 5440, false)]);
    check(&all, None, 5439, "a");
    check(&all, Some("b.redshift.localhost"), 5439, "not available");
    check(&all, None, 5440, "nothing");
    check(&all, Some("wg1.redshift-serverless.localhost"), 5440, "not available");
}

#[test]
fn the_listener_s_own_name_names_no_cluster() {
    let mut all = Endpoints::new("db.Redshift.corp");
    let endpoint = ServedEndpoint {
        warehouse: WarehouseId::new("w"),
        port: 5439,
        state: EndpointState::Open,
        attachment: network::Attachment::default(),
        publicly_accessible: false,
        created: OffsetDateTime::UNIX_EPOCH,
    };
    all.put(EndpointName::Cluster(ClusterId::new("one")), endpoint);
    check(&all, Some("db.redshift.corp"), 5439, "w");
    check(&all, Some("other.redshift.corp"), 5439, "unknown");
}

#[test]
fn an_endpoint_that_moves_leaves_nothing_behind() {
    let mut all = endpoints(&[("a", 5439, true)], &[]);
    let name = EndpointName::Cluster(ClusterId::new("a"));
    let created = OffsetDateTime::UNIX_EPOCH;
    let warehouse = WarehouseId::new("a");
    let moved = ServedEndpoint {
        warehouse,
        port: 5440,
        state: EndpointState::Open,
        publicly_accessible: false,
        attachment: network::Attachment::default(),
        created,
    };
    all.put(name.clone(), moved);
    check(&all, None, 5439, "nothing");
    check(&all, None, 5440, "a");
    assert!(all.has_port(5440, None) && !all.has_port(5439, None));
    assert!(!all.has_port(5440, Some(&name)));
    all.remove(&name);
    assert_eq!(all, endpoints(&[], &[]));
}

#[test]
fn a_refusal_says_what_to_do() {
    let all = endpoints(&[], &[]);
    for server_name in [None, Some("gone.redshift.localhost")] {
        assert!(route(&all, server_name, 5439).unwrap_err().public().hint.is_some());
    }
}

#[test]
fn a_paused_cluster_keeps_its_place() {
    let mut all = endpoints(&[("old", 5439, true), ("young", 5439, true)], &[]);
    let mut set = |state| {
        let endpoint =
            ServedEndpoint { state, ..route(&endpoints(&[("old", 5439, true)], &[]), None, 5439).unwrap().clone() };
        all.put(EndpointName::Cluster(ClusterId::new("old")), endpoint);
        all.clone()
    };
    let paused = set(EndpointState::Paused);
    check(&paused, Some("old.redshift.localhost"), 5439, "old is paused");
    check(&paused, None, 5439, "old is paused");
    check(&paused, Some("young.redshift.localhost"), 5439, "young");
    let changing = set(EndpointState::Changing);
    check(&changing, None, 5439, "not available");
    // whoever is being made or deleted has no place
    check(&set(EndpointState::Closed), None, 5439, "young");
    let refused = route(&paused, None, 5439).unwrap_err().public();
    assert_eq!(refused.message, "the cluster old is paused");
    assert_eq!(refused.hint.unwrap(), "Resume it: aws redshift resume-cluster --cluster-identifier old");
}
