//! Options of clusters and workgroups, against what they name.

use std::collections::BTreeMap;

use base::id::{ClusterId, SecurityGroupId, SubnetId, WorkgroupName};
use network::{NetworkError, NewSecurityGroup, NewSubnetGroup};

use super::fake::{World, new_cluster, new_namespace, new_workgroup};
use crate::{ClusterEdit, ClusterOptions, ControlError, NewCluster, NewWorkgroup, WorkgroupEdit};

async fn group(world: &World, name: &str) -> SecurityGroupId {
    let new = NewSecurityGroup {
        name: name.to_owned(),
        description: "for tests".to_owned(),
        vpc: None,
        tags: BTreeMap::new(),
    };
    world.network.create_group(new).await.unwrap().id.clone()
}

#[tokio::test]
async fn a_cluster_keeps_its_options_over_a_restart() {
    let world = World::new().await;
    let sg = group(&world, "redshift").await;
    let subnet = world.network.snapshot().subnets().next().unwrap().clone();
    let new = NewSubnetGroup {
        name: "mine".to_owned(),
        description: "d".to_owned(),
        subnets: vec![subnet.id.clone()],
        tags: BTreeMap::new(),
    };
    world.network.create_subnet_group(new).await.unwrap();
    let options = ClusterOptions {
        node_count: 4,
        vpc_security_groups: vec![sg.clone()],
        subnet_group: Some("mine".to_owned()),
        availability_zone: Some(subnet.zone.clone()),
        parameter_group: Some("Default.redshift-2.0".to_owned()),
        maintenance_window: Some("mon:01:00-mon:02:00".to_owned()),
        automated_retention: 7,
        manual_retention: 30,
    };
    let made = world.control.create_cluster(NewCluster { options, ..new_cluster("one") }).await.unwrap();
    assert_eq!((made.node_count, made.automated_retention, made.manual_retention), (4, 7, 30));
    assert_eq!(made.parameter_group, "default.redshift-2.0");
    assert!(world.host.specs.lock().unwrap().last().unwrap().settings.require_ssl);
    let again = world.restarted().await;
    assert_eq!(again.control.cluster(&made.identifier), Some(made.clone()));
    assert!(again.control.settings_of(&made.warehouse).require_ssl);

    let edit = ClusterEdit {
        vpc_security_groups: Some(Vec::new()),
        node_type: Some("ra3.4xlarge".to_owned()),
        node_count: Some(2),
        maintenance_window: Some("tue:01:00-tue:02:00".to_owned()),
        automated_retention: Some(0),
        manual_retention: Some(-1),
        ..ClusterEdit::default()
    };
    let edited = again.control.modify_cluster(&made.identifier, edit).await.unwrap();
    assert_eq!((edited.node_count, edited.automated_retention, edited.manual_retention), (2, 0, -1));
    assert_eq!((edited.node_type.as_str(), edited.maintenance_window.as_str()), ("ra3.4xlarge", "tue:01:00-tue:02:00"));
    assert_eq!(*again.host.unadmitted.lock().unwrap(), std::slice::from_ref(&made.warehouse));
}

#[tokio::test]
async fn what_a_cluster_names_must_be_there() {
    let world = World::new().await;
    let with = |options| world.control.create_cluster(NewCluster { options, ..new_cluster("one") });
    let error = with(ClusterOptions { subnet_group: Some("none".to_owned()), ..Default::default() }).await.unwrap_err();
    assert!(matches!(error, ControlError::Network(NetworkError::SubnetGroupNotFound(_))), "{error}");
    let groups = vec![SecurityGroupId::new("sg-00000000000000000")];
    let error = with(ClusterOptions { vpc_security_groups: groups, ..Default::default() }).await.unwrap_err();
    assert!(matches!(error, ControlError::Network(NetworkError::GroupNotFound(_))), "{error}");
    let error = with(ClusterOptions { availability_zone: Some("us-east-9z".to_owned()), ..Default::default() }).await;
    assert!(error.unwrap_err().to_string().contains("us-east-1a"));
    let error = with(ClusterOptions { parameter_group: Some("none".to_owned()), ..Default::default() }).await;
    assert!(matches!(error, Err(ControlError::ParameterGroup(_))));
    assert!(world.files().is_empty());
    assert!(world.control.cluster(&ClusterId::new("one")).is_none());
}

#[tokio::test]
async fn a_workgroup_s_parameters_count_at_once() {
    let world = World::new().await;
    let namespace = world.control.create_namespace(new_namespace("space")).await.unwrap();
    let config = BTreeMap::from([("search_path".to_owned(), "sales".to_owned())]);
    let sg = group(&world, "redshift").await;
    let subnets: Vec<SubnetId> = world.network.snapshot().subnets().map(|subnet| subnet.id.clone()).collect();
    let new = NewWorkgroup {
        config,
        security_group_ids: vec![sg.clone()],
        subnet_ids: subnets.clone(),
        ..new_workgroup("work", "space")
    };
    let made = world.control.create_workgroup(new).await.unwrap();
    assert_eq!((&made.security_group_ids, &made.subnet_ids), (&vec![sg], &subnets));
    let settings = |world: &World| world.host.settings.lock().unwrap()[&namespace.warehouse].clone();
    assert_eq!(settings(&world).search_path, ["sales"]);
    let name = WorkgroupName::new("work");
    let config = BTreeMap::from([
        ("require_ssl".to_owned(), "true".to_owned()),
        ("search_path".to_owned(), "$user, public".to_owned()),
    ]);
    let edit = WorkgroupEdit { config, ..WorkgroupEdit::default() };
    world.control.update_workgroup(&name, edit).await.unwrap();
    assert_eq!((settings(&world).require_ssl, settings(&world).search_path.len()), (true, 2));
    let again = world.restarted().await;
    assert!(again.control.settings_of(&namespace.warehouse).require_ssl);
    for config in [("use_fips_ssl", "true"), ("no_such", "1")] {
        let config = BTreeMap::from([(config.0.to_owned(), config.1.to_owned())]);
        let edit = WorkgroupEdit { config, ..WorkgroupEdit::default() };
        assert!(matches!(again.control.update_workgroup(&name, edit).await, Err(ControlError::Rejected(_))));
    }
    let edit = WorkgroupEdit { subnet_ids: Some(vec![SubnetId::new("subnet-0")]), ..WorkgroupEdit::default() };
    assert!(matches!(again.control.update_workgroup(&name, edit).await, Err(ControlError::Network(_))));
}
