//! What was stored is read back the same, and a revocation is never undone.

use std::collections::BTreeSet;

use base::CorrelationId;
use base::id::{DirectoryUserId, SsoApplicationId};
use openid_provider::{DeviceState, Revocation, RevokeReason, StoredCode};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::*;

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05.123456789 UTC);

fn hash(text: &str) -> SecretHash {
    SecretHash::of_text(text)
}

fn refresh(newest: &str) -> StoredRefresh {
    StoredRefresh { family: hash("family"), newest: hash(newest), expires: NOW + Duration::days(30) }
}

fn grant(id: &str) -> Grant {
    Grant {
        id: GrantId::new(id),
        user: DirectoryUserId::new("u-1"),
        user_name: "ethan — é".into(),
        application: SsoApplicationId::new("app-1"),
        scopes: BTreeSet::from([Scope::OpenId, Scope::OfflineAccess]),
        nonce: Some("n \"x\"".into()),
        authenticated: NOW - Duration::HOUR,
        methods: vec!["pwd".into(), "mfa".into()],
        session: "ses-1".into(),
        correlation: CorrelationId::resume("way-1"),
        created: NOW,
        ends: NOW + Duration::minutes(1),
        code: Some(StoredCode {
            hash: hash(id),
            redirect_uri: "https://app.example.com/cb?x=1".into(),
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into(),
            expires: NOW + Duration::minutes(1),
            used: None,
        }),
        refresh: None,
        revoked: None,
    }
}

/// As a device gets one.
fn bare(id: &str) -> Grant {
    let revoked = Some(Revocation { at: NOW, reason: RevokeReason::UserDeleted });
    Grant { code: None, nonce: None, methods: Vec::new(), refresh: Some(refresh("bare")), revoked, ..grant(id) }
}

fn access(name: &str, grant: &str) -> StoredAccess {
    StoredAccess {
        hash: hash(name),
        grant: GrantId::new(grant),
        scopes: BTreeSet::from([Scope::OpenId]),
        issued: NOW,
        expires: NOW + Duration::HOUR,
    }
}

fn device(state: DeviceState) -> StoredDevice {
    StoredDevice {
        hash: hash("device"),
        user_code: hash("BCDFGHJK"),
        application: SsoApplicationId::new("app-1"),
        scopes: BTreeSet::from([Scope::OpenId, Scope::Email]),
        created: NOW,
        expires: NOW + Duration::minutes(10),
        state,
    }
}

async fn reopened(directory: &tempfile::TempDir) -> SqliteOpenId {
    SqliteOpenId::new(&Store::open_idp(&directory.path().join("idp.sqlite")).await.unwrap())
}

async fn filled() -> (tempfile::TempDir, SqliteOpenId) {
    let directory = tempfile::tempdir().unwrap();
    let store = reopened(&directory).await;
    let writes = [
        OpenIdWrite::PutGrant(Box::new(grant("g-1"))),
        OpenIdWrite::PutGrant(Box::new(bare("g-2"))),
        OpenIdWrite::PutAccess(access("access", "g-1")),
        OpenIdWrite::PutDevice(device(DeviceState::Pending)),
    ];
    store.apply(&writes).await.unwrap();
    (directory, store)
}

#[tokio::test]
async fn everything_is_read_back_as_it_was_written() {
    let (directory, store) = filled().await;
    store.pool.close().await;
    let stored = reopened(&directory).await.load().await.unwrap();
    assert_eq!(stored.grants, [grant("g-1"), bare("g-2")]);
    assert_eq!(stored.access, [access("access", "g-1")]);
    assert_eq!(stored.devices, [device(DeviceState::Pending)]);
}

#[tokio::test]
async fn what_changes_later_is_kept_and_the_first_use_and_revocation_stay() {
    let (_directory, store) = filled().await;
    let id = || GrantId::new("g-1");
    let revoke = |reason| OpenIdWrite::RevokeGrant { grant: id(), revocation: Revocation { at: NOW, reason } };
    let ends = NOW + Duration::days(30);
    let writes = [
        OpenIdWrite::UseCode { grant: id(), at: NOW },
        OpenIdWrite::UseCode { grant: id(), at: NOW + Duration::HOUR },
        OpenIdWrite::Renew { grant: id(), refresh: Some(refresh("first")), ends: NOW },
        OpenIdWrite::Renew { grant: id(), refresh: Some(refresh("second")), ends },
        revoke(RevokeReason::RefreshReused),
        revoke(RevokeReason::Client),
        OpenIdWrite::PutDevice(device(DeviceState::Approved(id()))),
    ];
    store.apply(&writes).await.unwrap();
    let stored = store.load().await.unwrap();
    let code = grant("g-1").code.map(|code| StoredCode { used: Some(NOW), ..code });
    let revoked = Some(Revocation { at: NOW, reason: RevokeReason::RefreshReused });
    assert_eq!(stored.grants[0], Grant { code, refresh: Some(refresh("second")), ends, revoked, ..grant("g-1") });
    assert_eq!(stored.grants[1], bare("g-2"));
    assert_eq!(stored.devices, [device(DeviceState::Approved(id()))]);
}

#[tokio::test]
async fn deleting_takes_what_belongs_to_it_and_nothing_else() {
    let (_directory, store) = filled().await;
    let writes = [
        OpenIdWrite::PutAccess(access("second", "g-2")),
        OpenIdWrite::PutAccess(access("third", "g-2")),
        OpenIdWrite::DeleteAccess(hash("third")),
        OpenIdWrite::DeleteGrant(GrantId::new("g-1")),
        OpenIdWrite::DeleteDevice(hash("device")),
    ];
    store.apply(&writes).await.unwrap();
    let stored = store.load().await.unwrap();
    assert_eq!(stored.grants, [bare("g-2")]);
    assert_eq!(stored.access, [access("second", "g-2")]);
    assert!(stored.devices.is_empty());
}

#[tokio::test]
async fn writes_are_all_or_nothing() {
    let (_directory, store) = filled().await;
    // The second one belongs to a grant that isn't there.
    let writes = [OpenIdWrite::PutAccess(access("a", "g-1")), OpenIdWrite::PutAccess(access("b", "none"))];
    assert!(store.apply(&writes).await.is_err());
    assert_eq!(store.load().await.unwrap().access, [access("access", "g-1")]);
}
