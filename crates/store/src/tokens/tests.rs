//! What was stored is read back the same, and a revocation is never undone.

use std::collections::BTreeSet;

use base::id::{ApplicationArn, ClientId, DirectoryUserId, InstanceArn, SourceId};
use base::{CorrelationId, Secret};
use source::FederatedSession;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokens::{GrantId, RedirectUri, Revocation, RevokeReason};

use super::*;

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05.123456789 UTC);

fn hash(text: &str) -> SecretHash {
    SecretHash::of(&Secret::from(text))
}

fn client() -> Client {
    let parse = |text| RedirectUri::parse(text).unwrap();
    Client {
        id: ClientId::new("c-1"),
        name: "driver \"x\" — é".into(),
        secret: hash("secret"),
        scopes: BTreeSet::from([Scope::RedshiftConnect]),
        redirect_uris: vec![parse("http://127.0.0.1:7890"), parse("https://e.example.com/cb")],
        refreshes: true,
        issued: NOW,
        expires: NOW + Duration::days(90),
        used: false,
    }
}

fn grant(id: &str) -> Grant {
    Grant {
        id: GrantId::new(id),
        user: DirectoryUserId::new("u-1"),
        user_name: "ethan".into(),
        client: ClientId::new("c-1"),
        scopes: BTreeSet::from([Scope::RedshiftConnect]),
        issuer: InstanceArn::new("instance-1"),
        application: ApplicationArn::new("application-1"),
        correlation: CorrelationId::resume("way-1"),
        parent: None,
        created: NOW,
        ends: NOW + Duration::minutes(1),
        revoked: None,
    }
}

fn code() -> StoredCode {
    StoredCode {
        hash: hash("code"),
        grant: GrantId::new("g-1"),
        redirect_uri: RedirectUri::parse("http://127.0.0.1:7890").unwrap(),
        challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into()),
        expires: NOW + Duration::minutes(1),
        used: None,
    }
}

fn access(name: &str, grant: &str) -> StoredAccess {
    StoredAccess { hash: hash(name), grant: GrantId::new(grant), issued: NOW, expires: NOW + Duration::HOUR }
}

fn refresh() -> StoredRefresh {
    StoredRefresh {
        hash: hash("refresh"),
        grant: GrantId::new("g-1"),
        issued: NOW,
        expires: NOW + Duration::HOUR,
        used: None,
    }
}

async fn reopened(directory: &tempfile::TempDir) -> SqliteTokens {
    SqliteTokens::new(&Store::open(&directory.path().join("control.db")).await.unwrap())
}

async fn filled() -> (tempfile::TempDir, SqliteTokens) {
    let directory = tempfile::tempdir().unwrap();
    let tokens = reopened(&directory).await;
    let writes = [
        TokenWrite::PutClient(client()),
        TokenWrite::PutGrant(grant("g-1")),
        TokenWrite::PutCode(code()),
        TokenWrite::PutAccess(access("access", "g-1")),
        TokenWrite::PutRefresh(refresh()),
    ];
    tokens.apply(&writes).await.unwrap();
    (directory, tokens)
}

#[tokio::test]
async fn everything_is_read_back_as_it_was_written() {
    let (directory, tokens) = filled().await;
    tokens.pool.close().await;
    let stored = TokenStore::load(&reopened(&directory).await).await.unwrap();
    assert_eq!(stored.clients, [client()]);
    assert_eq!(stored.grants, [grant("g-1")]);
    assert_eq!(stored.codes, [code()]);
    assert_eq!(stored.access, [access("access", "g-1")]);
    assert_eq!(stored.refresh, [refresh()]);
}

#[tokio::test]
async fn an_applications_code_without_challenge_and_an_exchanged_grant_are_kept() {
    let (_directory, tokens) = filled().await;
    let exchanged = Grant { parent: Some(GrantId::new("g-1")), ..grant("g-2") };
    let bare = StoredCode { hash: hash("bare"), challenge: None, ..code() };
    tokens.apply(&[TokenWrite::PutGrant(exchanged.clone()), TokenWrite::PutCode(bare.clone())]).await.unwrap();
    let stored = TokenStore::load(&tokens).await.unwrap();
    assert!(stored.grants.contains(&exchanged) && stored.codes.contains(&bare));
}

#[tokio::test]
async fn codes_of_an_older_version_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let tokens = reopened(&directory).await;
    let (issued, expires) = (stamp(NOW).unwrap(), stamp(NOW + Duration::MINUTE).unwrap());
    let filling = format!(
        "INSERT INTO oauth_grants VALUES ('g-1', 'u-1', 'ethan', 'c-1', 'redshift:connect', 'instance-1', 'application-1', 'way-1',
         '{issued}', '{expires}', NULL, NULL);
         INSERT INTO oauth_codes VALUES ('{}', 'g-1', 'http://127.0.0.1:7890', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
         '{expires}', NULL)",
        hash("code").to_hex()
    );
    let back = "DROP TABLE oauth_codes; DROP TABLE oauth_access_tokens; DROP TABLE oauth_refresh_tokens;
         DROP TABLE oauth_grants; DROP TABLE oauth_clients; DROP TABLE browser_sessions;
         DELETE FROM migrations WHERE name = '0031_tokens_applications'";
    let mut transaction = tokens.pool.begin().await.unwrap();
    for text in [back, include_str!("../../migrations/0030_tokens.sql"), &filling] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned())).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    tokens.pool.close().await;
    let stored = TokenStore::load(&reopened(&directory).await).await.unwrap();
    assert_eq!(stored.grants, [grant("g-1")]);
    assert_eq!(stored.codes, [code()]);
}

#[tokio::test]
async fn what_changes_later_is_kept_and_the_first_revocation_stays() {
    let (_directory, tokens) = filled().await;
    let revoke =
        |reason| TokenWrite::RevokeGrant { grant: GrantId::new("g-1"), revocation: Revocation { at: NOW, reason } };
    let ends = NOW + Duration::hours(8);
    let writes = [
        TokenWrite::PutClient(Client { used: true, ..client() }),
        TokenWrite::PutCode(StoredCode { used: Some(NOW), ..code() }),
        TokenWrite::PutRefresh(StoredRefresh { used: Some(NOW), ..refresh() }),
        revoke(RevokeReason::CodeReplayed),
        TokenWrite::ExtendGrant { grant: GrantId::new("g-1"), ends },
        revoke(RevokeReason::Administrator),
    ];
    tokens.apply(&writes).await.unwrap();
    let stored = TokenStore::load(&tokens).await.unwrap();
    let revoked = Some(Revocation { at: NOW, reason: RevokeReason::CodeReplayed });
    assert_eq!(stored.grants, [Grant { ends, revoked, ..grant("g-1") }]);
    assert_eq!(stored.codes[0].used, Some(NOW));
    assert_eq!(stored.refresh[0].used, Some(NOW));
    assert!(stored.clients[0].used);
}

#[tokio::test]
async fn deleting_a_grant_deletes_what_came_from_it_and_nothing_else() {
    let (_directory, tokens) = filled().await;
    let writes = [
        TokenWrite::PutGrant(grant("g-2")),
        TokenWrite::PutAccess(access("other", "g-2")),
        TokenWrite::DeleteGrant(GrantId::new("g-1")),
        TokenWrite::DeleteClient(ClientId::new("c-1")),
    ];
    tokens.apply(&writes).await.unwrap();
    let stored = TokenStore::load(&tokens).await.unwrap();
    assert_eq!(stored.grants, [grant("g-2")]);
    assert_eq!(stored.access, [access("other", "g-2")]);
    assert!(stored.clients.is_empty() && stored.codes.is_empty() && stored.refresh.is_empty());
}

#[tokio::test]
async fn writes_are_all_or_nothing() {
    let (_directory, tokens) = filled().await;
    // The second one belongs to a grant that isn't there.
    let writes = [TokenWrite::PutAccess(access("a", "g-1")), TokenWrite::PutAccess(access("b", "no such grant"))];
    assert!(tokens.apply(&writes).await.is_err());
    assert_eq!(TokenStore::load(&tokens).await.unwrap().access, [access("access", "g-1")]);
}

#[tokio::test]
async fn browser_sessions_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let tokens = reopened(&directory).await;
    let session = BrowserSession {
        hash: hash("cookie"),
        user: DirectoryUserId::new("u-1"),
        correlation: CorrelationId::resume("way-1"),
        created: NOW,
        last_seen: NOW,
        federated: None,
    };
    let other = BrowserSession { hash: hash("other"), ..session.clone() };
    let federated = FederatedSession {
        source: SourceId::new("ids-0123456789abcdef"),
        name_id: "ethan@example.com".into(),
        name_id_format: Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress".into()),
        name_qualifier: Some("https://idp.example.com".into()),
        sp_name_qualifier: None,
        session_index: Some("index-1".into()),
        id_token: Some(Secret::from("id.token.secret")),
        not_on_or_after: Some(NOW + Duration::HOUR),
    };
    let through = BrowserSession { hash: hash("through"), federated: Some(federated.clone()), ..session.clone() };
    tokens.put(&session).await.unwrap();
    tokens.put(&other).await.unwrap();
    tokens.put(&through).await.unwrap();
    let seen = BrowserSession { last_seen: NOW + Duration::MINUTE, ..session };
    tokens.put(&seen).await.unwrap();
    tokens.delete(&[other.hash]).await.unwrap();
    tokens.pool.close().await;
    let mut loaded = BrowserSessionStore::load(&reopened(&directory).await).await.unwrap();
    loaded.sort_by_key(|session| session.federated.is_some());
    let without_token = FederatedSession { id_token: None, ..federated };
    assert_eq!(loaded, [seen, BrowserSession { federated: Some(without_token), ..through }]);
    let kept = std::fs::read_dir(directory.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    assert!(kept.into_iter().all(|bytes| !bytes.windows(15).any(|part| part == b"id.token.secret")));
}
