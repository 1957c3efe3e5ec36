use super::fixture::{ALLOW, Fixture, refused, trust};
use crate::{Holder, Taggable, Tags};

const LINKED: &str = "AWSServiceRoleForRedshift";

#[tokio::test]
async fn redshifts_own_role_is_made_once_with_its_trust_and_its_policy() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let role = iam.create_service_linked_role("redshift.amazonaws.com", None, None).await.unwrap();
    assert_eq!(
        role.arn,
        "arn:aws:iam::123456789012:role/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift"
    );
    assert!(role.trust.names_service("redshift.amazonaws.com"));
    assert_eq!(iam.grants_of_role(&role.id).identity.len(), 1);
    let again = iam.create_service_linked_role("redshift.amazonaws.com", None, None).await;
    refused(again, "InvalidInput", "Service role name AWSServiceRoleForRedshift has been taken in this account");
    let sso = iam.create_service_linked_role("sso.amazonaws.com", Some("ours"), None).await.unwrap();
    assert_eq!((sso.name.as_str(), sso.description.as_deref()), ("AWSServiceRoleForSSO", Some("ours")));
}

#[tokio::test]
async fn other_services_and_suffixes_are_refused() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let other = iam.create_service_linked_role("lambda.amazonaws.com", None, None).await;
    refused(other, "InvalidInput", "lambda.amazonaws.com has no service-linked role here");
    let suffix = iam.create_service_linked_role("redshift.amazonaws.com", None, Some("two")).await;
    refused(suffix, "InvalidInput", "Custom suffix is not allowed");
}

#[tokio::test]
async fn a_services_own_role_isnt_for_changing() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let look = fixture.policy("look").await;
    iam.create_service_linked_role("redshift.amazonaws.com", None, None).await.unwrap();
    let role = Holder::Role(LINKED);
    for result in [
        iam.update_trust(LINKED, &trust("*")).await,
        iam.update_role(LINKED, None, Some(7200)).await.map(drop),
        iam.put_policy(role, "own", ALLOW).await,
        iam.attach_policy(role, &look).await,
        iam.detach_policy(role, &look).await,
        iam.put_boundary(role, &look).await,
        iam.delete_boundary(role).await,
        iam.delete_role(LINKED).await,
    ] {
        refused(result, "UnmodifiableEntity", "the protected role 'AWSServiceRoleForRedshift'");
    }
    assert_eq!(iam.update_role(LINKED, Some("ours"), None).await.unwrap().description.as_deref(), Some("ours"));
    let tags = Tags::read([("a".to_owned(), "b".to_owned())]).unwrap();
    iam.tag(Taggable::Role(LINKED), tags.clone()).await.unwrap();
    assert_eq!(iam.role(LINKED).unwrap().tags, tags);
}

#[tokio::test]
async fn a_services_own_role_is_deleted_by_its_own_operation() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.role("r").await;
    iam.create_service_linked_role("redshift.amazonaws.com", None, None).await.unwrap();
    refused(iam.delete_service_linked_role("r").await, "NoSuchEntity", "DeleteRole deletes it");
    let task = iam.delete_service_linked_role(LINKED).await.unwrap();
    assert!(task.starts_with("task/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift/"), "{task}");
    assert!(iam.role(LINKED).is_none());
    iam.create_service_linked_role("redshift.amazonaws.com", None, None).await.unwrap();
}
