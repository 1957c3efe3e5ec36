use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::connection::Shared;
use crate::server::{Limits, Places, serve_door};
use crate::testing::{Client, FakeDoor, tls};

struct Server {
    address: std::net::SocketAddr,
    close: watch::Sender<bool>,
    stop: watch::Sender<bool>,
    door: Arc<FakeDoor>,
    task: JoinHandle<()>,
}

async fn start(max_connections: u32) -> Server {
    start_with(Limits { max_connections, ..Limits::default() }).await
}

async fn start_with(limits: Limits) -> Server {
    start_sharing(&Places::new(limits)).await
}

/// One of several listeners.
async fn start_sharing(places: &Places) -> Server {
    start_door(places, FakeDoor::open()).await
}

async fn start_door(places: &Places, door: FakeDoor) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (close, closing) = watch::channel(false);
    let (stop, shutdown) = watch::channel(false);
    let door = Arc::new(door);
    let shared = Shared { door: Arc::clone(&door), tls: tls().0, limits: places.limits.clone(), shutdown };
    let task = base::task::spawn("test server", serve_door(listener, places.clone(), closing, shared));
    Server { address, close, stop, door, task }
}

impl Server {
    async fn connect(&self) -> Client {
        Client::new(Box::new(TcpStream::connect(self.address).await.unwrap()))
    }

    async fn log_in(&self) -> Client {
        let mut client = self.connect().await;
        client.startup(&[("user", "ethan")]).await;
        assert_eq!(client.message().await.0, b'R');
        client.send(b'p', b"secret\0").await;
        client.until_ready().await;
        client
    }
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_the_next_has_room_again() {
    let server = start(1).await;
    let mut first = server.log_in().await;
    let mut second = server.connect().await;
    second.startup(&[("user", "ethan")]).await;
    let (severity, code, message) = second.error().await;
    assert_eq!((severity.as_str(), code.as_str(), message.as_str()), ("FATAL", "53300", "too many connections"));
    second.expect_end().await;
    first.query("a").await;
    assert_eq!(first.until_ready().await, "CZI");
    first.send(b'X', b"").await;
    first.expect_end().await;
    // the slot is given back just behind the last byte
    loop {
        let mut third = server.connect().await;
        third.startup(&[("user", "ethan")]).await;
        if third.message().await.0 == b'R' {
            break;
        }
    }
}

#[tokio::test]
async fn who_never_logs_in_takes_no_session_and_makes_room_for_the_next() {
    let server = start_with(Limits { max_connections: 2, max_logins: 2, ..Limits::default() }).await;
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(server.connect().await);
    }
    // two sessions beside five silent strangers: more than fits, were they counted together
    let mut first = server.log_in().await;
    let mut second = server.log_in().await;
    for (client, expected) in [(&mut first, "CZI"), (&mut second, "CZI")] {
        client.query("a").await;
        assert_eq!(client.until_ready().await, expected);
    }
    // the oldest were told to go; nobody who logged in was
    for client in silent.iter_mut().take(3) {
        assert_eq!(client.error().await.1, "53300");
    }
}

#[tokio::test]
async fn a_stop_ends_sessions_refuses_newcomers_and_returns() {
    let server = start(10).await;
    let mut idle = server.log_in().await;
    let mut busy = server.log_in().await;
    busy.query("hang").await;
    server.door.script.busy.notified().await;
    server.stop.send_replace(true);
    assert_eq!(idle.error().await.1, "57P01");
    assert_eq!(busy.error().await.1, "57014");
    assert_eq!(busy.message().await.0, b'Z');
    assert_eq!(busy.error().await.1, "57P01");
    server.task.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
    assert_eq!(server.door.script.log().iter().filter(|entry| *entry == "close").count(), 2);
}

#[tokio::test]
async fn a_panic_takes_down_its_own_connection_only() {
    let server = start(10).await;
    let mut other = server.log_in().await;
    let mut broken = server.log_in().await;
    broken.query("panic").await;
    broken.expect_end().await;
    other.query("a").await;
    assert_eq!(other.until_ready().await, "CZI");
    server.stop.send_replace(true);
    server.task.await.unwrap();
}

#[tokio::test]
async fn listeners_share_the_places_and_each_stops_alone() {
    let places = Places::new(Limits { max_connections: 2, ..Limits::default() });
    let (first, second) = (start_sharing(&places).await, start_sharing(&places).await);
    let (mut here, mut there) = (first.log_in().await, second.log_in().await);
    for server in [&first, &second] {
        let mut surplus = server.connect().await;
        surplus.startup(&[("user", "ethan")]).await;
        assert_eq!(surplus.error().await.1, "53300");
    }
    // a closed listener keeps its sessions, and its port is free
    second.close.send_replace(true);
    second.close.closed().await;
    drop(TcpListener::bind(second.address).await.unwrap());
    there.query("a").await;
    assert_eq!(there.until_ready().await, "CZI");
    second.stop.send_replace(true);
    assert_eq!(there.error().await.1, "57P01");
    second.task.await.unwrap();
    here.query("a").await;
    assert_eq!(here.until_ready().await, "CZI");
    first.log_in().await;
}

#[tokio::test]
async fn who_is_not_admitted_at_the_port_is_closed_out_unheard_and_takes_no_place() {
    let places = Places::new(Limits { max_logins: 1, ..Limits::default() });
    let open = start_sharing(&places).await;
    let mut newcomer = open.connect().await;
    newcomer.startup(&[("user", "ethan")]).await;
    assert_eq!(newcomer.message().await.0, b'R');
    let closed = start_door(&places, FakeDoor { closed: true, ..FakeDoor::open() }).await;
    for _ in 0..3 {
        closed.connect().await.expect_end().await;
    }
    assert_eq!(closed.door.script.log(), ["closed to 127.0.0.1"; 3]);
    // The newcomer of the open port has kept the only place.
    newcomer.send(b'p', b"secret\0").await;
    newcomer.until_ready().await;
}

#[test]
fn an_ipv4_client_of_an_ipv6_listener_has_its_ipv4_address() {
    for (peer, expected) in [
        ("[::ffff:127.0.0.1]:7", "127.0.0.1:7"),
        ("[::ffff:10.0.0.1]:7", "10.0.0.1:7"),
        ("[::1]:7", "[::1]:7"),
        ("[2001:db8::1]:7", "[2001:db8::1]:7"),
        ("192.0.2.1:7", "192.0.2.1:7"),
    ] {
        assert_eq!(super::plain(peer.parse().unwrap()), expected.parse().unwrap());
    }
}
