//! Which source signs somebody in.

#[cfg(test)]
mod tests;

use base::id::SourceId;

/// What the sign-in page offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// The password form.
    pub directory: bool,
    /// The enabled sources by name.
    pub sources: Vec<Choice>,
    /// Some enabled source has e-mail domains: the address can be asked for first.
    pub by_domain: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub id: SourceId,
    pub name: String,
}

/// The domain of an address (`name@domain`) in lower-case ASCII; `None` for what is no address.
pub(crate) fn domain_of(address: &str) -> Option<String> {
    let (name, domain) = address.trim().rsplit_once('@')?;
    // With the dot of DNS's root behind it, it is the same domain.
    let domain = domain.strip_suffix(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).unwrap_or(domain);
    if name.is_empty() { None } else { domain_name(domain) }
}

/// A DNS name in lower-case ASCII (RFC 1035 2.3.1, RFC 5890): labels of letters, digits and inner hyphens. An IP address is none.
pub(crate) fn domain_name(text: &str) -> Option<String> {
    let Ok(url::Host::Domain(domain)) = url::Host::parse(text) else { return None };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    (domain.len() <= 253 && domain.split('.').all(is_label)).then_some(domain)
}

/// Which source signs in who has this address: the enabled one that has its domain, to the letter; a subdomain is another domain.
pub(crate) fn for_email(address: &str, owner: impl Fn(&str) -> Option<(SourceId, bool)>) -> Option<SourceId> {
    let (id, enabled) = owner(&domain_of(address)?)?;
    enabled.then_some(id)
}
