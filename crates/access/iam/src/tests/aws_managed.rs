use super::fixture::{ADMINISTRATOR, ALLOW, Fixture, refused};
use crate::{Holder, Listing, Taggable, Tags};

#[tokio::test]
async fn the_policies_that_the_walkthroughs_name_are_there() {
    let fixture = Fixture::new().await;
    let page = fixture.iam.list_policies(&Listing { path_prefix: "/", after: None, limit: 100 }, |one| one.aws_managed);
    assert_eq!((page.items.len(), page.next), (26, None));
    for name in [
        "AdministratorAccess",
        "PowerUserAccess",
        "ReadOnlyAccess",
        "IAMFullAccess",
        "IAMReadOnlyAccess",
        "AmazonRedshiftFullAccess",
        "AmazonRedshiftReadOnlyAccess",
        "AmazonRedshiftQueryEditor",
        "AmazonRedshiftQueryEditorV2FullAccess",
        "AmazonRedshiftQueryEditorV2NoSharing",
        "AmazonRedshiftQueryEditorV2ReadSharing",
        "AmazonRedshiftQueryEditorV2ReadWriteSharing",
        "AmazonRedshiftDataFullAccess",
        "AmazonRedshiftAllCommandsFullAccess",
        "AWSSSOReadOnly",
    ] {
        let policy = fixture.iam.policy(&format!("arn:aws:iam::aws:policy/{name}")).unwrap();
        assert!(policy.id.starts_with("ANPA") && policy.id.len() == 20, "{name}");
        assert!(policy.document().is_some(), "{name}");
    }
    let sharing = fixture.iam.policy("arn:aws:iam::aws:policy/AmazonRedshiftQueryEditorV2ReadSharing").unwrap();
    assert_eq!(sharing.default_version_id(), "v9");
    assert!(sharing.document().unwrap().text().contains("sqlworkbench"));
}

#[tokio::test]
async fn aws_own_policies_are_read_only() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    refused(iam.delete_policy(ADMINISTRATOR).await, "AccessDenied", "managed by AWS");
    refused(iam.create_policy_version(ADMINISTRATOR, ALLOW, true).await, "AccessDenied", "managed by AWS");
    refused(iam.set_default_policy_version(ADMINISTRATOR, "v1").await, "AccessDenied", "managed by AWS");
    refused(iam.delete_policy_version(ADMINISTRATOR, "v1").await, "AccessDenied", "managed by AWS");
    let tags = Tags::read([("a".to_owned(), "b".to_owned())]).unwrap();
    refused(iam.tag(Taggable::Policy(ADMINISTRATOR), tags).await, "AccessDenied", "managed by AWS");
}

#[tokio::test]
async fn a_services_policy_isnt_for_customers_roles() {
    let fixture = Fixture::new().await;
    fixture.role("r").await;
    let arn = "arn:aws:iam::aws:policy/aws-service-role/AmazonRedshiftServiceLinkedRolePolicy";
    let role = Holder::Role("r");
    refused(fixture.iam.attach_policy(role, arn).await, "PolicyNotAttachable", "Service Role Policy");
    refused(fixture.iam.put_boundary(role, arn).await, "PolicyNotAttachable", "permissions boundary");
}
