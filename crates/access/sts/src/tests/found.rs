//! Which credentials count, and what ends them.

use base::CorrelationId;
use iam::{Holder, KeyHolder};
use sigv4::CredentialLookup as _;
use time::Duration;

use super::fixture::{PROVIDER, Said, World, peer, saml_trust};
use crate::{Ask, AssumeRoleRequest, Grounds, Revoked};

#[tokio::test]
async fn a_token_counts_only_with_its_own_key() {
    let world = World::new().await;
    let (one, other) = (world.session(&Said::new()).await, world.session(&Said::new()).await);
    let root = world.iam.root().id.clone();
    let token = other.session_token.expose().as_str();
    for (key, token) in [
        (one.access_key_id.as_str(), Some(token)),
        (one.access_key_id.as_str(), None),
        (root.as_str(), Some(token)),
        (other.access_key_id.as_str(), Some("no token")),
        ("AKIAAAAAAAAAAAAAAAAA", None),
    ] {
        assert_eq!(world.sts.find(key, token).unwrap_err().aws_name(), "InvalidClientTokenId", "{key}");
    }
    let mut changed = token.to_owned().into_bytes();
    let last = changed.len() - 10;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    assert!(world.sts.find(&other.access_key_id, Some(&changed)).is_err());
    world.caller(&other).unwrap();
}

#[tokio::test]
async fn an_expired_session_is_told_so() {
    let world = World::new().await;
    let issued = world.session(&Said::new()).await;
    world.clock.advance(Duration::minutes(59));
    world.caller(&issued).unwrap();
    world.clock.advance(Duration::minutes(1));
    assert_eq!(world.caller(&issued).unwrap_err().aws_name(), "ExpiredToken");
}

#[tokio::test]
async fn a_key_that_is_deactivated_or_deleted_ends_all_that_came_from_it() {
    let world = World::new().await;
    let (caller, key) = world.user("bob").await;
    let issued = world.sts.get_session_token(&caller, None, &CorrelationId::fresh()).unwrap();
    world.iam.set_access_key_active(KeyHolder::User("bob"), &key, false).await.unwrap();
    assert!(world.sts.find(&key, None).is_err());
    assert_eq!(world.caller(&issued).unwrap_err().aws_name(), "InvalidClientTokenId");
    world.iam.set_access_key_active(KeyHolder::User("bob"), &key, true).await.unwrap();
    world.caller(&issued).unwrap();
    world.iam.delete_access_key(KeyHolder::User("bob"), &key).await.unwrap();
    assert!(world.caller(&issued).is_err());
}

#[tokio::test]
async fn a_role_or_a_provider_that_is_made_anew_is_another() {
    let world = World::new().await;
    let issued = world.session(&Said::new()).await;
    world.iam.delete_role("redshift-sso-role").await.unwrap();
    assert!(world.caller(&issued).is_err());
    world.role("redshift-sso-role", &saml_trust("")).await;
    assert!(world.caller(&issued).is_err(), "a role of the same name is another");
    let issued = world.session(&Said::new()).await;
    world.iam.delete_saml_provider(PROVIDER).await.unwrap();
    assert!(world.caller(&issued).is_err());
    world.provider().await;
    assert!(world.caller(&issued).is_err(), "a provider of the same name is another");
}

#[tokio::test]
async fn revoked_sessions_end_at_once_and_stay_ended() {
    let world = World::new().await;
    let mut told = world.sts.subscribe();
    let issued = world.session(&Said::new()).await;
    let role = world.iam.role("redshift-sso-role").unwrap().id.clone();
    world.sts.revoke_role_sessions(&role).await.unwrap();
    assert_eq!(told.try_recv().unwrap(), Revoked::Role(role));
    assert_eq!(world.caller(&issued).unwrap_err().aws_name(), "InvalidClientTokenId");
    let restarted = world.restarted().await;
    assert!(restarted.find(&issued.access_key_id, Some(issued.session_token.expose())).is_err());
    world.clock.advance(Duration::seconds(1));
    let later = world.session(&Said::new()).await;
    world.caller(&later).unwrap();
    world.sts.revoke_session(&later.access_key_id).await.unwrap();
    assert!(world.caller(&later).is_err());
    world.caller(&world.session(&Said::new()).await).unwrap();
}

#[tokio::test]
async fn what_was_made_with_a_revoked_session_ends_too() {
    let world = World::new().await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}"#;
    world.role("target", trust).await;
    let may = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}"#;
    world.allow(Holder::Role("redshift-sso-role"), may).await;
    let first = world.session(&Said::new()).await;
    let request = AssumeRoleRequest {
        role_arn: "arn:aws:iam::123456789012:role/target".to_owned(),
        session_name: "next".to_owned(),
        ..AssumeRoleRequest::default()
    };
    let caller = world.caller(&first).unwrap();
    let chained = world.sts.assume_role(&caller, &request, peer(), &CorrelationId::fresh()).outcome.unwrap();
    let grounds = Grounds::new(&world.caller(&chained).unwrap(), Vec::new(), peer());
    assert!(world.sts.still_allowed(&grounds).is_ok());
    world.sts.revoke_session(&first.access_key_id).await.unwrap();
    assert!(world.caller(&chained).is_err());
    assert!(world.sts.still_allowed(&grounds).unwrap_err().reason.contains("revoked"));
}

#[tokio::test]
async fn grounds_outlive_the_credential_but_not_what_allowed_them() {
    let world = World::new().await;
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"redshift:*","Resource":"*"}]}"#;
    world.allow(Holder::Role("redshift-sso-role"), all).await;
    let caller = world.caller(&world.session(&Said::new()).await).unwrap();
    let grounds = Grounds::new(&caller, vec![Ask::new("redshift:JoinGroup", "*")], peer());
    let kept = serde_json::to_string(&grounds).unwrap();
    assert!(!kept.contains("secret"));
    let grounds: Grounds = serde_json::from_str(&kept).unwrap();
    world.clock.advance(Duration::hours(9));
    world.sts.still_allowed(&grounds).unwrap();
    world.iam.delete_policy_of(Holder::Role("redshift-sso-role"), "p").await.unwrap();
    let ended = world.sts.still_allowed(&grounds).unwrap_err();
    assert!(ended.reason.contains("no longer allowed redshift:JoinGroup"), "{ended}");
    assert!(ended.mend.contains("Allow redshift:JoinGroup"), "{}", ended.mend);
}
