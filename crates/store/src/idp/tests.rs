use std::sync::Arc;

use ::idp::{
    ApiToken, Application, ConnectorKind, Factor, FormPlugins, IdpStore as _, KeptTotp, KeyOwner, KeyState, MfaPolicy,
    Participant, PersonFactors, SessionId, Slug, StoredKey, StoredSession,
};
use base::id::{DirectoryGroupId, DirectoryUserId, SsoApplicationId};
use base::{CorrelationId, Secret, SecretHash};
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;

const AT: OffsetDateTime = datetime!(2026-01-02 03:04:05.678901234 UTC);

fn application(id: &str, kind: ConnectorKind, groups: &[&str]) -> Application {
    let mut connector = kind.template();
    if let ::idp::Connector::OpenIdConnect(oidc) = &mut connector {
        oidc.client_id = format!("client of {id}");
        oidc.client_secret = Some(SecretHash::of(&Secret::from("secret")));
    }
    Application {
        id: SsoApplicationId::new(id),
        slug: Slug::parse(id).unwrap(),
        label: "Zoë % _ 'quoted'".to_owned(),
        description: String::new(),
        hidden: true,
        active: false,
        connector,
        groups: groups.iter().copied().map(DirectoryGroupId::new).collect(),
        version: 3,
        created: AT,
        modified: AT,
    }
}

fn key(id: &str, state: KeyState) -> StoredKey {
    let owner = KeyOwner::Application(SsoApplicationId::new("app-1"));
    StoredKey { id: id.to_owned(), owner, state, created: AT, certificate: vec![0, 1, 255], sealed: vec![2, 0, 3] }
}

/// As mfa writes them.
fn factors(user: &str, last_step: Option<u64>) -> PersonFactors {
    let totp = KeptTotp { sealed: vec![0, 9, 255], enrolled: AT, last_step };
    let recovery = mfa::generate_recovery_codes().unwrap().stored;
    PersonFactors { user: DirectoryUserId::new(user), totp: Some(totp), passkeys: Vec::new(), recovery: Some(recovery) }
}

fn token() -> ApiToken {
    ApiToken {
        id: "t1".to_owned(),
        name: "terraform".to_owned(),
        hash: SecretHash::of(&Secret::from("token")),
        created: AT,
        expires: datetime!(2027-01-02 03:04:05 UTC),
        revoked: None,
        last_used: None,
    }
}

fn session(id: &str, participants: &[&str]) -> StoredSession {
    let participant = |name: &&str| Participant {
        application: SsoApplicationId::new("app-1"),
        name_id: (*name).to_owned(),
        name_id_format: "urn:x".to_owned(),
    };
    StoredSession {
        id: SessionId::new(id),
        hash: SecretHash::of(&Secret::from(id)),
        user: DirectoryUserId::new("u1"),
        correlation: CorrelationId::resume("c1"),
        factors: vec![Factor::Password, Factor::RecoveryCode],
        authenticated: AT,
        last_seen: AT,
        participants: participants.iter().map(participant).collect(),
    }
}

fn put_application(application: Application) -> IdpWrite {
    IdpWrite::PutApplication(Arc::new(application))
}

fn put_session(session: StoredSession) -> IdpWrite {
    IdpWrite::PutSession(Box::new(session))
}

async fn open(folder: &tempfile::TempDir) -> (Store, SqliteIdp) {
    let store = Store::open_idp(&folder.path().join("idp.sqlite")).await.unwrap();
    let port = SqliteIdp::new(&store);
    (store, port)
}

/// Loads from a file that was closed and opened again.
async fn read_again(folder: &tempfile::TempDir, store: Store) -> (Store, SqliteIdp, StoredIdp) {
    store.close().await;
    let (store, port) = open(folder).await;
    let stored = port.load().await.unwrap();
    (store, port, stored)
}

#[tokio::test]
async fn everything_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let (store, port) = open(&folder).await;
    assert_eq!(port.load().await.unwrap().policy, MfaPolicy::Optional);
    let applications = ConnectorKind::ALL.map(|kind| application(&format!("app-{}", kind.name()), kind, &["g1", "g2"]));
    let kept_factors = factors("u1", Some(42));
    let retired = key("k3", KeyState::Retired { until: AT });
    let keys = [key("k1", KeyState::Current), key("k2", KeyState::Next), retired];
    let mut writes: Vec<IdpWrite> = applications.iter().cloned().map(put_application).collect();
    writes.extend(keys.iter().cloned().map(|key| IdpWrite::PutKey(Arc::new(key))));
    writes.push(IdpWrite::PutFactors(Arc::new(kept_factors.clone())));
    writes.push(IdpWrite::PutPolicy(MfaPolicy::Required));
    writes.push(IdpWrite::PutFormPlugins(FormPlugins::On));
    writes.push(IdpWrite::PutApiToken(Arc::new(token())));
    writes.push(put_session(session("ses-1", &["ethan", "b", "a"])));
    port.apply(&writes).await.unwrap();
    let (_, _, stored) = read_again(&folder, store).await;
    let mut expected = applications.to_vec();
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(stored.applications, expected);
    assert_eq!(stored.keys, keys);
    assert_eq!((stored.policy, stored.form_plugins), (MfaPolicy::Required, FormPlugins::On));
    assert_eq!(stored.api_tokens, [token()]);
    assert_eq!(stored.sessions, [session("ses-1", &["ethan", "b", "a"])]);
    assert_eq!((&stored.factors[0].totp, &stored.factors[0].recovery), (&kept_factors.totp, &kept_factors.recovery));
}

#[tokio::test]
async fn a_replacement_takes_the_place_of_what_was() {
    let folder = tempfile::tempdir().unwrap();
    let (store, port) = open(&folder).await;
    let before = application("app-1", ConnectorKind::Redshift, &["g1", "g2"]);
    let after = Application {
        label: "New".to_owned(),
        active: true,
        hidden: false,
        version: 4,
        groups: [DirectoryGroupId::new("g3")].into(),
        ..before.clone()
    };
    let used = factors("u1", Some(2));
    let revoked = ApiToken { revoked: Some(AT), last_used: Some(AT), ..token() };
    let seen = StoredSession { last_seen: datetime!(2026-01-03 00:00:00 UTC), ..session("ses-1", &["a", "c"]) };
    port.apply(&[
        put_application(before),
        put_application(after.clone()),
        IdpWrite::PutFactors(Arc::new(factors("u1", None))),
        IdpWrite::PutFactors(Arc::new(used.clone())),
        IdpWrite::PutApiToken(Arc::new(token())),
        IdpWrite::PutApiToken(Arc::new(revoked.clone())),
        put_session(session("ses-1", &["b"])),
        put_session(seen.clone()),
        // A rotation: the former first.
        IdpWrite::PutKey(Arc::new(key("k1", KeyState::Current))),
        IdpWrite::PutKey(Arc::new(key("k2", KeyState::Next))),
        IdpWrite::PutKey(Arc::new(key("k1", KeyState::Retired { until: AT }))),
        IdpWrite::PutKey(Arc::new(key("k2", KeyState::Current))),
        IdpWrite::PutPolicy(MfaPolicy::Required),
        IdpWrite::PutPolicy(MfaPolicy::Optional),
    ])
    .await
    .unwrap();
    let (_, _, stored) = read_again(&folder, store).await;
    assert_eq!(stored.applications, [after]);
    assert_eq!(stored.factors[0].totp, used.totp);
    assert_eq!(stored.factors[0].recovery, used.recovery);
    assert_eq!(stored.api_tokens, [revoked]);
    assert_eq!(stored.sessions, [seen]);
    assert_eq!(stored.keys, [key("k1", KeyState::Retired { until: AT }), key("k2", KeyState::Current)]);
    assert_eq!(stored.policy, MfaPolicy::Optional);
}

#[tokio::test]
async fn what_is_deleted_is_gone_with_what_belongs_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let (store, port) = open(&folder).await;
    port.apply(&[
        put_application(application("app-1", ConnectorKind::Saml, &["g1"])),
        IdpWrite::PutKey(Arc::new(key("k1", KeyState::Current))),
        IdpWrite::PutFactors(Arc::new(factors("u1", None))),
        put_session(session("ses-1", &["a"])),
        put_session(session("ses-2", &["a"])),
    ])
    .await
    .unwrap();
    port.apply(&[
        IdpWrite::DeleteApplication(SsoApplicationId::new("app-1")),
        IdpWrite::DeleteKey("k1".to_owned()),
        IdpWrite::DeleteFactors(DirectoryUserId::new("u1")),
        IdpWrite::DeleteSessions(vec![SessionId::new("ses-1"), SessionId::new("ses-unknown")]),
        // Nothing of the deleted one comes back with its successor.
        put_application(application("app-1", ConnectorKind::Saml, &[])),
    ])
    .await
    .unwrap();
    let (store, _, stored) = read_again(&folder, store).await;
    assert_eq!(stored.applications, [application("app-1", ConnectorKind::Saml, &[])]);
    assert!(stored.keys.is_empty() && stored.factors.is_empty());
    assert_eq!(stored.sessions, [session("ses-2", &["a"])]);
    let left = sqlx::query("SELECT * FROM idp_session_participants").fetch_all(store.pool()).await.unwrap();
    assert_eq!(left.len(), 1);
}

#[tokio::test]
async fn a_list_of_writes_is_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let (store, port) = open(&folder).await;
    let same_slug =
        Application { id: SsoApplicationId::new("app-2"), ..application("app-1", ConnectorKind::Saml, &[]) };
    let two_current = [key("k1", KeyState::Current), key("k2", KeyState::Current)];
    let policy = IdpWrite::PutPolicy(MfaPolicy::Required);
    let taken =
        [policy.clone(), put_application(application("app-1", ConnectorKind::Saml, &[])), put_application(same_slug)];
    assert!(matches!(port.apply(&taken).await, Err(IdpError::Store(_))));
    let mut keys = vec![policy];
    keys.extend(two_current.map(|key| IdpWrite::PutKey(Arc::new(key))));
    assert!(matches!(port.apply(&keys).await, Err(IdpError::Store(_))), "one key signs");
    let (_, _, stored) = read_again(&folder, store).await;
    assert_eq!(stored.policy, MfaPolicy::Optional);
    assert!(stored.applications.is_empty() && stored.keys.is_empty());
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (store, port) = open(&folder).await;
    port.apply(&[put_application(application("app-1", ConnectorKind::Saml, &[]))]).await.unwrap();
    sqlx::query("UPDATE idp_applications SET connector = '{}'").execute(store.pool()).await.unwrap();
    let error = port.load().await.unwrap_err().to_string();
    assert!(error.contains("idp_applications") && error.contains("app-1"), "{error}");
}
