use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use base::FixedClock;
use base::id::{ApplicationArn, DirectoryGroupId, DirectoryUserId};
use center::{
    ActorPolicy, ApplicationEdit, ApplicationGrants, ApplicationStatus, AssignedPrincipal, Center, CenterStore as _,
    CenterWrite, GrantType, NewApplication, PrincipalLookup, REDSHIFT_CONNECT_SCOPE,
};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use time::OffsetDateTime;

use crate::{SqliteCenter, Store};

struct Everybody;

impl PrincipalLookup for Everybody {
    fn user_exists(&self, _: &DirectoryUserId) -> bool {
        true
    }

    fn group_exists(&self, _: &DirectoryGroupId) -> bool {
        true
    }
}

async fn center(store: &Store) -> Center {
    let clock = FixedClock::at(OffsetDateTime::from_unix_timestamp_nanos(1_772_323_170_123_456_789).unwrap());
    Center::open(Arc::new(SqliteCenter::new(store)), Arc::new(clock), "123456789012", "us-east-1").await.unwrap()
}

fn new() -> NewApplication {
    NewApplication {
        provider_arn: "arn:aws:sso::aws:applicationProvider/custom".to_owned(),
        name: "a 'quoted' name".to_owned(),
        description: None,
        status: ApplicationStatus::Enabled,
        assignment_required: false,
        grants: ApplicationGrants::default(),
        scopes: BTreeMap::new(),
        tags: BTreeMap::new(),
    }
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    let first = center(&store).await;
    let kept = first.create_application(new()).await.unwrap();
    let gone = first.create_application(NewApplication { assignment_required: true, ..new() }).await.unwrap();
    let ethan = AssignedPrincipal::User(DirectoryUserId::new("ethan"));
    let sales = AssignedPrincipal::Group(DirectoryGroupId::new("sales"));
    let finance = AssignedPrincipal::Group(DirectoryGroupId::new("finance"));
    for principal in [&ethan, &sales, &finance] {
        first.create_assignment(&kept.arn, principal, &Everybody).await.unwrap();
        first.create_assignment(&gone.arn, principal, &Everybody).await.unwrap();
    }
    first.delete_assignment(&kept.arn, &ethan).await.unwrap();
    first.delete_application(&gone.arn).await.unwrap();
    first.forget_principal(&finance).await.unwrap();
    store.close().await;

    let store = Store::open(&path).await.unwrap();
    let second = center(&store).await;
    assert_eq!(second.instance(), first.instance());
    assert_eq!(second.applications(), [Arc::clone(&kept)]);
    assert_eq!(second.assignments(&kept.arn, None, 10).unwrap().items, [sales]);
}

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn every_setting_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    let first = center(&store).await;
    let arn = first.create_application_once(new(), "token").await.unwrap().arn.clone();
    let sales = AssignedPrincipal::Group(DirectoryGroupId::new("sales"));
    first.create_assignment(&arn, &sales, &Everybody).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    first.put_authentication(&arn, ActorPolicy::parse(policy).unwrap()).await.unwrap();
    let uris = vec!["http://localhost/a,'b".to_owned(), "https://app.example.com/cb".to_owned()];
    first.put_grant(&arn, GrantType::AuthorizationCode, uris).await.unwrap();
    first.put_grant(&arn, GrantType::TokenExchange, Vec::new()).await.unwrap();
    let targets = BTreeSet::from([arn.as_str().to_owned(), first.instance().arn.as_str().to_owned()]);
    first.put_scope(&arn, REDSHIFT_CONNECT_SCOPE, targets).await.unwrap();
    let (description, status) = (Some("d".to_owned()), Some(ApplicationStatus::Disabled));
    first.update_application(&arn, ApplicationEdit { name: None, description, status }).await.unwrap();
    first.set_assignment_required(&arn, true).await.unwrap();
    first.tag(arn.as_str(), tags(&[("k", "v"), ("empty", "")])).await.unwrap();
    first.tag(first.instance().arn.as_str(), tags(&[("i", "1")])).await.unwrap();
    first.rename_instance("main").await.unwrap();
    store.close().await;

    let store = Store::open(&path).await.unwrap();
    let second = center(&store).await;
    let application = second.application(&arn).unwrap();
    assert_eq!(application, first.application(&arn).unwrap());
    assert_eq!(application.description.as_deref(), Some("d"));
    assert!(application.authentication.is_some() && application.grants.token_exchange);
    assert_eq!(second.instance_settings(), first.instance_settings());
    assert_eq!(second.instance_settings().name.as_deref(), Some("main"));
    // An edit replaces the row without its assignments.
    assert!(second.is_assigned(&arn, &sales));
    assert_eq!(second.create_application_once(new(), "token").await.unwrap().arn, arn);
}

/// A control database as it was before applications had grants.
async fn old_database(path: &Path) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let text = include_str!("../../migrations/0020_center.sql");
    sqlx::raw_sql("CREATE TABLE migrations (name TEXT PRIMARY KEY, text TEXT NOT NULL)").execute(&pool).await.unwrap();
    sqlx::raw_sql(text).execute(&pool).await.unwrap();
    sqlx::query("INSERT INTO migrations VALUES ('0020_center', ?)").bind(text).execute(&pool).await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO center_instance VALUES ('arn:aws:sso:::instance/ssoins-1', 'd-1', '123456789012', NULL, '2026-01-01T00:00:00Z');
         INSERT INTO center_application VALUES ('arn:r', 'arn:aws:sso::aws:applicationProvider/redshift', 'r', 'ENABLED', 1, '2026-01-01T00:00:00Z');
         INSERT INTO center_application VALUES ('arn:c', 'arn:aws:sso::aws:applicationProvider/custom', 'c', 'ENABLED', 1, '2026-01-01T00:00:00Z');
         INSERT INTO center_assignment VALUES ('arn:r', 'GROUP', 'sales');",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
}

#[tokio::test]
async fn redshifts_applications_of_an_old_database_get_their_grants_and_scope() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    old_database(&path).await;
    for _ in 0..2 {
        let store = Store::open(&path).await.unwrap();
        let center = center(&store).await;
        let redshift = center.application(&ApplicationArn::new("arn:r")).unwrap();
        let loopback = ["http://127.0.0.1/", "http://localhost/"].map(str::to_owned).to_vec();
        let grants =
            ApplicationGrants { authorization_code: Some(loopback), refresh_token: true, token_exchange: false };
        assert_eq!(redshift.grants, grants);
        assert_eq!(redshift.scopes, BTreeMap::from([(REDSHIFT_CONNECT_SCOPE.to_owned(), BTreeSet::new())]));
        assert!(center.is_assigned(&redshift.arn, &AssignedPrincipal::Group(DirectoryGroupId::new("sales"))));
        let custom = center.application(&ApplicationArn::new("arn:c")).unwrap();
        assert_eq!((&custom.grants, custom.scopes.len()), (&ApplicationGrants::default(), 0));
        assert!(custom.authentication.is_none() && custom.tags.is_empty() && custom.creation.is_none());
        store.close().await;
    }
}

#[tokio::test]
async fn an_assignment_needs_its_application() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("control.db")).await.unwrap();
    let port = SqliteCenter::new(&store);
    let ethan = AssignedPrincipal::User(DirectoryUserId::new("ethan"));
    let write = CenterWrite::CreateAssignment(base::id::ApplicationArn::new("none"), ethan);
    assert!(port.apply(write).await.is_err());
    assert!(port.load().await.unwrap().assignments.is_empty());
}
