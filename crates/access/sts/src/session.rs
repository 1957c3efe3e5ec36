//! A session of a role, and what every credential comes from.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What a credential depends on. When one of them is gone, the credential is worth nothing; an equal name made anew doesn't count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A long-lived key, which must exist and be active.
    Key { id: String },
    /// A user, by unique id.
    User { id: String },
    /// A role, by unique id; and when the session of it began (microseconds since 1970), for revocations.
    Role { id: String, issued: i64 },
    /// A temporary key, for revocations.
    Session { access_key_id: String },
    /// An identity provider, and what tells it from one of the same ARN that was made later.
    Provider { arn: String, made: String },
}

/// What an identity provider said about whoever assumed the role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federated {
    /// The ARN of the SAML or OpenID Connect provider.
    pub provider: String,
    pub kind: FederationKind,
    /// The `NameID`, or the claim `sub`.
    pub subject: String,
    /// The e-mail address, where the provider vouches for one and the subject isn't one.
    pub email: Option<String>,
    /// SAML: the format of the name, short (`persistent`) where it is one of SAML's.
    pub subject_type: String,
    /// SAML: BASE64(SHA1(issuer ‖ account ‖ "/" ‖ provider name)).
    pub name_qualifier: String,
    pub issuer: String,
    /// SAML: the Recipient. OpenID Connect: the client id.
    pub audience: String,
    /// The id of the assertion or token.
    pub assertion: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FederationKind {
    Saml,
    WebIdentity,
}

/// Policies that were passed when a session was made: they narrow it. Both empty: none was passed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPolicies {
    /// The text of an inline policy, checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline: Option<String>,
    /// ARNs of managed policies; their default versions count when they are asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub managed: Vec<String>,
}

impl SessionPolicies {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.inline.is_none() && self.managed.is_empty()
    }
}

/// A session of a role, as its token holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSession {
    /// `AROA…`
    pub role_id: String,
    /// With the role's path.
    pub role_arn: String,
    pub role_name: String,
    pub session_name: String,
    #[serde(default, skip_serializing_if = "SessionPolicies::is_empty")]
    pub policies: SessionPolicies,
    /// The session's own tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Keys of tags that go on to sessions made with this one.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub transitive: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// Of the session that an identity provider's word was for; not of what is made with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federated: Option<Federated>,
    /// Who is behind the session that this one was made with: for records. Nothing of them counts for policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
}

impl RoleSession {
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`
    #[must_use]
    pub fn arn(&self, account: &str) -> String {
        format!("arn:aws:sts::{account}:assumed-role/{}/{}", self.role_name, self.session_name)
    }

    /// `AROA…:SESSION`
    #[must_use]
    pub fn user_id(&self) -> String {
        format!("{}:{}", self.role_id, self.session_name)
    }
}
