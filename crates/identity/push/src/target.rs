//! Where people and groups are pushed to, and who they are.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use base::Secret;
use base::id::{DirectoryGroupId, PushTargetId, SsoApplicationId};
use time::OffsetDateTime;
use url::Url;

use crate::error::PushError;

const NAME_MAX: usize = 128;
const URL_MAX: usize = 2048;
const TOKEN_MAX: usize = 8192;
/// Groups of a target, of each kind: each person's change asks for each of them.
const GROUPS_MAX: usize = 1000;

/// Whose people are pushed: everybody who is active and in one of the groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assigned {
    /// Those of an SSO application: who may open it is who is pushed.
    Application(SsoApplicationId),
    /// The target stands alone.
    Groups(BTreeSet<DirectoryGroupId>),
}

/// What happens at the server to somebody who isn't assigned any more, is deactivated or deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deprovision {
    /// `active` becomes false; they stay, as Okta does it.
    #[default]
    Deactivate,
    Delete,
}

impl Deprovision {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Deactivate, Self::Delete].into_iter().find(|one| one.name() == name)
    }
}

/// A SCIM server that people and groups are pushed to.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    pub id: PushTargetId,
    /// Unique without regard to case.
    pub name: String,
    /// Where `/Users` and `/Groups` are, without a slash at the end.
    pub url: String,
    /// The bearer token, sealed for [`TOKEN_PURPOSE`].
    pub sealed_token: String,
    /// Whether the server may be in a private network.
    pub private_network: bool,
    pub assigned: Assigned,
    /// Groups that the server gets too, with those of their people who are assigned.
    pub pushed_groups: BTreeSet<DirectoryGroupId>,
    pub deprovision: Deprovision,
    /// A target that is switched off is left alone, with what it has.
    pub enabled: bool,
    /// Why nothing is pushed until somebody does something: a full sentence.
    pub paused: Option<String>,
    /// Counts an administrator's changes.
    pub version: u64,
    pub created: OffsetDateTime,
    pub modified: OffsetDateTime,
}

/// What tokens are sealed for ([`base::Sealer`]).
pub const TOKEN_PURPOSE: &str = "push token";

/// What a new target has.
#[derive(Debug, Clone)]
pub struct NewTarget {
    pub name: String,
    pub url: String,
    pub token: Secret<String>,
    pub private_network: bool,
    pub assigned: Assigned,
    pub pushed_groups: BTreeSet<DirectoryGroupId>,
    pub deprovision: Deprovision,
    pub enabled: bool,
}

/// What changes; the rest stays. Another token or address ends a pause.
#[derive(Debug, Clone, Default)]
pub struct TargetEdit {
    pub name: Option<String>,
    pub url: Option<String>,
    pub token: Option<Secret<String>>,
    pub private_network: Option<bool>,
    pub assigned: Option<Assigned>,
    pub pushed_groups: Option<BTreeSet<DirectoryGroupId>>,
    pub deprovision: Option<Deprovision>,
    pub enabled: Option<bool>,
}

fn invalid(field: &'static str, rule: impl Into<String>) -> PushError {
    PushError::Invalid { field, rule: rule.into() }
}

/// The name as it is kept.
///
/// # Errors
/// `Invalid`.
pub fn check_name(name: &str) -> Result<String, PushError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(invalid("name", format!("It has 1 to {NAME_MAX} characters, none of them a control character.")));
    }
    Ok(name.to_owned())
}

/// The server's address as it is kept: https (http only by the choice of a private network, and then to this machine only, which the
/// request itself checks), no query, no password in it, no slash at its end.
///
/// # Errors
/// `Invalid`.
pub fn check_url(text: &str, private_network: bool) -> Result<String, PushError> {
    let url = Url::parse(text.trim())
        .map_err(|error| invalid("url", format!("It is no address ({error}). It looks like https://host/scim/v2.")))?;
    if text.len() > URL_MAX {
        return Err(invalid("url", format!("It has at most {URL_MAX} characters.")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("url", "No user name or password belongs into it; the token is given by itself."));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(
            "url",
            "It has no query and no fragment; give the address that /Users and /Groups follow.",
        ));
    }
    match (url.scheme(), private_network) {
        ("https", _) | ("http", true) => {}
        (_, _) => {
            return Err(invalid(
                "url",
                "It must be an https address; http is possible to this machine only, with the choice of a private network.",
            ));
        }
    }
    let text = url.as_str().trim_end_matches('/');
    let is_resource = ["/users", "/groups"].iter().any(|end| text.to_ascii_lowercase().ends_with(end));
    if is_resource {
        return Err(invalid("url", "It ends before /Users and /Groups, which are added to it."));
    }
    Ok(text.to_owned())
}

/// What a bearer token may be (RFC 6750 2.1 in the wider sense that servers use: visible ASCII).
///
/// # Errors
/// `Invalid`; the token isn't in it.
pub fn check_token(token: &Secret<String>) -> Result<(), PushError> {
    let text = token.expose();
    if text.is_empty() || text.len() > TOKEN_MAX || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let rule =
            format!("It has 1 to {TOKEN_MAX} visible ASCII characters and no spaces; leave out the word Bearer.");
        return Err(invalid("token", rule));
    }
    Ok(())
}

/// How many groups, and that each is there.
///
/// # Errors
/// `Invalid` naming the groups.
pub fn check_groups(
    field: &'static str,
    groups: &BTreeSet<DirectoryGroupId>,
    exists: impl Fn(&DirectoryGroupId) -> bool,
) -> Result<(), PushError> {
    if groups.len() > GROUPS_MAX {
        return Err(invalid(field, format!("At most {GROUPS_MAX} groups are possible.")));
    }
    let missing: Vec<&str> =
        groups.iter().filter(|group| !exists(group)).map(DirectoryGroupId::as_str).take(10).collect();
    if missing.is_empty() { Ok(()) } else { Err(invalid(field, format!("There is no group {}.", missing.join(", ")))) }
}
