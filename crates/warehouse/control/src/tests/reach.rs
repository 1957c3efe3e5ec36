use std::collections::BTreeMap;
use std::net::IpAddr;

use base::id::WorkgroupName;
use network::{Direction, NewRule, Permission, Source, Traffic};

use super::fake::{World, new_cluster, new_namespace, new_workgroup};
use crate::reach::reach;
use crate::{ClusterEdit, NewWorkgroup, RouteRefusal, WorkgroupEdit};

#[track_caller]
fn check(addresses: &[&str], expected: bool) {
    for address in addresses {
        let peer: IpAddr = address.parse().unwrap();
        assert_eq!(reach(false, peer), expected, "{address}");
        assert!(reach(true, peer), "{address} reaches what is publicly accessible");
    }
}

#[test]
fn what_is_not_publicly_accessible_is_reached_from_addresses_that_the_internet_does_not_route() {
    check(&["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.7.7"], true);
    check(&["100.64.0.0", "100.127.255.255", "::1", "fd00::1", "fc00::1", "fe80::1"], true);
    check(&["::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:100.64.1.1"], true);
}

#[test]
fn and_from_no_others() {
    check(
        &["8.8.8.8", "172.15.255.255", "172.32.0.0", "192.169.0.1", "11.0.0.1", "100.63.255.255", "100.128.0.0"],
        false,
    );
    check(&["0.0.0.0", "255.255.255.255", "224.0.0.1", "169.253.0.1", "198.18.0.1", "203.0.113.9"], false);
    check(&["::", "2001:db8::1", "2600:1f18::1", "fec0::1", "ff02::1", "::ffff:8.8.8.8"], false);
    // An IPv4 address inside of others is none: a translator (NAT64, 6to4) stands between.
    check(&["64:ff9b::a00:1", "2002:a00:1::1", "::10.0.0.1"], false);
}

const PUBLIC: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));
const PRIVATE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 9));

/// Gives the default security group a rule for all addresses, so that only public access decides.
async fn open_to_everybody(world: &World) {
    let group = world.network.groups_of(&network::Attachment::default())[0].id.clone();
    let permission = Permission { traffic: Traffic::All, source: Source::v4("0.0.0.0/0").unwrap() };
    let rule = NewRule { permission, description: None };
    world.network.authorize(&group, Direction::Ingress, vec![rule], BTreeMap::new()).await.unwrap();
}

#[tokio::test]
async fn a_connection_is_admitted_by_what_its_endpoint_is_at_that_moment() {
    let world = World::new().await;
    open_to_everybody(&world).await;
    let refused = Err(RouteRefusal::NotPublic { peer: PUBLIC });
    let made = world.control.create_cluster(new_cluster("one")).await.unwrap();
    let publicly = |accessible| ClusterEdit { publicly_accessible: Some(accessible), ..ClusterEdit::default() };
    for server_name in [None, Some("one.redshift.localhost")] {
        let admit = |peer| world.control.admit(server_name, 5439, peer).map(|admitted| admitted.warehouse);
        assert_eq!((admit(PRIVATE), admit(PUBLIC)), (Ok(made.warehouse.clone()), refused.clone()));
        world.control.modify_cluster(&made.identifier, publicly(true)).await.unwrap();
        assert_eq!(admit(PUBLIC), Ok(made.warehouse.clone()));
        assert!(world.host.withdrawn.lock().unwrap().is_empty());
        world.control.modify_cluster(&made.identifier, publicly(false)).await.unwrap();
        assert_eq!(admit(PUBLIC), refused);
        assert_eq!(std::mem::take(&mut *world.host.withdrawn.lock().unwrap()), std::slice::from_ref(&made.warehouse));
    }
    // What changes something else, or nothing, ends nobody's session.
    world.control.modify_cluster(&made.identifier, publicly(false)).await.unwrap();
    world
        .control
        .modify_cluster(&made.identifier, ClusterEdit { port: Some(5450), ..ClusterEdit::default() })
        .await
        .unwrap();
    assert!(world.host.withdrawn.lock().unwrap().is_empty());
    let unknown = world.control.admit(Some("gone.redshift.localhost"), 5439, PUBLIC).unwrap_err();
    assert!(matches!(unknown, RouteRefusal::Unknown { .. }), "{unknown:?}");
}

#[tokio::test]
async fn a_workgroup_is_reached_as_a_cluster_is() {
    let world = World::new().await;
    open_to_everybody(&world).await;
    let namespace = world.control.create_namespace(new_namespace("sales")).await.unwrap();
    let new = NewWorkgroup { publicly_accessible: true, ..new_workgroup("sales-wg", "sales") };
    world.control.create_workgroup(new).await.unwrap();
    let admit = || {
        let admitted = world.control.admit(Some("sales-wg.redshift-serverless.localhost"), 5439, PUBLIC);
        admitted.map(|admitted| admitted.warehouse)
    };
    assert_eq!(admit(), Ok(namespace.warehouse.clone()));
    let edit = WorkgroupEdit { publicly_accessible: Some(false), ..WorkgroupEdit::default() };
    world.control.update_workgroup(&WorkgroupName::new("sales-wg"), edit).await.unwrap();
    assert_eq!(admit(), Err(RouteRefusal::NotPublic { peer: PUBLIC }));
    assert_eq!(*world.host.withdrawn.lock().unwrap(), std::slice::from_ref(&namespace.warehouse));
}
