//! The local certificate authority and the server's certificate.
//!
//! Files below the data directory: `ca.pem` (give this to clients), `secrets/ca-key.pem`, `server.pem`, `secrets/server-key.pem`.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use base::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};

use crate::data_dir::{DataDir, write_private};
use crate::settings::REGION;

const CA_LIFETIME: Duration = Duration::days(3650);
/// Apple's and browsers' limit for a server certificate is 398 days.
const SERVER_LIFETIME: Duration = Duration::days(397);

/// What the listeners need, and where clients find the authority.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) ca_file: PathBuf,
}

/// The names that the server's certificate is for, beside localhost.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    /// What the names of endpoints end in.
    pub(crate) sql_domain: &'a str,
    /// The hosts of the public addresses.
    pub(crate) public: &'a [String],
}

/// Takes or makes the authority, and gives the server a fresh certificate for `addresses` and `names`.
pub(crate) fn prepare(
    data: &DataDir,
    addresses: &[IpAddr],
    names: &Names<'_>,
    now: OffsetDateTime,
) -> anyhow::Result<Tls> {
    let ca_file = data.file("ca.pem");
    let (ca_certificate, ca_key) = match (fs::read_to_string(&ca_file), data.existing_secret("ca-key.pem")?) {
        (Ok(certificate), Some(key)) => (certificate, key),
        (Ok(_), None) => {
            tracing::warn!(
                "the key of the certificate authority is gone; a new one is made, and clients need the new ca.pem"
            );
            make_authority(data, now).context("the local certificate authority can't be made")?
        }
        (Err(_), _) => make_authority(data, now).context("the local certificate authority can't be made")?,
    };
    let issuer = Issuer::from_ca_cert_pem(&ca_certificate, KeyPair::from_pem(ca_key.expose())?)
        .with_context(|| format!("{} doesn't hold a certificate authority", ca_file.display()))?;
    let (certificate, key) = make_server_certificate(&issuer, addresses, names, now)?;
    let server = server_config(&certificate, &key)?;
    write_private(&data.file("server.pem"), certificate.as_bytes())?;
    data.write_secret("server-key.pem", &key)?;
    Ok(Tls { server, ca_file })
}

fn make_authority(data: &DataDir, now: OffsetDateTime) -> anyhow::Result<(String, Secret<String>)> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, format!("Gatehouse local CA {}", base::random::hex::<4>()));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = now - Duration::hours(1);
    params.not_after = now + CA_LIFETIME;
    let authority = CertifiedIssuer::self_signed(params, &key)?;
    let secret = Secret::new(key.serialize_pem());
    data.write_secret("ca-key.pem", &secret)?;
    write_private(&data.file("ca.pem"), authority.pem().as_bytes())?;
    Ok((authority.pem(), secret))
}

fn make_server_certificate(
    issuer: &Issuer<'_, KeyPair>,
    addresses: &[IpAddr],
    names: &Names<'_>,
    now: OffsetDateTime,
) -> anyhow::Result<(String, Secret<String>)> {
    let sql_domain = names.sql_domain;
    let mut dns = vec![
        "localhost".to_owned(),
        // The drivers' sign-in page address is built into them; whoever maps that name to this machine gets a valid certificate.
        format!("oidc.{REGION}.amazonaws.com"),
        format!("*.redshift.{sql_domain}"),
        format!("*.redshift-serverless.{sql_domain}"),
    ];
    dns.extend(names.public.iter().filter(|name| !name.is_empty()).cloned());
    dns.sort();
    dns.dedup();
    let mut params = CertificateParams::new(dns)?;
    let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
    for address in loopback.iter().chain(addresses) {
        let name = SanType::IpAddress(*address);
        if !address.is_unspecified() && !params.subject_alt_names.contains(&name) {
            params.subject_alt_names.push(name);
        }
    }
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = now - Duration::hours(1);
    params.not_after = now + SERVER_LIFETIME;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    Ok((certificate.pem(), Secret::new(key.serialize_pem())))
}

fn server_config(certificate: &str, key: &Secret<String>) -> anyhow::Result<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
