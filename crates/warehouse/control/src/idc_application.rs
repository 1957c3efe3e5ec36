//! Redshift's record of its application in Identity Center.

use std::collections::BTreeMap;

use base::id::{ApplicationArn, InstanceArn, RedshiftIdcApplicationArn};
use time::OffsetDateTime;

use crate::{ControlError, check, roles, tags};

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

/// Redshift API `RedshiftIdcApplication`. Whether Redshift may be connected to (`Redshift.Connect`) is the managed application's
/// scope: [`crate::Control::redshift_connect`].
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
    /// The prefix of database users and roles, before the `:`, in warehouses that are made from now on.
    pub identity_namespace: String,
    pub iam_role_arn: String,
    pub onboard_status: OnboardStatus,
    pub tags: BTreeMap<String, String>,
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
    /// `ServiceIntegrations` `Redshift.Connect`: `Some(false)` (Disabled) leaves the scope `redshift:connect` out, so that nobody can
    /// connect until it is enabled. Enabled where it isn't given.
    pub redshift_connect: Option<bool>,
    pub tags: BTreeMap<String, String>,
}

impl NewRedshiftIdcApplication {
    /// The patterns of the Redshift API model, and the instance and account that there are.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::InvalidTag`], [`ControlError::TagLimit`].
    pub fn check(&self, instance: &InstanceArn, account: &str) -> Result<(), ControlError> {
        check::application_name("RedshiftIdcApplicationName", &self.name)?;
        check::display_name(&self.idc_display_name)?;
        check::identity_namespace(self.identity_namespace.as_deref().unwrap_or(DEFAULT_IDENTITY_NAMESPACE))?;
        check_instance(&self.idc_instance_arn, instance)?;
        roles::check_one("IamRoleArn", &self.iam_role_arn, account)?;
        tags::check(&self.tags)
    }
}

/// What ModifyRedshiftIdcApplication changes; what isn't given stays. Warehouses that exist keep their identity provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedshiftIdcApplicationEdit {
    pub identity_namespace: Option<String>,
    pub iam_role_arn: Option<String>,
    /// Renames the managed application as well.
    pub idc_display_name: Option<String>,
    /// Puts the scope `redshift:connect` of the managed application, or deletes it: tokens then open no warehouse any more.
    pub redshift_connect: Option<bool>,
}

impl RedshiftIdcApplicationEdit {
    /// As for a new one.
    ///
    /// # Errors
    /// [`ControlError::Invalid`].
    pub fn check(&self, account: &str) -> Result<(), ControlError> {
        self.identity_namespace.as_deref().map_or(Ok(()), check::identity_namespace)?;
        self.idc_display_name.as_deref().map_or(Ok(()), check::display_name)?;
        self.iam_role_arn.as_deref().map_or(Ok(()), |role| roles::check_one("IamRoleArn", role, account))
    }
}

pub(crate) fn check_instance(given: &InstanceArn, instance: &InstanceArn) -> Result<(), ControlError> {
    check::must(given == instance, "IdcInstanceArn", "no such instance; sso-admin ListInstances tells the ARN")
}
