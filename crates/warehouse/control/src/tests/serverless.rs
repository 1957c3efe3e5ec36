use std::sync::Arc;

use base::id::{NamespaceName, WorkgroupName};
use base::{Fault as _, Secret};

use super::fake::{World, new_cluster, new_namespace, new_workgroup, role};
use crate::{
    ControlError, HostError, NamespaceEdit, NamespaceStatus, NewNamespace, NewWorkgroup, WorkgroupEdit, WorkgroupStatus,
};

fn namespace(name: &str) -> NamespaceName {
    NamespaceName::new(name)
}

fn workgroup(name: &str) -> WorkgroupName {
    WorkgroupName::new(name)
}

#[tokio::test]
async fn a_namespace_is_reached_through_its_workgroup() {
    let world = World::new().await;
    let application = world.application("app").await;
    let new = NewNamespace { idc_application: Some(application.arn.clone()), ..new_namespace("sales") };
    let made = world.control.create_namespace(new).await.unwrap();
    assert_eq!(
        (made.status, made.admin_username.as_str(), made.db_name.as_str()),
        (NamespaceStatus::Available, "admin", "dev")
    );
    assert_eq!(made.iam_roles, [role("EspressoRedshiftRole")]);
    assert_eq!(world.files(), std::slice::from_ref(&made.warehouse));
    assert!(world.host.specs.lock().unwrap()[0].identity_provider.is_some());
    assert_eq!(world.control.idc_application_of(&made.warehouse), Some(application));
    assert_eq!(world.control.default_warehouse(5439), None);
    let group = world.control.create_workgroup(new_workgroup("sales-wg", "sales")).await.unwrap();
    assert_eq!(group.status, WorkgroupStatus::Available);
    assert_eq!(world.control.default_warehouse(5439), Some(made.warehouse.clone()));
    assert_eq!(world.control.endpoint_of_workgroup(&group).address, "127.0.0.1");
    let by_name = world.control.route(Some("sales-wg.redshift-serverless.localhost"), 5439);
    assert_eq!(by_name, Ok(made.warehouse.clone()));
    assert_eq!(
        world.control.namespace_arn(&made),
        format!("arn:aws:redshift-serverless:us-east-1:123456789012:namespace/{}", made.warehouse)
    );
    let restarted = world.restarted().await;
    assert_eq!(restarted.control.namespace(&made.name), Some(made));
    assert_eq!(restarted.control.workgroup(&group.name), Some(group));
    // Namespaces say nothing about the first cluster.
    assert!(restarted.control.is_new());
}

#[tokio::test]
async fn a_namespace_has_at_most_one_workgroup_and_stays_while_it_has_one() {
    let world = World::new().await;
    let made = world.control.create_namespace(new_namespace("sales")).await.unwrap();
    let error = world.control.create_workgroup(new_workgroup("wg-one", "nowhere")).await.unwrap_err();
    assert_eq!(error, ControlError::NamespaceNotFound(namespace("nowhere")));
    world.control.create_workgroup(new_workgroup("wg-one", "sales")).await.unwrap();
    let error = world.control.create_workgroup(new_workgroup("wg-one", "sales")).await.unwrap_err();
    assert_eq!(error, ControlError::WorkgroupExists(workgroup("wg-one")));
    let error = world.control.create_workgroup(new_workgroup("wg-two", "sales")).await.unwrap_err();
    assert!(matches!(&error, ControlError::Conflict(text) if text.contains("wg-one")), "{error}");
    let error = world.control.delete_namespace(&made.name).await.unwrap_err();
    assert!(matches!(&error, ControlError::Conflict(text) if text.contains("Delete the workgroup first")), "{error}");
    let gone = world.control.delete_workgroup(&workgroup("wg-one")).await.unwrap();
    assert_eq!(gone.status, WorkgroupStatus::Deleting);
    // The data stays; its sessions end.
    assert_eq!(world.files(), std::slice::from_ref(&made.warehouse));
    assert_eq!(*world.host.ended.lock().unwrap(), std::slice::from_ref(&made.warehouse));
    assert_eq!(world.control.default_warehouse(5439), None);
    world.control.create_workgroup(new_workgroup("wg-two", "sales")).await.unwrap();
    world.control.delete_workgroup(&workgroup("wg-two")).await.unwrap();
    let gone = world.control.delete_namespace(&made.name).await.unwrap();
    assert_eq!(gone.status, NamespaceStatus::Deleting);
    assert!(world.files().is_empty() && world.control.namespace(&made.name).is_none());
    let error = world.control.delete_namespace(&made.name).await.unwrap_err();
    assert_eq!(error, ControlError::NamespaceNotFound(made.name.clone()));
    let error = world.control.delete_workgroup(&workgroup("wg-two")).await.unwrap_err();
    assert_eq!(error, ControlError::WorkgroupNotFound(workgroup("wg-two")));
}

#[tokio::test]
async fn refused_creates_leave_nothing() {
    let world = World::new().await;
    *world.host.refuse.lock().unwrap() = Some(HostError::Invalid("no".to_owned()));
    let error = world.control.create_namespace(new_namespace("sales")).await.unwrap_err();
    assert_eq!(error.public().message, "no");
    *world.host.refuse.lock().unwrap() = None;
    assert!(world.files().is_empty() && world.control.namespace(&namespace("sales")).is_none());
    world.control.create_namespace(new_namespace("sales")).await.unwrap();
    let error = world.control.create_namespace(new_namespace("sales")).await.unwrap_err();
    assert_eq!(error, ControlError::NamespaceExists(namespace("sales")));
    world.host.taken.lock().unwrap().insert(5450);
    let new = NewWorkgroup { port: Some(5450), ..new_workgroup("wg-one", "sales") };
    let error = world.control.create_workgroup(new).await.unwrap_err();
    assert!(matches!(error, ControlError::PortInUse { port: 5450, .. }));
    assert!(world.control.workgroups(None, 100).items.is_empty());
    for (parameter, new) in [
        ("workgroupName", new_workgroup("wg", "sales")),
        ("port", NewWorkgroup { port: Some(1), ..new_workgroup("wg-one", "sales") }),
    ] {
        let error = world.control.create_workgroup(new).await.unwrap_err();
        assert!(matches!(error, ControlError::Invalid { parameter: named, .. } if named == parameter), "{error}");
    }
    for (parameter, new) in [
        ("namespaceName", new_namespace("No")),
        ("adminUsername", NewNamespace { admin_username: Some("Admin".to_owned()), ..new_namespace("other") }),
        ("dbName", NewNamespace { db_name: Some(String::new()), ..new_namespace("other") }),
        ("iamRoles", NewNamespace { iam_roles: vec![String::new()], ..new_namespace("other") }),
        ("defaultIamRoleArn", NewNamespace { default_iam_role: Some(role("r")), ..new_namespace("other") }),
    ] {
        let error = world.control.create_namespace(new).await.unwrap_err();
        assert!(matches!(error, ControlError::Invalid { parameter: named, .. } if named == parameter), "{error}");
    }
}

#[tokio::test]
async fn a_namespace_is_updated() {
    let world = World::new().await;
    let made = world.control.create_namespace(new_namespace("sales")).await.unwrap();
    let edit = NamespaceEdit {
        admin_password: Some(Secret::from("Passw0rd2")),
        iam_roles: Some(vec![role("a"), role("b")]),
        default_iam_role: Some(Some(role("a"))),
        ..NamespaceEdit::default()
    };
    let edited = world.control.update_namespace(&made.name, edit).await.unwrap();
    assert_eq!((edited.iam_roles.len(), &edited.default_iam_role), (2, &Some(role("a"))));
    assert_eq!(world.disk.warehouses.lock().unwrap()[&made.warehouse], "Passw0rd2");
    let bad = NamespaceEdit {
        admin_password: Some(Secret::from("Passw0rd3")),
        default_iam_role: Some(Some(role("c"))),
        ..NamespaceEdit::default()
    };
    let error = world.control.update_namespace(&made.name, bad).await.unwrap_err();
    assert!(matches!(error, ControlError::Invalid { parameter: "defaultIamRoleArn", .. }));
    assert_eq!(world.disk.warehouses.lock().unwrap()[&made.warehouse], "Passw0rd2");
    let edit = NamespaceEdit { iam_roles: Some(vec![role("b")]), ..NamespaceEdit::default() };
    assert_eq!(world.control.update_namespace(&made.name, edit).await.unwrap().default_iam_role, None);
    let error = world.control.update_namespace(&namespace("other"), NamespaceEdit::default()).await.unwrap_err();
    assert_eq!(error, ControlError::NamespaceNotFound(namespace("other")));
}

#[tokio::test]
async fn a_workgroup_moves_to_another_port() {
    let world = World::new().await;
    world.control.create_cluster(new_cluster("first")).await.unwrap();
    let made = world.control.create_namespace(new_namespace("sales")).await.unwrap();
    let group = world.control.create_workgroup(new_workgroup("wg-one", "sales")).await.unwrap();
    assert_eq!(world.control.endpoint_of_workgroup(&group).address, "wg-one.redshift-serverless.localhost");
    let edit = WorkgroupEdit { port: Some(5450), publicly_accessible: Some(true), ..WorkgroupEdit::default() };
    let moved = world.control.update_workgroup(&group.name, edit).await.unwrap();
    assert_eq!((moved.port, moved.publicly_accessible), (Some(5450), true));
    let endpoint = world.control.endpoint_of_workgroup(&moved);
    assert_eq!((endpoint.address.as_str(), endpoint.port), ("127.0.0.1", 5450));
    assert_eq!(world.listening(), [5450]);
    assert_eq!(world.control.default_warehouse(5450), Some(made.warehouse.clone()));
    world.control.delete_workgroup(&group.name).await.unwrap();
    assert!(world.listening().is_empty());
    let error = world.control.update_workgroup(&group.name, WorkgroupEdit::default()).await.unwrap_err();
    assert_eq!(error, ControlError::WorkgroupNotFound(Arc::clone(&group).name.clone()));
}
