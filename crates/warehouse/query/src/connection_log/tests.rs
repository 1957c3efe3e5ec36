use base::{CorrelationId, Secret};
use credentials::{CredentialUser, NewCredential};
use sql::Literal;
use sts::Peer;
use time::Duration;

use super::ROWS_MAX;
use crate::ChallengeAnswer;
use crate::testing::{PASSWORD, World, ok, refused, startup};

fn text(cell: &Literal) -> &str {
    if let Literal::Text(text) | Literal::Typed(text, _) = cell { text } else { "" }
}

/// `event user_name auth_method person` of each row.
fn rows(world: &World) -> Vec<String> {
    let rows = world.warehouse.connection_log.rows("dev");
    rows.iter().map(|row| [0, 6, 7, 14].map(|at| text(&row[at])).join("|")).collect()
}

#[tokio::test]
async fn each_way_in_is_logged_with_the_person_behind_it() {
    let world = World::empty().await;
    world.define(&["CREATE USER bob PASSWORD 'Passw0rd1'"]).await;
    let before = rows(&world).len();
    let bob = world.password("bob", PASSWORD).await.unwrap();
    world.clock.advance(Duration::SECOND);
    bob.close().await;
    let session = world.cloud.session(3600);
    let new = NewCredential {
        warehouse: world.warehouse.id().clone(),
        user: CredentialUser::Existing("bob".to_owned()),
        db_name: None,
        groups: Vec::new(),
        roles: Vec::new(),
        duration: Duration::seconds(900),
        caller: &session,
        asks: Vec::new(),
        tags: &[],
        peer: Peer::default(),
        request: CorrelationId::resume("request-1"),
    };
    let minted = world.cloud.credentials.mint(new).await.unwrap();
    let pending = world.gate().begin_login(startup(&[("user", "IAM:bob")]), None).await.unwrap();
    let _open = pending.finish(ChallengeAnswer::Cleartext(minted.password)).await.unwrap();
    world.clock.advance(Duration::SECOND);
    let pending = world.gate().begin_login(startup(&[("user", "IAM:bob")]), None).await.unwrap();
    pending.finish(ChallengeAnswer::Cleartext(Secret::from("wrong"))).await.unwrap_err();
    assert_eq!(
        rows(&world)[before..],
        [
            "authenticated|bob|password|",
            "initiating session|bob|password|",
            "disconnecting session|bob|password|",
            "authenticated|bob|IAM AssumeUser|ethan@example.com",
            "initiating session|bob|IAM AssumeUser|ethan@example.com",
            "authentication failure|IAM:bob||",
        ]
    );
    let last = world.warehouse.connection_log.rows("dev");
    let of = |event: &str| last.iter().rfind(|row| text(&row[0]) == event).unwrap().clone();
    assert_eq!(of("disconnecting session")[8], Literal::Int(1_000_000));
    assert_eq!(text(&of("initiating session")[9]), "request-1");
    assert_eq!(text(&of("initiating session")[1]), "2026-01-02 03:04:06.000000");
}

#[tokio::test]
async fn superusers_read_it_and_nobody_else() {
    let world = World::new().await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    let told = refused(&mut bob, "SELECT user_name FROM sys_connection_log").await;
    assert_eq!(told, "42501 permission denied for relation sys_connection_log");
    let mut admin = world.admin().await;
    world.engine.calls();
    ok(&mut admin, "SELECT user_name, person FROM sys_connection_log").await;
    assert!(world.engine.calls().join(" ").contains("initiating session"));
}

/// Strangers can't push out what happened in sessions, nor fill the memory.
#[tokio::test]
async fn refusals_are_bounded_and_apart() {
    let world = World::new().await;
    let before = rows(&world).len();
    let long = "x".repeat(5000);
    for _ in 0..ROWS_MAX + 50 {
        let request = startup(&[("user", "IAM:x"), ("application_name", &long)]);
        world.warehouse.connection_log.refused(&request, &[], base::Clock::now(&*world.clock));
    }
    let all = world.warehouse.connection_log.rows("dev");
    assert_eq!(all.len(), before + ROWS_MAX);
    assert!(all.iter().all(|row| text(&row[10]).len() <= 128));
}
