//! The account's access keys. So far there is one: root's, made at the first start.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base::{Clock, Principal, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;

use crate::{CenterError, CenterStoreError};

/// An access key of the account's root. The secret is kept in clear, because Signature V4 is computed from it.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// `AKIA` and 16 of `A-Z2-7`
    pub id: String,
    /// 40 characters
    pub secret: Secret<String>,
    /// Twelve digits.
    pub account: String,
    pub created: OffsetDateTime,
}

/// The port to durable state. `create` returns when the key would survive a kill -9.
#[async_trait::async_trait]
pub trait AccessKeyStore: Send + Sync + fmt::Debug {
    async fn load(&self) -> Result<Vec<AccessKey>, CenterStoreError>;
    async fn create(&self, key: AccessKey) -> Result<(), CenterStoreError>;
}

/// Every access key, in memory.
#[derive(Debug)]
pub struct AccessKeys {
    root: AccessKey,
    keys: HashMap<String, AccessKey>,
}

impl AccessKeys {
    /// Reads the keys, and makes root's at the first start.
    ///
    /// # Errors
    /// [`CenterError::Store`].
    pub async fn open(store: Arc<dyn AccessKeyStore>, clock: &dyn Clock, account: &str) -> Result<Self, CenterError> {
        let mut keys = store.load().await?;
        let root = match keys.iter().find(|key| key.account == account) {
            Some(key) => key.clone(),
            None => {
                let key = AccessKey {
                    id: format!("AKIA{}", base::random::upper_alphanumeric(16)),
                    secret: Secret::new(STANDARD.encode(base::random::bytes::<30>())),
                    account: account.to_owned(),
                    created: clock.now(),
                };
                store.create(key.clone()).await?;
                keys.push(key.clone());
                key
            }
        };
        Ok(Self { root, keys: keys.into_iter().map(|key| (key.id.clone(), key)).collect() })
    }

    /// The account's root key, to be told to its owner at the first start.
    #[must_use]
    pub const fn root(&self) -> &AccessKey {
        &self.root
    }

    /// The secret and the owner of a key.
    #[must_use]
    pub fn find(&self, key_id: &str) -> Option<(Secret<String>, Principal)> {
        let key = self.keys.get(key_id)?;
        Some((key.secret.clone(), Principal::Root { account: key.account.clone() }))
    }
}
