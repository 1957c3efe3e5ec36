//! What the operations take.

use crate::Tags;

/// Who has policies, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'a> {
    User(&'a str),
    Group(&'a str),
    Role(&'a str),
}

/// Who has access keys, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyHolder<'a> {
    Root,
    User(&'a str),
}

/// What has tags: users and roles by name, the others by ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taggable<'a> {
    User(&'a str),
    Role(&'a str),
    Policy(&'a str),
    SamlProvider(&'a str),
    OidcProvider(&'a str),
}

/// As what a policy is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyUse {
    Permissions,
    Boundary,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing<'a> {
    /// `/` for all.
    pub path_prefix: &'a str,
    /// What [`Page::next`] said.
    pub after: Option<&'a str>,
    /// At most so many items.
    pub limit: usize,
}

/// A part of an ordered list. Where `next` is there, more may follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// CreateUser.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    pub name: String,
    pub path: Option<String>,
    /// A managed policy's ARN.
    pub boundary: Option<String>,
    pub tags: Tags,
}

/// CreateRole.
#[derive(Debug, Clone, Default)]
pub struct NewRole {
    pub name: String,
    pub path: Option<String>,
    /// AssumeRolePolicyDocument.
    pub trust: String,
    pub description: Option<String>,
    /// Seconds, 3600 to 43200; 3600 unless given.
    pub max_session_duration: Option<u32>,
    /// A managed policy's ARN.
    pub boundary: Option<String>,
    pub tags: Tags,
}

/// CreatePolicy.
#[derive(Debug, Clone, Default)]
pub struct NewPolicy {
    pub name: String,
    pub path: Option<String>,
    pub document: String,
    pub description: Option<String>,
    pub tags: Tags,
}

/// CreateSAMLProvider.
#[derive(Debug, Clone, Default)]
pub struct NewSamlProvider {
    pub name: String,
    pub metadata: String,
    /// `Allowed` or none; `Required` is refused.
    pub encryption_mode: Option<String>,
    /// Whether AddPrivateKey was given: it is refused.
    pub private_key: bool,
    pub tags: Tags,
}

/// UpdateSAMLProvider.
#[derive(Debug, Clone, Default)]
pub struct SamlProviderEdit {
    pub metadata: Option<String>,
    pub encryption_mode: Option<String>,
    /// Whether AddPrivateKey or RemovePrivateKey was given.
    pub private_key: bool,
}

/// CreateOpenIDConnectProvider.
#[derive(Debug, Clone, Default)]
pub struct NewOidcProvider {
    pub url: String,
    pub client_ids: Vec<String>,
    pub thumbprints: Vec<String>,
    pub tags: Tags,
}
