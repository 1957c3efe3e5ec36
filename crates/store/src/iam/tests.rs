use std::path::Path;
use std::sync::Arc;

use ::iam::{Holder, Iam, IamError, IamKind, IamRow, IamStore, IamWrite, KeyHolder, NewPolicy, NewRole, NewUser, Tags};
use base::{FixedClock, Sealer, Secret};
use sqlx::Row as _;
use time::{Duration, OffsetDateTime};

use crate::{SqliteIam, Store};

const ACCOUNT: &str = "123456789012";
const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"redshift:DescribeClusters","Resource":"*"}]}"#;

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap()))
}

fn sealer(byte: u8) -> Arc<Sealer> {
    Arc::new(Sealer::new(&Secret::new(vec![byte; 32])).unwrap())
}

async fn store(folder: &Path) -> Store {
    Store::open(&folder.join("control.sqlite")).await.unwrap()
}

async fn open(store: &Store) -> Iam {
    Iam::open(Arc::new(SqliteIam::new(store)), sealer(1), clock(), ACCOUNT).await.unwrap()
}

fn trust(arn: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{arn}"}},"Action":"sts:AssumeRole"}}}}"#
    )
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(&store(folder.path()).await).await;
    let tags = Tags::read([("team".to_owned(), "sales".to_owned())]).unwrap();
    let bob = NewUser { name: "bob".to_owned(), path: Some("/sales/".to_owned()), tags, ..NewUser::default() };
    let bob = first.create_user(bob).await.unwrap();
    let new = NewPolicy { name: "look".to_owned(), document: ALLOW.to_owned(), ..NewPolicy::default() };
    let policy = first.create_policy(new).await.unwrap();
    first.create_policy_version(&policy.arn, ALLOW, true).await.unwrap();
    first.create_group("people", None).await.unwrap();
    first.add_user_to_group("people", "bob").await.unwrap();
    first.attach_policy(Holder::Group("people"), &policy.arn).await.unwrap();
    first.put_policy(Holder::User("bob"), "own", ALLOW).await.unwrap();
    let role = NewRole { name: "r".to_owned(), trust: trust(&bob.arn), ..NewRole::default() };
    let role = first.create_role(role).await.unwrap();
    first.put_boundary(Holder::Role("r"), &policy.arn).await.unwrap();
    let url = "https://id.example.com".to_owned();
    let oidc = first.create_oidc_provider(::iam::NewOidcProvider { url, ..Default::default() }).await.unwrap();
    let key = first.create_access_key(KeyHolder::User("bob")).await.unwrap();
    first.note_key_used(&key.id, "redshift", "us-east-1");
    first.note_role_used(&role.id, "us-east-1");
    first.flush_used().await.unwrap();

    let second = open(&store(folder.path()).await).await;
    assert_eq!(second.user("bob"), first.user("bob"));
    assert_eq!(second.group("people"), first.group("people"));
    assert_eq!(second.role("r"), first.role("r"));
    assert_eq!(second.policy(&policy.arn), first.policy(&policy.arn));
    assert_eq!(second.oidc_provider(&oidc.arn), first.oidc_provider(&oidc.arn));
    let again = second.access_key(&key.id).unwrap();
    assert_eq!(again.secret.expose(), key.secret.expose());
    assert_eq!((&again.owner, again.active), (&key.owner, true));
    assert_eq!(second.root().secret.expose(), first.root().secret.expose());
    assert_eq!(second.key_last_used(&key.id), first.key_last_used(&key.id));
    assert_eq!(second.role_last_used(&role.id).unwrap().region, "us-east-1");
    let names = |iam: &Iam| iam.grants_of_user(&bob.id).identity.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&second), names(&first));
    assert_eq!(names(&second).len(), 2);
    assert!(second.grants_of_role(&role.id).boundary.is_some());
}

#[tokio::test]
async fn roots_key_of_before_there_was_iam_stays_the_same_and_is_no_longer_kept_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let insert = sqlx::query("INSERT INTO access_key (id, secret, account, created) VALUES (?, ?, ?, ?)")
        .bind("AKIAOLDOLDOLDOLDOLDO")
        .bind("the old secret")
        .bind(ACCOUNT)
        .bind("2026-01-02T03:04:05Z");
    insert.execute(store.pool()).await.unwrap();
    for _ in 0..2 {
        let iam = open(&store).await;
        let root = iam.root();
        assert_eq!((root.id.as_str(), root.secret.expose().as_str()), ("AKIAOLDOLDOLDOLDOLDO", "the old secret"));
    }
    assert!(sqlx::query("SELECT 1 FROM access_key").fetch_optional(store.pool()).await.unwrap().is_none());
}

#[tokio::test]
async fn secrets_are_sealed_and_another_sealing_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let secret = open(&store).await.root().secret.expose().clone();
    let rows = sqlx::query("SELECT definition FROM iam_entity").fetch_all(store.pool()).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows.iter().all(|row| !row.get::<String, _>("definition").contains(&secret)));
    let refused = Iam::open(Arc::new(SqliteIam::new(&store)), sealer(2), clock(), ACCOUNT).await.unwrap_err();
    assert!(matches!(&refused, IamError::Store(why) if why.to_string().contains("secrets/sealing-key")), "{refused}");
}

#[tokio::test]
async fn an_id_that_was_given_out_never_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let iam = SqliteIam::new(&store(folder.path()).await);
    let row = |name: &str| IamRow {
        kind: IamKind::User,
        id: "AIDA1".to_owned(),
        name: name.to_owned(),
        definition: "{}".to_owned(),
    };
    iam.apply(&[IamWrite::Create(row("a"))]).await.unwrap();
    iam.apply(&[IamWrite::Delete { kind: IamKind::User, id: "AIDA1".to_owned() }]).await.unwrap();
    iam.apply(&[IamWrite::Create(row("b"))]).await.unwrap_err();
    assert_eq!(iam.load(ACCOUNT).await.unwrap().rows, []);
}

#[tokio::test]
async fn a_transaction_is_done_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let iam = SqliteIam::new(&store(folder.path()).await);
    let row = |id: &str, name: &str| IamRow {
        kind: IamKind::Role,
        id: id.to_owned(),
        name: name.to_owned(),
        definition: "{}".to_owned(),
    };
    // The second has the first one's name; the third isn't there.
    iam.apply(&[IamWrite::Create(row("1", "a")), IamWrite::Create(row("2", "a"))]).await.unwrap_err();
    iam.apply(&[IamWrite::Create(row("1", "a")), IamWrite::Put(row("3", "c"))]).await.unwrap_err();
    assert_eq!(iam.load(ACCOUNT).await.unwrap().rows, []);
    iam.apply(&[IamWrite::Create(row("1", "a"))]).await.unwrap();
    assert_eq!(iam.load(ACCOUNT).await.unwrap().rows, [row("1", "a")]);
}

#[tokio::test]
async fn the_use_of_what_is_gone_isnt_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let clock = clock();
    let iam = Iam::open(Arc::new(SqliteIam::new(&store)), sealer(1), clock.clone(), ACCOUNT).await.unwrap();
    iam.create_user(NewUser { name: "bob".to_owned(), ..NewUser::default() }).await.unwrap();
    let key = iam.create_access_key(KeyHolder::User("bob")).await.unwrap();
    iam.note_key_used(&key.id, "sts", "us-east-1");
    iam.flush_used().await.unwrap();
    clock.advance(Duration::HOUR);
    iam.note_key_used(&key.id, "sts", "us-east-1");
    iam.delete_access_key(KeyHolder::User("bob"), &key.id).await.unwrap();
    iam.flush_used().await.unwrap();
    assert_eq!(SqliteIam::new(&store).load(ACCOUNT).await.unwrap().used, []);
    assert_eq!(iam.key_last_used(&key.id), None);
}
