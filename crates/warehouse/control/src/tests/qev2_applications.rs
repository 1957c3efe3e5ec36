use std::collections::BTreeMap;
use std::sync::Arc;

use base::id::InstanceArn;

use super::fake::World;
use crate::{ControlError, NewQev2IdcApplication, OnboardStatus, QEV2_PROVIDER_ARN};

fn new(world: &World, name: &str) -> NewQev2IdcApplication {
    NewQev2IdcApplication {
        name: name.to_owned(),
        idc_instance_arn: world.center.instance().arn.clone(),
        idc_display_name: "Query-Editor".to_owned(),
        tags: BTreeMap::new(),
    }
}

#[tokio::test]
async fn an_application_lives_with_its_managed_one() {
    let world = World::new().await;
    let made = world.control.create_qev2_application(new(&world, "qev2")).await.unwrap();
    assert!(made.arn.as_str().starts_with("arn:aws:redshift:us-east-1:123456789012:qev2idcapplication:"));
    assert_eq!(made.onboard_status, OnboardStatus::Completed);
    let managed = world.center.application(&made.idc_managed_application_arn).unwrap();
    assert_eq!((managed.provider_arn.as_str(), managed.name.as_str()), (QEV2_PROVIDER_ARN, "Query-Editor"));
    assert!(managed.assignment_required);
    let error = world.control.create_qev2_application(new(&world, "qev2")).await.unwrap_err();
    assert_eq!(error, ControlError::Qev2IdcApplicationAlreadyExists { name: "qev2".to_owned() });
    let renamed = world.control.modify_qev2_application(&made.arn, Some("Other".to_owned())).await.unwrap();
    assert_eq!(renamed.idc_display_name, "Other");
    assert_eq!(world.center.application(&managed.arn).unwrap().name, "Other");
    assert_eq!(world.control.modify_qev2_application(&made.arn, None).await.unwrap(), renamed);
    let restarted = world.restarted().await;
    assert_eq!(restarted.control.qev2_applications(None, 100).items, [renamed]);
    assert!(restarted.center.application(&managed.arn).is_some());
    world.control.delete_qev2_application(&made.arn).await.unwrap();
    assert!(world.center.application(&managed.arn).is_none() && world.control.qev2_application(&made.arn).is_none());
    let missing = ControlError::Qev2IdcApplicationNotExists(made.arn.clone());
    assert_eq!(world.control.delete_qev2_application(&made.arn).await.unwrap_err(), missing);
    assert_eq!(world.control.modify_qev2_application(&made.arn, None).await.unwrap_err(), missing);
}

#[tokio::test]
async fn parameters_are_checked() {
    let world = World::new().await;
    let good = new(&world, "qev2");
    for (parameter, new) in [
        ("Qev2IdcApplicationName", NewQev2IdcApplication { name: "A".to_owned(), ..good.clone() }),
        ("IdcDisplayName", NewQev2IdcApplication { idc_display_name: "a b".to_owned(), ..good.clone() }),
        ("IdcInstanceArn", NewQev2IdcApplication { idc_instance_arn: InstanceArn::new("other"), ..good.clone() }),
    ] {
        let error = world.control.create_qev2_application(new).await.unwrap_err();
        assert!(matches!(error, ControlError::Invalid { parameter: named, .. } if named == parameter), "{error}");
    }
    assert!(world.center.applications().is_empty());
}

#[tokio::test]
async fn what_could_not_be_stored_is_taken_back() {
    let world = World::new().await;
    let made = world.control.create_qev2_application(new(&world, "qev2")).await.unwrap();
    // Identity Center's write succeeds, ours doesn't, and nothing can be taken back any more.
    world.disk.power.limit(Some(1));
    assert!(matches!(world.control.create_qev2_application(new(&world, "other")).await, Err(ControlError::Store(_))));
    world.disk.power.limit(None);
    assert_eq!(world.center.applications().len(), 2);
    let restarted = world.restarted().await;
    let [left] = restarted.center.applications().try_into().unwrap();
    assert_eq!(left.arn, made.idc_managed_application_arn);
    assert_eq!(restarted.control.qev2_applications(None, 100).items, [Arc::clone(&made)]);
}
