use oidc::Check;
use serde_json::json;

use super::world::{ISSUER, Outcome as _, World, oidc_source};
use crate::edit::{OidcEdit, SourceEdit};
use crate::model::{MatchBy, SubjectFrom, SubjectMapping};
use crate::{NewSource, SignInDenial};

fn email(verified: bool) -> serde_json::Value {
    json!({"email": "Ethan@Example.com", "email_verified": verified, "sid": "s-1"})
}

#[tokio::test]
async fn who_is_provisioned_signs_in_and_is_linked() {
    let world = World::new().await;
    let source = world.oidc().await;
    let ethan = world.person("ethan").await;
    let (begun, query) = world.oidc_answer(&source.id, email(true)).await;
    assert_eq!(oidc::state_of(&query).as_deref(), Some(begun.cookie.suffix.as_str()));
    assert_eq!(crate::flow_key(&begun.cookie.suffix), Some(begun.cookie.suffix.as_str()));
    let signed_in = world.sources.finish_oidc(&source.id, &query, Some(&begun.cookie.value)).await;
    assert!(signed_in.assertion.is_some() && signed_in.protocol == "oidc");
    let admitted = signed_in.admitted();
    assert_eq!(admitted.user.id(), &ethan.id);
    assert_eq!(admitted.continue_to.as_deref(), Some("/authorize?x=1"));
    let session = admitted.session;
    assert_eq!((session.name_id.as_str(), session.session_index.as_deref()), ("00u1", Some("s-1")));
    assert!(session.id_token.is_some());
    let renamed = json!({"email": "new@example.com", "email_verified": true});
    assert_eq!(world.oidc_sign_in(&source.id, renamed).await.admitted().user.id(), &ethan.id, "by sub from now on");
    let recycled = json!({"sub": "00u2", "email": "ethan@example.com", "email_verified": true});
    let recycled = world.oidc_sign_in(&source.id, recycled).await.denied().1.denial;
    assert_eq!(recycled, SignInDenial::LinkedToAnother { user_name: "ethan".to_owned() });
}

#[tokio::test]
async fn an_address_that_nobody_verified_leads_to_nobody() {
    let world = World::new().await;
    let source = world.oidc().await;
    world.person("ethan").await;
    for claims in [email(false), json!({"email": "ethan@example.com"})] {
        let denied = world.oidc_sign_in(&source.id, claims).await.denied().1;
        assert!(matches!(denied.denial, SignInDenial::UnverifiedEmail { .. }), "{}", denied.denial);
        assert!(denied.mend.contains("email_verified"));
    }
}

#[tokio::test]
async fn an_address_that_two_people_have_leads_to_nobody() {
    let world = World::new().await;
    let source = world.oidc().await;
    world.person("ethan").await;
    let fiona = directory::NewUser {
        user_name: "fiona".to_owned(),
        active: true,
        email: Some("ETHAN@example.com".to_owned()),
        ..directory::NewUser::default()
    };
    world.directory.create_user(fiona).await.unwrap();
    let denied = world.oidc_sign_in(&source.id, email(true)).await.denied().1;
    assert!(matches!(denied.denial, SignInDenial::Ambiguous { by: MatchBy::Email, .. }), "{}", denied.denial);
}

#[tokio::test]
async fn the_answer_is_taken_once_and_by_the_browser_that_asked() {
    let world = World::new().await;
    let source = world.oidc().await;
    world.person("ethan").await;
    let (begun, query) = world.oidc_answer(&source.id, email(true)).await;
    let missing = world.sources.finish_oidc(&source.id, &query, None).await.denied().1.denial;
    assert_eq!(missing, SignInDenial::FlowMissing);
    let (other, _) = world.oidc_answer(&source.id, email(true)).await;
    let crossed = world.sources.finish_oidc(&source.id, &query, Some(&other.cookie.value)).await.denied().1.denial;
    assert_eq!(crossed, SignInDenial::FlowOfAnotherBrowser);
    let (begun, query) = {
        drop((begun, query));
        world.oidc_answer(&source.id, email(true)).await
    };
    world.sources.finish_oidc(&source.id, &query, Some(&begun.cookie.value)).await.admitted();
    let again = world.sources.finish_oidc(&source.id, &query, Some(&begun.cookie.value)).await.denied().1.denial;
    assert_eq!(again, SignInDenial::Replayed);
}

#[tokio::test]
async fn a_code_is_not_sent_to_a_provider_that_was_not_asked() {
    let world = World::new().await;
    let source = world.oidc().await;
    world.person("ethan").await;
    let (begun, query) = world.oidc_answer(&source.id, email(true)).await;
    let oidc = OidcEdit { client_id: Some("another".to_owned()), ..OidcEdit::default() };
    world.sources.update(&source.id, None, SourceEdit { oidc, ..SourceEdit::default() }).await.unwrap();
    let denied = world.sources.finish_oidc(&source.id, &query, Some(&begun.cookie.value)).await.denied().1;
    assert_eq!(denied.denial, SignInDenial::SourceChanged);
}

#[tokio::test]
async fn a_refused_token_names_its_check() {
    let world = World::new().await;
    let source = world.oidc().await;
    world.person("ethan").await;
    let audience = world.oidc_sign_in(&source.id, json!({"aud": "another"})).await.denied().1;
    assert!(matches!(&audience.denial, SignInDenial::IdToken(refusal) if refusal.check == Check::Audience));
    assert!(audience.public.message.contains("another"));
    let (begun, _) = world.oidc_answer(&source.id, email(true)).await;
    let query = format!("error=access_denied&state={}", begun.cookie.suffix);
    let refused = world.sources.finish_oidc(&source.id, &query, Some(&begun.cookie.value)).await.denied().1;
    assert!(matches!(&refused.denial, SignInDenial::IdToken(refusal) if refusal.check == Check::ProviderError));
}

#[tokio::test]
async fn a_claim_that_is_kept_elsewhere_is_not_read_as_no_groups() {
    let world = World::new().await;
    world.publish_oidc();
    let subject = SubjectMapping { from: SubjectFrom::NameId, to: MatchBy::ExternalId };
    let new = NewSource { groups_claim: Some("groups".to_owned()), subject, ..oidc_source() };
    let source = world.sources.create(new).await.unwrap();
    world.person("ethan").await;
    let claims = json!({"sub": "ext-ethan", "_claim_names": {"groups": "src1"}});
    let denied = world.oidc_sign_in(&source.id, claims).await.denied().1;
    assert_eq!(denied.denial, SignInDenial::GroupsElsewhere { claim: "groups".to_owned() });
    world.oidc_sign_in(&source.id, json!({"sub": "ext-ethan", "groups": ["a"]})).await.admitted();
}

#[tokio::test]
async fn a_provider_is_asked_before_it_is_kept() {
    let world = World::new().await;
    let unreachable = world.sources.create(oidc_source()).await.unwrap_err();
    assert!(unreachable.to_string().contains("connection refused"), "{unreachable}");
    world.publish_oidc();
    let document = json!({"issuer": "https://evil.example.com"}).to_string();
    world.fetch.answer(&format!("{ISSUER}/.well-known/openid-configuration"), 200, &document);
    world.sources.create(oidc_source()).await.unwrap_err();
    assert!(world.sources.list().is_empty());
}
