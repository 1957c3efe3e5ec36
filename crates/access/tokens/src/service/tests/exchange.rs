//! CreateTokenWithIAM: applications redeem, and exchange.

use policy::{Context, Subject, SubjectKind};

use super::fixture::{EDITOR, EDITOR_REDIRECT, Fixture, REDSHIFT};
use super::*;
use crate::IamCaller;

fn subject(token: &Secret<String>, requested: RequestedToken) -> SubjectExchange {
    SubjectExchange { subject: token.clone(), requested, scopes: Vec::new() }
}

#[tokio::test]
async fn an_application_redeems_its_code_and_refreshes() {
    let world = Fixture::new(false).await;
    let issued = world.editor_tokens().await;
    assert_eq!((issued.claims.audience.as_str(), issued.claims.client.as_str()), (EDITOR, EDITOR));
    // It is the editor's, and opens no warehouse.
    let refused = world.tokens.verify_access(&issued.access, &world.required()).unwrap_err();
    assert!(matches!(refused, TokenRefusal::WrongAudience { .. }), "{refused}");
    let refresh = issued.refresh.unwrap();
    let again = world.tokens.refresh_with_iam(world.caller(EDITOR), &refresh, &[]).await.unwrap();
    assert_eq!(again.claims.grant, issued.claims.grant);
    // Another application can't, even though its caller is allowed.
    let other = world.tokens.refresh_with_iam(world.caller(REDSHIFT), again.refresh.as_ref().unwrap(), &[]).await;
    assert_eq!(refusal(other).0, OAuthCode::InvalidGrant);
}

#[tokio::test]
async fn a_code_of_an_application_is_for_nobody_else() {
    let world = Fixture::new(false).await;
    let code = world.editor_code().await;
    assert_eq!(refusal(world.exchange(&code).await).0, OAuthCode::InvalidGrant, "a public client");
    let other = world.caller(REDSHIFT);
    let result =
        world.tokens.exchange_code_with_iam(other, code.clone(), EDITOR_REDIRECT.into(), None, Vec::new()).await;
    assert_eq!(refusal(result).0, OAuthCode::InvalidGrant, "another application");
    let verifier = Some(Secret::new("x".repeat(43)));
    let result = world
        .tokens
        .exchange_code_with_iam(world.caller(EDITOR), code.clone(), EDITOR_REDIRECT.into(), verifier, Vec::new())
        .await;
    assert!(refusal(result).1.contains("no code_challenge"), "a code without challenge takes no verifier");
    let result =
        world.tokens.exchange_code_with_iam(world.caller(EDITOR), code, EDITOR_REDIRECT.into(), None, vec![]).await;
    assert!(result.is_ok());
}

#[tokio::test]
async fn who_may_not_call_gets_no_caller() {
    let world = Fixture::new(false).await;
    let root = Subject { account: "123456789012".into(), kind: SubjectKind::Root };
    let stranger = Subject { account: String::new(), kind: SubjectKind::Anonymous };
    let context = Context::new();
    let by = |subject| IamCaller { subject, context: &context };
    assert_eq!(refusal(world.tokens.application_caller("nothing", &by(&root))).0, OAuthCode::InvalidClient);
    let (code, text) = refusal(world.tokens.application_caller(EDITOR, &by(&stranger)));
    assert_eq!((code, text.as_str()), (OAuthCode::AccessDenied, "Not by the actor policy. Ask."));
}

#[tokio::test]
async fn an_exchanged_token_opens_the_warehouse_and_goes_back_to_the_same_sign_in() {
    let world = Fixture::new(false).await;
    let editor = world.editor_tokens().await;
    let asked = subject(&editor.access, RequestedToken::Access);
    let issued = world.tokens.exchange_subject(world.caller(REDSHIFT), asked).await.unwrap();
    assert!(issued.refresh.is_none());
    let verified = world.tokens.verify_access(&issued.access, &world.required()).unwrap();
    assert_eq!(verified.get().correlation, editor.claims.correlation);
    assert_eq!((&verified.get().user, verified.get().client.as_str()), (world.user.id(), REDSHIFT));
    // What it came from is revoked: so is it.
    let mut revocations = world.tokens.revocations();
    world.tokens.revoke_grant(&editor.claims.grant, RevokeReason::Administrator).await.unwrap();
    let refused = world.tokens.verify_access(&issued.access, &world.required()).unwrap_err();
    assert_eq!(refused, TokenRefusal::Revoked { reason: RevokeReason::ParentRevoked });
    let announced = [revocations.try_recv().unwrap(), revocations.try_recv().unwrap()];
    assert_eq!(announced, [editor.claims.grant, issued.claims.grant]);
}

#[tokio::test]
async fn exchanging_does_not_prolong_a_sign_in() {
    let world = Fixture::new(false).await;
    let editor = world.editor_tokens().await;
    let asked = subject(&editor.access, RequestedToken::Refresh);
    let mut refresh = world.tokens.exchange_subject(world.caller(REDSHIFT), asked).await.unwrap().refresh.unwrap();
    let mut last = Duration::ZERO;
    for _ in 0..8 {
        world.clock.advance(Duration::minutes(59));
        let issued = world.tokens.refresh_with_iam(world.caller(REDSHIFT), &refresh, &[]).await.unwrap();
        (refresh, last) = (issued.refresh.unwrap(), issued.expires_in);
    }
    assert_eq!(last, Duration::minutes(8), "eight hours after the sign-in it is over");
    world.clock.advance(Duration::minutes(8));
    assert!(refusal(world.tokens.refresh_with_iam(world.caller(REDSHIFT), &refresh, &[]).await).1.contains("expired"));
}

#[tokio::test]
async fn an_exchange_is_refused_by_the_name_of_what_is_missing() {
    let world = Fixture::new(false).await;
    let editor = world.editor_tokens().await;
    let exchange =
        async |asked: SubjectExchange, by: &str| refusal(world.tokens.exchange_subject(world.caller(by), asked).await);
    let asked = || subject(&editor.access, RequestedToken::Access);
    assert_eq!(exchange(asked(), EDITOR).await.0, OAuthCode::InvalidGrant, "its own token");
    for no_token in ["", "eyJhbGciOiJub25lIn0.e30.", "gate_rt_x"] {
        let asked = subject(&Secret::from(no_token), RequestedToken::Access);
        assert_eq!(exchange(asked, REDSHIFT).await.0, OAuthCode::InvalidGrant, "{no_token}");
    }
    let wider = SubjectExchange { scopes: vec!["openid".into()], ..asked() };
    assert_eq!(exchange(wider, REDSHIFT).await.0, OAuthCode::InvalidScope);

    world.access.set(REDSHIFT, |application| application.refresh_token = false);
    let refused = exchange(subject(&editor.access, RequestedToken::Refresh), REDSHIFT).await;
    assert!(refused.0 == OAuthCode::UnauthorizedClient && refused.1.contains("refresh_token"), "{refused:?}");
    world.access.set(REDSHIFT, |application| application.token_exchange = false);
    let refused = exchange(asked(), REDSHIFT).await;
    assert!(refused.0 == OAuthCode::UnauthorizedClient && refused.1.contains("token-exchange"), "{refused:?}");
    world.access.set(REDSHIFT, |application| application.token_exchange = true);

    world.access.fence(true);
    let refused = exchange(asked(), REDSHIFT).await;
    assert!(refused.0 == OAuthCode::InvalidScope && refused.1.contains("AuthorizedTargets"), "{refused:?}");
    world.access.fence(false);

    world.access.assign(false);
    assert_eq!(exchange(asked(), REDSHIFT).await.0, OAuthCode::AccessDenied);
    world.access.assign(true);
    assert!(world.tokens.exchange_subject(world.caller(REDSHIFT), asked()).await.is_ok());
    world.access.set(EDITOR, |application| application.enabled = false);
    let refused = exchange(asked(), REDSHIFT).await;
    assert!(refused.0 == OAuthCode::InvalidGrant && refused.1.contains("is disabled"), "{refused:?}");
    world.access.set(EDITOR, |application| application.enabled = true);
    world.deactivate().await;
    assert_eq!(exchange(asked(), REDSHIFT).await.0, OAuthCode::InvalidGrant);
}
