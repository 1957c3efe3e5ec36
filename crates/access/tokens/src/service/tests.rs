mod exchange;
mod fixture;
mod settings;

use base::id::ApplicationArn;
use fixture::Fixture;

use super::*;
use crate::claims::Scope;
use crate::error::OAuthCode;

fn refusal<T: std::fmt::Debug>(result: Result<T, TokenError>) -> (OAuthCode, String) {
    match result.unwrap_err() {
        TokenError::Refused(refusal) => (refusal.code, refusal.description),
        TokenError::Unavailable(cause) => panic!("{cause}"),
    }
}

#[tokio::test]
async fn a_code_becomes_a_token_that_carries_person_audience_and_correlation() {
    let world = Fixture::new(false).await;
    let code = world.code().await;
    let issued = world.exchange(&code).await.unwrap();
    assert!(issued.refresh.is_none());
    let verified = world.tokens.verify_access(&issued.access, &world.required()).unwrap();
    assert_eq!(verified.get(), &issued.claims);
    assert_eq!(&verified.get().user, world.user.id());
    assert_eq!(verified.get().correlation.as_str(), "way-1");
    assert_eq!(verified.get().audience, ApplicationArn::new("application-1"));
    assert_eq!(verified.get().scopes.iter().collect::<Vec<_>>(), [&Scope::RedshiftConnect]);
}

#[tokio::test]
async fn a_replayed_code_is_refused_and_revokes_what_it_gave() {
    let world = Fixture::new(true).await;
    let code = world.code().await;
    let issued = world.exchange(&code).await.unwrap();
    let mut revocations = world.tokens.revocations();
    assert_eq!(refusal(world.exchange(&code).await).0, OAuthCode::InvalidGrant);
    let refused = world.tokens.verify_access(&issued.access, &world.required()).unwrap_err();
    assert_eq!(refused, TokenRefusal::Revoked { reason: RevokeReason::CodeReplayed });
    assert_eq!(refusal(world.refresh(issued.refresh.as_ref().unwrap()).await).0, OAuthCode::InvalidGrant);
    assert_eq!(revocations.try_recv().unwrap(), issued.claims.grant);
    assert!(!world.tokens.is_live(&issued.claims.grant));
}

#[tokio::test]
async fn a_wrong_verifier_or_redirect_or_secret_gets_nothing_and_costs_the_client_nothing() {
    let world = Fixture::new(false).await;
    let code = world.code().await;
    let mut asked = world.code_exchange(&code);
    asked.verifier = Secret::new("x".repeat(43));
    assert!(refusal(world.tokens.exchange_code(asked).await).1.contains("codeVerifier"));
    let mut asked = world.code_exchange(&code);
    asked.redirect_uri = "http://127.0.0.1:7891".into();
    assert!(refusal(world.tokens.exchange_code(asked).await).1.contains("redirectUri"));
    let mut asked = world.code_exchange(&code);
    asked.client_secret = Secret::from("guess");
    assert_eq!(refusal(world.tokens.exchange_code(asked).await).0, OAuthCode::InvalidClient);
    let mut asked = world.code_exchange(&code);
    asked.scopes = vec!["openid".into()];
    assert_eq!(refusal(world.tokens.exchange_code(asked).await).0, OAuthCode::InvalidScope);
    assert!(world.exchange(&code).await.is_ok());
}

#[tokio::test]
async fn codes_tokens_and_clients_expire() {
    let world = Fixture::new(false).await;
    let code = world.code().await;
    world.clock.advance(Duration::seconds(60));
    assert!(refusal(world.exchange(&code).await).1.contains("expired"));
    let issued = world.exchange(&world.code().await).await.unwrap();
    world.clock.advance(Duration::hours(1));
    let refused = world.tokens.verify_access(&issued.access, &world.required()).unwrap_err();
    assert_eq!(refused, TokenRefusal::Expired { since: issued.claims.expires });
    world.clock.advance(Duration::days(90));
    world.tokens.sweep().await.unwrap();
    assert_eq!(world.tokens.verify_access(&issued.access, &world.required()).unwrap_err(), TokenRefusal::Unknown);
    assert!(world.tokens.client(&world.client.client.id).is_none());
}

#[tokio::test]
async fn refreshing_rotates_and_a_used_refresh_token_ends_the_family() {
    let world = Fixture::new(true).await;
    let first = world.exchange(&world.code().await).await.unwrap();
    let first_refresh = first.refresh.unwrap();
    world.clock.advance(Duration::minutes(50));
    let second = world.refresh(&first_refresh).await.unwrap();
    assert!(world.tokens.verify_access(&second.access, &world.required()).is_ok());
    assert_eq!(second.claims.correlation.as_str(), "way-1");
    // Somebody presents the first again: thief or client, nobody can tell, so both lose.
    assert!(refusal(world.refresh(&first_refresh).await).1.contains("used before"));
    let refused = world.tokens.verify_access(&second.access, &world.required()).unwrap_err();
    assert_eq!(refused, TokenRefusal::Revoked { reason: RevokeReason::RefreshReused });
    assert!(world.refresh(second.refresh.as_ref().unwrap()).await.is_err());
}

#[tokio::test]
async fn rotating_does_not_prolong_an_authorisation() {
    let world = Fixture::new(true).await;
    let mut refresh = world.exchange(&world.code().await).await.unwrap().refresh.unwrap();
    for _ in 0..7 {
        world.clock.advance(Duration::hours(1));
        refresh = world.refresh(&refresh).await.unwrap().refresh.unwrap();
    }
    world.clock.advance(Duration::hours(1));
    assert!(refusal(world.refresh(&refresh).await).1.contains("expired"));
}

#[tokio::test]
async fn a_deactivated_person_has_nothing_left_and_gets_nothing_new() {
    let world = Fixture::new(true).await;
    let issued = world.exchange(&world.code().await).await.unwrap();
    let pending = world.code().await;
    world.deactivate().await;
    assert_eq!(world.tokens.reconcile_user(world.user.id()).await.unwrap(), 2);
    let refused = world.tokens.verify_access(&issued.access, &world.required()).unwrap_err();
    assert_eq!(refused, TokenRefusal::Revoked { reason: RevokeReason::UserDisabled });
    assert!(world.exchange(&pending).await.is_err());
    assert!(world.refresh(issued.refresh.as_ref().unwrap()).await.is_err());
}

#[tokio::test]
async fn refreshing_asks_again_whether_the_person_is_active_and_assigned() {
    let world = Fixture::new(true).await;
    let issued = world.exchange(&world.code().await).await.unwrap();
    world.access.assign(false);
    let (code, text) = refusal(world.refresh(issued.refresh.as_ref().unwrap()).await);
    assert_eq!((code, text.as_str()), (OAuthCode::InvalidGrant, "ethan is not assigned. Ask the administrator."));
    let refused = world.tokens.verify_access(&issued.access, &world.required()).unwrap_err();
    assert_eq!(refused, TokenRefusal::Revoked { reason: RevokeReason::AccessRemoved });
    // A code that was given before the assignment went away.
    world.access.assign(true);
    let pending = world.code().await;
    world.deactivate().await;
    assert!(refusal(world.exchange(&pending).await).1.contains("deactivated"));
}

#[tokio::test]
async fn who_is_not_assigned_gets_no_code() {
    let world = Fixture::new(false).await;
    world.access.assign(false);
    let result = world.tokens.authorize(&world.checked(), &world.user, &world.correlation()).await;
    assert_eq!(refusal(result).0, OAuthCode::AccessDenied);
}

#[tokio::test]
async fn what_is_no_access_token_of_ours_is_told_apart() {
    let world = Fixture::new(true).await;
    let issued = world.exchange(&world.code().await).await.unwrap();
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJldGhhbiJ9.";
    let signed = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJldGhhbiJ9.c2ln";
    let unknown = format!("gate_at_{}", base::random::token().expose());
    let refresh = issued.refresh.unwrap();
    let cases = [
        (none, TokenRefusal::JwtNotAccepted),
        (signed, TokenRefusal::JwtNotAccepted),
        ("", TokenRefusal::Malformed),
        ("ethan", TokenRefusal::Malformed),
        (refresh.expose().as_str(), TokenRefusal::Malformed),
        (unknown.as_str(), TokenRefusal::Unknown),
    ];
    for (token, expected) in cases {
        assert_eq!(
            world.tokens.verify_access(&Secret::from(token), &world.required()).unwrap_err(),
            expected,
            "{token}"
        );
    }
}

#[tokio::test]
async fn what_can_not_be_stored_is_not_given() {
    let world = Fixture::new(false).await;
    let code = world.code().await;
    world.store.break_down(true);
    assert!(matches!(world.exchange(&code).await, Err(TokenError::Unavailable(_))));
    world.store.break_down(false);
    let issued = world.exchange(&code).await.unwrap();
    // A revocation holds at once, stored or not.
    world.store.break_down(true);
    assert!(world.tokens.revoke_user(world.user.id(), RevokeReason::Administrator).await.is_err());
    assert!(world.tokens.verify_access(&issued.access, &world.required()).is_err());
}

#[tokio::test]
async fn two_exchanges_of_one_code_at_once_give_one_token() {
    let world = Fixture::new(false).await;
    let code = world.code().await;
    let (first, second) = tokio::join!(world.exchange(&code), world.exchange(&code));
    assert!(first.is_ok() != second.is_ok());
}
