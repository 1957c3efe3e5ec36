//! Redshift's record of the query editor's application in Identity Center.

use std::collections::BTreeMap;

use base::id::{ApplicationArn, InstanceArn, Qev2IdcApplicationArn};
use time::OffsetDateTime;

use crate::idc_application::check_instance;
use crate::{ControlError, OnboardStatus, check, tags};

/// The provider of the managed applications of query editor v2.
pub const QEV2_PROVIDER_ARN: &str = "arn:aws:sso::aws:applicationProvider/qev2";

/// Redshift API `Qev2IdcApplication`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qev2IdcApplication {
    /// `arn:aws:redshift:REGION:ACCOUNT:qev2idcapplication:<uuid>`
    pub arn: Qev2IdcApplicationArn,
    /// Unique.
    pub name: String,
    pub idc_instance_arn: InstanceArn,
    pub idc_managed_application_arn: ApplicationArn,
    pub idc_display_name: String,
    pub onboard_status: OnboardStatus,
    pub tags: BTreeMap<String, String>,
    pub created: OffsetDateTime,
}

/// What CreateQev2IdcApplication is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQev2IdcApplication {
    pub name: String,
    pub idc_instance_arn: InstanceArn,
    pub idc_display_name: String,
    pub tags: BTreeMap<String, String>,
}

impl NewQev2IdcApplication {
    pub(crate) fn check(&self, instance: &InstanceArn) -> Result<(), ControlError> {
        check::application_name("Qev2IdcApplicationName", &self.name)?;
        check::display_name(&self.idc_display_name)?;
        check_instance(&self.idc_instance_arn, instance)?;
        tags::check(&self.tags)
    }
}
