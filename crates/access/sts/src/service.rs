//! The service: credentials found, sessions issued and revoked.

mod authorize;
mod find;
mod issue;
mod revoke;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use base::{Clock, Sealer};
use iam::Iam;
use oidc::{Fetch, IssuerKeys};
use tokio::sync::broadcast;

pub(crate) use authorize::trust_policy;
pub(crate) use issue::Draft;
pub use issue::Issued;
pub use revoke::Revoked;

use crate::caller::micros;
use crate::port::{StsStore, StsStoreUnavailable};
use crate::revocations::Revocations;
use crate::strangers::Strangers;

/// Revocations that a slow reader may miss; it must then look at everything.
const CHANGES_MAX: usize = 256;

/// What the service works on.
#[derive(Debug, Clone)]
pub struct StsParts {
    pub iam: Arc<Iam>,
    pub store: Arc<dyn StsStore>,
    /// Session tokens and encoded authorization messages are sealed with it.
    pub sealer: Arc<Sealer>,
    pub clock: Arc<dyn Clock>,
    /// How the documents of OpenID Connect providers are fetched.
    pub fetch: Arc<dyn Fetch>,
    /// Whether those providers may have private addresses.
    pub network: oidc::Network,
    pub region: String,
}

/// STS, and the authorisation of every call. Use it as `Arc<Sts>`.
pub struct Sts {
    pub(crate) iam: Arc<Iam>,
    pub(crate) store: Arc<dyn StsStore>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) issuers: Arc<IssuerKeys>,
    pub(crate) network: oidc::Network,
    pub(crate) region: String,
    pub(crate) revocations: RwLock<Revocations>,
    pub(crate) revoked: broadcast::Sender<Revoked>,
    pub(crate) strangers: Strangers,
}

impl fmt::Debug for Sts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sts")
    }
}

impl Sts {
    /// Reads what was revoked.
    ///
    /// # Errors
    /// [`StsStoreUnavailable`].
    pub async fn open(parts: StsParts) -> Result<Self, StsStoreUnavailable> {
        let StsParts { iam, store, sealer, clock, fetch, network, region } = parts;
        let mut revocations = Revocations::default();
        let now = micros(clock.now());
        for revocation in store.revocations().await? {
            revocations.put(&revocation, now);
        }
        let issuers = Arc::new(IssuerKeys::new(fetch, Arc::clone(&clock)));
        let (revoked, _) = broadcast::channel(CHANGES_MAX);
        let revocations = RwLock::new(revocations);
        Ok(Self {
            iam,
            store,
            sealer,
            clock,
            issuers,
            network,
            region,
            revocations,
            revoked,
            strangers: Strangers::default(),
        })
    }

    /// What administrators revoke from now on. Who lags behind must look at everything.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Revoked> {
        self.revoked.subscribe()
    }

    /// The keys of OpenID Connect providers, kept once for all who verify their tokens.
    #[must_use]
    pub fn issuers(&self) -> Arc<IssuerKeys> {
        Arc::clone(&self.issuers)
    }

    pub(crate) fn account(&self) -> &str {
        self.iam.account()
    }

    pub(crate) fn with_revocations<T>(&self, read: impl FnOnce(&Revocations) -> T) -> T {
        read(&self.revocations.read().unwrap_or_else(PoisonError::into_inner))
    }
}
