//! What IAM holds.

mod request;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::Secret;
use policy::{Document, NamedPolicy};
use saml::metadata::IdpMetadata;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use request::{
    Holder, KeyHolder, Listing, NewOidcProvider, NewPolicy, NewRole, NewSamlProvider, NewUser, Page, PolicyUse,
    SamlProviderEdit, Taggable,
};

use crate::Tags;

/// A user of IAM. Not a person of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamUser {
    /// `AIDA` and 16 of `A-Z2-7`. Never given out again.
    pub id: String,
    /// Unique without regard to case.
    pub name: String,
    /// `/`, or between slashes.
    pub path: String,
    /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`
    pub arn: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    pub tags: Tags,
    /// A managed policy's ARN.
    pub boundary: Option<String>,
    /// By name.
    #[serde(with = "crate::document::inline")]
    pub inline: BTreeMap<String, Arc<Document>>,
    /// ARNs of managed policies.
    pub attached: BTreeSet<String>,
    /// Ids.
    pub groups: BTreeSet<String>,
}

/// A group of users of IAM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamGroup {
    /// `AGPA` and 16 of `A-Z2-7`.
    pub id: String,
    pub name: String,
    pub path: String,
    /// `arn:aws:iam::ACCOUNT:group/PATH/NAME`
    pub arn: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    #[serde(with = "crate::document::inline")]
    pub inline: BTreeMap<String, Arc<Document>>,
    pub attached: BTreeSet<String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamRole {
    /// `AROA` and 16 of `A-Z2-7`.
    pub id: String,
    pub name: String,
    pub path: String,
    /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`
    pub arn: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    pub description: Option<String>,
    /// Seconds, 3600 to 43200.
    pub max_session_duration: u32,
    /// Who may assume it. Users and roles that it names by ARN exist; deleted ones stand in it by their ids.
    #[serde(with = "crate::document::trusting")]
    pub trust: Arc<Document>,
    pub tags: Tags,
    pub boundary: Option<String>,
    #[serde(with = "crate::document::inline")]
    pub inline: BTreeMap<String, Arc<Document>>,
    pub attached: BTreeSet<String>,
    /// `redshift.amazonaws.com`, where the role is that service's own and nobody may change it.
    pub service_linked: Option<String>,
}

/// A managed policy, the customer's or AWS's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// `ANPA` and 16 of `A-Z2-7`.
    pub id: String,
    pub name: String,
    pub path: String,
    /// `arn:aws:iam::ACCOUNT:policy/PATH/NAME`; `aws` instead of an account for AWS's own.
    pub arn: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    /// When the default version was last made or chosen.
    #[serde(with = "time::serde::rfc3339")]
    pub updated: OffsetDateTime,
    pub description: Option<String>,
    /// By number, at most 5.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// Which version counts.
    pub default: u32,
    /// The highest number ever given: no number comes back.
    pub(crate) latest: u32,
    /// Read-only.
    pub aws_managed: bool,
    pub tags: Tags,
}

impl ManagedPolicy {
    /// The document that counts.
    #[must_use]
    pub fn document(&self) -> Option<&Arc<Document>> {
        self.versions.get(&self.default).map(|version| &version.document)
    }

    /// The version with this id (`v1`).
    #[must_use]
    pub fn version(&self, id: &str) -> Option<&PolicyVersion> {
        let number = id.strip_prefix('v')?;
        self.versions.values().find(|version| version.number.to_string() == number)
    }

    /// `v` and its number.
    #[must_use]
    pub fn default_version_id(&self) -> String {
        format!("v{}", self.default)
    }

    /// Whether only a service's own role may have it.
    #[must_use]
    pub fn is_of_a_service(&self) -> bool {
        self.aws_managed && self.path == "/aws-service-role/"
    }
}

/// A version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// From 1.
    pub number: u32,
    #[serde(with = "crate::document::identity")]
    pub document: Arc<Document>,
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
}

impl PolicyVersion {
    /// `v` and its number.
    #[must_use]
    pub fn id(&self) -> String {
        format!("v{}", self.number)
    }
}

/// An identity provider whose SAML assertions AssumeRoleWithSAML takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamlProvider {
    pub name: String,
    /// `arn:aws:iam::ACCOUNT:saml-provider/NAME`
    pub arn: String,
    /// `SAML` and 18 of `A-Z2-7`.
    pub uuid: String,
    /// As it was given.
    pub metadata: String,
    /// What the metadata says.
    pub idp: Arc<IdpMetadata>,
    pub created: OffsetDateTime,
    /// The metadata's own end: nobody signs in after it.
    pub valid_until: Option<OffsetDateTime>,
    pub tags: Tags,
}

/// An identity provider whose ID tokens AssumeRoleWithWebIdentity takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// `https://…`: the issuer, to the letter.
    pub url: String,
    /// `arn:aws:iam::ACCOUNT:oidc-provider/` and the URL without its scheme.
    pub arn: String,
    /// `OIDC` and 16 of `A-Z2-7`.
    pub uuid: String,
    /// Audiences.
    pub client_ids: BTreeSet<String>,
    /// SHA-1 of certificates, 40 hex digits each. Kept and shown. As with AWS, whose own library of authorities goes first, they open
    /// nothing: the provider's server must show a certificate of an authority that this machine trusts.
    pub thumbprints: Vec<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    pub tags: Tags,
}

/// Whose an access key is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeyOwner {
    Root,
    /// The user's id.
    User(String),
}

/// A key that calls are signed with. The secret is in memory, because Signature V4 is computed from it; at rest it is sealed.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// `AKIA` and 16 of `A-Z2-7`
    pub id: String,
    /// 40 characters
    pub secret: Secret<String>,
    pub owner: KeyOwner,
    pub active: bool,
    pub created: OffsetDateTime,
}

/// When a key was last used, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// To the minute.
    pub at: OffsetDateTime,
    /// `redshift`
    pub service: String,
    pub region: String,
}

/// When a role was last assumed or acted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleUse {
    /// To the minute.
    pub at: OffsetDateTime,
    pub region: String,
}

/// Who has policies, by id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    User(String),
    Group(String),
    Role(String),
}

/// Everything that the identity's own policies say.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    /// Inline, attached, then those of the groups. The name is the policy's ARN, or `inline policy "x" of role "y"`.
    pub identity: Vec<NamedPolicy>,
    /// The most that may be granted.
    pub boundary: Option<NamedPolicy>,
}

/// Announced after a change is durable and visible to readers. It may take something away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IamChange {
    /// The user's id. Anything of the user, or what they may do, was changed; or they were deleted.
    UserChanged(String),
    /// The role's id.
    RoleChanged(String),
    /// The access key's id.
    KeyChanged(String),
    /// The provider's ARN.
    ProviderChanged(String),
    /// The ARN of a managed policy: it says something else, or was deleted. Who has it attached is told apart.
    PolicyChanged(String),
    /// So much that everything is to be looked at anew.
    Everything,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountCounts {
    pub users: usize,
    pub groups: usize,
    pub roles: usize,
    /// The customer's own.
    pub policies: usize,
    /// Of the customer's own.
    pub policy_versions: usize,
    pub saml_and_oidc_providers: usize,
    pub root_keys: usize,
}
