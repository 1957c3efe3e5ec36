//! An application's settings count at once.

use base::Fault as _;

use super::fixture::{EDITOR, EDITOR_REDIRECT, Fixture, REDSHIFT};
use super::*;
use crate::client::ClientRegistration;

#[tokio::test]
async fn no_code_without_its_grant_its_scope_or_the_application() {
    let world = Fixture::new(false).await;
    let checked = world.checked();
    let refused = async |call: &str| {
        let why = world.tokens.may_authorize(&checked, &world.user).unwrap_err();
        assert!(why.hint.contains(call), "{} should name {call}", why.hint);
        let result = world.tokens.authorize(&checked, &world.user, &world.correlation()).await;
        assert_eq!(refusal(result).0, OAuthCode::AccessDenied);
    };
    world.access.set(REDSHIFT, |application| application.code_redirects = None);
    refused("PutApplicationGrant with GrantType authorization_code").await;
    world.access.set(REDSHIFT, |application| application.code_redirects = Some(Vec::new()));
    assert!(world.tokens.may_authorize(&checked, &world.user).is_ok(), "loopback needs no listing");
    let scopes = world.access.application(&ApplicationArn::new(REDSHIFT)).unwrap().scopes;
    world.access.set(REDSHIFT, |application| application.scopes.clear());
    refused("PutApplicationAccessScope").await;
    world.access.set(REDSHIFT, |application| (application.scopes, application.enabled) = (scopes, false));
    refused("UpdateApplication").await;
}

#[tokio::test]
async fn a_code_is_worth_nothing_when_the_grant_went_away_and_good_again_when_it_is_back() {
    let world = Fixture::new(false).await;
    let code = world.code().await;
    world.access.set(REDSHIFT, |application| application.code_redirects = None);
    let (code_of_refusal, text) = refusal(world.exchange(&code).await);
    assert_eq!(code_of_refusal, OAuthCode::UnauthorizedClient);
    assert!(text.contains("PutApplicationGrant"), "{text}");
    world.access.set(REDSHIFT, |application| application.code_redirects = Some(Vec::new()));
    assert!(world.exchange(&code).await.is_ok());
}

#[tokio::test]
async fn a_refresh_token_is_issued_and_used_only_while_the_application_has_the_grant() {
    let world = Fixture::new(true).await;
    let refresh = world.exchange(&world.code().await).await.unwrap().refresh.unwrap();
    world.access.set(REDSHIFT, |application| application.refresh_token = false);
    assert!(world.exchange(&world.code().await).await.unwrap().refresh.is_none());
    let (code, text) = refusal(world.refresh(&refresh).await);
    assert_eq!(code, OAuthCode::UnauthorizedClient);
    assert!(text.contains("PutApplicationGrant with GrantType refresh_token"), "{text}");
    world.access.set(REDSHIFT, |application| application.refresh_token = true);
    assert!(world.refresh(&refresh).await.is_ok());
}

#[tokio::test]
async fn a_disabled_application_closes_its_tokens_at_once_and_ends_them_when_it_is_announced() {
    let world = Fixture::new(true).await;
    let issued = world.exchange(&world.code().await).await.unwrap();
    world.access.set(REDSHIFT, |application| application.enabled = false);
    let refused = world.tokens.verify_access(&issued.access, &world.required()).unwrap_err();
    assert!(refused.public().hint.unwrap().contains("UpdateApplication with Status ENABLED"), "{refused}");
    let application = ApplicationArn::new(REDSHIFT);
    assert_eq!(world.tokens.reconcile_application(&ApplicationArn::new(EDITOR)).await.unwrap(), 0);
    assert_eq!(world.tokens.reconcile_application(&application).await.unwrap(), 1);
    // Revoked by now; what would help is still the same.
    let refused = world.tokens.verify_access(&issued.access, &world.required()).unwrap_err();
    assert!(refused.public().hint.unwrap().contains("UpdateApplication with Status ENABLED"), "{refused}");
    let refresh = issued.refresh.as_ref().unwrap();
    let (_, text) = refusal(world.refresh(refresh).await);
    assert!(text.contains("UpdateApplication with Status ENABLED"), "{text}");
    world.access.set(REDSHIFT, |application| application.enabled = true);
    let refused = world.tokens.verify_access(&issued.access, &world.required()).unwrap_err();
    assert_eq!(refused, TokenRefusal::Revoked { reason: RevokeReason::ApplicationClosed });
    assert!(refusal(world.refresh(refresh).await).1.contains("sign in again"));
    assert_eq!(world.tokens.revoked_because(&issued.claims.grant), Some(RevokeReason::ApplicationClosed));
}

#[tokio::test]
async fn a_scope_that_is_gone_refuses_the_refresh_and_ends_the_grant() {
    let world = Fixture::new(true).await;
    let refresh = world.exchange(&world.code().await).await.unwrap().refresh.unwrap();
    world.access.set(REDSHIFT, |application| application.scopes.clear());
    let (code, text) = refusal(world.refresh(&refresh).await);
    assert_eq!(code, OAuthCode::InvalidGrant);
    assert!(text.contains("PutApplicationAccessScope with Scope redshift:connect"), "{text}");
}

#[tokio::test]
async fn a_client_with_a_listed_https_address_gets_codes_of_the_application_that_lists_it_only() {
    let world = Fixture::new(false).await;
    let registration = ClientRegistration {
        name: "web editor".into(),
        client_type: "public".into(),
        scopes: vec!["redshift:connect".into()],
        redirect_uris: vec![EDITOR_REDIRECT.into()],
        ..ClientRegistration::default()
    };
    let client = world.tokens.register_client(&registration).await.unwrap();
    let request = AuthorizationRequest {
        response_type: Some("code".into()),
        client_id: Some(client.client.id.to_string()),
        redirect_uri: Some(EDITOR_REDIRECT.into()),
        code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into()),
        code_challenge_method: Some("S256".into()),
        ..AuthorizationRequest::default()
    };
    let checked = world.tokens.check_authorization(&request).unwrap();
    let why = world.tokens.may_authorize(&checked, &world.user).unwrap_err();
    assert!(why.reason.contains(EDITOR_REDIRECT) && why.reason.contains(REDSHIFT), "{why}");
    world.access.set(REDSHIFT, |application| application.code_redirects = Some(vec![EDITOR_REDIRECT.into()]));
    assert!(world.tokens.may_authorize(&checked, &world.user).is_ok());
}
