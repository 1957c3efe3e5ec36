use base::id::ApplicationArn;

use super::call;
use crate::tests::world::World;

fn form(world: &World, name: &str, more: &str) -> String {
    let instance = world.state.center.instance().arn.clone();
    format!(
        "Action=CreateQev2IdcApplication&IdcInstanceArn={instance}&Qev2IdcApplicationName={name}&IdcDisplayName=Editor{more}"
    )
}

#[tokio::test]
async fn an_application_is_created_described_modified_and_deleted() {
    let world = World::new().await;
    let made = call(&world, &form(&world, "qev2", "&Tags.Tag.1.Key=k&Tags.Tag.1.Value=v")).await.ok();
    assert_eq!(world.last_record().target, "arn:aws:redshift:us-east-1:123456789012:qev2idcapplication:*");
    let arn = made.element("Qev2IdcApplicationArn").to_owned();
    assert_eq!((made.element("IdcOnboardStatus"), made.element("Qev2IdcApplicationName")), ("Completed", "qev2"));
    assert_eq!(made.element("Tags"), "<Tag><Key>k</Key><Value>v</Value></Tag>");
    let managed = ApplicationArn::new(made.element("IdcManagedApplicationArn"));
    assert_eq!(world.state.center.application(&managed).unwrap().name, "Editor");
    call(&world, &form(&world, "qev2", "")).await.fails(400, "Qev2IdcApplicationAlreadyExists", "qev2");

    let one = format!("&Qev2IdcApplicationArn={arn}");
    let described = call(&world, &format!("Action=DescribeQev2IdcApplications{one}")).await.ok();
    assert_eq!(described.element("member"), made.element("Qev2IdcApplication"));
    let changed = call(&world, &format!("Action=ModifyQev2IdcApplication{one}&IdcDisplayName=Other")).await.ok();
    assert_eq!(changed.element("IdcDisplayName"), "Other");
    assert_eq!(world.state.center.application(&managed).unwrap().name, "Other");
    let deleted = call(&world, &format!("Action=DeleteQev2IdcApplication{one}")).await.ok();
    assert!(!deleted.body.contains("Result"));
    assert!(world.state.center.application(&managed).is_none());
    for action in ["DescribeQev2IdcApplications", "ModifyQev2IdcApplication", "DeleteQev2IdcApplication"] {
        let reply = call(&world, &format!("Action={action}{one}")).await;
        reply.fails(404, "Qev2IdcApplicationNotExists", &arn);
    }
}

#[tokio::test]
async fn applications_are_paged() {
    let world = World::new().await;
    for number in 0..21 {
        call(&world, &form(&world, &format!("qev{number}"), "")).await.ok();
    }
    let first = call(&world, "Action=DescribeQev2IdcApplications&MaxRecords=20").await.ok();
    assert_eq!(first.body.matches("<member>").count(), 20);
    let next = format!("Action=DescribeQev2IdcApplications&Marker={}", first.element("Marker"));
    let next = call(&world, &next).await.ok();
    assert_eq!(next.body.matches("<member>").count(), 1);
    assert!(!next.body.contains("<Marker>"));
}

#[tokio::test]
async fn wrong_input_is_refused_by_name() {
    let world = World::new().await;
    for (form, code, message) in [
        (form(&world, "Qev2", ""), "InvalidParameterValue", "Qev2IdcApplicationName"),
        (form(&world, "qev2", "&IdentityNamespace=x"), "InvalidParameterValue", "IdentityNamespace"),
        ("Action=CreateQev2IdcApplication".to_owned(), "MissingParameter", "IdcInstanceArn"),
        ("Action=ModifyQev2IdcApplication".to_owned(), "MissingParameter", "Qev2IdcApplicationArn"),
        ("Action=DeleteQev2IdcApplication".to_owned(), "MissingParameter", "Qev2IdcApplicationArn"),
        (
            "Action=DescribeQev2IdcApplications&Qev2IdcApplicationArn=a&Marker=b".to_owned(),
            "InvalidParameterCombination",
            "Marker",
        ),
    ] {
        call(&world, &form).await.fails(400, code, message);
    }
    assert!(world.state.center.applications().is_empty());
}
