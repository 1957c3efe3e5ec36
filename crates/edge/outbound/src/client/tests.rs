use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::Secret;
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// Answers by path on one port, and counts.
#[derive(Debug, Default)]
struct Counted {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

struct Server {
    port: u16,
    counted: Arc<Counted>,
    ca: String,
}

impl Server {
    async fn plain() -> Self {
        Self::start(None, String::new()).await
    }

    async fn tls() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        Self::start(Some(TlsAcceptor::from(Arc::new(config))), made.cert.pem()).await
    }

    async fn start(tls: Option<TlsAcceptor>, ca: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let counted = Arc::new(Counted::default());
        let server = Self { port, counted: Arc::clone(&counted), ca };
        base::task::spawn("test server", async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.connections.fetch_add(1, Ordering::SeqCst);
                let (counted, tls) = (Arc::clone(&counted), tls.clone());
                base::task::spawn("test connection", async move {
                    match tls {
                        None => answer(stream, &counted).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                answer(stream, &counted).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    fn requests(&self) -> Vec<String> {
        self.counted.requests.lock().unwrap().clone()
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, counted: &Counted) {
    let mut seen = Vec::new();
    loop {
        let mut some = [0; 1024];
        let Ok(read @ 1..) = stream.read(&mut some).await else { return };
        seen.extend_from_slice(&some[..read]);
        let text = String::from_utf8_lossy(&seen).into_owned();
        if !text.contains("\r\n\r\n") {
            continue;
        }
        seen.clear();
        counted.requests.lock().unwrap().push(text.clone());
        let reply = match text.split(' ').nth(1).unwrap() {
            "/silent" => continue,
            "/elsewhere" => "HTTP/1.1 302 Found\r\nlocation: /ok\r\ncontent-length: 0\r\n\r\n".to_owned(),
            "/large" => format!("HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n{}", "x".repeat(2000)),
            "/cut" => "HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\nhalf".to_owned(),
            _ => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nretry-after: 7\r\n\r\nok".to_owned(),
        };
        stream.write_all(reply.as_bytes()).await.unwrap();
        if text.starts_with("GET /cut") {
            return;
        }
    }
}

/// One name, whatever it is asked for.
#[derive(Debug)]
struct Names(Vec<IpAddr>, AtomicUsize);

#[async_trait::async_trait]
impl Resolve for Names {
    async fn addresses(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(self.0.clone())
    }
}

fn named(addresses: &[&str]) -> (Outbound, Arc<Names>) {
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    let names = Arc::new(Names(addresses, AtomicUsize::new(0)));
    (Outbound::with_resolver(Trust::nobody(), limits(), names.clone()).unwrap(), names)
}

fn limits() -> Limits {
    Limits { deadline: Duration::from_secs(20), body: 1000 }
}

fn outbound(trust: Trust) -> Outbound {
    Outbound::new(trust, limits()).unwrap()
}

async fn get(outbound: &Outbound, url: &str, network: Network) -> Result<Response, OutboundError> {
    outbound.send(Request::get(url, network)).await
}

#[tokio::test]
async fn a_private_address_is_refused_by_its_resolved_address() {
    for address in ["127.0.0.1", "10.0.0.1", "100.64.0.1", "fd00::1"] {
        let (outbound, _) = named(&[address]);
        let error = get(&outbound, "https://scim.example.com/", Network::Public).await.unwrap_err();
        let parsed: IpAddr = address.parse().unwrap();
        assert_eq!(
            error.to_string(),
            format!(
                "scim.example.com resolves to {parsed}, which isn't a public address; add --private-network if that is meant"
            )
        );
    }
    let server = Server::tls().await;
    let outbound = outbound(Trust::nobody().with_pem("test", server.ca.as_bytes()).unwrap());
    for host in ["127.0.0.1", "0x7f.1", "2130706433", "localhost"] {
        let url = format!("https://{host}:{}/", server.port);
        let error = get(&outbound, &url, Network::Public).await.unwrap_err();
        assert!(matches!(error, OutboundError::NotPublic { .. }), "{url}: {error}");
    }
    assert_eq!(server.counted.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn metadata_addresses_are_refused_in_private_networks_too() {
    let (outbound, _) = named(&["169.254.169.254"]);
    for network in [Network::Public, Network::Private] {
        let error = get(&outbound, "https://metadata.example.com/", network).await.unwrap_err();
        assert!(matches!(error, OutboundError::Reserved { .. }), "{error}");
    }
    let error = get(&outbound, "http://169.254.169.254/latest/meta-data", Network::Private).await.unwrap_err();
    assert!(matches!(error, OutboundError::Reserved { .. }), "{error}");
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_connected_to_as_it_was_judged() {
    let server = Server::plain().await;
    let (outbound, names) = named(&["169.254.169.254", "127.0.0.1"]);
    let url = format!("http://sneaky.example.com:{}/ok", server.port);
    assert_eq!(get(&outbound, &url, Network::Private).await.unwrap().body, b"ok");
    assert_eq!(names.1.load(Ordering::SeqCst), 1);
    assert_eq!(server.counted.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_into_a_private_network_isnt_reused_for_a_public_request() {
    let server = Server::tls().await;
    let outbound = outbound(Trust::nobody().with_pem("test", server.ca.as_bytes()).unwrap());
    let url = format!("https://localhost:{}/ok", server.port);
    assert_eq!(get(&outbound, &url, Network::Private).await.unwrap().status, 200);
    assert!(matches!(get(&outbound, &url, Network::Public).await.unwrap_err(), OutboundError::NotPublic { .. }));
}

#[tokio::test]
async fn http_goes_to_this_machine_only_and_only_by_choice() {
    let server = Server::plain().await;
    let url = format!("http://127.0.0.1:{}/ok", server.port);
    let system = outbound(Trust::nobody());
    assert!(matches!(get(&system, &url, Network::Public).await.unwrap_err(), OutboundError::NotHttps { .. }));
    assert_eq!(get(&system, &url, Network::Private).await.unwrap().status, 200);
    for address in ["10.0.0.1", "1.1.1.1"] {
        let (outbound, _) = named(&[address]);
        let error = get(&outbound, "http://intranet.example.com/", Network::Private).await.unwrap_err();
        assert!(matches!(error, OutboundError::NotHttps { .. }), "{error}");
    }
}

#[tokio::test]
async fn other_schemes_and_passwords_in_addresses_are_refused() {
    let outbound = outbound(Trust::nobody());
    for url in ["ftp://example.com/", "file:///etc/passwd", "no address", "https://ethan:hunter2@example.com/"] {
        let error = get(&outbound, url, Network::Private).await.unwrap_err();
        assert!(matches!(error, OutboundError::BadUrl { .. }), "{error}");
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn a_certificate_is_needed_and_ours_is_enough() {
    let server = Server::tls().await;
    let url = format!("https://localhost:{}/ok", server.port);
    let error = get(&outbound(Trust::nobody()), &url, Network::Private).await.unwrap_err();
    assert!(matches!(error, OutboundError::Untrusted { .. }), "{error}");
    let trusting = outbound(Trust::nobody().with_pem("test", server.ca.as_bytes()).unwrap());
    assert_eq!(get(&trusting, &url, Network::Private).await.unwrap().status, 200);
    let by_address = format!("https://127.0.0.1:{}/ok", server.port);
    assert_eq!(get(&trusting, &by_address, Network::Private).await.unwrap().status, 200);
    let (elsewhere, _) = named(&["127.0.0.1"]);
    let another = format!("https://another.example.com:{}/ok", server.port);
    assert!(matches!(get(&elsewhere, &another, Network::Private).await.unwrap_err(), OutboundError::Untrusted { .. }));
}

#[tokio::test]
async fn a_server_without_tls_isnt_asked_over_https() {
    let server = Server::plain().await;
    let url = format!("https://127.0.0.1:{}/ok", server.port);
    let bounded = Limits { deadline: Duration::from_millis(200), ..limits() };
    let error = Outbound::new(Trust::nobody(), bounded).unwrap().send(Request::get(&url, Network::Private)).await;
    assert!(error.is_err());
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_without_a_certificate_trusts_nobody() {
    for (pem, words) in
        [("", "no certificate"), ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "extra.pem")]
    {
        let error = Trust::nobody().with_pem("extra.pem", pem.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_isnt_followed() {
    let server = Server::plain().await;
    let url = format!("http://127.0.0.1:{}/elsewhere", server.port);
    let answer = get(&outbound(Trust::nobody()), &url, Network::Private).await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (302, Some("/ok")));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn answers_are_bounded() {
    let server = Server::plain().await;
    let url = format!("http://127.0.0.1:{}/large", server.port);
    let outbound = outbound(Trust::nobody());
    let error = get(&outbound, &url, Network::Private).await.unwrap_err();
    assert_eq!(error, OutboundError::TooLarge { host: "127.0.0.1".to_owned(), limit: 1000 });
    let larger = Request::get(&url, Network::Private).body_limit(2000);
    assert_eq!(outbound.send(larger).await.unwrap().body.len(), 2000);
}

#[tokio::test]
async fn waiting_is_bounded() {
    let server = Server::plain().await;
    let url = format!("http://127.0.0.1:{}/silent", server.port);
    let outbound = Outbound::new(Trust::nobody(), Limits { deadline: Duration::from_millis(200), body: 10 }).unwrap();
    let error = get(&outbound, &url, Network::Private).await.unwrap_err();
    assert!(matches!(error, OutboundError::TimedOut { .. }), "{error}");
    assert!(error.is_passing());
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let server = Server::plain().await;
    let url = format!("http://127.0.0.1:{}/cut", server.port);
    let outbound = Outbound::new(Trust::nobody(), Limits { body: 5000, ..limits() }).unwrap();
    let error = get(&outbound, &url, Network::Private).await.unwrap_err();
    assert!(matches!(error, OutboundError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn nobody_there_is_said_with_the_address() {
    let address: SocketAddr = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = get(&outbound(Trust::nobody()), &format!("http://{address}/"), Network::Private).await.unwrap_err();
    assert!(
        matches!(&error, OutboundError::Unreachable { address: named, .. } if *named == address.to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn connections_are_kept_for_the_next_request() {
    let server = Server::tls().await;
    let outbound = outbound(Trust::nobody().with_pem("test", server.ca.as_bytes()).unwrap());
    let url = format!("https://localhost:{}/ok", server.port);
    for _ in 0..5 {
        assert_eq!(get(&outbound, &url, Network::Private).await.unwrap().header("retry-after"), Some("7"));
    }
    assert_eq!(server.counted.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_is_sent_and_never_shown() {
    let server = Server::plain().await;
    let token = Secret::from("s3cret-token");
    let request = Request::post(&format!("http://127.0.0.1:{}/ok", server.port), Network::Private)
        .bearer(&token)
        .unwrap()
        .body("application/scim+json", b"{}".to_vec());
    assert!(!format!("{request:?}").contains("s3cret"));
    outbound(Trust::nobody()).send(request).await.unwrap();
    let seen = server.requests().remove(0).to_lowercase();
    assert!(seen.contains("authorization: bearer s3cret-token") && seen.contains("user-agent: gatehouse/"), "{seen}");
    let broken = Request::get("https://example.com/", Network::Public).bearer(&Secret::from("s3cret\ntoken"));
    assert!(!broken.unwrap_err().to_string().contains("s3cret"));
}
