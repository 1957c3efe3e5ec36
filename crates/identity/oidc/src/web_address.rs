//! Which addresses a provider may have.

use url::{Host, Url};

use crate::Network;

/// Whether an address is one that we send people or requests to: https, or http on loopback where the administrator opened the
/// private network. The address that a name resolves to is the adapter's to check.
///
/// # Errors
/// What is wrong, as the end of a sentence: "… must begin with https://".
pub(crate) fn decide(address: &str, network: Network) -> Result<Url, String> {
    let url = Url::parse(address).map_err(|error| format!("is not a URL ({error})"))?;
    let host = url.host().ok_or("has no host")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or a password".into());
    }
    if url.fragment().is_some() {
        return Err("must not have a fragment".into());
    }
    match (url.scheme(), network) {
        ("https", Network::Public | Network::Private) => Ok(url),
        ("http", Network::Private) if is_loopback(&host) => Ok(url),
        ("http", Network::Private) => {
            Err("must begin with https://; http is for this machine itself (loopback)".into())
        }
        (_, Network::Public | Network::Private) => Err("must begin with https://".into()),
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}
