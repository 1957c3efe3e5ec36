//! Passwords that the control plane manages.

use base::Secret;
use base::id::ClusterId;

use super::fake::{World, new_cluster, new_namespace};
use crate::{
    Cluster, ClusterEdit, ControlError, Family, MasterPassword, NamespaceEdit, NewCluster, NewNamespace,
    NewParameterGroup,
};

fn managed(name: &str) -> NewCluster {
    NewCluster { master_password: MasterPassword::Managed, ..new_cluster(name) }
}

fn password_of(world: &World, cluster: &Cluster) -> String {
    world.disk.warehouses.lock().unwrap()[&cluster.warehouse].clone()
}

#[tokio::test]
async fn the_secret_is_the_administrator_s_password() {
    let world = World::new().await;
    let one = world.control.create_cluster(managed("one")).await.unwrap();
    let (view, password) = world.control.secret_value("redshift!one-awsuser").unwrap();
    assert_eq!(*password.expose(), password_of(&world, &one));
    assert_eq!((view.username.as_str(), &view.owner_arn), ("awsuser", &world.control.cluster_arn(&one)));
    assert_eq!(world.control.secret_arn(one.master_secret.as_ref().unwrap()), view.arn);
    let whole = world.control.secret_value(&view.arn).unwrap();
    let partial = world.control.secret_value(view.arn.rsplit_once('-').unwrap().0).unwrap();
    assert_eq!((&whole.0, &partial.0), (&view, &view));
    for wrong in ["one", "redshift!one-other", &format!("{}x", view.arn), "arn:aws:secretsmanager:us-east-1:1:secret:x"]
    {
        let error = world.control.secret_value(wrong).unwrap_err();
        assert_eq!(error, ControlError::SecretNotFound(wrong.to_owned()));
    }
    let stored = format!("{one:?}{view:?}");
    assert!(!stored.contains(password.expose()), "the password is sealed");
}

#[tokio::test]
async fn a_rotated_password_is_another_one_everywhere() {
    let world = World::new().await;
    let one = world.control.create_cluster(managed("one")).await.unwrap();
    let (before, first) = world.control.secret_value("redshift!one-awsuser").unwrap();
    world.clock.advance(time::Duration::hours(1));
    let after = world.control.rotate_secret(&before.arn, None).await.unwrap();
    assert_eq!((&after.arn, after.created), (&before.arn, before.created));
    assert!(after.version != before.version && after.changed > before.changed);
    let again = world.restarted().await;
    let (_, second) = again.control.secret_value(&after.arn).unwrap();
    assert!(first.expose() != second.expose());
    assert_eq!(*second.expose(), password_of(&world, &one));
}

#[tokio::test]
async fn a_rotation_that_is_sent_twice_happens_once() {
    let world = World::new().await;
    let one = world.control.create_cluster(managed("one")).await.unwrap();
    let called = "8f3c1c4e-9a0b-4d6e-8a51-2f7d3f0b9c11";
    let first = world.control.rotate_secret("redshift!one-awsuser", Some(called)).await.unwrap();
    let password = password_of(&world, &one);
    assert_eq!(first.version, called);
    world.clock.advance(time::Duration::hours(1));
    assert_eq!(world.control.rotate_secret("redshift!one-awsuser", Some(called)).await.unwrap(), first);
    assert_eq!(password_of(&world, &one), password);
    let another = world.control.rotate_secret("redshift!one-awsuser", None).await.unwrap();
    assert!(another.version != called && password_of(&world, &one) != password);
}

#[tokio::test]
async fn a_password_goes_into_management_and_out_of_it() {
    let world = World::new().await;
    let id = ClusterId::new("one");
    let one = world.control.create_cluster(new_cluster("one")).await.unwrap();
    let manage = |manage, password: Option<&str>| ClusterEdit {
        manage_master_password: Some(manage),
        master_password: password.map(Secret::from),
        ..ClusterEdit::default()
    };
    for wrong in [manage(true, Some("Passw0rd2")), manage(false, None)] {
        let error = world.control.modify_cluster(&id, wrong).await.unwrap_err();
        assert!(matches!(error, ControlError::Invalid { .. }), "{error}");
    }
    let managed = world.control.modify_cluster(&id, manage(true, None)).await.unwrap();
    let name = &managed.master_secret.as_ref().unwrap().name;
    let (_, password) = world.control.secret_value(name).unwrap();
    assert_eq!(*password.expose(), password_of(&world, &one));
    let edit = ClusterEdit { master_password: Some(Secret::from("Passw0rd2")), ..ClusterEdit::default() };
    let error = world.control.modify_cluster(&id, edit).await.unwrap_err();
    assert!(error.to_string().contains("ManageMasterPassword=false"), "{error}");
    let chosen = world.control.modify_cluster(&id, manage(false, Some("Passw0rd2"))).await.unwrap();
    assert_eq!((chosen.master_secret.clone(), password_of(&world, &one).as_str()), (None, "Passw0rd2"));
    assert!(world.control.managed_secret(name).is_err());
}

#[tokio::test]
async fn a_namespace_has_its_secret_too_and_takes_it_along() {
    let world = World::new().await;
    let new = NewNamespace { manage_admin_password: true, ..new_namespace("space") };
    let made = world.control.create_namespace(new).await.unwrap();
    world.control.create_cluster(managed("one")).await.unwrap();
    let listed = world.control.managed_secrets(None, 1);
    assert_eq!((listed.items.len(), listed.next.as_deref()), (1, Some("redshift!one-awsuser")));
    let listed = world.control.managed_secrets(listed.next.as_deref(), 10);
    assert_eq!((listed.items[0].name.as_str(), &listed.next), ("redshift!space-admin", &None));
    let edit = NamespaceEdit {
        manage_admin_password: Some(false),
        admin_password: Some(Secret::from("Passw0rd2")),
        ..NamespaceEdit::default()
    };
    let edited = world.control.update_namespace(&made.name, edit).await.unwrap();
    assert_eq!(edited.admin_secret, None);
    world.control.delete_cluster(&ClusterId::new("one")).await.unwrap();
    assert!(world.control.managed_secrets(None, 10).items.is_empty());
}

#[tokio::test]
async fn two_warehouses_do_not_share_a_secret() {
    let world = World::new().await;
    let cluster = NewCluster { master_username: "admin".to_owned(), ..managed("same") };
    world.control.create_cluster(cluster).await.unwrap();
    let new = NewNamespace { manage_admin_password: true, ..new_namespace("same") };
    let error = world.control.create_namespace(new).await.unwrap_err();
    assert!(error.to_string().contains("redshift!same-admin exists already"), "{error}");
}

#[tokio::test]
async fn a_password_that_cannot_be_given_is_not_managed() {
    let world = World::new().await;
    let one = world.control.create_cluster(new_cluster("one")).await.unwrap();
    *world.host.refuse.lock().unwrap() = Some(crate::HostError::Failed("broken".to_owned()));
    let edit = ClusterEdit { manage_master_password: Some(true), ..ClusterEdit::default() };
    world.control.modify_cluster(&one.identifier, edit).await.unwrap_err();
    assert_eq!(world.control.cluster(&one.identifier), Some(one.clone()));
    assert!(world.control.managed_secrets(None, 10).items.is_empty());
    assert_eq!(password_of(&world, &one), "Passw0rd");
}

/// Whenever the power goes, the secret is the password after the next start.
#[tokio::test]
async fn a_kill_while_rotating_leaves_one_password() {
    for effects in 0..6 {
        let world = World::new().await;
        let one = world.control.create_cluster(managed("one")).await.unwrap();
        world.disk.power.limit(Some(effects));
        let outcome = world.control.rotate_secret("redshift!one-awsuser", None).await;
        let done = !world.disk.power.is_out();
        world.disk.power.limit(None);
        let again = world.restarted().await;
        let (view, password) = again.control.secret_value("redshift!one-awsuser").unwrap();
        assert_eq!(*password.expose(), password_of(&again, &one), "{effects}");
        assert_eq!(again.control.cluster(&one.identifier).unwrap().master_secret.as_ref().unwrap().pending, None);
        if let Ok(rotated) = outcome {
            assert_eq!(rotated.version, view.version);
        }
        assert!(effects < 5 || done);
    }
}

#[tokio::test]
async fn a_refused_edit_leaves_no_password_that_opens_nothing() {
    let world = World::new().await;
    let one = world.control.create_cluster(managed("one")).await.unwrap();
    let group = NewParameterGroup {
        name: "mine".to_owned(),
        family: Family::Redshift1,
        description: String::new(),
        tags: std::collections::BTreeMap::new(),
    };
    world.control.create_parameter_group(group).await.unwrap();
    world.host.begun.acquire().await.unwrap().forget();
    let held = world.host.pace.available_permits();
    world.host.pace.forget_permits(held);
    let (control, id) = (std::sync::Arc::clone(&world.control), one.identifier.clone());
    let edit = ClusterEdit {
        manage_master_password: Some(true),
        parameter_group: Some("mine".to_owned()),
        ..ClusterEdit::default()
    };
    let editing = base::task::spawn("test", async move { control.modify_cluster(&id, edit).await });
    world.host.begun.acquire().await.unwrap().forget();
    world.control.delete_parameter_group("mine").await.unwrap();
    let before = password_of(&world, &one);
    world.host.pace.add_permits(1000);
    editing.await.unwrap().unwrap_err();
    let (_, shown) = world.control.secret_value("redshift!one-awsuser").unwrap();
    assert!(*shown.expose() == password_of(&world, &one) && *shown.expose() != before);
}
