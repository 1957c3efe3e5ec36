use super::fixture::{Fixture, refused, role, trust};
use crate::{NewOidcProvider, NewRole, NewUser};

fn federated(arn: &str, action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{arn}"}},"Action":"sts:{action}"}}]}}"#
    )
}

#[tokio::test]
async fn a_principal_that_isnt_there_is_refused_by_name() {
    let fixture = Fixture::new().await;
    fixture.role("there").await;
    for principal in [
        "arn:aws:iam::123456789012:user/nobody",
        "arn:aws:iam::123456789012:role/none",
        "arn:aws:iam::123456789012:role/THERE",
        "arn:aws:iam::210987654321:root",
        "arn:aws:iam::210987654321:user/bob",
        "arn:aws:sts::123456789012:assumed-role/none/bob",
        "AIDAAAAAAAAAAAAAAAAA",
    ] {
        let words = format!("Invalid principal in policy: \"AWS\":\"{principal}\"");
        refused(fixture.iam.create_role(role("r", principal)).await, "MalformedPolicyDocument", &words);
        refused(fixture.iam.update_trust("there", &trust(principal)).await, "MalformedPolicyDocument", &words);
    }
    assert!(fixture.iam.role("r").is_none());
}

#[tokio::test]
async fn principals_that_are_there_are_taken() {
    let fixture = Fixture::new().await;
    let user = fixture.user("bob").await;
    let other = fixture.role("other").await;
    let session = "arn:aws:sts::123456789012:assumed-role/other/bob";
    for (number, principal) in
        ["*", "123456789012", "arn:aws:iam::123456789012:root", &user, &other, session].iter().enumerate()
    {
        fixture.iam.create_role(role(&format!("r{number}"), principal)).await.unwrap();
    }
}

#[tokio::test]
async fn a_provider_that_isnt_there_is_refused_by_name() {
    let fixture = Fixture::new().await;
    for (arn, action) in [
        ("arn:aws:iam::123456789012:saml-provider/none", "AssumeRoleWithSAML"),
        ("arn:aws:iam::123456789012:oidc-provider/id.example.com", "AssumeRoleWithWebIdentity"),
    ] {
        let new = NewRole { trust: federated(arn, action), ..role("r", "*") };
        let words = format!("Invalid principal in policy: \"FEDERATED\":\"{arn}\"");
        refused(fixture.iam.create_role(new).await, "MalformedPolicyDocument", &words);
    }
    let url = "https://id.example.com".to_owned();
    let provider = fixture.iam.create_oidc_provider(NewOidcProvider { url, ..Default::default() }).await.unwrap();
    let new = NewRole { trust: federated(&provider.arn, "AssumeRoleWithWebIdentity"), ..role("r", "*") };
    fixture.iam.create_role(new).await.unwrap();
}

#[tokio::test]
async fn whoever_is_made_anew_under_a_name_isnt_trusted() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let bob = fixture.user("bob").await;
    let other = fixture.role("other").await;
    let (bob_id, other_id) = (iam.user("bob").unwrap().id.clone(), iam.role("other").unwrap().id.clone());
    iam.create_role(role("by-user", &bob)).await.unwrap();
    iam.create_role(role("by-role", &other)).await.unwrap();
    let session = "arn:aws:sts::123456789012:assumed-role/other/bob";
    iam.create_role(role("by-session", session)).await.unwrap();
    iam.delete_user("bob").await.unwrap();
    iam.delete_role("other").await.unwrap();
    fixture.user("bob").await;
    fixture.role("other").await;
    let reopened = fixture.reopened().await;
    for iam in [iam, &reopened] {
        let text = |name: &str| iam.role(name).unwrap().trust.text().to_owned();
        assert!(text("by-user").contains(&bob_id) && !text("by-user").contains(&bob));
        assert!(text("by-role").contains(&other_id) && !text("by-role").contains(&other));
        assert!(text("by-session").contains(&other_id) && !text("by-session").contains(session));
    }
    // What it shows now can't be given again: nobody has the id any more.
    let dead = iam.role("by-user").unwrap().trust.text().to_owned();
    refused(iam.update_trust("other", &dead).await, "MalformedPolicyDocument", &format!("\"AWS\":\"{bob_id}\""));
}

#[tokio::test]
async fn the_id_of_one_who_is_there_is_kept_as_the_arn() {
    let fixture = Fixture::new().await;
    let bob = fixture.user("bob").await;
    let id = fixture.iam.user("bob").unwrap().id.clone();
    let role = fixture.iam.create_role(role("r", &id)).await.unwrap();
    assert!(role.trust.text().contains(&bob) && !role.trust.text().contains(&id));
}

#[tokio::test]
async fn a_user_with_another_name_stays_trusted() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let bob = fixture.user("bob").await;
    iam.create_role(role("r", &bob)).await.unwrap();
    let robert = iam.update_user("bob", Some("robert"), Some("/x/")).await.unwrap();
    fixture.user("bob").await;
    assert!(iam.role("r").unwrap().trust.text().contains(&robert.arn));
    assert!(!iam.role("r").unwrap().trust.text().contains(&format!("\"{bob}\"")));
    iam.delete_user("bob").await.unwrap();
    assert!(iam.role("r").unwrap().trust.text().contains(&robert.arn));
}

#[tokio::test]
async fn a_role_that_trusts_itself_can_be_deleted() {
    let fixture = Fixture::new().await;
    let arn = fixture.role("r").await;
    fixture.iam.update_trust("r", &trust(&arn)).await.unwrap();
    fixture.iam.delete_role("r").await.unwrap();
    assert!(fixture.reopened().await.role("r").is_none());
}

#[tokio::test]
async fn only_principals_are_looked_at_not_conditions() {
    let fixture = Fixture::new().await;
    let bob = fixture.user("bob").await;
    let text = trust("*").replace(
        "\"Action\"",
        &format!("\"Condition\":{{\"ArnEquals\":{{\"aws:PrincipalArn\":\"{bob}\"}}}},\"Action\""),
    );
    let new = NewRole { trust: text.clone(), ..role("r", "*") };
    fixture.iam.create_role(new).await.unwrap();
    fixture.iam.delete_user("bob").await.unwrap();
    assert_eq!(fixture.iam.role("r").unwrap().trust.text(), text);
}

#[tokio::test]
async fn ids_are_iams_and_differ_when_a_name_comes_back() {
    let fixture = Fixture::new().await;
    let create = || fixture.iam.create_user(NewUser { name: "bob".to_owned(), ..NewUser::default() });
    let first = create().await.unwrap();
    assert!(first.id.starts_with("AIDA") && first.id.len() == 20, "{}", first.id);
    fixture.iam.delete_user("bob").await.unwrap();
    assert_ne!(create().await.unwrap().id, first.id);
    assert!(fixture.iam.user_by_id(&first.id).is_none());
}
