//! Redshift's record of its application in Identity Center.

use base::id::{ApplicationArn, InstanceArn, RedshiftIdcApplicationArn};
use time::OffsetDateTime;

use crate::ControlError;

/// The provider of every managed application that Redshift makes in Identity Center.
pub const REDSHIFT_PROVIDER_ARN: &str = "arn:aws:sso::aws:applicationProvider/redshift";
/// The namespace where none is given, as the Redshift console proposes it.
pub const DEFAULT_IDENTITY_NAMESPACE: &str = "AWSIDC";

/// How far the connection is. Ours is made in one step, so there is one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnboardStatus {
    Completed,
}

impl OnboardStatus {
    /// As it is shown, and as it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "Completed",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Completed].into_iter().find(|status| status.name() == name)
    }
}

/// Redshift API `RedshiftIdcApplication`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedshiftIdcApplication {
    /// `arn:aws:redshift:REGION:ACCOUNT:redshiftidcapplication:<uuid>`
    pub arn: RedshiftIdcApplicationArn,
    /// Unique.
    pub name: String,
    pub idc_instance_arn: InstanceArn,
    /// The application in Identity Center that people and groups are assigned to.
    pub idc_managed_application_arn: ApplicationArn,
    pub idc_display_name: String,
    /// The prefix of database users and roles, before the `:`.
    pub identity_namespace: String,
    pub iam_role_arn: String,
    pub onboard_status: OnboardStatus,
    pub created: OffsetDateTime,
}

/// What CreateRedshiftIdcApplication is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRedshiftIdcApplication {
    pub name: String,
    pub idc_instance_arn: InstanceArn,
    pub idc_display_name: String,
    /// [`DEFAULT_IDENTITY_NAMESPACE`] where it isn't given.
    pub identity_namespace: Option<String>,
    pub iam_role_arn: String,
}

impl NewRedshiftIdcApplication {
    /// The patterns of the Redshift API model, and the instance and account that there are.
    pub(crate) fn check(&self, instance: &InstanceArn, account: &str) -> Result<(), ControlError> {
        let invalid = |parameter, rule| Err(ControlError::Invalid { parameter, rule });
        if !is_name(&self.name) {
            let rule = "it has 1 to 63 lower-case letters and digits in words that are joined by single hyphens, and begins \
                        with a letter";
            return invalid("RedshiftIdcApplicationName", rule);
        }
        if !has_only(&self.idc_display_name, |c| c.is_alphanumeric() || "_+=,.@-".contains(c)) {
            return invalid("IdcDisplayName", "it has 1 to 127 letters, digits and _ + = , . @ -");
        }
        let namespace = self.identity_namespace.as_deref().unwrap_or(DEFAULT_IDENTITY_NAMESPACE);
        if !has_only(namespace, |c| c.is_ascii_alphanumeric() || "_+.#@$-".contains(c)) {
            return invalid("IdentityNamespace", "it has 1 to 127 letters, digits and _ + . # @ $ -");
        }
        if self.idc_instance_arn != *instance {
            return invalid("IdcInstanceArn", "no such instance; sso-admin ListInstances tells the ARN");
        }
        let role = self.iam_role_arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_prefix(account));
        if !role.and_then(|rest| rest.strip_prefix(":role/")).is_some_and(is_role_path) {
            return invalid("IamRoleArn", "it must be arn:aws:iam::ACCOUNT:role/NAME with the account of this server");
        }
        Ok(())
    }
}

/// `[a-z][a-z0-9]*(-[a-z0-9]+)*`, 1 to 63 characters
fn is_name(name: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.len() <= 63 && name.bytes().next().is_some_and(|b| b.is_ascii_lowercase()) && name.split('-').all(word)
}

/// The path and name of a role (IAM "Quotas, name requirements and character limits").
fn is_role_path(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    (1..=64).contains(&name.len()) && path.len() <= 512 && path.chars().all(|c| legal(c) || c == '/')
}

fn has_only(text: &str, legal: impl Fn(char) -> bool) -> bool {
    (1..=127).contains(&text.chars().count()) && text.chars().all(legal)
}
