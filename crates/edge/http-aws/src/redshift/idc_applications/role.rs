//! The role of a connection: Redshift must be able to act in it, and to look into Identity Center.

use base::ErrorKind;
use base::id::InstanceArn;
use sts::{Ask, Sts};

use crate::error::ApiError;

/// The rule: the role trusts Redshift and allows `sso:DescribeApplication` and `sso:DescribeInstance` on the instance's applications,
/// as seed 000 has its policy; `sso:DescribeInstance` on the instance itself does too.
///
/// # Errors
/// DependentServiceAccessDenied, with the statement that is missing.
pub(super) fn check(sts: &Sts, account: &str, role: &str, instance: &InstanceArn) -> Result<(), ApiError> {
    let id = instance.as_str().rsplit('/').next().unwrap_or_default();
    let applications = format!("arn:aws:sso::{account}:application/{id}/*");
    let instances = Ask::new("sso:DescribeInstance", instance.as_str());
    may(sts, role, &[Ask::new("sso:DescribeApplication", applications.as_str())])?;
    may(sts, role, &[Ask::new("sso:DescribeInstance", applications), instances])
}

/// Whether one of the questions is allowed.
fn may(sts: &Sts, role: &str, asks: &[Ask]) -> Result<(), ApiError> {
    let Some(decision) = sts.redshift_lacks(role, asks) else { return Ok(()) };
    let action = asks.first().map(|ask| ask.action.as_str()).unwrap_or_default();
    let mend = if decision.is_untrusted() {
        "Make the role, and let its trust policy allow sts:AssumeRole to redshift.amazonaws.com.".to_owned()
    } else {
        decision.mend(&format!("the role {role}"))
    };
    Err(ApiError::Named {
        kind: ErrorKind::Denied,
        status: 403,
        code: "DependentServiceAccessDenied",
        message: format!(
            "Insufficient privileges to access AWS IdC: Redshift can't call {action} in the role {role} {}. {mend}",
            decision.because
        ),
        members: Vec::new(),
    })
}
