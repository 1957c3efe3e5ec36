use crate::testing::{FakeDoor, Running, error_fields};

/// What the gate was asked, after the two steps of the login.
fn log(running: &Running) -> Vec<String> {
    running.door.script.log().split_off(2)
}

#[tokio::test(start_paused = true)]
async fn one_statement_with_rows() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("rows 3").await;
    let (story, bodies) = running.client.story().await;
    assert_eq!(story, "TDDDCZI");
    assert_eq!(bodies[3], b"\0\x01\0\0\0\x012");
    assert_eq!(bodies[4], b"SELECT 3\0");
    assert_eq!(log(&running), ["execute rows 3", "finish 3"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_an_empty_query() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query(" ").await;
    assert_eq!(running.client.until_ready().await, "IZI");
}

#[tokio::test(start_paused = true)]
async fn notices_and_parameters_come_before_the_completion() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("set").await;
    let (story, bodies) = running.client.story().await;
    assert_eq!(story, "NSCZI");
    assert_eq!(bodies[1], b"TimeZone\0UTC\0");
}

#[tokio::test(start_paused = true)]
async fn several_statements_are_one_transaction() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("a; rows 1").await;
    assert_eq!(running.client.until_ready().await, "CTDCZI");
    assert_eq!(log(&running), ["begin implicit", "execute a", "execute rows 1", "finish 1", "commit implicit"]);
}

#[tokio::test(start_paused = true)]
async fn an_error_undoes_the_statements_before_it_and_skips_those_behind() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("a; fail; b").await;
    let (story, bodies) = running.client.story().await;
    assert_eq!(story, "CEZI");
    assert_eq!(error_fields(&bodies[1]).1, "42601");
    assert_eq!(log(&running), ["begin implicit", "execute a", "execute fail", "roll back implicit"]);
}

#[tokio::test(start_paused = true)]
async fn a_begin_inside_the_text_makes_the_transaction_the_clients() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("begin; a").await;
    assert_eq!(running.client.until_ready().await, "CCZT");
    assert_eq!(log(&running), ["begin implicit", "execute begin", "execute a"]);
    running.client.query("fail").await;
    assert_eq!(running.client.until_ready().await, "EZE");
    running.client.query("a").await;
    let (story, bodies) = running.client.story().await;
    assert_eq!((story.as_str(), error_fields(&bodies[0]).1.as_str()), ("EZE", "25P02"));
    running.client.query("rollback; b").await;
    assert_eq!(running.client.until_ready().await, "CCZI");
    let after = ["execute rollback", "begin implicit", "execute b", "commit implicit"];
    assert!(log(&running).ends_with(&after.map(str::to_owned)));
}

#[tokio::test(start_paused = true)]
async fn a_text_that_does_not_parse_runs_nothing() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("a; nonsense").await;
    assert_eq!(running.client.until_ready().await, "EZI");
    assert!(log(&running).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_error_among_the_rows_ends_them() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("broken").await;
    let (story, bodies) = running.client.story().await;
    assert_eq!((story.as_str(), error_fields(&bodies[2]).1.as_str()), ("TDEZI", "22012"));
    assert_eq!(log(&running), ["execute broken", "finish DivisionByZero"]);
}

#[tokio::test(start_paused = true)]
async fn parameters_have_no_place_in_a_simple_query() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("echo $").await;
    let (story, bodies) = running.client.story().await;
    assert_eq!((story.as_str(), error_fields(&bodies[0]).1.as_str()), ("EZI", "42P02"));
    assert!(log(&running).is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_function_call_message_is_refused_by_name() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.send(b'F', b"\0\0\0\x01").await;
    let (story, bodies) = running.client.story().await;
    assert_eq!((story.as_str(), error_fields(&bodies[0]).1.as_str()), ("EZI", "0A000"));
}

#[tokio::test(start_paused = true)]
async fn a_malformed_query_is_an_error_and_not_the_end() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.send(b'Q', b"no terminator").await;
    assert_eq!(running.client.until_ready().await, "EZI");
    running.client.query("a").await;
    assert_eq!(running.client.until_ready().await, "CZI");
}

#[tokio::test(start_paused = true)]
async fn copy_data_and_unknown_messages_end_the_connection() {
    for tag in [b'd', b'c', b'f', b'p', b'!'] {
        let mut running = Running::logged_in(FakeDoor::open()).await;
        running.client.send(tag, b"x\0").await;
        let (severity, code, _) = running.client.error().await;
        assert_eq!((severity.as_str(), code.as_str()), ("FATAL", "08P01"));
        assert_eq!(running.finished().await.script.log().last().unwrap(), "close");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_length_beyond_the_limit_or_below_its_own_size_ends_the_connection() {
    for length in [64 * 1024 * 1024 + 5, 3, -1] {
        let mut running = Running::logged_in(FakeDoor::open()).await;
        running.client.raw(&[&b"Q"[..], &i32::to_be_bytes(length)].concat()).await;
        assert_eq!(running.client.error().await.1, "08P01");
        running.finished().await;
    }
}
