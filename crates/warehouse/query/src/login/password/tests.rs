use aws_lc_rs::digest;
use base::{AuditStep, Principal, Secret};
use md5::{Digest as _, Md5};
use time::Duration;

use crate::QueryError;
use crate::login::{Challenge, ChallengeAnswer};
use crate::testing::{PASSWORD, World, brief, startup};

fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    digest::digest(&digest::SHA256, &parts.concat()).as_ref().to_vec()
}

#[track_caller]
fn wrong(error: &QueryError, user: &str) {
    assert_eq!(brief(error), format!("28000 password authentication failed for user \"{user}\""));
    assert!(error.fatal && error.message.detail.is_none() && error.message.hint.is_none(), "{error:?}");
}

#[tokio::test]
async fn unknown_users_and_wrong_passwords_are_told_the_same() {
    let world = World::new().await;
    world.define(&["CREATE USER nopass PASSWORD DISABLE"]).await;
    assert_eq!(world.password("bob", PASSWORD).await.unwrap().current_user(), "bob");
    for (user, password) in
        [("bob", "passw0rd1"), ("nobody", PASSWORD), ("nopass", PASSWORD), ("bob", ""), ("rdsdb", "")]
    {
        wrong(&world.password(user, password).await.unwrap_err(), user);
    }
    let records = world.audit.take(AuditStep::Connection);
    assert_eq!(records[1].principal, Principal::DbUser { name: "bob".to_owned() });
    assert!(!format!("{records:?}").contains(PASSWORD));
}

#[tokio::test]
async fn a_digest_proves_the_password() {
    let world = World::new().await;
    for (password, right) in [(PASSWORD, true), ("Passw0rd2", false)] {
        let request = startup(&[("user", "bob"), ("driver_version", "x")]);
        let pending = world.gate().begin_login(request, None).await.unwrap();
        let Challenge::Digest { salt, server_nonce } = pending.challenge().clone() else { panic!("13 was expected") };
        let client_nonce = b"1767323045000".to_vec();
        let inner = sha256(&[password.as_bytes(), &salt]);
        let digest = sha256(&[&inner, &server_nonce, &client_nonce]);
        match pending.finish(ChallengeAnswer::Digest { digest, client_nonce }).await {
            Ok(connection) => assert!(right && connection.current_user() == "bob"),
            Err(error) => {
                assert!(!right, "{error:?}");
                wrong(&error, "bob");
            }
        }
    }
}

#[tokio::test]
async fn an_md5_answer_proves_the_password() {
    let world = World::new().await;
    let kept = hex::encode(Md5::digest(format!("{PASSWORD}mia")));
    world.define(&[&format!("CREATE USER mia PASSWORD 'md5{kept}'")]).await;
    for (inner, right) in [(kept.clone(), true), (kept.replace(char::is_numeric, "0"), false)] {
        let pending = world.gate().begin_login(startup(&[("user", "mia")]), None).await.unwrap();
        let Challenge::Md5 { salt } = *pending.challenge() else { panic!("5 was expected") };
        let mut hasher = Md5::new();
        hasher.update(inner.as_bytes());
        hasher.update(salt);
        let answer = Secret::new(format!("md5{}", hex::encode(hasher.finalize())));
        let outcome = pending.finish(ChallengeAnswer::Md5(answer)).await;
        assert_eq!(outcome.is_ok(), right, "{outcome:?}");
    }
}

#[tokio::test]
async fn valid_until_ends_the_password_to_the_moment() {
    let world = World::new().await;
    world.define(&["ALTER USER bob VALID UNTIL '2026-01-02 04:00:00'"]).await;
    world.password("bob", PASSWORD).await.unwrap();
    world.clock.advance(Duration::minutes(56));
    wrong(&world.password("bob", PASSWORD).await.unwrap_err(), "bob");
    world.define(&["ALTER USER bob VALID UNTIL 'infinity'"]).await;
    world.password("bob", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_connection_limit_counts_open_sessions() {
    let world = World::new().await;
    world.define(&["ALTER USER bob CONNECTION LIMIT 2"]).await;
    let first = world.password("bob", PASSWORD).await.unwrap();
    let _second = world.password("bob", PASSWORD).await.unwrap();
    let error = world.password("bob", PASSWORD).await.unwrap_err();
    assert_eq!(brief(&error), "53300 too many connections for user \"bob\"");
    assert_eq!(error.message.detail.as_deref(), Some("The user's CONNECTION LIMIT is 2."));
    first.close().await;
    world.password("bob", PASSWORD).await.unwrap();
    // not for superusers
    world.define(&["ALTER USER bob CREATEUSER CONNECTION LIMIT 0"]).await;
    world.password("bob", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn after_many_wrong_passwords_one_has_to_wait_and_the_right_one_too() {
    let world = World::new().await;
    let mut failures = 0;
    let error = loop {
        let error = world.password("bob", "wrong").await.unwrap_err();
        if error.message.message != "password authentication failed for user \"bob\"" {
            break error;
        }
        failures += 1;
    };
    assert_eq!(failures, directory::attempts::ACCOUNT.free_failures);
    assert_eq!(brief(&error), "28000 too many failed password attempts");
    assert_eq!(error.message.hint.as_deref(), Some("Try again in 1 seconds."));
    assert_eq!(brief(&world.password("bob", PASSWORD).await.unwrap_err()), "28000 too many failed password attempts");
    // others come in all the while, and a name that isn't there is counted just so
    world.password("awsuser", PASSWORD).await.unwrap();
    for _ in 0..failures {
        wrong(&world.password("nobody", "wrong").await.unwrap_err(), "nobody");
    }
    assert_eq!(brief(&world.password("nobody", "wrong").await.unwrap_err()), "28000 too many failed password attempts");
    world.clock.advance(Duration::seconds(2));
    world.password("bob", PASSWORD).await.unwrap();
}

/// `CREATE USER … SET`, kept with the user.
#[tokio::test]
async fn a_session_begins_with_its_users_settings() {
    let world = World::new().await;
    world
        .define(&["ALTER USER bob SET search_path TO s, public", "ALTER USER bob SET statement_timeout TO 5000"])
        .await;
    let bob = world.password("bob", PASSWORD).await.unwrap();
    assert_eq!(bob.settings.search_path, ["s", "public"]);
    assert_eq!(bob.settings.statement_timeout, std::time::Duration::from_secs(5));
}
