use tokio::io::AsyncWriteExt as _;

use crate::testing::{FakeDoor, Running};

fn states(error: &(String, String, String)) -> (&str, &str) {
    (&error.0, &error.1)
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_is_ended_with_its_reason() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.door.script.end();
    let error = running.client.error().await;
    assert_eq!(states(&error), ("FATAL", "57P01"));
    assert_eq!(error.2, "the user was deactivated");
    assert_eq!(running.finished().await.script.log().last().unwrap(), "close");
}

#[tokio::test(start_paused = true)]
async fn a_running_statement_is_interrupted_and_says_so_first() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("hang").await;
    running.door.script.busy.notified().await;
    running.door.script.end();
    assert_eq!(states(&running.client.error().await), ("ERROR", "57014"));
    assert_eq!(running.client.message().await.0, b'Z', "drivers raise the error when they are ready again");
    assert_eq!(states(&running.client.error().await), ("FATAL", "57P01"));
    let log = running.finished().await.script.log();
    assert_eq!(log[2..], ["execute hang", "cancel 7 77", "hang is over", "close"]);
}

#[tokio::test(start_paused = true)]
async fn a_statement_that_does_not_stop_is_dropped() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("stubborn").await;
    running.door.script.busy.notified().await;
    running.stop.send_replace(true);
    assert_eq!(states(&running.client.error().await), ("ERROR", "57014"));
    assert_eq!(running.client.message().await.0, b'Z', "drivers raise the error when they are ready again");
    assert_eq!(states(&running.client.error().await), ("FATAL", "57P01"));
    let log = running.finished().await.script.log();
    assert_eq!(log[2..], ["execute stubborn", "cancel 7 77", "hang is over", "close"]);
}

#[tokio::test(start_paused = true)]
async fn rows_stop_when_the_session_ends() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("endless").await;
    assert_eq!(running.client.message().await.0, b'T');
    assert_eq!(running.client.message().await.0, b'D');
    let script = std::sync::Arc::clone(&running.door.script);
    script.end();
    // the client reads on: it gets the error, or finds the connection closed where the server was blocked on it
    let mut rest = Vec::new();
    drop(tokio::io::AsyncReadExt::read_to_end(&mut running.client.stream, &mut rest).await);
    assert!(rest.len() < 4 * 1024 * 1024);
    let log = running.finished().await.script.log();
    assert!(log.contains(&"finish Cancelled".into()) && log.contains(&"close".into()), "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn a_cancel_stops_the_statement_and_not_the_session() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("hang").await;
    running.door.script.busy.notified().await;
    crate::session::Door::cancel(running.door.as_ref(), 7, 77).await;
    assert_eq!(running.client.until_ready().await, "EZI");
    running.client.query("a").await;
    assert_eq!(running.client.until_ready().await, "CZI");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_disappears_takes_its_statement_with_it() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("stubborn").await;
    running.door.script.busy.notified().await;
    running.client.stream.shutdown().await.unwrap();
    let log = running.finished().await.script.log();
    assert_eq!(log[2..], ["execute stubborn", "hang is over", "close"]);
}

#[tokio::test(start_paused = true)]
async fn input_sent_ahead_of_a_running_statement_is_kept() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("hang").await;
    running.door.script.busy.notified().await;
    running.client.query("rows 1").await;
    tokio::task::yield_now().await;
    crate::session::Door::cancel(running.door.as_ref(), 7, 77).await;
    assert_eq!(running.client.until_ready().await, "EZI");
    assert_eq!(running.client.until_ready().await, "TDCZI");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_dropped_and_its_rows_with_it() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    let before = tokio::time::Instant::now();
    running.client.query("endless").await;
    let door = std::sync::Arc::clone(&running.door);
    // time passes by itself once everybody waits
    while !door.script.log().contains(&"close".into()) {
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
    }
    let waited = before.elapsed().as_secs();
    assert!((60..70).contains(&waited), "{waited}");
    let log = door.script.log();
    assert!(log.contains(&"finish Cancelled".into()) && log.contains(&"stopped".into()), "{log:?}");
    drop(running);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_does_not_wait_for_a_client_that_does_not_read() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    let before = tokio::time::Instant::now();
    running.client.query("endless").await;
    let door = std::sync::Arc::clone(&running.door);
    door.script.busy.notified().await;
    // everybody waits for the client by now
    tokio::time::advance(std::time::Duration::from_secs(5)).await;
    door.script.end();
    while !door.script.log().contains(&"close".into()) {
        tokio::time::advance(std::time::Duration::from_millis(100)).await;
    }
    assert!(before.elapsed().as_secs() < 20, "{:?}", before.elapsed());
    drop(running);
}

#[tokio::test(start_paused = true)]
async fn a_stopping_server_ends_idle_sessions() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.stop.send_replace(true);
    assert_eq!(states(&running.client.error().await), ("FATAL", "57P01"));
    running.finished().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_between_two_messages_is_let_go() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.stream.shutdown().await.unwrap();
    assert_eq!(running.finished().await.script.log().last().unwrap(), "close");
}
