//! What the provider's pages and endpoints work on.

use std::sync::Arc;

use base::{AuditEvent, AuditLog, AuditUnavailable, Clock, Sealer};
use idp::IdentityProvider;
use openid_provider::OpenIdProvider;
use push::Pusher;

/// What the provider is to browsers and applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpSettings {
    /// The https address that browsers reach, without `/` at the end.
    pub idp_url: String,
    /// Shown on the pages.
    pub organisation_name: String,
}

/// Everything that the handlers need.
#[derive(Debug, Clone)]
pub struct IdpState {
    pub idp: Arc<IdentityProvider>,
    pub openid: Arc<OpenIdProvider>,
    pub pusher: Arc<Pusher>,
    /// For what browsers carry for us: where to go on, and requests that wait for the sign-in.
    pub sealer: Arc<Sealer>,
    pub audit: Arc<dyn AuditLog>,
    pub clock: Arc<dyn Clock>,
    pub settings: Arc<IdpSettings>,
}

impl IdpState {
    /// Writes the record; what can't be recorded isn't done.
    pub(crate) async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        let recorded = self.audit.record(event).await;
        if let Err(cause) = &recorded {
            tracing::error!(%cause, "a step was not carried out because it can't be recorded");
        }
        recorded
    }
}
