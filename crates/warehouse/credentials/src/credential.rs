//! One credential.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base::id::WarehouseId;
use base::{CorrelationId, Principal, Secret};
use serde::{Deserialize, Serialize};
use sts::{Ask, Caller, Grounds, Peer};
use time::{Duration, OffsetDateTime};

use crate::user::CredentialUser;

/// What a credential is to be. Whoever makes one has asked IAM every question in `asks`, and each was allowed.
#[derive(Debug, Clone)]
pub struct NewCredential<'a> {
    /// The only one that it opens.
    pub warehouse: WarehouseId,
    pub user: CredentialUser,
    /// The only database that it opens; `None`: any.
    pub db_name: Option<String>,
    /// Database groups that the session is in beside its user's own.
    pub groups: Vec<String>,
    /// Database roles that the session has beside its user's own.
    pub roles: Vec<String>,
    /// How long its password is good for. It never outlives the caller's own credentials.
    pub duration: Duration,
    pub caller: &'a Caller,
    pub asks: Vec<Ask>,
    /// Keys of the caller's tags that its user, groups or roles were read from: who loses such a tag loses what it gave.
    pub tags: &'a [&'static str],
    /// Where the caller called from.
    pub peer: Peer,
    /// The id of the API call that it comes from.
    pub request: CorrelationId,
}

/// What the caller is told.
#[derive(Debug, Clone)]
pub struct Minted {
    pub login_name: String,
    pub password: Secret<String>,
    pub expires: OffsetDateTime,
}

/// A credential as it is kept.
#[derive(Debug)]
pub struct Credential {
    pub(crate) id: String,
    pub(crate) warehouse: WarehouseId,
    pub(crate) login_name: Arc<str>,
    pub(crate) expires: OffsetDateTime,
    pub(crate) content: Content,
}

/// What is stored sealed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Content {
    pub(crate) user: CredentialUser,
    pub(crate) db_name: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    #[serde(with = "exposed")]
    pub(crate) password: Secret<String>,
    pub(crate) grounds: Grounds,
    /// What [`NewCredential::tags`] said.
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) principal: KeptPrincipal,
    pub(crate) person: Option<String>,
    pub(crate) access_key_id: String,
    pub(crate) correlation: String,
    pub(crate) request: String,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("user", &self.user).field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// A principal that has an access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum KeptPrincipal {
    Root { account: String },
    IamUser { account: String, path_and_name: String },
    RoleSession { account: String, role_name: String, session_name: String },
}

impl KeptPrincipal {
    /// `None` for one that can't have an access key.
    pub(crate) fn of(principal: &Principal) -> Option<Self> {
        match principal.clone() {
            Principal::Root { account } => Some(Self::Root { account }),
            Principal::IamUser { account, path_and_name } => Some(Self::IamUser { account, path_and_name }),
            Principal::RoleSession { account, role_name, session_name } => {
                Some(Self::RoleSession { account, role_name, session_name })
            }
            Principal::Anonymous
            | Principal::ScimClient { .. }
            | Principal::IdpAdministrator { .. }
            | Principal::DirectoryUser { .. }
            | Principal::DbUser { .. }
            | Principal::System => None,
        }
    }

    pub(crate) fn principal(&self) -> Principal {
        match self.clone() {
            Self::Root { account } => Principal::Root { account },
            Self::IamUser { account, path_and_name } => Principal::IamUser { account, path_and_name },
            Self::RoleSession { account, role_name, session_name } => {
                Principal::RoleSession { account, role_name, session_name }
            }
        }
    }
}

impl Credential {
    #[must_use]
    pub const fn user(&self) -> &CredentialUser {
        &self.content.user
    }

    #[must_use]
    pub fn login_name(&self) -> &str {
        &self.login_name
    }

    /// The only database that it opens; `None`: any.
    #[must_use]
    pub fn db_name(&self) -> Option<&str> {
        self.content.db_name.as_deref()
    }

    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.content.groups
    }

    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.content.roles
    }

    /// For the comparison with a client's proof, and nothing else.
    #[must_use]
    pub const fn password(&self) -> &Secret<String> {
        &self.content.password
    }

    /// From this moment on it opens nothing.
    #[must_use]
    pub const fn expires(&self) -> OffsetDateTime {
        self.expires
    }

    #[must_use]
    pub const fn grounds(&self) -> &Grounds {
        &self.content.grounds
    }

    /// Who got it.
    #[must_use]
    pub fn principal(&self) -> Principal {
        self.content.principal.principal()
    }

    /// The person behind the principal, where something names one.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        self.content.person.as_deref()
    }

    /// The key that it was got with.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.content.access_key_id
    }

    /// The way that it is a step of: from the assertion, where there was one.
    #[must_use]
    pub fn correlation(&self) -> CorrelationId {
        CorrelationId::resume(self.content.correlation.as_str())
    }

    /// The id of the API call that it comes from (`iam_auth_guid` of sys_connection_log).
    #[must_use]
    pub fn request(&self) -> &str {
        &self.content.request
    }
}

/// The text of a secret that is about to be sealed.
mod exposed {
    use base::Secret;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret<String>, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}
