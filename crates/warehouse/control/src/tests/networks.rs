//! Security groups of clusters and workgroups: who gets in, who is sent away, what is in use.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use base::id::{SecurityGroupId, WarehouseId, WorkgroupName};
use network::{
    Direction, NetworkError, NewRule, NewSecurityGroup, NewSubnetGroup, Permission, PortRange, RuleChoice, Source,
    Traffic,
};

use super::fake::{World, new_cluster, new_namespace, new_workgroup};
use crate::{ClusterEdit, ClusterOptions, NewCluster, NewWorkgroup, RouteRefusal, WorkgroupEdit};

fn rule(port: u16, source: &str) -> NewRule {
    let traffic = Traffic::Tcp(PortRange { from: port, to: port });
    NewRule {
        permission: Permission { traffic, source: Source::try_from(source.to_owned()).unwrap() },
        description: None,
    }
}

/// A group with these rules.
pub(super) async fn group(world: &World, name: &str, rules: Vec<NewRule>) -> SecurityGroupId {
    let description = "for tests".to_owned();
    let new = NewSecurityGroup { name: name.to_owned(), description, vpc: None, tags: BTreeMap::new() };
    let id = world.network.create_group(new).await.unwrap().id.clone();
    world.network.authorize(&id, Direction::Ingress, rules, BTreeMap::new()).await.unwrap();
    id
}

fn behind(identifier: &str, port: Option<u16>, groups: &[&SecurityGroupId]) -> NewCluster {
    let vpc_security_groups = groups.iter().map(|id| (*id).clone()).collect();
    let options = ClusterOptions { vpc_security_groups, ..ClusterOptions::default() };
    NewCluster { port, options, ..new_cluster(identifier) }
}

fn vpn() -> IpAddr {
    "10.8.0.9".parse().unwrap()
}

fn office() -> IpAddr {
    "192.168.7.7".parse().unwrap()
}

/// Waits until the host was asked to end what isn't admitted at these warehouses.
async fn asked_to_end(world: &World, expected: &[WarehouseId]) {
    while *world.host.unadmitted.lock().unwrap() != expected {
        tokio::task::yield_now().await;
    }
    world.host.unadmitted.lock().unwrap().clear();
}

#[tokio::test]
async fn a_cluster_is_reached_by_its_own_groups_only() {
    let world = World::new().await;
    let sg = group(&world, "vpn", vec![rule(5439, "10.8.0.0/16")]).await;
    let made = world.control.create_cluster(behind("one", None, &[&sg])).await.unwrap();
    for server_name in [None, Some("one.redshift.localhost")] {
        let admitted = world.control.admit(server_name, 5439, vpn()).unwrap();
        assert_eq!(admitted.warehouse, made.warehouse);
        assert!(admitted.network_rule.ends_with(&format!("of {sg}: tcp/5439 from 10.8.0.0/16")), "{admitted:?}");
        let refused = world.control.admit(server_name, 5439, office()).unwrap_err();
        let RouteRefusal::NotAdmitted { endpoint, refusal } = refused else { panic!("{refused:?}") };
        assert_eq!((endpoint.as_str(), refusal.groups), ("one", vec![sg.clone()]));
    }
    world.control.admit_at_port(5439, vpn()).unwrap();
    assert!(matches!(world.control.admit_at_port(5439, office()), Err(RouteRefusal::NotAdmitted { .. })));
}

#[tokio::test]
async fn the_rule_of_the_walkthrough_does_not_reach_the_port_of_the_walkthrough() {
    let world = World::new().await;
    let sg = group(&world, "redshift", vec![rule(5439, "10.8.0.0/16")]).await;
    world.control.create_cluster(behind("testcluster", Some(5493), &[&sg])).await.unwrap();
    // By whichever listener it comes in: the rule is for the cluster's port.
    for (server_name, port) in [(None, 5493), (Some("testcluster.redshift.localhost"), 5439)] {
        let refused = world.control.admit(server_name, port, vpn()).unwrap_err();
        let RouteRefusal::NotAdmitted { refusal, .. } = refused else { panic!("{refused:?}") };
        let reason = refusal.reason();
        assert!(reason.contains("on port 5493") && reason.contains("tcp/5439 only"), "{reason}");
    }
    world.network.authorize(&sg, Direction::Ingress, vec![rule(5493, "10.8.0.0/16")], BTreeMap::new()).await.unwrap();
    world.control.admit(None, 5493, vpn()).unwrap();
}

#[tokio::test]
async fn a_port_is_open_to_whom_one_of_its_endpoints_admits() {
    let world = World::new().await;
    let closed = group(&world, "closed", Vec::new()).await;
    let open = group(&world, "vpn", vec![rule(5439, "10.8.0.0/16")]).await;
    // Nothing there to protect: whoever comes is told so later.
    world.control.admit_at_port(5439, vpn()).unwrap();
    world.control.create_cluster(behind("one", None, &[&closed])).await.unwrap();
    let refused = world.control.admit_at_port(5439, vpn()).unwrap_err();
    assert!(matches!(&refused, RouteRefusal::NotAdmitted { endpoint, .. } if endpoint == "one"), "{refused:?}");
    world.control.create_cluster(behind("two", None, &[&open])).await.unwrap();
    world.control.admit_at_port(5439, vpn()).unwrap();
    world.control.admit_at_port(5439, office()).unwrap_err();
    // Without a name it leads to the oldest all the same, which doesn't take it.
    world.control.admit(None, 5439, vpn()).unwrap_err();
    world.control.admit(Some("two.redshift.localhost"), 5439, vpn()).unwrap();
}

#[tokio::test]
async fn both_public_access_and_a_rule_are_needed() {
    let world = World::new().await;
    let internet: IpAddr = "203.0.113.9".parse().unwrap();
    let sg = group(&world, "internet", vec![rule(5439, "0.0.0.0/0")]).await;
    let made = world.control.create_cluster(behind("one", None, &[&sg])).await.unwrap();
    let admit = || world.control.admit(None, 5439, internet);
    assert_eq!(admit(), Err(RouteRefusal::NotPublic { peer: internet }));
    let edit = ClusterEdit { publicly_accessible: Some(true), ..ClusterEdit::default() };
    world.control.modify_cluster(&made.identifier, edit).await.unwrap();
    admit().unwrap();
    let edit = ClusterEdit { vpc_security_groups: Some(Vec::new()), ..ClusterEdit::default() };
    world.control.modify_cluster(&made.identifier, edit).await.unwrap();
    assert!(matches!(admit(), Err(RouteRefusal::NotAdmitted { .. })), "the default group is for private addresses");
}

#[tokio::test]
async fn sessions_are_looked_at_again_when_a_rule_of_their_warehouse_goes() {
    let world = World::new().await;
    let sg = group(&world, "vpn", vec![rule(5439, "10.8.0.0/16"), rule(5439, "2001:db8::/32")]).await;
    let other = group(&world, "other", vec![rule(5439, "10.8.0.0/16")]).await;
    let made = world.control.create_cluster(behind("one", None, &[&sg])).await.unwrap();
    world.control.create_cluster(behind("two", None, &[&other])).await.unwrap();
    let stays = |peer| world.control.admits_session(&made.warehouse, peer);
    assert_eq!(stays(vpn()), Ok(()));
    let choices = [RuleChoice::Permission(rule(5439, "10.8.0.0/16"))];
    world.network.revoke(&sg, Direction::Ingress, &choices).await.unwrap();
    asked_to_end(&world, std::slice::from_ref(&made.warehouse)).await;
    let refusal = stays(vpn()).unwrap_err();
    assert!(refusal.mend().unwrap().contains(sg.as_str()));
    assert_eq!(stays("2001:db8::9".parse().unwrap()), Ok(()));
    // Other groups on the cluster: the same question, at once.
    let edit = ClusterEdit { vpc_security_groups: Some(vec![other]), ..ClusterEdit::default() };
    world.control.modify_cluster(&made.identifier, edit).await.unwrap();
    asked_to_end(&world, std::slice::from_ref(&made.warehouse)).await;
    assert_eq!(stays(vpn()), Ok(()));
}

#[tokio::test]
async fn the_state_of_a_cluster_is_told_to_those_whom_it_admits() {
    let world = World::new().await;
    let sg = group(&world, "vpn", vec![rule(5439, "10.8.0.0/16")]).await;
    let made = world.control.create_cluster(behind("one", None, &[&sg])).await.unwrap();
    world.control.pause_cluster(&made.identifier).await.unwrap();
    let admit = |peer| world.control.admit(Some("one.redshift.localhost"), 5439, peer);
    assert_eq!(admit(vpn()), Err(RouteRefusal::Paused { cluster: "one".to_owned() }));
    assert!(matches!(admit(office()), Err(RouteRefusal::NotAdmitted { .. })));
    let internet = "203.0.113.9".parse().unwrap();
    assert_eq!(admit(internet), Err(RouteRefusal::NotPublic { peer: internet }));
}

#[tokio::test]
async fn a_workgroup_has_its_own_groups() {
    let world = World::new().await;
    let sg = group(&world, "vpn", vec![rule(5439, "10.8.0.0/16")]).await;
    let namespace = world.control.create_namespace(new_namespace("sales")).await.unwrap();
    assert_eq!(world.control.admits_session(&namespace.warehouse, office()), Ok(()), "it has no endpoint");
    let new = NewWorkgroup { security_group_ids: vec![sg.clone()], ..new_workgroup("sales-wg", "sales") };
    world.control.create_workgroup(new).await.unwrap();
    let admit = |peer| world.control.admit(Some("sales-wg.redshift-serverless.localhost"), 5439, peer);
    assert_eq!(admit(vpn()).unwrap().warehouse, namespace.warehouse);
    let refused = admit(office()).unwrap_err();
    assert!(matches!(&refused, RouteRefusal::NotAdmitted { endpoint, .. } if endpoint == "sales"), "{refused:?}");
    world.control.admits_session(&namespace.warehouse, office()).unwrap_err();
    let edit = WorkgroupEdit { security_group_ids: Some(Vec::new()), ..WorkgroupEdit::default() };
    world.control.update_workgroup(&WorkgroupName::new("sales-wg"), edit).await.unwrap();
    asked_to_end(&world, std::slice::from_ref(&namespace.warehouse)).await;
    admit(office()).unwrap();
}

#[tokio::test]
async fn what_a_warehouse_uses_is_not_deleted() {
    let world = World::new().await;
    let sg = group(&world, "vpn", Vec::new()).await;
    let subnets: Vec<_> = world.network.snapshot().subnets().map(|subnet| subnet.id.clone()).collect();
    let (name, description) = ("mine".to_owned(), "mine".to_owned());
    let new = NewSubnetGroup { name, description, subnets: subnets.clone(), tags: BTreeMap::new() };
    world.network.create_subnet_group(new).await.unwrap();
    let mut new = behind("one", None, &[&sg]);
    new.options.subnet_group = Some("mine".to_owned());
    let made = world.control.create_cluster(new).await.unwrap();
    let in_use = world.network.delete_group(&sg).await.unwrap_err();
    assert_eq!(in_use, NetworkError::GroupInUse(sg.clone(), "cluster one".to_owned()));
    assert_eq!(
        world.network.delete_subnet_group("mine").await.unwrap_err().code(),
        "InvalidClusterSubnetGroupStateFault"
    );
    world.control.delete_cluster(&made.identifier).await.unwrap();
    world.control.create_namespace(new_namespace("sales")).await.unwrap();
    let new = NewWorkgroup {
        security_group_ids: vec![sg.clone()],
        subnet_ids: subnets.clone(),
        ..new_workgroup("sales-wg", "sales")
    };
    world.control.create_workgroup(new).await.unwrap();
    world.network.delete_subnet_group("mine").await.unwrap();
    let in_use = world.network.delete_group(&sg).await.unwrap_err();
    assert_eq!(in_use, NetworkError::GroupInUse(sg.clone(), "workgroup sales-wg".to_owned()));
    assert_eq!(world.network.delete_subnet(&subnets[0]).await.unwrap_err().code(), "DependencyViolation");
    world.control.delete_workgroup(&WorkgroupName::new("sales-wg")).await.unwrap();
    world.network.delete_subnet(&subnets[0]).await.unwrap();
    world.network.delete_group(&sg).await.unwrap();
}

#[tokio::test]
async fn a_group_that_is_being_deleted_gets_no_new_cluster() {
    let world = World::new().await;
    for round in 0..20 {
        let sg = group(&world, &format!("vpn-{round}"), Vec::new()).await;
        let new = behind("one", None, &[&sg]);
        let (network, control, gone) = (Arc::clone(&world.network), Arc::clone(&world.control), sg.clone());
        let (deleted, made) =
            tokio::join!(
                async move { network.delete_group(&gone).await },
                async move { control.create_cluster(new).await },
            );
        assert_ne!(deleted.is_ok(), made.is_ok(), "{deleted:?} {made:?}");
        if let Ok(made) = made {
            world.control.delete_cluster(&made.identifier).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_subnet_group_has_tags_as_clusters_have() {
    let world = World::new().await;
    let subnets: Vec<_> = world.network.snapshot().subnets().map(|subnet| subnet.id.clone()).collect();
    let (name, description) = ("mine".to_owned(), "mine".to_owned());
    world
        .network
        .create_subnet_group(NewSubnetGroup { name, description, subnets, tags: BTreeMap::new() })
        .await
        .unwrap();
    let arn = "arn:aws:redshift:us-east-1:123456789012:subnetgroup:mine";
    world.control.tag(arn, super::fake::tags(&[("team", "data")])).await.unwrap();
    assert_eq!(world.control.tags(arn).unwrap(), super::fake::tags(&[("team", "data")]));
    let all = world.control.tagged(&crate::TagFilter::default(), None, 100);
    assert_eq!(all.items.iter().map(|one| one.arn.as_str()).collect::<Vec<_>>(), [arn]);
    world.control.untag(arn, &["team".to_owned()]).await.unwrap();
    assert!(world.control.tags(arn).unwrap().is_empty());
    world.control.tags("arn:aws:redshift:us-east-1:123456789012:subnetgroup:other").unwrap_err();
}
