//! What the operations work on.

use std::sync::Arc;

use base::{AuditLog, AuditTrail, Clock};
use center::Center;
use control::Control;
use credentials::Credentials;
use directory::Directory;
use iam::Iam;
use network::Network;
use source::Sources;
use sts::Sts;

/// Cheap to clone. Account and region are those of `center`.
#[derive(Debug, Clone)]
pub struct AwsState {
    pub center: Arc<Center>,
    pub control: Arc<Control>,
    pub directory: Arc<Directory>,
    /// Users, roles and their policies.
    pub iam: Arc<Iam>,
    /// Whose signatures count, and what each caller may do.
    pub sts: Arc<Sts>,
    pub audit: Arc<dyn AuditLog>,
    /// The same trail, read back.
    pub trail: Arc<dyn AuditTrail>,
    pub clock: Arc<dyn Clock>,
    pub sources: Arc<Sources>,
    pub credentials: Arc<Credentials>,
    /// Virtual networks, security groups, cluster subnet groups.
    pub network: Arc<Network>,
}

impl AwsState {
    pub(crate) fn account(&self) -> &str {
        &self.center.instance().owner_account
    }

    pub(crate) fn region(&self) -> &str {
        self.center.region()
    }

    /// `arn:aws:redshift:REGION:ACCOUNT:<resource>`
    pub(crate) fn redshift_arn(&self, resource: &str) -> String {
        format!("arn:aws:redshift:{}:{}:{resource}", self.region(), self.account())
    }
}
