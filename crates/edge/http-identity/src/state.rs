//! What the identity pages and the OAuth endpoints work on.

use std::sync::Arc;

use base::id::InstanceArn;
use base::{AuditEvent, AuditLog, AuditUnavailable, Clock};
use directory::Directory;
use sessions::Sessions;
use source::Sources;
use sts::Sts;
use tokens::Tokens;

/// What this instance is, as its clients and pages see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySettings {
    /// `https://identitycenter.amazonaws.com/ssoins-…` or the like; clients name it when they register.
    pub issuer_url: String,
    pub instance_arn: InstanceArn,
    pub region: String,
    /// Shown on the pages.
    pub organisation_name: String,
    /// The https address that browsers and clients reach, without `/` at the end.
    pub public_https_url: String,
}

/// Everything that the handlers need.
#[derive(Debug, Clone)]
pub struct IdentityState {
    pub directory: Arc<Directory>,
    pub tokens: Arc<Tokens>,
    pub sessions: Arc<Sessions>,
    /// The ways to sign in: external identity providers, and whether passwords are one.
    pub sources: Arc<Sources>,
    /// Whose signatures CreateTokenWithIAM takes, and what they may do.
    pub sts: Arc<Sts>,
    pub audit: Arc<dyn AuditLog>,
    pub clock: Arc<dyn Clock>,
    pub settings: Arc<IdentitySettings>,
}

impl IdentityState {
    /// Writes the record; what can't be recorded isn't done.
    pub(crate) async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        let recorded = self.audit.record(event).await;
        if let Err(cause) = &recorded {
            tracing::error!(%cause, "a step was not carried out because it can't be recorded");
        }
        recorded
    }
}
