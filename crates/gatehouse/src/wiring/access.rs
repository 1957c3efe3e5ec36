//! Who may use which Redshift application: Identity Center's assignments, asked with the person's groups.

use std::sync::Arc;

use base::id::{ApplicationArn, DirectoryGroupId};
use center::Center;
use control::Control;
use directory::{ActiveUser, Directory};
use tokens::{AccessDecision, NotAssigned};

#[derive(Debug)]
pub(crate) struct CenterAccess {
    center: Arc<Center>,
    control: Arc<Control>,
    directory: Arc<Directory>,
}

impl CenterAccess {
    pub(crate) fn new(center: &Arc<Center>, control: &Arc<Control>, directory: &Arc<Directory>) -> Self {
        Self { center: Arc::clone(center), control: Arc::clone(control), directory: Arc::clone(directory) }
    }

    /// The application of the default warehouse: what the drivers mean, since they name none.
    fn default_application(&self) -> Option<ApplicationArn> {
        let cluster = self.control.default_cluster()?;
        let arn = cluster.idc_application.as_ref()?;
        Some(self.control.idc_application(arn)?.idc_managed_application_arn.clone())
    }
}

impl AccessDecision for CenterAccess {
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NotAssigned> {
        let Some(application) = self.default_application() else {
            return Err(NotAssigned {
                application: None,
                reason: "The warehouse isn't connected to an Amazon Redshift application of IAM Identity Center.".to_owned(),
                hint: "Ask your administrator to create one (redshift CreateRedshiftIdcApplication) and connect the warehouse."
                    .to_owned(),
            });
        };
        self.may_use(user, &application).map(|()| application)
    }

    fn may_use(&self, user: &ActiveUser, application: &ApplicationArn) -> Result<(), NotAssigned> {
        let groups = self.directory.groups_of(user.id());
        let ids: Vec<DirectoryGroupId> = groups.iter().map(|group| group.id.clone()).collect();
        let decision = self.center.decide(application, user.id(), &ids);
        if decision.allowed {
            return Ok(());
        }
        let names: Vec<_> = groups.iter().map(|group| format!("\"{}\"", group.display_name)).collect();
        let member_of = if names.is_empty() { "no group".to_owned() } else { names.join(", ") };
        let known = self.center.application(application).is_some();
        let reason = if known {
            format!(
                "User \"{}\" is not assigned to the application {application}, directly or by a group; the user is in {member_of}.",
                user.user_name()
            )
        } else {
            format!("The application {application} does not exist.")
        };
        Err(NotAssigned {
            application: Some(application.clone()),
            reason,
            hint: "Ask your administrator to assign you or one of your groups (sso-admin CreateApplicationAssignment)."
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
