use crate::connection::portal::MAX_STATEMENTS;
use crate::testing::{FakeDoor, Running, error_fields, framed};

fn log(running: &Running) -> Vec<String> {
    running.door.script.log().split_off(2)
}

async fn failed(running: &mut Running, story: &str, sqlstate: &str) {
    let (told, bodies) = running.client.story().await;
    assert_eq!(told, story);
    let at = story.find('E').unwrap();
    assert_eq!(error_fields(&bodies[at]).1, sqlstate);
}

/// Parse, Describe and Sync, then Bind, Execute and Sync, each with a Flush behind it: redshift_connector's first execution.
#[tokio::test(start_paused = true)]
async fn the_python_drivers_two_rounds() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    let client = &mut running.client;
    client.parse("redshift_connector_statement_1_0", "rows 2", &[]).await;
    client.flush().await;
    client.describe('S', "redshift_connector_statement_1_0").await;
    client.flush().await;
    client.sync().await;
    let (story, bodies) = client.story().await;
    assert_eq!(story, "1tTZI");
    assert_eq!(&bodies[2][bodies[2].len() - 2..], b"\0\0", "described before Bind: text");
    client.bind("", "redshift_connector_statement_1_0", &[], 1).await;
    client.flush().await;
    client.execute("", 0).await;
    client.flush().await;
    client.sync().await;
    let (story, bodies) = client.story().await;
    assert_eq!(story, "2DDCZI");
    assert_eq!(bodies[2], b"\0\x01\0\0\0\x04\0\0\0\x01", "binary, as Bind asked");
    let expected = ["describe rows 2", "begin implicit", "execute rows 2", "finish 2", "commit implicit"];
    assert_eq!(log(&running), expected);
}

/// After DDL the driver closes its statements before it has read the ReadyForQuery that it is owed.
#[tokio::test(start_paused = true)]
async fn closes_inside_a_running_cycle_are_answered_in_order() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    let client = &mut running.client;
    client.parse("s", "create", &[]).await;
    client.bind("", "s", &[], 0).await;
    client.execute("", 0).await;
    client.sync().await;
    for name in ["s", "never existed"] {
        client.close('S', name).await;
        client.flush().await;
        client.sync().await;
    }
    assert_eq!(client.until_ready().await, "12CZI");
    assert_eq!(client.until_ready().await, "3ZI");
    assert_eq!(client.until_ready().await, "3ZI");
    client.bind("", "s", &[], 0).await;
    client.sync().await;
    failed(&mut running, "EZI", "26000").await;
}

#[tokio::test(start_paused = true)]
async fn parameters_arrive_by_their_declared_types() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.parse("", "echo $ $", &[23, 705]).await;
    running.client.describe('S', "").await;
    running.client.bind("", "", &["5", "x"], 0).await;
    running.client.execute("", 0).await;
    running.client.sync().await;
    let (story, bodies) = running.client.story().await;
    assert_eq!(story, "1tn2CZI");
    assert_eq!(bodies[1], b"\0\x02\0\0\0\x17\0\0\x04\x13");
    assert!(log(&running).contains(&"[Int(5), Text(\"x\")]".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_error_skips_to_sync_and_undoes_the_cycle() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    let client = &mut running.client;
    for text in ["a", "fail", "b"] {
        client.parse("", text, &[]).await;
        client.bind("", "", &[], 0).await;
        client.execute("", 0).await;
    }
    client.query("c").await;
    client.sync().await;
    failed(&mut running, "12C12EZI", "42601").await;
    assert_eq!(log(&running), ["begin implicit", "execute a", "execute fail", "roll back implicit"]);
}

#[tokio::test(start_paused = true)]
async fn a_transaction_of_the_clients_outlives_syncs() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    for (text, story) in [("begin", "12CZT"), ("a", "12CZT"), ("commit", "12CZI")] {
        running.client.parse("", text, &[]).await;
        running.client.bind("", "", &[], 0).await;
        running.client.execute("", 0).await;
        running.client.sync().await;
        assert_eq!(running.client.until_ready().await, story);
    }
    assert_eq!(log(&running), ["begin implicit", "execute begin", "execute a", "execute commit"]);
}

async fn in_transaction() -> Running {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.query("begin").await;
    assert_eq!(running.client.until_ready().await, "CZT");
    running.client.parse("five", "rows 5", &[]).await;
    running.client.bind("p", "five", &[], 0).await;
    running.client.execute("p", 2).await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "12DDsZT");
    running
}

#[tokio::test(start_paused = true)]
async fn a_portal_is_suspended_and_resumed() {
    let mut running = in_transaction().await;
    running.client.describe('P', "p").await;
    running.client.execute("p", 2).await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "TDDsZT");
    running.client.execute("p", 2).await;
    running.client.execute("p", 2).await;
    running.client.sync().await;
    let (story, bodies) = running.client.story().await;
    assert_eq!(story, "DCCZT");
    assert_eq!((bodies[1].as_slice(), bodies[2].as_slice()), (&b"SELECT 1\0"[..], &b"SELECT 0\0"[..]));
    assert_eq!(log(&running).last().unwrap(), "finish 5");
}

#[tokio::test(start_paused = true)]
async fn another_statement_takes_a_suspended_portals_rows_away() {
    let mut running = in_transaction().await;
    running.client.query("a").await;
    assert_eq!(running.client.until_ready().await, "CZT");
    assert!(log(&running).ends_with(&["finish 2".into(), "execute a".into()]));
    running.client.execute("p", 0).await;
    running.client.sync().await;
    let (story, bodies) = running.client.story().await;
    let (_, code, message) = error_fields(&bodies[0]);
    assert_eq!((story.as_str(), code.as_str()), ("EZT", "34000"));
    assert_eq!(message, "portal \"p\" does not exist");
}

#[tokio::test(start_paused = true)]
async fn closing_a_suspended_portal_closes_its_books() {
    let mut running = in_transaction().await;
    running.client.close('P', "p").await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "3ZT");
    assert_eq!(log(&running).last().unwrap(), "finish 2");
}

#[tokio::test(start_paused = true)]
async fn a_portal_ends_with_its_transaction() {
    let mut running = in_transaction().await;
    running.client.query("commit").await;
    assert_eq!(running.client.until_ready().await, "CZI");
    running.client.execute("p", 0).await;
    running.client.sync().await;
    failed(&mut running, "EZI", "34000").await;
    // outside a transaction of the client's, Sync ends it
    running.client.bind("q", "five", &[], 0).await;
    running.client.execute("q", 1).await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "2DsZI");
    assert!(log(&running).ends_with(&["finish 1".into(), "commit implicit".into()]));
    running.client.execute("q", 0).await;
    running.client.sync().await;
    failed(&mut running, "EZI", "34000").await;
}

#[tokio::test(start_paused = true)]
async fn terminating_with_a_suspended_portal_closes_its_books() {
    let mut running = in_transaction().await;
    running.client.send(b'X', b"").await;
    let log = running.finished().await.script.log();
    assert!(log.ends_with(&["finish Cancelled".into(), "close".into()]));
}

#[tokio::test(start_paused = true)]
async fn names_are_unique_until_closed() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.parse("s", "a", &[]).await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "1ZI");
    running.client.parse("s", "b", &[]).await;
    running.client.sync().await;
    failed(&mut running, "EZI", "42P05").await;
    running.client.bind("p", "s", &[], 0).await;
    running.client.bind("p", "s", &[], 0).await;
    running.client.sync().await;
    failed(&mut running, "2EZI", "42P03").await;
    running.client.parse("", "a", &[]).await;
    running.client.parse("", "b", &[]).await;
    running.client.bind("", "", &[], 0).await;
    running.client.bind("", "", &[], 0).await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "1122ZI");
}

#[tokio::test(start_paused = true)]
async fn wrong_binds_are_refused() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.parse("one", "echo $", &[23]).await;
    running.client.parse("rows", "rows 1", &[]).await;
    running.client.sync().await;
    running.client.until_ready().await;
    running.client.bind("", "one", &[], 0).await;
    running.client.sync().await;
    failed(&mut running, "EZI", "08P01").await;
    running.client.bind("", "one", &["x"], 0).await;
    running.client.sync().await;
    failed(&mut running, "EZI", "22P02").await;
    // two result formats for one column
    running.client.raw(&framed(b'B', b"\0rows\0\0\0\0\0\0\x02\0\0\0\0")).await;
    running.client.execute("", 0).await;
    running.client.sync().await;
    failed(&mut running, "2EZI", "08P01").await;
    assert!(log(&running).contains(&"finish Cancelled".into()));
}

#[tokio::test(start_paused = true)]
async fn a_portal_without_rows_runs_once() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.parse("", "a", &[]).await;
    running.client.bind("", "", &[], 0).await;
    running.client.execute("", 0).await;
    running.client.execute("", 0).await;
    running.client.sync().await;
    failed(&mut running, "12CEZI", "55000").await;
    assert_eq!(log(&running).iter().filter(|entry| *entry == "execute a").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_shape_than_described_is_refused() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.parse("s", "shape", &[]).await;
    running.client.describe('S', "s").await;
    running.client.bind("", "s", &[], 1).await;
    running.client.execute("", 0).await;
    running.client.sync().await;
    failed(&mut running, "1tT2EZI", "0A000").await;
    // undescribed it is whatever it is
    running.client.parse("t", "shape", &[]).await;
    running.client.bind("", "t", &[], 1).await;
    running.client.execute("", 0).await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "12DCZI");
}

#[tokio::test(start_paused = true)]
async fn deallocate_frees_the_wires_own_statements() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.parse("s", "a", &[]).await;
    running.client.sync().await;
    running.client.until_ready().await;
    running.client.query("deallocate s").await;
    assert_eq!(running.client.until_ready().await, "CZI");
    running.client.query("deallocate s").await;
    failed(&mut running, "EZI", "26000").await;
    running.client.parse("s", "a", &[]).await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "1ZI");
    running.client.query("deallocate all").await;
    assert_eq!(running.client.until_ready().await, "CZI");
    running.client.describe('S', "s").await;
    running.client.sync().await;
    failed(&mut running, "EZI", "26000").await;
}

#[tokio::test(start_paused = true)]
async fn the_number_of_statements_is_bounded() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    for index in 0..MAX_STATEMENTS {
        running.client.parse(&format!("s{index}"), "a", &[]).await;
        if index % 500 == 0 {
            running.client.sync().await;
        }
        if index % 500 == 0 {
            running.client.until_ready().await;
        }
    }
    running.client.parse("one more", "a", &[]).await;
    running.client.sync().await;
    let (_, bodies) = running.client.story().await;
    assert_eq!(error_fields(bodies.last().unwrap()).1, "54000");
    running.client.close('S', "s0").await;
    running.client.parse("one more", "a", &[]).await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "31ZI");
}

#[tokio::test(start_paused = true)]
async fn an_empty_statement_is_an_empty_query() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    running.client.parse("", "", &[]).await;
    running.client.bind("", "", &[], 0).await;
    running.client.describe('P', "").await;
    running.client.execute("", 1).await;
    running.client.sync().await;
    assert_eq!(running.client.until_ready().await, "12nIZI");
}

/// redshift_connector gives the next statement the name of one whose round failed.
#[tokio::test(start_paused = true)]
async fn a_statement_of_a_failed_round_is_taken_back() {
    let mut running = Running::logged_in(FakeDoor::open()).await;
    let client = &mut running.client;
    client.parse("kept", "rows 1", &[]).await;
    client.sync().await;
    assert_eq!(client.until_ready().await, "1ZI");
    client.parse("s", "rows 1", &[]).await;
    client.describe('S', "nobody").await;
    client.sync().await;
    failed(&mut running, "1EZI", "26000").await;
    let client = &mut running.client;
    client.parse("s", "rows 2", &[]).await;
    client.describe('S', "kept").await;
    client.sync().await;
    assert_eq!(client.until_ready().await, "1tTZI");
}
