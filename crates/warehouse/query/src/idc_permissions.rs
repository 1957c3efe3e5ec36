//! The port to what Redshift may learn from Identity Center in the role of an identity provider (TYPE AWSIDC).

use base::Checks;
use base::id::{ApplicationArn, WarehouseId};

/// What a definition lets Redshift ask of Identity Center.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdcAsk {
    /// `sso:DescribeApplication`
    DescribeApplication,
    /// `sso:DescribeInstance`
    DescribeInstance,
}

/// One definition's questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdcQuestion {
    pub warehouse: WarehouseId,
    /// `IAM_ROLE` of the provider, an ARN; `None`: the warehouse's default role.
    pub role: Option<String>,
    /// The provider's, and by it the instance.
    pub application: ApplicationArn,
    pub asks: Vec<IdcAsk>,
}

/// The role may not. Full sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdcDenial {
    /// The role's ARN; `default` where the warehouse has none.
    pub role: String,
    /// What is missing or denied, on what, and which policies of the role came close.
    pub reason: String,
    /// The statement to add, or what else to do.
    pub mend: String,
    pub checks: Checks,
}

/// Whether a role may. Must answer from memory.
pub trait IdcPermissions: Send + Sync + std::fmt::Debug {
    /// # Errors
    /// The first question that the role's policies don't allow; a role that isn't there, or that doesn't trust Redshift.
    fn check(&self, question: &IdcQuestion) -> Result<(), IdcDenial>;
}
