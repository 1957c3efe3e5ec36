//! What the settings of an instance and an application may be: the patterns of the sso-admin model, and what this server carries
//! out.

use std::collections::{BTreeMap, BTreeSet};

use url::{Host, Url};

use crate::{CenterError, NewApplication, REDSHIFT_CONNECT_SCOPE};

/// Tags of one resource (IAM Identity Center quotas).
pub const TAGS_MAX: usize = 50;
/// Redirect URIs of one grant, and targets of one scope (sso-admin `RedirectUris`, `ScopeTargets`).
const LISTED_MAX: usize = 10;
const URI_BYTES_MAX: usize = 2048;

/// Whether a code may be sent there: http on 127.0.0.1 or localhost, or https; without user information, query and fragment
/// (RFC 8252 7.3, RFC 9700 2.1). It is what the token service can match; nothing else is taken, so that no URI is listed in vain.
///
/// # Errors
/// The rule that it breaks, without a full stop.
pub fn redirect_uri(text: &str) -> Result<(), &'static str> {
    let plain = text.len() <= URI_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !plain || !(text.starts_with("http://") || text.starts_with("https://")) {
        return Err("a redirect URI is an absolute http or https URL of at most 2048 visible ASCII characters");
    }
    if text.contains(['?', '#']) {
        return Err("a redirect URI must have neither a query nor a fragment");
    }
    if text.contains('@') {
        return Err("a redirect URI must not hold user information");
    }
    let url = Url::parse(text).map_err(|_| "a redirect URI must be a URL")?;
    let accepted = match url.host() {
        Some(Host::Ipv4(address)) => url.scheme() == "https" || address.is_loopback(),
        Some(Host::Domain(name)) => url.scheme() == "https" || name == "localhost",
        Some(Host::Ipv6(_)) | None => false,
    };
    if accepted { Ok(()) } else { Err("a redirect URI is http on 127.0.0.1 or localhost, or https on a named host") }
}

pub(crate) fn redirect_uris(uris: &[String]) -> Result<(), CenterError> {
    let invalid = |rule| Err(CenterError::invalid("RedirectUris", rule));
    if !(1..=LISTED_MAX).contains(&uris.len()) {
        return invalid("the grant authorization_code has 1 to 10 redirect URIs");
    }
    uris.iter().find_map(|uri| redirect_uri(uri).err()).map_or(Ok(()), invalid)
}

/// The shape of a scope (sso-admin `Scope`).
///
/// # Errors
/// [`CenterError::Invalid`].
pub fn scope_shape(scope: &str) -> Result<(), CenterError> {
    let part = |part: &str| {
        (1..=50).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if scope.split(':').count() <= 3 && scope.split(':').all(part) {
        return Ok(());
    }
    let rule = "it has one to three parts that are joined by ':', each of 1 to 50 letters, digits and _";
    Err(CenterError::invalid("Scope", rule))
}

/// Shape and meaning: a scope that no service here checks would promise what isn't kept.
pub(crate) fn scope(scope: &str) -> Result<(), CenterError> {
    scope_shape(scope)?;
    if scope == REDSHIFT_CONNECT_SCOPE {
        return Ok(());
    }
    let rule = "no service of this server checks this scope; the only one that has a meaning here is redshift:connect";
    Err(CenterError::invalid("Scope", rule))
}

/// How many targets a scope may have; whether each is there is looked up where the state is.
pub(crate) fn targets(targets: &BTreeSet<String>) -> Result<(), CenterError> {
    if targets.len() <= LISTED_MAX {
        return Ok(());
    }
    Err(CenterError::invalid("AuthorizedTargets", "at most 10 targets are allowed"))
}

/// sso-admin `NameType`.
pub(crate) fn name(name: &str) -> Result<(), CenterError> {
    if (1..=100).contains(&name.chars().count()) {
        return Ok(());
    }
    Err(CenterError::invalid("Name", "a name has 1 to 100 characters"))
}

/// sso-admin `Description`.
pub(crate) fn description(description: &str) -> Result<(), CenterError> {
    if (1..=128).contains(&description.chars().count()) {
        return Ok(());
    }
    Err(CenterError::invalid("Description", "a description has 1 to 128 characters"))
}

/// sso-admin `ClientToken`.
pub(crate) fn client_token(token: &str) -> Result<(), CenterError> {
    if (1..=64).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(CenterError::invalid("ClientToken", "it has 1 to 64 visible ASCII characters"))
}

/// sso-admin `NameType` of an instance: `[\w+=,.@-]+`.
pub(crate) fn instance_name(name: &str) -> Result<(), CenterError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if (1..=255).contains(&name.len()) && name.chars().all(legal) {
        return Ok(());
    }
    Err(CenterError::invalid("Name", "it has 1 to 255 letters, digits and _ + = , . @ -"))
}

/// Tags that are set, before they join those that a resource has.
pub(crate) fn tags(tags: &BTreeMap<String, String>) -> Result<(), CenterError> {
    let legal = |text: &str| {
        text.chars().all(|c| c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c))
    };
    for (key, value) in tags {
        if !(1..=128).contains(&key.chars().count()) || !legal(key) {
            return Err(CenterError::invalid("Tags", "a key has 1 to 128 letters, digits, spaces and _ . : / = + - @"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(CenterError::invalid("Tags", "keys that begin with aws: are reserved"));
        }
        if value.chars().count() > 256 || !legal(value) {
            let rule = "a value has at most 256 letters, digits, spaces and _ . : / = + - @";
            return Err(CenterError::invalid("Tags", rule));
        }
    }
    tag_count(tags)
}

/// The tags of a resource as they would be.
pub(crate) fn tag_count(tags: &BTreeMap<String, String>) -> Result<(), CenterError> {
    if tags.len() <= TAGS_MAX {
        Ok(())
    } else {
        Err(CenterError::TooMany { what: "tags on a resource", max: TAGS_MAX })
    }
}

pub(crate) fn new_application(new: &NewApplication) -> Result<(), CenterError> {
    name(&new.name)?;
    new.description.as_deref().map_or(Ok(()), description)?;
    if !new.provider_arn.starts_with("arn:aws:sso::aws:applicationProvider/") {
        let rule = "it must begin with arn:aws:sso::aws:applicationProvider/";
        return Err(CenterError::invalid("ApplicationProviderArn", rule));
    }
    new.grants.authorization_code.as_deref().map_or(Ok(()), redirect_uris)?;
    for (name, authorized) in &new.scopes {
        scope(name)?;
        targets(authorized)?;
    }
    tags(&new.tags)
}
