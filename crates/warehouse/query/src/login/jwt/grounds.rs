//! What the session of a token's bearer stands on: the identity provider, as it was when it took the token.

use std::sync::{Arc, Weak};

use base::id::DbIdentityProviderId;
use catalog::{DbIdentityProvider, quote};
use oidc::IdentityToken;
use sessions::{EndReason, GroundKey, Grounds, GroundsEnded};

use crate::warehouse::Warehouse;

#[derive(Debug)]
pub(super) struct ProviderGrounds {
    warehouse: Weak<Warehouse>,
    id: DbIdentityProviderId,
    name: String,
    issuer: String,
    /// The token's.
    audience: Vec<String>,
    keys: [GroundKey; 1],
}

impl ProviderGrounds {
    pub(super) fn new(warehouse: &Arc<Warehouse>, provider: &DbIdentityProvider, token: &IdentityToken) -> Self {
        Self {
            warehouse: Arc::downgrade(warehouse),
            id: provider.id,
            name: provider.name.clone(),
            issuer: provider.azure().map(|azure| azure.issuer.clone()).unwrap_or_default(),
            audience: token.texts("aud"),
            keys: [GroundKey::DbProvider(warehouse.id.clone(), provider.id)],
        }
    }
}

impl Grounds for ProviderGrounds {
    fn keys(&self) -> &[GroundKey] {
        &self.keys
    }

    fn ended(&self) -> Option<GroundsEnded> {
        let snapshot = self.warehouse.upgrade()?.catalog.current();
        let name = &self.name;
        let ended = |reason: String, mend: String| Some(GroundsEnded { reason, mend });
        let Some(provider) = snapshot.catalog.provider(self.id) else {
            return ended(
                format!("The identity provider \"{name}\" was dropped."),
                "Ask an administrator for CREATE IDENTITY PROVIDER.".to_owned(),
            );
        };
        if !provider.enabled {
            return ended(
                format!("The identity provider \"{}\" was disabled.", provider.name),
                format!("An administrator enables it with ALTER IDENTITY PROVIDER {} ENABLE;", quote::ident(name)),
            );
        }
        let takes = provider.azure().is_some_and(|azure| {
            azure.issuer == self.issuer && azure.audiences().any(|it| self.audience.iter().any(|own| own == it))
        });
        if takes {
            return None;
        }
        ended(
            format!("The identity provider \"{}\" has another issuer or other audiences now.", provider.name),
            "Sign in again for a token that it takes.".to_owned(),
        )
    }

    fn reason(&self, ended: GroundsEnded) -> EndReason {
        EndReason::ProviderEnded(ended)
    }
}
