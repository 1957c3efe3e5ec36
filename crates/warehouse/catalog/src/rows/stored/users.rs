//! Users. A password's verifier is written here and nowhere else: the row is stored in the warehouse's own database.

use std::collections::BTreeMap;

use base::Secret;
use base::id::{DbIdentityProviderId, DbUserId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::model::{DbUser, PrincipalName};
use crate::password::PasswordVerifier;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::rows) enum StoredName {
    Local(String),
    Federated { provider: u32, local_name: String },
}

impl StoredName {
    pub(super) fn of(name: &PrincipalName) -> Self {
        match name {
            PrincipalName::Local(name) => Self::Local(name.clone()),
            PrincipalName::Federated { provider, local_name } => {
                Self::Federated { provider: provider.0, local_name: local_name.clone() }
            }
        }
    }

    pub(super) fn into_name(self) -> PrincipalName {
        match self {
            Self::Local(name) => PrincipalName::Local(name),
            Self::Federated { provider, local_name } => {
                PrincipalName::Federated { provider: DbIdentityProviderId(provider), local_name }
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rows) struct StoredUser {
    id: u32,
    name: StoredName,
    external_id: Option<String>,
    password: Option<StoredVerifier>,
    superuser: bool,
    create_db: bool,
    syslog_unrestricted: bool,
    /// Seconds since 1970-01-01 UTC.
    valid_until: Option<i64>,
    connection_limit: Option<u32>,
    session_timeout_seconds: Option<u32>,
    settings: BTreeMap<String, Vec<String>>,
}

impl std::fmt::Debug for StoredUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredUser").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Hex.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum StoredVerifier {
    Md5(String),
    Sha256 { digest: String, salt: String },
}

impl StoredUser {
    pub(super) fn of(user: &DbUser) -> Self {
        Self {
            id: user.id.0,
            name: StoredName::of(&user.name),
            external_id: user.external_id.clone(),
            password: user.password.as_ref().map(|verifier| match verifier {
                PasswordVerifier::Md5(hash) => StoredVerifier::Md5(hash.expose().clone()),
                PasswordVerifier::Sha256 { digest, salt } => {
                    StoredVerifier::Sha256 { digest: hex::encode(digest.expose()), salt: hex::encode(salt) }
                }
            }),
            superuser: user.superuser,
            create_db: user.create_db,
            syslog_unrestricted: user.syslog_unrestricted,
            valid_until: user.valid_until.map(OffsetDateTime::unix_timestamp),
            connection_limit: user.connection_limit,
            session_timeout_seconds: user.session_timeout_seconds,
            settings: user.settings.clone(),
        }
    }

    pub(super) fn into_user(self) -> Result<DbUser, String> {
        let password = match self.password {
            None => None,
            Some(StoredVerifier::Md5(hash)) => Some(PasswordVerifier::Md5(Secret::new(hash))),
            Some(StoredVerifier::Sha256 { digest, salt }) => Some(PasswordVerifier::Sha256 {
                digest: Secret::new(hex::decode(digest).map_err(|_| "the digest isn't hex")?),
                salt: hex::decode(salt).map_err(|_| "the salt isn't hex")?,
            }),
        };
        Ok(DbUser {
            id: DbUserId(self.id),
            name: self.name.into_name(),
            external_id: self.external_id,
            password,
            superuser: self.superuser,
            create_db: self.create_db,
            syslog_unrestricted: self.syslog_unrestricted,
            valid_until: self
                .valid_until
                .map(OffsetDateTime::from_unix_timestamp)
                .transpose()
                .map_err(|error| error.to_string())?,
            connection_limit: self.connection_limit,
            session_timeout_seconds: self.session_timeout_seconds,
            settings: self.settings,
        })
    }
}
