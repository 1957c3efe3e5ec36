use base::ErrorKind;
use query::{Challenge, Notice, QueryError, Severity};
use rustls::pki_types::ServerName;

use crate::testing::{Client, FakeDoor, Running, error_fields, framed};

const SSL_REQUEST: u32 = 80_877_103;
const GSSENC_REQUEST: u32 = 80_877_104;

async fn refused(mut running: Running, sqlstate: &str) -> Vec<String> {
    let (severity, code, _) = running.client.error().await;
    assert_eq!((severity.as_str(), code.as_str()), ("FATAL", sqlstate));
    running.finished().await.script.log()
}

#[tokio::test(start_paused = true)]
async fn a_startup_packet_of_the_wrong_size_is_refused_before_it_is_read() {
    for length in [0_u32, 7, 10 * 1024 + 1, 0x4745_5420, u32::MAX] {
        let mut running = Running::start(FakeDoor::open());
        running.client.raw(&length.to_be_bytes()).await;
        assert!(refused(running, "08P01").await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn the_largest_startup_packet_is_taken() {
    let mut running = Running::start(FakeDoor::open());
    let overhead = 4 + 4 + "user\0\0\0".len();
    running.client.startup(&[("user", &"u".repeat(10 * 1024 - overhead))]).await;
    assert_eq!(running.client.message().await.0, b'R');
}

#[tokio::test(start_paused = true)]
async fn malformed_and_foreign_startup_packets_are_refused() {
    let mut running = Running::start(FakeDoor::open());
    running.client.packet(b"\0\x03\0\0user\0ethan").await;
    assert!(refused(running, "08P01").await.is_empty());
    let mut running = Running::start(FakeDoor::open());
    running.client.request(0x0003_0002).await;
    assert!(refused(running, "0A000").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_in_the_middle_of_its_startup_packet_hears_nothing() {
    for bytes in [&b""[..], b"\0\0", b"\0\0\0\x20\0\x03\0\0us"] {
        let mut running = Running::start(FakeDoor::open());
        running.client.raw(bytes).await;
        tokio::io::AsyncWriteExt::shutdown(&mut running.client.stream).await.unwrap();
        assert!(running.finished().await.script.log().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_timed_out() {
    refused(Running::start(FakeDoor::open()), "57014").await;
    let mut running = Running::start(FakeDoor::open());
    running.client.startup(&[("user", "ethan")]).await;
    assert_eq!(running.client.message().await.0, b'R');
    assert_eq!(refused(running, "57014").await, ["login plain - user=ethan"]);
}

#[tokio::test(start_paused = true)]
async fn encryption_requests_are_answered_with_one_byte() {
    let mut running = Running::start(FakeDoor::open());
    running.client.request(GSSENC_REQUEST).await;
    assert_eq!(running.client.byte().await, b'N');
    running.client.request(GSSENC_REQUEST).await;
    refused(running, "08P01").await;
}

/// Replaces the client's pipe by TLS over it.
async fn encrypt(mut running: Running) -> Running {
    running.client.request(SSL_REQUEST).await;
    assert_eq!(running.client.byte().await, b'S');
    let name = ServerName::try_from("db.test").unwrap();
    let stream = running.connector.connect(name, running.client.stream).await.unwrap();
    running.client = Client::new(Box::new(stream));
    running
}

#[tokio::test]
async fn a_session_over_tls_tells_the_gate_its_server_name() {
    let mut running = encrypt(Running::start(FakeDoor::open())).await.log_in().await;
    running.client.query("rows 1").await;
    assert_eq!(running.client.until_ready().await, "TDCZI");
    running.client.send(b'X', b"").await;
    let log = running.finished().await.script.log();
    assert_eq!(log[0], "login encrypted db.test user=ethan,database=dev");
    assert_eq!(log.last().unwrap(), "close");
}

/// A client's first flight for this server name.
fn client_hello(running: &Running, name: &str) -> Vec<u8> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut client = rustls::ClientConnection::new(running.connector.config().clone(), name).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    hello
}

/// What the server answers to a client's first flight, to the end.
async fn answer_to_hello(mut running: Running, name: &str) -> (Vec<u8>, Vec<String>) {
    let hello = client_hello(&running, name);
    running.client.request(SSL_REQUEST).await;
    assert_eq!(running.client.byte().await, b'S');
    running.client.raw(&hello).await;
    let mut answer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut running.client.stream, &mut answer).await.unwrap();
    (answer, running.finished().await.script.log())
}

#[tokio::test]
async fn who_is_not_admitted_by_name_gets_no_server_hello() {
    let closed = || FakeDoor { closed_name: Some("db.test"), ..FakeDoor::open() };
    for name in ["db.test", "DB.test"] {
        let (answer, log) = answer_to_hello(Running::start(closed()), name).await;
        assert_eq!(answer, [21, 3, 3, 0, 2, 2, 49], "the alert access_denied, and nothing else");
        assert_eq!(log, ["closed to 127.0.0.1"]);
    }
    // Another name on the same port leads elsewhere.
    let running = Running::start(closed());
    let hello = client_hello(&running, "other.test");
    let mut running = running;
    running.client.request(SSL_REQUEST).await;
    assert_eq!(running.client.byte().await, b'S');
    running.client.raw(&hello).await;
    assert_eq!(running.client.byte().await, 22, "a handshake record");
}

#[tokio::test]
async fn a_handshake_in_pieces_is_read_to_its_server_name() {
    let mut running = Running::start(FakeDoor { closed_name: Some("db.test"), ..FakeDoor::open() });
    let hello = client_hello(&running, "db.test");
    running.client.request(SSL_REQUEST).await;
    assert_eq!(running.client.byte().await, b'S');
    for byte in hello {
        running.client.raw(&[byte]).await;
    }
    let mut answer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut running.client.stream, &mut answer).await.unwrap();
    assert_eq!(answer.first(), Some(&21));
    assert_eq!(running.finished().await.script.log(), ["closed to 127.0.0.1"]);
}

#[tokio::test]
async fn encryption_inside_encryption_is_refused() {
    let mut running = encrypt(Running::start(FakeDoor::open())).await;
    running.client.request(SSL_REQUEST).await;
    refused(running, "08P01").await;
}

#[tokio::test]
async fn plaintext_injected_before_the_handshake_is_not_taken() {
    let mut running = Running::start(FakeDoor::open());
    let mut bytes = b"\0\0\0\x08\x04\xD2\x16\x2F".to_vec();
    bytes.extend(b"\0\0\0\x15\0\x03\0\0user\0mallory\0\0");
    running.client.raw(&bytes).await;
    assert_eq!(running.client.byte().await, b'S');
    let mut answer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut running.client.stream, &mut answer).await.unwrap();
    assert!(answer.is_empty() || answer[0] == 0x15, "a TLS alert or nothing: {answer:?}");
    assert!(running.finished().await.script.log().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cancel_request_says_nothing_even_where_the_server_is_full() {
    for room in [true, false] {
        let mut running = Running::start_with(FakeDoor::open(), 1024, room);
        running.client.packet(b"\x04\xD2\x16\x2E\0\0\0\x07\0\0\0\x4D").await;
        assert_eq!(running.finished().await.script.log(), ["cancel 7 77"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_server_says_so() {
    let mut running = Running::start_with(FakeDoor::open(), 1024, false);
    running.client.startup(&[("user", "ethan")]).await;
    assert!(refused(running, "53300").await.is_empty());
}

/// The challenge's bytes, the answer's bytes, what the gate is told.
async fn check_login(challenge: Challenge, asked: &[u8], answer: &[u8], told: &str) {
    let mut running = Running::start(FakeDoor::asking(challenge));
    running.client.startup(&[("user", "")]).await;
    let (tag, body) = running.client.message().await;
    assert_eq!((tag, body.as_slice()), (b'R', asked));
    running.client.raw(answer).await;
    let (story, bodies) = running.client.story().await;
    assert_eq!(story, "RSSKZI");
    assert_eq!(bodies[0], 0_i32.to_be_bytes());
    assert_eq!(bodies[1], b"server_version\x008.0.2\0");
    assert_eq!(bodies[3], b"\0\0\0\x07\0\0\0\x4D");
    assert_eq!(running.door.script.log()[1], told);
}

#[tokio::test(start_paused = true)]
async fn each_challenge_takes_its_drivers_bytes() {
    let token = || Challenge::Token;
    check_login(token(), b"\0\0\0\x0E", b"i\0\0\0\x09a.b.c", "token a.b.c").await;
    check_login(token(), b"\0\0\0\x0E", b"i\0\0\0\x0Aa.b.c\0", "token a.b.c").await;
    let digest = Challenge::Digest { salt: b"s".to_vec(), server_nonce: b"n".to_vec() };
    let asked = b"\0\0\0\x0D\0\0\0\0\0\0\0\x01s\0\0\0\x01n";
    check_login(digest, asked, b"d\0\0\0\x10\0\0\0\x02AB\0\0\0\x0217", "digest [65, 66] [49, 55]").await;
    let md5 = Challenge::Md5 { salt: *b"salt" };
    // the Python driver's Flush comes at once behind its password
    check_login(md5, b"\0\0\0\x05salt", b"p\0\0\0\x0Cmd5abcd\0H\0\0\0\x04", "md5 md5abcd").await;
    check_login(Challenge::Cleartext, b"\0\0\0\x03", b"H\0\0\0\x04p\0\0\0\x06x\0", "cleartext x").await;
}

/// Behind AuthenticationOk: the JDBC driver takes none before (drivers.md 1.5).
#[tokio::test(start_paused = true)]
async fn a_newcomers_notices_come_right_before_the_first_ready_for_query() {
    let mut running = Running::start(FakeDoor::open());
    let message = base::PublicMessage::new("group \"ops\" has no database role \"awsidc:ops\"").with_hint("Make it.");
    let notice = Notice { severity: Severity::Notice, sqlstate: "00000", message };
    running.door.script.greeting.lock().unwrap().extend([notice.clone(), notice]);
    running.client.startup(&[("user", "ethan")]).await;
    running.client.message().await;
    running.client.send(b'p', b"secret\0").await;
    let (story, bodies) = running.client.story().await;
    assert_eq!(story, "RSSKNNZI");
    let (severity, code, message) = error_fields(&bodies[4]);
    assert_eq!((severity.as_str(), code.as_str()), ("NOTICE", "00000"));
    assert_eq!(message, "group \"ops\" has no database role \"awsidc:ops\"");
}

#[tokio::test(start_paused = true)]
async fn a_message_beyond_the_login_limit_is_refused_by_its_length() {
    let mut running = Running::start(FakeDoor::asking(Challenge::Token));
    running.client.startup(&[("user", "ethan")]).await;
    running.client.message().await;
    running.client.raw(b"i\0\x02\0\x05").await;
    refused(running, "08P01").await;
}

#[tokio::test(start_paused = true)]
async fn a_token_as_long_as_a_saml_response_is_taken() {
    let mut running = Running::start(FakeDoor::asking(Challenge::Token));
    running.client.startup(&[("user", "ethan")]).await;
    running.client.message().await;
    running.client.raw(&framed(b'i', &vec![b'x'; 128 * 1024])).await;
    assert_eq!(running.client.until_ready().await, "RSSKZI");
}

#[tokio::test(start_paused = true)]
async fn statements_before_the_login_are_refused() {
    let mut running = Running::start(FakeDoor::open());
    running.client.startup(&[("user", "ethan")]).await;
    running.client.message().await;
    running.client.query("rows 1").await;
    assert_eq!(refused(running, "08P01").await, ["login plain - user=ethan"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_login_is_fatal_and_opens_nothing() {
    let refusal = QueryError::new(ErrorKind::Unauthenticated, "28000", "password authentication failed").fatal();
    let mut running = Running::start(FakeDoor { refusal: Some(refusal), ..FakeDoor::open() });
    running.client.startup(&[("user", "ethan")]).await;
    running.client.message().await;
    running.client.send(b'p', b"wrong\0").await;
    let (tag, body) = running.client.message().await;
    assert_eq!(tag, b'E');
    let (severity, code, message) = error_fields(&body);
    assert_eq!((severity.as_str(), code.as_str()), ("FATAL", "28000"));
    assert!(!message.contains("wrong"));
    assert_eq!(running.finished().await.script.log().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stopping_server_ends_logins() {
    let running = Running::start(FakeDoor::open());
    running.stop.send_replace(true);
    refused(running, "57P01").await;
}
