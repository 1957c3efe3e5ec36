use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::id::{DirectoryGroupId, DirectoryUserId, InstanceArn, RedshiftIdcApplicationArn};
use center::{AssignedPrincipal, NewApplication, PrincipalLookup};

use super::fake::World;
use crate::{ControlError, NewRedshiftIdcApplication, OnboardStatus, REDSHIFT_PROVIDER_ARN};

struct Everybody;

impl PrincipalLookup for Everybody {
    fn user_exists(&self, _: &DirectoryUserId) -> bool {
        true
    }

    fn group_exists(&self, _: &DirectoryGroupId) -> bool {
        true
    }
}

fn new(world: &World, name: &str) -> NewRedshiftIdcApplication {
    NewRedshiftIdcApplication {
        name: name.to_owned(),
        idc_instance_arn: world.center.instance().arn.clone(),
        idc_display_name: "Redshift-IdC".to_owned(),
        identity_namespace: Some("awsidc".to_owned()),
        iam_role_arn: "arn:aws:iam::123456789012:role/EspressoRedshiftRole".to_owned(),
    }
}

#[tokio::test]
async fn creating_makes_the_managed_application() {
    let world = World::new().await;
    let made = world.control.create_idc_application(new(&world, "redshift-idc-app")).await.unwrap();
    assert!(made.arn.as_str().starts_with("arn:aws:redshift:us-east-1:123456789012:redshiftidcapplication:"));
    assert_eq!(made.onboard_status, OnboardStatus::Completed);
    let managed = world.center.application(&made.idc_managed_application_arn).unwrap();
    assert_eq!(managed.provider_arn, REDSHIFT_PROVIDER_ARN);
    assert!(managed.assignment_required);
    assert_eq!(world.control.idc_application(&made.arn).as_ref(), Some(&made));
    assert_eq!(world.control.idc_application_by_managed(&managed.arn).as_ref(), Some(&made));
    let restarted = World::on(Arc::clone(&world.store)).await.unwrap();
    assert_eq!(restarted.control.idc_application(&made.arn).as_ref(), Some(&made));
    assert!(restarted.center.application(&managed.arn).is_some());
}

#[tokio::test]
async fn names_are_unique() {
    let world = World::new().await;
    let first = world.control.create_idc_application(new(&world, "app")).await.unwrap();
    let error = world.control.create_idc_application(new(&world, "app")).await.unwrap_err();
    assert_eq!(error, ControlError::IdcApplicationExists { name: "app".to_owned() });
    assert_eq!(world.center.applications().len(), 1);
    world.control.delete_idc_application(&first.arn).await.unwrap();
    world.control.create_idc_application(new(&world, "app")).await.unwrap();
}

#[tokio::test]
async fn without_a_namespace_there_is_a_default() {
    let world = World::new().await;
    let made = NewRedshiftIdcApplication { identity_namespace: None, ..new(&world, "app") };
    assert_eq!(world.control.create_idc_application(made).await.unwrap().identity_namespace, "AWSIDC");
}

#[tokio::test]
async fn parameters_are_checked() {
    let world = World::new().await;
    let set = |parameter: &str, value: &str| {
        let mut new = new(&world, "app");
        let value = value.to_owned();
        match parameter {
            "RedshiftIdcApplicationName" => new.name = value,
            "IdcDisplayName" => new.idc_display_name = value,
            "IdentityNamespace" => new.identity_namespace = Some(value),
            "IamRoleArn" => new.iam_role_arn = value,
            "IdcInstanceArn" => new.idc_instance_arn = InstanceArn::new(value),
            other => panic!("{other}"),
        }
        new
    };
    let long = "a".repeat(128);
    let bad: [(&str, &[&str]); 5] = [
        ("RedshiftIdcApplicationName", &["", "App", "1app", "a--b", "a-", "-a", "a_b", long.as_str()]),
        ("IdcDisplayName", &["", "a b", "a/b", long.as_str()]),
        ("IdentityNamespace", &["", "a b", "a:b", "é", long.as_str()]),
        (
            "IamRoleArn",
            &[
                "",
                "role/x",
                "arn:aws:iam::999999999999:role/x",
                "arn:aws:iam::123456789012:role/",
                "arn:aws:iam::123456789012:user/x",
            ],
        ),
        ("IdcInstanceArn", &["", "arn:aws:sso:::instance/ssoins-0000000000000000"]),
    ];
    for (parameter, values) in bad {
        for value in values {
            let error = world.control.create_idc_application(set(parameter, value)).await.unwrap_err();
            assert!(
                matches!(error, ControlError::Invalid { parameter: named, .. } if named == parameter),
                "{parameter} {value:?}: {error}"
            );
        }
    }
    assert!(world.center.applications().is_empty());
    for (parameter, value) in [
        ("RedshiftIdcApplicationName", "a1-b2-3"),
        ("IdcDisplayName", "Rédshift_+=,.@-9"),
        ("IdentityNamespace", "A_+.#@$-z"),
        ("IamRoleArn", "arn:aws:iam::123456789012:role/service-role/x+y"),
    ] {
        let made = world.control.create_idc_application(set(parameter, value)).await.unwrap();
        world.control.delete_idc_application(&made.arn).await.unwrap();
    }
}

#[tokio::test]
async fn deleting_deletes_the_managed_application_and_its_assignments() {
    let world = World::new().await;
    let made = world.control.create_idc_application(new(&world, "app")).await.unwrap();
    let managed = &made.idc_managed_application_arn;
    let sales = DirectoryGroupId::new("sales");
    world.center.create_assignment(managed, &AssignedPrincipal::Group(sales.clone()), &Everybody).await.unwrap();
    let ethan = DirectoryUserId::new("ethan");
    assert!(world.center.decide(managed, &ethan, std::slice::from_ref(&sales)).allowed);
    world.control.delete_idc_application(&made.arn).await.unwrap();
    assert!(!world.center.decide(managed, &ethan, &[sales]).allowed);
    assert!(world.control.idc_application(&made.arn).is_none());
    assert!(world.control.idc_application_by_managed(managed).is_none());
    let error = world.control.delete_idc_application(&made.arn).await.unwrap_err();
    assert_eq!(error, ControlError::IdcApplicationNotFound(made.arn.clone()));
}

#[tokio::test]
async fn what_could_not_be_stored_leaves_no_access() {
    let world = World::new().await;
    let made = world.control.create_idc_application(new(&world, "made")).await.unwrap();
    world.store.broken.store(true, Ordering::Relaxed);
    assert!(matches!(world.control.create_idc_application(new(&world, "other")).await, Err(ControlError::Store(_))));
    assert_eq!(world.center.applications().len(), 1);
    assert!(matches!(world.control.delete_idc_application(&made.arn).await, Err(ControlError::Store(_))));
    assert!(world.center.application(&made.idc_managed_application_arn).is_none());
    assert!(world.control.idc_application(&made.arn).is_some());
    world.store.broken.store(false, Ordering::Relaxed);
    world.control.delete_idc_application(&made.arn).await.unwrap();
    assert!(world.control.idc_application(&made.arn).is_none());
}

#[tokio::test]
async fn what_an_interrupted_create_left_is_removed_at_the_next_start() {
    let world = World::new().await;
    let kept = world.control.create_idc_application(new(&world, "kept")).await.unwrap();
    let orphan = NewApplication {
        provider_arn: REDSHIFT_PROVIDER_ARN.to_owned(),
        name: "orphan".to_owned(),
        assignment_required: true,
    };
    world.center.create_application(orphan).await.unwrap();
    let restarted = World::on(Arc::clone(&world.store)).await.unwrap();
    let left: Vec<_> = restarted.center.applications().iter().map(|one| one.arn.clone()).collect();
    assert_eq!(left.as_slice(), std::slice::from_ref(&kept.idc_managed_application_arn));
}

#[tokio::test]
async fn lists_are_paged() {
    let world = World::new().await;
    let mut all = HashSet::new();
    for number in 0..5 {
        all.insert(
            world.control.create_idc_application(new(&world, &format!("app{number}"))).await.unwrap().arn.clone(),
        );
    }
    for records in 1..=6 {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = world.control.idc_applications(after.as_ref(), records);
            assert!(page.items.len() <= records);
            seen.extend(page.items.iter().map(|one| one.arn.clone()));
            after = page.next.map(RedshiftIdcApplicationArn::new);
            if after.is_none() {
                break;
            }
        }
        assert!(seen.is_sorted());
        assert_eq!(seen.into_iter().collect::<HashSet<_>>(), all);
    }
}
