use std::collections::{BTreeMap, BTreeSet, HashSet};

use base::id::{DirectoryGroupId, DirectoryUserId, InstanceArn, RedshiftIdcApplicationArn};
use center::{
    ApplicationGrants, ApplicationStatus, AssignedPrincipal, NewApplication, PrincipalLookup, REDSHIFT_CONNECT_SCOPE,
};

use super::fake::{World, new_application, new_cluster, new_namespace, role};
use crate::{
    ControlError, NewCluster, NewNamespace, NewRedshiftIdcApplication, OnboardStatus, QEV2_PROVIDER_ARN,
    REDSHIFT_PROVIDER_ARN, RedshiftIdcApplicationEdit,
};

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
    new_application(&world.center.instance().arn, name)
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
    let redirects = ["http://127.0.0.1/", "http://localhost/"].map(str::to_owned).to_vec();
    let grants = ApplicationGrants { authorization_code: Some(redirects), refresh_token: true, token_exchange: false };
    assert_eq!(managed.grants, grants);
    assert_eq!(managed.scopes, BTreeMap::from([(REDSHIFT_CONNECT_SCOPE.to_owned(), BTreeSet::new())]));
    assert!(world.control.redshift_connect(&made));
    assert_eq!(world.control.idc_application(&made.arn).as_ref(), Some(&made));
    assert_eq!(world.control.idc_application_by_managed(&managed.arn).as_ref(), Some(&made));
    let restarted = world.restarted().await;
    assert_eq!(restarted.control.idc_application(&made.arn).as_ref(), Some(&made));
    assert!(restarted.center.application(&managed.arn).is_some());
}

#[tokio::test]
async fn names_are_unique() {
    let world = World::new().await;
    let first = world.control.create_idc_application(new(&world, "app")).await.unwrap();
    let error = world.control.create_idc_application(new(&world, "app")).await.unwrap_err();
    assert_eq!(error, ControlError::RedshiftIdcApplicationAlreadyExists { name: "app".to_owned() });
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
        (
            "IdentityNamespace",
            &[
                "",
                "a b",
                "a:b",
                "é",
                "public",
                "IAM",
                "a234567890123456789012345678901234567890123456789012345678901234",
            ],
        ),
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
    assert_eq!(error, ControlError::RedshiftIdcApplicationNotExists(made.arn.clone()));
}

#[tokio::test]
async fn what_could_not_be_stored_leaves_no_access() {
    let world = World::new().await;
    let made = world.control.create_idc_application(new(&world, "made")).await.unwrap();
    world.disk.power.limit(Some(1));
    assert!(matches!(world.control.delete_idc_application(&made.arn).await, Err(ControlError::Store(_))));
    assert!(world.center.application(&made.idc_managed_application_arn).is_none());
    assert!(world.control.idc_application(&made.arn).is_some());
    assert!(!world.control.redshift_connect(&made));
    world.disk.power.limit(None);
    world.control.delete_idc_application(&made.arn).await.unwrap();
    assert!(world.control.idc_application(&made.arn).is_none());
}

#[tokio::test]
async fn what_an_interrupted_create_left_is_removed_at_the_next_start() {
    let world = World::new().await;
    let kept = world.control.create_idc_application(new(&world, "kept")).await.unwrap();
    for provider in [REDSHIFT_PROVIDER_ARN, QEV2_PROVIDER_ARN, center::CUSTOM_PROVIDER_ARN] {
        let orphan = NewApplication {
            provider_arn: provider.to_owned(),
            name: "orphan".to_owned(),
            description: None,
            status: ApplicationStatus::Enabled,
            assignment_required: true,
            grants: ApplicationGrants::default(),
            scopes: BTreeMap::new(),
            tags: BTreeMap::new(),
        };
        world.center.create_application(orphan).await.unwrap();
    }
    let restarted = world.restarted().await;
    let left: BTreeSet<_> = restarted.center.applications().iter().map(|one| one.provider_arn.clone()).collect();
    assert_eq!(left, [REDSHIFT_PROVIDER_ARN, center::CUSTOM_PROVIDER_ARN].map(str::to_owned).into());
    assert!(restarted.center.application(&kept.idc_managed_application_arn).is_some());
}

#[tokio::test]
async fn modifying_changes_what_is_given() {
    let world = World::new().await;
    let made = world.control.create_idc_application(new(&world, "app")).await.unwrap();
    let managed = || world.center.application(&made.idc_managed_application_arn).unwrap();
    let edit = RedshiftIdcApplicationEdit { redshift_connect: Some(false), ..Default::default() };
    let same = world.control.modify_idc_application(&made.arn, edit).await.unwrap();
    assert_eq!(same, made);
    assert!(managed().scopes.is_empty() && !world.control.redshift_connect(&made));
    let edit = RedshiftIdcApplicationEdit {
        identity_namespace: Some("later".to_owned()),
        iam_role_arn: Some(role("other")),
        idc_display_name: Some("d".repeat(127)),
        redshift_connect: Some(true),
    };
    let edited = world.control.modify_idc_application(&made.arn, edit).await.unwrap();
    assert_eq!((edited.identity_namespace.as_str(), &edited.iam_role_arn), ("later", &role("other")));
    assert_eq!((edited.idc_display_name.len(), managed().name.len()), (127, 100));
    assert!(world.control.redshift_connect(&made));
    assert_eq!((&edited.name, edited.created), (&made.name, made.created));
    assert_eq!(world.restarted().await.control.idc_application(&made.arn), Some(edited));
    // As sso-admin leaves it, so it is shown.
    world.center.delete_scope(&made.idc_managed_application_arn, REDSHIFT_CONNECT_SCOPE).await.unwrap();
    assert!(!world.control.redshift_connect(&made));
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let world = World::new().await;
    let made = world.control.create_idc_application(new(&world, "app")).await.unwrap();
    let good = RedshiftIdcApplicationEdit { redshift_connect: Some(false), ..Default::default() };
    for (parameter, edit) in [
        (
            "IdentityNamespace",
            RedshiftIdcApplicationEdit { identity_namespace: Some("a b".to_owned()), ..good.clone() },
        ),
        ("IamRoleArn", RedshiftIdcApplicationEdit { iam_role_arn: Some("r".to_owned()), ..good.clone() }),
        ("IdcDisplayName", RedshiftIdcApplicationEdit { idc_display_name: Some(String::new()), ..good.clone() }),
    ] {
        let error = world.control.modify_idc_application(&made.arn, edit).await.unwrap_err();
        assert!(matches!(error, ControlError::Invalid { parameter: named, .. } if named == parameter), "{error}");
    }
    assert!(world.control.redshift_connect(&made));
    let missing = RedshiftIdcApplicationArn::new("x");
    let error = world.control.modify_idc_application(&missing, good).await.unwrap_err();
    assert_eq!(error, ControlError::RedshiftIdcApplicationNotExists(missing));
}

#[tokio::test]
async fn without_connect_nobody_may_connect() {
    let world = World::new().await;
    let disabled = NewRedshiftIdcApplication { redshift_connect: Some(false), ..new(&world, "app") };
    let made = world.control.create_idc_application(disabled).await.unwrap();
    assert!(!world.control.redshift_connect(&made));
    assert!(world.center.application(&made.idc_managed_application_arn).unwrap().scopes.is_empty());
}

#[tokio::test]
async fn deleting_disconnects_clusters_and_namespaces() {
    let world = World::new().await;
    let made = world.control.create_idc_application(new(&world, "app")).await.unwrap();
    let arn = Some(made.arn.clone());
    let cluster = NewCluster { idc_application: arn.clone(), ..new_cluster("one") };
    let cluster = world.control.create_cluster(cluster).await.unwrap();
    let namespace = NewNamespace { idc_application: arn, ..new_namespace("sales") };
    let namespace = world.control.create_namespace(namespace).await.unwrap();
    world.control.delete_idc_application(&made.arn).await.unwrap();
    for world in [&world, &world.restarted().await] {
        assert_eq!(world.control.cluster(&cluster.identifier).unwrap().idc_application, None);
        assert_eq!(world.control.namespace(&namespace.name).unwrap().idc_application, None);
        assert_eq!(world.control.idc_application_of(&cluster.warehouse), None);
    }
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
