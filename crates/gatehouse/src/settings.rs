//! What this installation is called. Fixed for now; one file to make configurable.

/// The demo organisation's account (design, section 8).
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const ORGANISATION: &str = "Gatehouse";
pub(crate) const CLUSTER: &str = "testcluster";
/// The demo's serverless warehouse.
pub(crate) const NAMESPACE: &str = "default";
pub(crate) const WORKGROUP: &str = "default-workgroup";
pub(crate) const DATABASE: &str = "dev";
pub(crate) const ADMIN_USER: &str = "awsuser";
