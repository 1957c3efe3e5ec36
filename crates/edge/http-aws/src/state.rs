//! What the operations work on.

use std::sync::Arc;

use base::{AuditLog, AuditTrail, Clock};
use center::{AccessKeys, Center};
use control::Control;
use directory::Directory;
use source::Sources;

/// Cheap to clone. Account and region are those of `center`.
#[derive(Debug, Clone)]
pub struct AwsState {
    pub center: Arc<Center>,
    pub control: Arc<Control>,
    pub directory: Arc<Directory>,
    pub access_keys: Arc<AccessKeys>,
    pub audit: Arc<dyn AuditLog>,
    /// The same trail, read back.
    pub trail: Arc<dyn AuditTrail>,
    pub clock: Arc<dyn Clock>,
    pub sources: Arc<Sources>,
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
