use super::fixture::{ALLOW, Fixture, allowing, policy, refused, role};
use crate::{Holder, NewPolicy, NewRole};

#[tokio::test]
async fn a_bad_document_is_refused_with_its_place_wherever_it_is_given() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let look = fixture.policy("look").await;
    fixture.user("bob").await;
    fixture.role("r").await;
    let bad = ALLOW.replace("\"Allow\"", "\"Permit\"");
    let refused = |result| refused(result, "MalformedPolicyDocument", "Effect");
    refused(iam.create_policy(NewPolicy { document: bad.clone(), ..policy("bad") }).await.map(drop));
    refused(iam.create_policy_version(&look, &bad, true).await.map(drop));
    refused(iam.put_policy(Holder::User("bob"), "bad", &bad).await);
    let trust = super::fixture::trust("*").replace("\"Allow\"", "\"Permit\"");
    refused(iam.create_role(NewRole { trust: trust.clone(), ..role("bad", "*") }).await.map(drop));
    refused(iam.update_trust("r", &trust).await);
    assert!(iam.user("bob").unwrap().inline.is_empty());
    assert_eq!(iam.policy(&look).unwrap().versions.len(), 1);
    assert!(iam.role("bad").is_none());
}

#[tokio::test]
async fn a_document_has_the_shape_of_its_place() {
    let fixture = Fixture::new().await;
    let trust = super::fixture::trust("*");
    let result = fixture.iam.create_policy(NewPolicy { document: trust, ..policy("bad") }).await;
    refused(result, "MalformedPolicyDocument", "Statement");
    let result = fixture.iam.create_role(NewRole { trust: ALLOW.to_owned(), ..role("bad", "*") }).await;
    refused(result, "MalformedPolicyDocument", "Statement");
}

#[tokio::test]
async fn a_document_of_other_characters_or_none_is_refused() {
    let fixture = Fixture::new().await;
    for document in [String::new(), allowing("redshift:\u{4e00}"), "x".repeat(131_073)] {
        let result = fixture.iam.create_policy(NewPolicy { document, ..policy("bad") }).await;
        refused(result, "ValidationError", "policyDocument");
    }
}

#[tokio::test]
async fn descriptions_and_durations_have_iams_limits() {
    let fixture = Fixture::new().await;
    let long = Some("a".repeat(1001));
    let result = fixture.iam.create_policy(NewPolicy { description: long.clone(), ..policy("bad") }).await;
    refused(result, "ValidationError", "description");
    let result = fixture.iam.create_role(NewRole { description: long, ..role("bad", "*") }).await;
    refused(result, "ValidationError", "description");
    for seconds in [3599, 43201] {
        let result = fixture.iam.create_role(NewRole { max_session_duration: Some(seconds), ..role("bad", "*") }).await;
        refused(result, "ValidationError", "maxSessionDuration");
    }
    let role = NewRole { max_session_duration: Some(43200), ..role("r", "*") };
    assert_eq!(fixture.iam.create_role(role).await.unwrap().max_session_duration, 43200);
    refused(fixture.iam.update_role("r", None, Some(60)).await, "ValidationError", "maxSessionDuration");
    assert_eq!(fixture.iam.update_role("r", Some("x"), Some(3600)).await.unwrap().max_session_duration, 3600);
}
