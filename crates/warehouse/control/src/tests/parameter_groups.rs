use std::collections::BTreeMap;

use base::id::ClusterId;

use super::fake::{World, new_cluster};
use crate::{
    ClusterEdit, ClusterOptions, ControlError, Family, NewCluster, NewParameterGroup, PARAMETER_GROUPS_MAX,
    ParameterGroupError,
};

fn new(name: &str) -> NewParameterGroup {
    NewParameterGroup {
        name: name.to_owned(),
        family: Family::Redshift1,
        description: "d".to_owned(),
        tags: BTreeMap::new(),
    }
}

fn values(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_changed_group_counts_from_the_next_reboot_on() {
    let world = World::new().await;
    world.control.create_parameter_group(new("Mine")).await.unwrap();
    let options = ClusterOptions { parameter_group: Some("mine".to_owned()), ..ClusterOptions::default() };
    let made = world.control.create_cluster(NewCluster { options, ..new_cluster("one") }).await.unwrap();
    assert!(world.control.pending_parameters(&made).is_empty());
    let wanted = values(&[("require_ssl", "true"), ("statement_timeout", "2500")]);
    world.control.modify_parameter_group("MINE", wanted).await.unwrap();
    let world = world.restarted().await;
    let cluster = world.control.cluster(&made.identifier).unwrap();
    assert_eq!(world.control.pending_parameters(&cluster), ["require_ssl", "statement_timeout"]);
    assert!(!world.control.settings_of(&made.warehouse).require_ssl, "a restart of the server is no reboot");

    let rebooted = world.control.reboot_cluster(&made.identifier).await.unwrap();
    assert!(world.control.pending_parameters(&rebooted).is_empty());
    let settings = world.control.settings_of(&made.warehouse);
    assert_eq!((settings.require_ssl, settings.statement_timeout.as_millis()), (true, 2500));

    world.control.reset_parameter_group("mine", Some(vec!["require_ssl".to_owned()])).await.unwrap();
    assert_eq!(world.control.pending_parameters(&rebooted), ["require_ssl"]);
    world.control.reset_parameter_group("mine", None).await.unwrap();
    assert!(world.control.parameter_group("mine").unwrap().values.is_empty());
}

#[tokio::test]
async fn another_group_counts_from_the_next_reboot_on() {
    let world = World::new().await;
    let one = world.control.create_cluster(new_cluster("one")).await.unwrap();
    let edit = ClusterEdit { parameter_group: Some("default.redshift-2.0".to_owned()), ..ClusterEdit::default() };
    let edited = world.control.modify_cluster(&one.identifier, edit).await.unwrap();
    assert_eq!(edited.parameter_group, "default.redshift-2.0");
    assert_eq!(world.control.pending_parameters(&edited), ["require_ssl"]);
    assert!(!world.control.settings_of(&one.warehouse).require_ssl);
}

#[tokio::test]
async fn a_wrong_value_changes_nothing() {
    let world = World::new().await;
    let before = world.control.create_parameter_group(new("mine")).await.unwrap();
    for wrong in [
        values(&[("require_ssl", "true"), ("statement_timeout", "soon")]),
        values(&[("require_ssl", "true"), ("no_such", "1")]),
        values(&[("require_ssl", "true"), ("datestyle", "German")]),
    ] {
        let error = world.control.modify_parameter_group("mine", wrong).await.unwrap_err();
        assert!(matches!(error, ControlError::Rejected(_)), "{error}");
        assert_eq!(world.control.parameter_group("mine"), Some(before.clone()));
    }
    let error = world.control.reset_parameter_group("mine", Some(vec!["no_such".to_owned()])).await.unwrap_err();
    assert!(matches!(error, ControlError::Rejected(_)), "{error}");
}

#[tokio::test]
async fn groups_in_use_and_the_families_own_stay() {
    let world = World::new().await;
    let refused = |outcome: Result<(), ControlError>| match outcome {
        Err(ControlError::ParameterGroup(error)) => error.code(),
        other => panic!("{other:?}"),
    };
    world.control.create_parameter_group(new("mine")).await.unwrap();
    let outcome = world.control.create_parameter_group(new("MINE")).await.map(drop);
    assert_eq!(refused(outcome), "ClusterParameterGroupAlreadyExists");
    let options = ClusterOptions { parameter_group: Some("mine".to_owned()), ..ClusterOptions::default() };
    world.control.create_cluster(NewCluster { options, ..new_cluster("one") }).await.unwrap();
    for name in ["mine", "default.redshift-1.0", "default.redshift-2.0"] {
        let outcome = world.control.delete_parameter_group(name).await;
        assert_eq!(refused(outcome), "InvalidClusterParameterGroupState", "{name}");
    }
    for name in ["default.redshift-1.0", "default.redshift-2.0"] {
        let wanted = values(&[("require_ssl", "true")]);
        let outcome = world.control.modify_parameter_group(name, wanted).await.map(drop);
        assert_eq!(refused(outcome), "InvalidClusterParameterGroupState");
        let outcome = world.control.reset_parameter_group(name, None).await.map(drop);
        assert_eq!(refused(outcome), "InvalidClusterParameterGroupState");
    }
    assert_eq!(refused(world.control.delete_parameter_group("none").await), "ClusterParameterGroupNotFound");
    let edit = ClusterEdit { parameter_group: Some("default.redshift-1.0".to_owned()), ..ClusterEdit::default() };
    world.control.modify_cluster(&ClusterId::new("one"), edit).await.unwrap();
    world.control.delete_parameter_group("mine").await.unwrap();
    assert!(world.restarted().await.control.parameter_group("mine").is_none());
}

#[tokio::test]
async fn there_are_so_many_groups_and_no_more() {
    let world = World::new().await;
    for number in 0..PARAMETER_GROUPS_MAX {
        world.control.create_parameter_group(new(&format!("g{number}"))).await.unwrap();
    }
    let error = world.control.create_parameter_group(new("more")).await.unwrap_err();
    assert_eq!(error, ParameterGroupError::Quota.into());
    for wrong in ["", "1a", "a-", "a--b"] {
        assert!(matches!(world.control.create_parameter_group(new(wrong)).await, Err(ControlError::Invalid { .. })));
    }
    let page = world.control.parameter_groups(None, 5);
    assert_eq!((page.items.len(), page.next.as_deref()), (5, Some("g10")));
}
