use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use base::{Clock as _, SystemClock};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tempfile::TempDir;
use time::Duration;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::{Names, Tls, prepare};
use crate::data_dir::DataDir;

const LOCAL: Names<'_> = Names { sql_domain: "localhost", public: &[] };
const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3));

fn start(data: &DataDir) -> Tls {
    let addresses = [OTHER, IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(Ipv4Addr::LOCALHOST)];
    let names = Names { sql_domain: "db.example", public: &["sso.example".to_owned()] };
    prepare(data, &addresses, &names, SystemClock.now()).unwrap()
}

/// Whether a client that knows only this authority takes the server for `name`.
async fn trusts(ca_pem: &[u8], tls: &Tls, name: &str) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (near, far) = tokio::io::duplex(16 * 1024);
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let acceptor = TlsAcceptor::from(Arc::clone(&tls.server));
    let (client, _) = tokio::join!(connector.connect(name, near), acceptor.accept(far));
    client.is_ok()
}

#[tokio::test]
async fn the_certificate_is_good_for_every_name_of_the_server_and_no_other() {
    let folder = TempDir::new().unwrap();
    let tls = start(&DataDir::open(folder.path()).unwrap());
    let ca = fs::read(&tls.ca_file).unwrap();
    for name in [
        "localhost",
        "127.0.0.1",
        &Ipv6Addr::LOCALHOST.to_string(),
        &OTHER.to_string(),
        "oidc.us-east-1.amazonaws.com",
        "analytics.redshift.db.example",
        "default-workgroup.redshift-serverless.db.example",
    ] {
        assert!(trusts(&ca, &tls, name).await, "{name}");
    }
    for name in [
        "example.com",
        "10.1.2.4",
        "0.0.0.0",
        "sts.amazonaws.com",
        "portal.sso.us-east-1.amazonaws.com",
        "redshift.db.example",
        "a.b.redshift.db.example",
        "analytics.redshift.localhost",
    ] {
        assert!(!trusts(&ca, &tls, name).await, "{name}");
    }
}

#[tokio::test]
async fn a_restart_keeps_the_authority_and_renews_the_certificate() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let first = start(&data);
    let (ca, server) = (fs::read(&first.ca_file).unwrap(), fs::read(data.file("server.pem")).unwrap());
    let second = start(&data);
    assert_eq!(fs::read(&second.ca_file).unwrap(), ca);
    assert_ne!(fs::read(data.file("server.pem")).unwrap(), server);
    assert!(trusts(&ca, &second, "localhost").await);
}

#[tokio::test]
async fn another_installations_authority_is_not_trusted() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mine = start(&DataDir::open(here.path()).unwrap());
    let foreign = start(&DataDir::open(there.path()).unwrap());
    assert!(!trusts(&fs::read(&foreign.ca_file).unwrap(), &mine, "localhost").await);
}

/// Killed between the two files of a first start.
#[tokio::test]
async fn half_an_authority_is_made_anew() {
    for lost in ["ca.pem", "secrets/ca-key.pem"] {
        let folder = TempDir::new().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        start(&data);
        fs::remove_file(data.file(lost)).unwrap();
        let tls = start(&data);
        assert!(trusts(&fs::read(&tls.ca_file).unwrap(), &tls, "localhost").await, "{lost}");
    }
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let tls = prepare(&data, &[], &LOCAL, SystemClock.now() - Duration::days(400)).unwrap();
    assert!(!trusts(&fs::read(&tls.ca_file).unwrap(), &tls, "localhost").await);
    assert!(trusts(&fs::read(&tls.ca_file).unwrap(), &start(&data), "localhost").await);
}

#[test]
fn a_file_that_is_no_authority_stops_the_start() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    start(&data);
    fs::write(data.file("ca.pem"), "nonsense").unwrap();
    let error = prepare(&data, &[], &LOCAL, SystemClock.now()).unwrap_err();
    assert!(error.to_string().contains("ca.pem doesn't hold a certificate authority"), "{error}");
}
