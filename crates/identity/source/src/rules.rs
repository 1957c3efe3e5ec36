//! What the parts of a configuration may be.

#[cfg(test)]
mod tests;

use oidc::Network;
use url::Url;

use crate::choice::domain_name;
use crate::error::SourceError;
use crate::model::{MatchBy, SubjectFrom, SubjectMapping};

/// Longest name, as it fits on a button.
const NAME_CHARACTERS: usize = 64;
const CONTACT_CHARACTERS: usize = 200;
const ATTRIBUTE_CHARACTERS: usize = 256;
const CLIENT_ID_CHARACTERS: usize = 255;
const SECRET_CHARACTERS: usize = 1024;
const URL_CHARACTERS: usize = 2048;
const DOMAINS_MAX: usize = 100;
const SCOPES_MAX: usize = 20;

fn invalid(parameter: &'static str, rule: impl Into<String>) -> SourceError {
    SourceError::Invalid { parameter, rule: rule.into() }
}

/// Words that people read: no white space around, nothing invisible.
fn words(parameter: &'static str, text: &str, most: usize) -> Result<(), SourceError> {
    if text.is_empty() || text.chars().count() > most {
        return Err(invalid(parameter, format!("It must have 1 to {most} characters.")));
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(invalid(parameter, "It must not begin or end with white space, nor contain control characters."));
    }
    Ok(())
}

pub(crate) fn name(text: &str) -> Result<(), SourceError> {
    words("Name", text, NAME_CHARACTERS)
}

pub(crate) fn contact(text: &str) -> Result<(), SourceError> {
    words("Contact", text, CONTACT_CHARACTERS)
}

pub(crate) fn groups_claim(text: &str) -> Result<(), SourceError> {
    words("GroupsClaim", text, ATTRIBUTE_CHARACTERS)
}

/// Lower-case ASCII, sorted, each once.
pub(crate) fn domains(given: &[String]) -> Result<Vec<String>, SourceError> {
    if given.len() > DOMAINS_MAX {
        return Err(SourceError::TooMany { what: "domains of a source", most: DOMAINS_MAX });
    }
    let read = |text: &String| {
        domain_name(text).ok_or_else(|| {
            invalid("Domains", format!("{text:?} is not a DNS name such as example.com (without @, port or path)."))
        })
    };
    let mut domains = given.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    domains.sort();
    domains.dedup();
    Ok(domains)
}

/// Somebody who is made just in time needs a user name.
pub(crate) fn subject(mapping: &SubjectMapping, just_in_time: bool) -> Result<(), SourceError> {
    if let SubjectFrom::Attribute(name) = &mapping.from {
        words("Subject", name, ATTRIBUTE_CHARACTERS)?;
    }
    match (mapping.to, just_in_time) {
        (MatchBy::ExternalId, true) => Err(invalid(
            "JustInTime",
            "People who are found by externalId can't be made at sign-in, since they need a userName. Match by userName or email.",
        )),
        (MatchBy::UserName | MatchBy::Email | MatchBy::ExternalId, _) => Ok(()),
    }
}

pub(crate) fn client_id(text: &str) -> Result<(), SourceError> {
    let is_visible = |letter: char| letter.is_ascii_graphic() || letter == ' ';
    if text.is_empty() || text.len() > CLIENT_ID_CHARACTERS || !text.chars().all(is_visible) {
        let rule = format!("It must have 1 to {CLIENT_ID_CHARACTERS} printable ASCII characters (RFC 6749 A.1).");
        return Err(invalid("ClientId", rule));
    }
    Ok(())
}

/// The text isn't repeated.
pub(crate) fn client_secret(text: &str) -> Result<(), SourceError> {
    let is_visible = |letter: char| letter.is_ascii_graphic() || letter == ' ';
    if text.is_empty() || text.len() > SECRET_CHARACTERS || !text.chars().all(is_visible) {
        let rule = format!("It must have 1 to {SECRET_CHARACTERS} printable ASCII characters (RFC 6749 A.2).");
        return Err(invalid("ClientSecret", rule));
    }
    Ok(())
}

/// Without `openid`, which is always asked for; in the order given, each once.
pub(crate) fn scopes(given: &[String]) -> Result<Vec<String>, SourceError> {
    if given.len() > SCOPES_MAX {
        return Err(SourceError::TooMany { what: "scopes", most: SCOPES_MAX });
    }
    let is_token = |letter: char| letter.is_ascii_graphic() && letter != '"' && letter != '\\';
    let mut scopes = Vec::new();
    for scope in given {
        if scope.is_empty() || !scope.chars().all(is_token) {
            return Err(invalid(
                "Scopes",
                format!("{scope:?} is not a scope (RFC 6749 3.3). Give each scope by itself."),
            ));
        }
        if scope != "openid" && !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
    Ok(scopes)
}

/// An address that Gatehouse calls or sends people to: https; http only on loopback and where private networks are allowed.
pub(crate) fn address(parameter: &'static str, text: &str, network: Network) -> Result<(), SourceError> {
    match broken_rule(text, network) {
        None => Ok(()),
        Some(rule) => Err(invalid(parameter, rule)),
    }
}

/// An address of the provider's metadata that browsers are sent to.
pub(crate) fn endpoint(location: &str, network: Network) -> Result<(), SourceError> {
    match broken_rule(location, network) {
        None => Ok(()),
        Some(rule) => Err(invalid("Metadata", format!("Its endpoint {location} isn't possible. {rule}"))),
    }
}

/// What an address doesn't keep to.
fn broken_rule(text: &str, network: Network) -> Option<String> {
    if text.len() > URL_CHARACTERS {
        return Some(format!("It must have at most {URL_CHARACTERS} characters."));
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(error) => return Some(format!("It is not a URL: {error}.")),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Some("It must not have a user name or a password in it.".to_owned());
    }
    let on_loopback = match url.host() {
        Some(url::Host::Domain(domain)) => domain == "localhost" || domain.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let rule = match (url.scheme(), network) {
        ("https", Network::Public | Network::Private) => return None,
        ("http", Network::Private) if on_loopback => return None,
        ("http", Network::Public | Network::Private) => {
            "It must begin with https://. http:// is possible on this machine's loopback address, with PrivateNetwork."
        }
        (_, Network::Public | Network::Private) => "It must begin with https://.",
    };
    Some(rule.to_owned())
}

/// OpenID Connect Discovery 1.0, section 3: no query and no fragment.
pub(crate) fn issuer(text: &str, network: Network) -> Result<(), SourceError> {
    address("Issuer", text, network)?;
    if text.contains(['?', '#']) {
        return Err(invalid("Issuer", "An issuer has neither a query nor a fragment."));
    }
    Ok(())
}
