//! What only the service shows: a store that breaks down, people who change while tokens are out, limits, forgetting.

mod fixture;

use base::{ErrorKind, Fault as _, SecretHash};
use directory::{DirectoryError, DirectoryUser, NewUser, UserEdit};
use fixture::World;

use super::*;
use crate::error::OAuthError;
use crate::grant::RevokeReason;

fn refusal(error: OpenIdError) -> (OAuthError, String) {
    match error {
        OpenIdError::Refused(refusal) => (refusal.error, refusal.description),
        OpenIdError::Unavailable(_) | OpenIdError::Signing(_) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_issued_and_can_be_asked_for_again() {
    let world = World::new().await;
    let code = world.code().await;
    world.store.break_down(true);
    let error = world.redeem(&code).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    world.store.break_down(false);
    let issued = world.redeem(&code).await.unwrap();
    let refresh = issued.refresh.unwrap();
    world.store.break_down(true);
    assert_eq!(world.refresh(&refresh).await.unwrap_err().kind(), ErrorKind::Unavailable);
    world.store.break_down(false);
    assert!(world.refresh(&refresh).await.is_ok(), "the token wasn't used up");
}

#[tokio::test]
async fn a_theft_counts_at_once_even_if_it_cannot_be_stored() {
    let world = World::new().await;
    let first = world.issued().await;
    let used = first.refresh.unwrap();
    let second = world.refresh(&used).await.unwrap();
    world.store.break_down(true);
    assert_eq!(world.refresh(&used).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(world.provider.userinfo(&second.access).is_err());
    world.store.break_down(false);
    let (error, text) = refusal(world.refresh(&second.refresh.unwrap()).await.unwrap_err());
    assert!(error == OAuthError::InvalidGrant && text.contains(RevokeReason::RefreshReused.because()));
}

#[tokio::test]
async fn what_belonged_to_a_deactivated_person_does_not_come_to_life_again() {
    let world = World::new().await;
    let issued = world.issued().await;
    let active = |active: bool| {
        move |user: &DirectoryUser| Ok::<_, DirectoryError>(UserEdit::from(NewUser { active, ..NewUser::from(user) }))
    };
    let people = world.idp.people();
    people.update_user(&world.ethan, None, active(false)).await.unwrap();
    assert_eq!(world.provider.reconcile_user(&world.ethan).await.unwrap(), 1);
    assert_eq!(world.provider.reconcile_user(&world.ethan).await.unwrap(), 0);
    people.update_user(&world.ethan, None, active(true)).await.unwrap();
    assert!(world.provider.userinfo(&issued.access).is_err());
    let (_, text) = refusal(world.refresh(&issued.refresh.unwrap()).await.unwrap_err());
    assert!(text.contains(RevokeReason::UserDisabled.because()), "{text}");
}

#[tokio::test]
async fn the_watch_revokes_when_a_person_is_deactivated() {
    let world = World::new().await;
    let issued = world.issued().await;
    let watch = watch(Arc::clone(&world.provider));
    let off = |user: &DirectoryUser| {
        Ok::<_, DirectoryError>(UserEdit::from(NewUser { active: false, ..NewUser::from(user) }))
    };
    let before = world.store.applied();
    world.idp.people().update_user(&world.ethan, None, off).await.unwrap();
    let written = async {
        while world.store.applied() == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), written).await.unwrap();
    let grant = world.provider.read().grant(&issued.grant).cloned().unwrap();
    assert_eq!(grant.revoked.map(|revocation| revocation.reason), Some(RevokeReason::UserDisabled));
    watch.abort();
}

#[tokio::test]
async fn what_ended_is_forgotten_an_hour_later_and_nothing_else() {
    let world = World::new().await;
    let (offline, short) = (world.issued().await, world.code_for("openid").await);
    let short = world.redeem(&short).await.unwrap();
    world.clock.advance(short.expires_in + Duration::HOUR - Duration::SECOND);
    world.provider.sweep().await.unwrap();
    assert!(world.provider.read().grant(&short.grant).is_some());
    world.clock.advance(Duration::SECOND);
    world.provider.sweep().await.unwrap();
    let state = world.provider.read();
    assert!(state.grant(&short.grant).is_none() && state.grant(&offline.grant).is_some());
    assert!(state.access(&SecretHash::of(&short.access)).is_none());
}

#[tokio::test]
async fn past_the_limit_the_oldest_authorization_makes_way_and_nobody_is_locked_out() {
    let world = World::new().await;
    let (oldest, second) = (world.issued().await, {
        world.clock.advance(Duration::SECOND);
        world.issued().await
    });
    world.clock.advance(Duration::SECOND);
    for _ in 2..world.provider.limits.grants {
        world.code_for("openid").await;
    }
    assert!(world.provider.userinfo(&oldest.access).is_ok(), "as many as there may be");
    let newest = world.issued().await;
    assert!(world.provider.userinfo(&oldest.access).is_err());
    let (error, _) = refusal(world.refresh(&oldest.refresh.unwrap()).await.unwrap_err());
    assert_eq!(error, OAuthError::InvalidGrant);
    assert!(world.refresh(&second.refresh.unwrap()).await.is_ok());
    assert!(world.provider.userinfo(&newest.access).is_ok());
}

#[tokio::test]
async fn everything_is_as_it_was_after_a_restart() {
    let world = World::new().await;
    let issued = world.issued().await;
    let (grant, access) = {
        let state = world.provider.read();
        let (access, grant) = state.access(&SecretHash::of(&issued.access)).unwrap();
        (grant.clone(), access.clone())
    };
    let stored = crate::port::StoredOpenId { grants: vec![grant], access: vec![access], devices: Vec::new() };
    *world.provider.write() = State::loaded(stored);
    assert!(world.provider.userinfo(&issued.access).is_ok());
    let used = issued.refresh.unwrap();
    assert!(world.refresh(&used).await.is_ok());
    let (_, text) = refusal(world.refresh(&used).await.unwrap_err());
    assert!(text.contains("used before"));
}

#[tokio::test]
async fn an_id_token_is_read_as_a_hint_only_if_this_provider_signed_it() {
    let world = World::new().await;
    let token = world.issued().await.id_token.into_exposed();
    let hint = read_hint(&world.idp, world.provider.issuer(), &token).unwrap();
    assert_eq!((hint.sub.as_str(), hint.aud.as_str()), (world.ethan.as_str(), world.client_id.as_str()));
    assert!(read_hint(&world.idp, "https://other.example/idp", &token).is_none());
    let (message, _) = token.rsplit_once('.').unwrap();
    let secret = jsonwebtoken::EncodingKey::from_secret(b"secret");
    let mut header = jsonwebtoken::decode_header(&token).unwrap();
    header.alg = jsonwebtoken::Algorithm::HS256;
    let claims = serde_json::json!({ "iss": world.provider.issuer(), "sub": "x", "aud": world.client_id });
    let forged = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
    for bad in [forged, format!("{message}."), format!("{message}.AAAA"), String::new()] {
        assert!(read_hint(&world.idp, world.provider.issuer(), &bad).is_none(), "{bad}");
    }
}
