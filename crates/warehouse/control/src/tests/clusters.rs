use std::sync::Arc;

use base::id::{ClusterId, RedshiftIdcApplicationArn, SecurityGroupId};
use base::{Fault as _, Secret};
use time::Duration;

use super::fake::{World, new_cluster, role, tags};
use crate::{
    ClusterEdit, ClusterStatus, ControlError, Endpoint, HostError, IdentityProviderSpec, NewCluster, WAREHOUSES_MAX,
};

fn id(text: &str) -> ClusterId {
    ClusterId::new(text)
}

#[tokio::test]
async fn a_cluster_is_made_with_its_warehouse() {
    let world = World::new().await;
    assert!(world.control.is_new());
    let new = NewCluster { port: Some(5450), db_name: Some("sales".to_owned()), ..new_cluster("testcluster") };
    let made = world.control.create_cluster(new).await.unwrap();
    assert_eq!((made.status, made.port, made.db_name.as_str()), (ClusterStatus::Available, 5450, "sales"));
    assert_eq!(world.control.cluster(&made.identifier), Some(Arc::clone(&made)));
    assert_eq!((world.files(), world.listening()), (vec![made.warehouse.clone()], vec![5450]));
    let spec = world.host.specs.lock().unwrap()[0].clone();
    assert_eq!((spec.database.as_str(), spec.admin_username.as_str()), ("sales", "awsuser"));
    assert!(spec.identity_provider.is_none());
    let [record] = world.control.warehouses().try_into().unwrap();
    assert_eq!((&record.id, record.name.as_str(), record.database.as_str()), (&made.warehouse, "testcluster", "sales"));
    let arn = format!("arn:aws:redshift:us-east-1:123456789012:namespace:{}", made.warehouse);
    assert_eq!(world.control.cluster_namespace_arn(&made), arn);
    let restarted = world.restarted().await;
    assert_eq!(restarted.control.cluster(&made.identifier), Some(made));
    assert_eq!(restarted.listening(), [5450]);
    assert!(!restarted.control.is_new());
}

#[tokio::test]
async fn a_refused_create_leaves_nothing() {
    let world = World::new().await;
    let create = |new| world.control.create_cluster(new);
    *world.host.refuse.lock().unwrap() = Some(HostError::Invalid("password must contain a digit".to_owned()));
    let error = create(NewCluster { port: Some(5450), ..new_cluster("one") }).await.unwrap_err();
    assert_eq!(error.public().message, "password must contain a digit");
    *world.host.refuse.lock().unwrap() = Some(HostError::Failed("disk full".to_owned()));
    let error = create(new_cluster("one")).await.unwrap_err();
    assert!(!error.public().message.contains("disk"), "{error}");
    *world.host.refuse.lock().unwrap() = None;
    world.host.taken.lock().unwrap().insert(5451);
    let error = create(NewCluster { port: Some(5451), ..new_cluster("one") }).await.unwrap_err();
    assert!(matches!(error, ControlError::PortInUse { port: 5451, .. }));
    let unknown = RedshiftIdcApplicationArn::new("arn:aws:redshift:us-east-1:123456789012:redshiftidcapplication:x");
    let error = create(NewCluster { idc_application: Some(unknown.clone()), ..new_cluster("one") }).await.unwrap_err();
    assert_eq!(error, ControlError::RedshiftIdcApplicationNotExists(unknown));
    assert!(world.control.cluster(&id("one")).is_none() && world.files().is_empty() && world.listening().is_empty());
    assert!(world.control.is_new());
    create(new_cluster("one")).await.unwrap();
    assert_eq!(create(new_cluster("one")).await.unwrap_err(), ControlError::ClusterAlreadyExists(id("one")));
}

#[tokio::test]
async fn parameters_are_checked_before_anything_is_done() {
    let world = World::new().await;
    let bad = [
        ("ClusterIdentifier", new_cluster("a--b")),
        ("MasterUsername", NewCluster { master_username: "public".to_owned(), ..new_cluster("a") }),
        ("DBName", NewCluster { db_name: Some("Dev".to_owned()), ..new_cluster("a") }),
        ("Port", NewCluster { port: Some(80), ..new_cluster("a") }),
        ("IamRoles", NewCluster { iam_roles: vec!["r".to_owned()], ..new_cluster("a") }),
        ("DefaultIamRoleArn", NewCluster { default_iam_role: Some(role("r")), ..new_cluster("a") }),
    ];
    for (parameter, new) in bad {
        let error = world.control.create_cluster(new).await.unwrap_err();
        assert!(matches!(error, ControlError::Invalid { parameter: named, .. } if named == parameter), "{error}");
    }
    let tagged = NewCluster { tags: tags(&[("aws:x", "")]), ..new_cluster("a") };
    assert!(matches!(world.control.create_cluster(tagged).await, Err(ControlError::InvalidTag { .. })));
    assert!(world.host.specs.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_new_warehouse_has_its_application_as_it_is_now() {
    let world = World::new().await;
    let application = world.application("redshift-idc-app").await;
    let connected = |name| NewCluster {
        idc_application: Some(application.arn.clone()),
        iam_roles: vec![role("other")],
        ..new_cluster(name)
    };
    let one = world.control.create_cluster(connected("one")).await.unwrap();
    assert_eq!(one.iam_roles, [role("other"), role("EspressoRedshiftRole")]);
    let edit = crate::RedshiftIdcApplicationEdit { identity_namespace: Some("later".to_owned()), ..Default::default() };
    world.control.modify_idc_application(&application.arn, edit).await.unwrap();
    world.control.create_cluster(connected("two")).await.unwrap();
    let specs = world.host.specs.lock().unwrap().clone();
    let provider = |namespace: &str| {
        Some(IdentityProviderSpec {
            name: "redshift-idc-app".to_owned(),
            namespace: namespace.to_owned(),
            application: application.idc_managed_application_arn.clone(),
            iam_role: role("EspressoRedshiftRole"),
        })
    };
    assert_eq!(specs[0].identity_provider, provider("awsidc"));
    assert_eq!(specs[1].identity_provider, provider("later"));
    let of = world.control.idc_application_of(&one.warehouse).unwrap();
    assert_eq!((&of.arn, of.identity_namespace.as_str()), (&application.arn, "later"));
}

#[tokio::test]
async fn a_deleted_cluster_leaves_nothing_and_does_not_come_back() {
    let world = World::new().await;
    let shared = |name| NewCluster { port: Some(5450), ..new_cluster(name) };
    world.control.create_cluster(shared("one")).await.unwrap();
    let two = world.control.create_cluster(shared("two")).await.unwrap();
    let gone = world.control.delete_cluster(&id("one")).await.unwrap();
    assert_eq!(gone.status, ClusterStatus::Deleting);
    // The other one has the port.
    assert_eq!((world.files(), world.listening()), (vec![two.warehouse.clone()], vec![5450]));
    world.control.delete_cluster(&id("two")).await.unwrap();
    assert!(world.files().is_empty() && world.listening().is_empty() && world.control.warehouses().is_empty());
    assert_eq!(world.control.delete_cluster(&id("two")).await.unwrap_err(), ControlError::ClusterNotFound(id("two")));
    assert!(!world.restarted().await.control.is_new());
}

#[tokio::test]
async fn a_slow_create_keeps_nobody_else_waiting() {
    let world = World::new().await;
    world.control.create_cluster(new_cluster("other")).await.unwrap();
    world.host.pace.forget_permits(usize::MAX);
    world.host.begun.forget_permits(usize::MAX);
    let control = Arc::clone(&world.control);
    let slow = base::task::spawn("slow", async move { control.create_cluster(new_cluster("slow")).await });
    world.host.begun.acquire().await.unwrap().forget();
    let creating = world.control.cluster(&id("slow")).unwrap();
    assert_eq!(creating.status, ClusterStatus::Creating);
    assert!(world.control.route(Some("slow.redshift.localhost"), 5439).is_err());
    // The same name, and changes of the same cluster, are refused; others go on.
    let taken = world.control.create_cluster(new_cluster("slow")).await.unwrap_err();
    assert_eq!(taken, ControlError::ClusterAlreadyExists(id("slow")));
    for outcome in [
        world.control.delete_cluster(&id("slow")).await,
        world.control.modify_cluster(&id("slow"), ClusterEdit::default()).await,
    ] {
        assert_eq!(outcome, Err(ControlError::InvalidClusterState { id: id("slow"), state: "creating" }));
    }
    let edit = ClusterEdit { port: Some(5450), ..ClusterEdit::default() };
    world.control.modify_cluster(&id("other"), edit).await.unwrap();
    let arn = world.control.cluster_arn(&creating);
    world.control.tag(&arn, tags(&[("team", "a")])).await.unwrap();
    world.host.pace.add_permits(1);
    let made = slow.await.unwrap().unwrap();
    assert_eq!((made.status, &made.tags), (ClusterStatus::Available, &tags(&[("team", "a")])));
}

#[tokio::test]
async fn modifying_changes_what_is_given() {
    let world = World::new().await;
    let made = world.control.create_cluster(new_cluster("one")).await.unwrap();
    world.control.create_cluster(new_cluster("two")).await.unwrap();
    let edit = ClusterEdit {
        identifier: Some(id("uno")),
        master_password: Some(Secret::from("Passw0rd2")),
        port: Some(5450),
        publicly_accessible: Some(true),
        ..ClusterEdit::default()
    };
    let edited = world.control.modify_cluster(&id("one"), edit).await.unwrap();
    assert_eq!((edited.identifier.as_str(), edited.port, edited.publicly_accessible), ("uno", 5450, true));
    assert_eq!((&edited.warehouse, edited.created), (&made.warehouse, made.created));
    assert!(world.control.cluster(&id("one")).is_none());
    assert_eq!(world.control.warehouse(&made.warehouse).unwrap().name, "uno");
    assert_eq!(world.disk.warehouses.lock().unwrap()[&made.warehouse], "Passw0rd2");
    assert_eq!(world.control.route(Some("uno.redshift.localhost"), 5439), Ok(made.warehouse.clone()));
    assert!(world.control.route(Some("one.redshift.localhost"), 5439).is_err());
    let edit = ClusterEdit { port: Some(5451), ..ClusterEdit::default() };
    world.control.modify_cluster(&id("uno"), edit).await.unwrap();
    assert_eq!(world.listening(), [5451]);
    assert_eq!(world.restarted().await.control.cluster(&id("uno")).unwrap().port, 5451);
    // The default listener's own number, given by name.
    let edit = ClusterEdit { port: Some(5439), ..ClusterEdit::default() };
    world.control.modify_cluster(&id("uno"), edit).await.unwrap();
    assert!(world.listening().is_empty());
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let world = World::new().await;
    let one = world.control.create_cluster(NewCluster { port: Some(5450), ..new_cluster("one") }).await.unwrap();
    world.control.create_cluster(new_cluster("two")).await.unwrap();
    world.host.taken.lock().unwrap().insert(5452);
    let good = ClusterEdit { master_password: Some(Secret::from("Passw0rd2")), port: Some(5451), ..Default::default() };
    let edits = [
        ClusterEdit { identifier: Some(id("two")), ..good.clone() },
        ClusterEdit { identifier: Some(id("A")), ..good.clone() },
        ClusterEdit { port: Some(80), ..good.clone() },
        ClusterEdit { port: Some(5452), ..good.clone() },
        ClusterEdit { master_password: Some(Secret::from("short")), ..good.clone() },
        ClusterEdit { node_count: Some(0), ..good.clone() },
        ClusterEdit { automated_retention: Some(36), ..good.clone() },
        ClusterEdit { manual_retention: Some(0), ..good.clone() },
        ClusterEdit { maintenance_window: Some("sun".to_owned()), ..good.clone() },
        ClusterEdit { manage_master_password: Some(true), ..good.clone() },
        ClusterEdit { parameter_group: Some("none".to_owned()), ..good.clone() },
        ClusterEdit { availability_zone: Some("us-east-9z".to_owned()), ..good.clone() },
        ClusterEdit { vpc_security_groups: Some(vec![SecurityGroupId::new("sg-0")]), ..good.clone() },
    ];
    for edit in edits {
        world.control.modify_cluster(&id("one"), edit).await.unwrap_err();
        assert_eq!(world.control.cluster(&id("one")), Some(Arc::clone(&one)));
        assert_eq!(world.disk.warehouses.lock().unwrap()[&one.warehouse], "Passw0rd");
        assert_eq!(world.listening(), [5450]);
    }
    let error = world.control.modify_cluster(&id("three"), good).await.unwrap_err();
    assert_eq!(error, ControlError::ClusterNotFound(id("three")));
}

#[tokio::test]
async fn iam_roles_are_attached_and_detached() {
    let world = World::new().await;
    let new = NewCluster { iam_roles: vec![role("a")], default_iam_role: Some(role("a")), ..new_cluster("one") };
    world.control.create_cluster(new).await.unwrap();
    let one = id("one");
    let change = |add: &[&str], remove: &[&str], default: Option<&str>| {
        let roles = |names: &[&str]| names.iter().map(|name| role(name)).collect();
        world.control.modify_cluster_iam_roles(&one, roles(add), roles(remove), default.map(role))
    };
    let kept = change(&["b"], &[], None).await.unwrap();
    assert_eq!((&kept.iam_roles, &kept.default_iam_role), (&vec![role("a"), role("b")], &Some(role("a"))));
    let error = change(&[], &[], Some("c")).await.unwrap_err();
    assert!(matches!(error, ControlError::Invalid { parameter: "DefaultIamRoleArn", .. }));
    let detached = change(&[], &["a"], None).await.unwrap();
    assert_eq!((&detached.iam_roles, &detached.default_iam_role), (&vec![role("b")], &None));
    let other = change(&["c"], &[], Some("c")).await.unwrap();
    assert_eq!(other.default_iam_role, Some(role("c")));
}

#[tokio::test]
async fn warehouses_are_bounded() {
    let world = World::new().await;
    for number in 0..WAREHOUSES_MAX {
        world.control.create_cluster(new_cluster(&format!("c{number}"))).await.unwrap();
    }
    assert_eq!(world.control.create_cluster(new_cluster("more")).await.unwrap_err(), ControlError::Quota);
    let error = world.control.create_namespace(super::fake::new_namespace("more")).await.unwrap_err();
    assert_eq!(error, ControlError::Quota);
    world.control.delete_cluster(&id("c3")).await.unwrap();
    world.control.create_cluster(new_cluster("more")).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = world.control.clusters(after.as_ref(), 5);
        seen.extend(page.items.iter().map(|one| one.identifier.to_string()));
        after = page.next.map(ClusterId::new);
        if after.is_none() {
            break;
        }
    }
    assert!(seen.is_sorted() && seen.len() == WAREHOUSES_MAX);
}

#[tokio::test]
async fn the_oldest_of_a_port_needs_no_name() {
    let world = World::new().await;
    let old = world.control.create_cluster(new_cluster("second-letter")).await.unwrap();
    world.clock.advance(Duration::seconds(1));
    let young = world.control.create_cluster(new_cluster("a-later-one")).await.unwrap();
    let alone = world.control.create_cluster(NewCluster { port: Some(5450), ..new_cluster("alone") }).await.unwrap();
    let endpoint = |address: &str, port| Endpoint { address: address.to_owned(), port };
    assert_eq!(world.control.endpoint_of_cluster(&old), endpoint("127.0.0.1", 5439));
    assert_eq!(world.control.endpoint_of_cluster(&young), endpoint("a-later-one.redshift.localhost", 5439));
    assert_eq!(world.control.endpoint_of_cluster(&alone), endpoint("127.0.0.1", 5450));
    assert_eq!(world.control.default_warehouse(5439), Some(old.warehouse.clone()));
    world.control.delete_cluster(&old.identifier).await.unwrap();
    assert_eq!(world.control.endpoint_of_cluster(&young), endpoint("127.0.0.1", 5439));
    assert!(world.control.route(Some("second-letter.redshift.localhost"), 5439).is_err());
}

#[tokio::test]
async fn a_cluster_is_connected_to_an_application_that_exists() {
    let world = World::new().await;
    let cluster = world.control.create_cluster(new_cluster("one")).await.unwrap();
    let missing = RedshiftIdcApplicationArn::new("arn:aws:redshift:us-east-1:123456789012:redshiftidcapplication:x");
    let error = world.control.connect_cluster(&cluster.identifier, Some(&missing)).await.unwrap_err();
    assert_eq!(error, ControlError::RedshiftIdcApplicationNotExists(missing));
    let error = world.control.connect_cluster(&id("nowhere"), None).await.unwrap_err();
    assert_eq!(error, ControlError::ClusterNotFound(id("nowhere")));
    let application = world.application("app").await;
    world.control.connect_cluster(&cluster.identifier, Some(&application.arn)).await.unwrap();
    let of = |world: &World| world.control.idc_application_of(&cluster.warehouse);
    assert_eq!(of(&world), Some(Arc::clone(&application)));
    world.control.delete_idc_application(&application.arn).await.unwrap();
    assert_eq!(of(&world), None);
    assert_eq!(of(&world.restarted().await), None);
}

#[tokio::test]
async fn nothing_is_made_before_there_is_a_host() {
    let world = World::unattached(std::sync::Arc::default()).await.unwrap();
    assert!(matches!(world.control.create_cluster(new_cluster("one")).await, Err(ControlError::Host(_))));
    assert!(world.control.cluster(&id("one")).is_none());
    world.control.attach(world.host.clone()).await.unwrap();
    assert!(matches!(world.control.attach(world.host.clone()).await, Err(ControlError::Host(_))));
}
