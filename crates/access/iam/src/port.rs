//! What IAM needs from others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base::Secret;
use time::OffsetDateTime;

use crate::IamStoreUnavailable;

/// What a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IamKind {
    User,
    Group,
    Role,
    Policy,
    SamlProvider,
    OidcProvider,
    AccessKey,
}

impl IamKind {
    /// As it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Policy => "policy",
            Self::SamlProvider => "saml-provider",
            Self::OidcProvider => "oidc-provider",
            Self::AccessKey => "access-key",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::User,
            Self::Group,
            Self::Role,
            Self::Policy,
            Self::SamlProvider,
            Self::OidcProvider,
            Self::AccessKey,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// An entity as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamRow {
    pub kind: IamKind,
    pub id: String,
    /// No two rows of a kind have one name.
    pub name: String,
    /// JSON of this crate; secrets in it are sealed.
    pub definition: String,
}

/// One change. All of a call are one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IamWrite {
    /// A new entity. Refused where its id was ever given out, to whatever.
    Create(IamRow),
    /// The new state of an entity that is there.
    Put(IamRow),
    /// The entity, and when it was last used. Its id stays spent.
    Delete { kind: IamKind, id: String },
    /// The key of [`StoredIam::legacy_root_keys`] is an entity now: its clear secret is forgotten.
    RetireLegacyRootKey(String),
}

/// When a key or a role was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUse {
    /// Of an access key or a role.
    pub id: String,
    pub at: OffsetDateTime,
    /// Empty for a role.
    pub service: String,
    pub region: String,
}

/// Root's key as data directories had it before there was IAM, in clear.
#[derive(Debug, Clone)]
pub struct LegacyRootKey {
    pub id: String,
    pub secret: Secret<String>,
    pub created: OffsetDateTime,
}

/// Everything that is stored, read once at the start.
#[derive(Debug, Clone, Default)]
pub struct StoredIam {
    pub rows: Vec<IamRow>,
    pub used: Vec<StoredUse>,
    pub legacy_root_keys: Vec<LegacyRootKey>,
}

/// The port to durable state. `apply` returns when the change would survive a kill -9, and does all of it or nothing.
#[async_trait::async_trait]
pub trait IamStore: Send + Sync + fmt::Debug {
    /// `account` is twelve digits: whose legacy root keys are meant.
    async fn load(&self, account: &str) -> Result<StoredIam, IamStoreUnavailable>;
    async fn apply(&self, writes: &[IamWrite]) -> Result<(), IamStoreUnavailable>;
    /// What isn't there any more is passed over.
    async fn put_used(&self, used: &[StoredUse]) -> Result<(), IamStoreUnavailable>;
}

/// [`IamStore`] in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    rows: BTreeMap<(IamKind, String), IamRow>,
    spent: BTreeSet<String>,
    used: BTreeMap<String, StoredUse>,
    legacy: Vec<LegacyRootKey>,
    broken: bool,
}

impl MemoryStore {
    /// As a data directory of before.
    #[must_use]
    pub fn with_legacy_root_key(key: LegacyRootKey) -> Self {
        Self(Mutex::new(Memory { legacy: vec![key], ..Memory::default() }))
    }

    /// Whether every write from now on fails.
    pub fn set_broken(&self, broken: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).broken = broken;
    }
}

#[async_trait::async_trait]
impl IamStore for MemoryStore {
    async fn load(&self, _: &str) -> Result<StoredIam, IamStoreUnavailable> {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(StoredIam {
            rows: memory.rows.values().cloned().collect(),
            used: memory.used.values().cloned().collect(),
            legacy_root_keys: memory.legacy.clone(),
        })
    }

    async fn apply(&self, writes: &[IamWrite]) -> Result<(), IamStoreUnavailable> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.broken {
            return Err(IamStoreUnavailable("broken on purpose".to_owned()));
        }
        for write in writes {
            match write {
                IamWrite::Create(row) => {
                    if !memory.spent.insert(row.id.clone()) {
                        return Err(IamStoreUnavailable(format!("the id {} was given out before", row.id)));
                    }
                    memory.rows.insert((row.kind, row.id.clone()), row.clone());
                }
                IamWrite::Put(row) => {
                    memory.rows.insert((row.kind, row.id.clone()), row.clone());
                }
                IamWrite::Delete { kind, id } => {
                    memory.rows.remove(&(*kind, id.clone()));
                    memory.used.remove(id);
                }
                IamWrite::RetireLegacyRootKey(id) => memory.legacy.retain(|key| key.id != *id),
            }
        }
        Ok(())
    }

    async fn put_used(&self, used: &[StoredUse]) -> Result<(), IamStoreUnavailable> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.broken {
            return Err(IamStoreUnavailable("broken on purpose".to_owned()));
        }
        for one in used {
            memory.used.insert(one.id.clone(), one.clone());
        }
        Ok(())
    }
}
