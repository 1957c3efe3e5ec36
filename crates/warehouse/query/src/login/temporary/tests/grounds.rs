//! What the credentials were issued on must still hold: at the login, and as long as the session lives.

use std::sync::Arc;

use iam::{Holder, KeyHolder};

use super::*;
use crate::testing::{Cloud, run};

#[tokio::test]
async fn a_login_is_refused_when_iam_no_longer_allows_it() {
    let world = World::new().await;
    let minted = mint(&world, existing("bob")).await;
    world.cloud.iam.delete_policy_of(Holder::Role("Analysts"), "all").await.unwrap();
    world.forget();
    let error = connect(&world, &minted).await.unwrap_err();
    assert_eq!(brief(&error), "28000 IAM no longer allows what the temporary credentials were issued on");
    let detail = error.message.detail.as_deref().unwrap();
    assert!(detail.contains("redshift:GetClusterCredentials") && detail.contains("dbuser:testcluster/bob"), "{detail}");
    let record = record(&world);
    let checks = base::Checks::from_json(field(&record, "checks")).unwrap();
    assert_eq!(checks.failed().unwrap().check, "permission");
    assert_eq!(field(&record, "mend"), error.message.hint.as_deref().unwrap());
}

/// One change of IAM; only the sessions that stand on it end, with the reason.
async fn ends(change: impl AsyncFn(&Cloud), told: &str) {
    let world = World::new().await;
    let watch = credentials::watch_iam(&world.cloud.iam, &world.cloud.sts, world.sessions.clone(), world.audit.clone());
    let role_session = world.cloud.session(3600);
    let minted = mint_for(&world, existing("bob"), &role_session).await;
    let mut fallen = connect(&world, &minted).await.unwrap();
    let mut by_password = world.password("bob", crate::testing::PASSWORD).await.unwrap();
    let ended = fallen.ended();
    change(&world.cloud).await;
    let error = ended.await;
    assert_eq!(brief(&error), "57P01 terminating connection: IAM no longer allows what user \"bob\" connected with");
    let detail = error.message.detail.unwrap();
    assert!(detail.contains(told), "{detail}");
    assert!(error.message.hint.is_some_and(|hint| !hint.is_empty()));
    assert!(run(&mut fallen, "SELECT 1").await.is_err());
    run(&mut by_password, "SELECT 1").await.unwrap();
    watch.abort();
}

#[tokio::test]
async fn a_policy_that_is_taken_away_ends_the_session() {
    let change = async |cloud: &Cloud| cloud.iam.delete_policy_of(Holder::Role("Analysts"), "all").await.unwrap();
    ends(change, "redshift:GetClusterCredentials").await;
}

#[tokio::test]
async fn an_explicit_deny_ends_the_session_by_its_name() {
    let deny =
        r#"{"Version":"2012-10-17","Statement":{"Sid":"NotNow","Effect":"Deny","Action":"redshift:*","Resource":"*"}}"#;
    let change = async |cloud: &Cloud| cloud.iam.put_policy(Holder::Role("Analysts"), "no", deny).await.unwrap();
    ends(change, "explicit deny").await;
}

#[tokio::test]
async fn a_deactivated_key_ends_what_was_got_with_it() {
    let change = async |cloud: &Cloud| {
        let key = cloud.alice.access_key_id();
        cloud.iam.set_access_key_active(KeyHolder::User("alice"), key, false).await.unwrap();
    };
    ends(change, "deactivated").await;
}

#[tokio::test]
async fn revoked_role_sessions_end_their_database_sessions() {
    let change = async |cloud: &Cloud| {
        let role = cloud.iam.role("Analysts").unwrap();
        cloud.sts.revoke_role_sessions(&role.id).await.unwrap();
    };
    ends(change, "revoked").await;
}

#[tokio::test]
async fn a_deleted_role_ends_the_session() {
    let change = async |cloud: &Cloud| {
        cloud.iam.delete_policy_of(Holder::Role("Analysts"), "all").await.unwrap();
        cloud.iam.delete_role("Analysts").await.unwrap();
    };
    ends(change, "").await;
}

#[tokio::test]
async fn somebody_elses_change_ends_nothing() {
    let world = Arc::new(World::new().await);
    let watch = credentials::watch_iam(&world.cloud.iam, &world.cloud.sts, world.sessions.clone(), world.audit.clone());
    let minted = mint(&world, existing("bob")).await;
    let connection = connect(&world, &minted).await.unwrap();
    // alice lent her key, not her policies
    world.cloud.iam.delete_policy_of(Holder::User("alice"), "all").await.unwrap();
    let other = mint_for(&world, existing("awsuser"), &world.cloud.alice).await;
    let refused = connect(&world, &other).await.unwrap_err();
    assert_eq!(refused.sqlstate, "28000");
    assert!(connection.handle.reason().is_none());
    watch.abort();
}
