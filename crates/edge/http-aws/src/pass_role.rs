//! Handing a role to a service.

use sts::Ask;

/// May the caller hand this role to a service (`redshift.amazonaws.com`), which then acts in it? Asked wherever a call gives a
/// service a role that may be more than the caller's own (IAM User Guide, "Granting a user permissions to pass a role to an AWS
/// service").
pub(crate) fn pass_role(role_arn: &str, service: &str) -> Ask {
    Ask::new("iam:PassRole", role_arn).with("iam:PassedToService", service)
}
