//! The applications that connect warehouses to Identity Center.

use std::sync::Arc;

use base::id::RedshiftIdcApplicationArn;
use center::{ApplicationEdit, ApplicationGrants};

use super::applications::Managed;
use super::inner::Inner;
use crate::{
    ControlError, ControlWrite, DEFAULT_IDENTITY_NAMESPACE, NewRedshiftIdcApplication, OnboardStatus,
    REDSHIFT_PROVIDER_ARN, RedshiftIdcApplication, RedshiftIdcApplicationEdit,
};

/// Where a driver on the person's own machine receives the code: loopback, with any port and path.
const DRIVER_REDIRECTS: [&str; 2] = ["http://127.0.0.1/", "http://localhost/"];

impl Inner {
    pub(super) async fn create_idc_application(
        self: Arc<Self>,
        new: NewRedshiftIdcApplication,
    ) -> Result<Arc<RedshiftIdcApplication>, ControlError> {
        let _applications = self.applications.lock().await;
        if self.read().idc_application_named(&new.name) {
            return Err(ControlError::RedshiftIdcApplicationAlreadyExists { name: new.name });
        }
        let managed = Managed {
            provider: REDSHIFT_PROVIDER_ARN,
            display_name: &new.idc_display_name,
            grants: ApplicationGrants {
                authorization_code: Some(DRIVER_REDIRECTS.map(str::to_owned).to_vec()),
                refresh_token: true,
                token_exchange: false,
            },
            connect: new.redshift_connect.unwrap_or(true),
        };
        let managed = self.create_managed(managed).await?;
        let application = RedshiftIdcApplication {
            arn: RedshiftIdcApplicationArn::new(self.arns.redshift("redshiftidcapplication", &base::id::uuid())),
            name: new.name,
            idc_instance_arn: new.idc_instance_arn,
            idc_managed_application_arn: managed.arn.clone(),
            idc_display_name: new.idc_display_name,
            identity_namespace: new.identity_namespace.unwrap_or_else(|| DEFAULT_IDENTITY_NAMESPACE.to_owned()),
            iam_role_arn: new.iam_role_arn,
            onboard_status: OnboardStatus::Completed,
            tags: new.tags,
            created: self.clock.now(),
        };
        let turn = self.turn().await;
        if let Err(error) = self.commit(&turn, ControlWrite::PutIdcApplication(application.clone())).await {
            self.discard_managed(&managed.arn).await;
            return Err(error);
        }
        Ok(Arc::new(application))
    }

    /// What ends access comes first. Where a later step fails, the earlier ones are taken back.
    pub(super) async fn modify_idc_application(
        self: Arc<Self>,
        arn: RedshiftIdcApplicationArn,
        edit: RedshiftIdcApplicationEdit,
    ) -> Result<Arc<RedshiftIdcApplication>, ControlError> {
        let _applications = self.applications.lock().await;
        let managed = self.known_idc_application(&arn)?.idc_managed_application_arn.clone();
        let before = self.center.application(&managed);
        let outcome = self.carry_out(&arn, edit).await;
        if let (Err(_), Some(before)) = (&outcome, before) {
            let name = ApplicationEdit { name: Some(before.name.clone()), ..ApplicationEdit::default() };
            let renamed = self.center.update_application(&managed, name).await;
            let connected =
                self.set_connects(&managed, before.scopes.contains_key(center::REDSHIFT_CONNECT_SCOPE)).await;
            if renamed.is_err() || connected.is_err() {
                tracing::warn!(arn = %managed, "a change of this managed application that failed could not be taken back");
            }
        }
        outcome
    }

    async fn carry_out(
        &self,
        arn: &RedshiftIdcApplicationArn,
        edit: RedshiftIdcApplicationEdit,
    ) -> Result<Arc<RedshiftIdcApplication>, ControlError> {
        let managed = self.known_idc_application(arn)?.idc_managed_application_arn.clone();
        if let Some(connect) = edit.redshift_connect {
            self.set_connects(&managed, connect).await?;
        }
        if let Some(name) = &edit.idc_display_name {
            self.rename_managed(&managed, name).await?;
        }
        let turn = self.turn().await;
        let mut application = RedshiftIdcApplication::clone(&*self.known_idc_application(arn)?);
        application.identity_namespace = edit.identity_namespace.unwrap_or(application.identity_namespace);
        application.iam_role_arn = edit.iam_role_arn.unwrap_or(application.iam_role_arn);
        application.idc_display_name = edit.idc_display_name.unwrap_or(application.idc_display_name);
        self.commit(&turn, ControlWrite::PutIdcApplication(application.clone())).await?;
        Ok(Arc::new(application))
    }

    pub(super) async fn delete_idc_application(
        self: Arc<Self>,
        arn: RedshiftIdcApplicationArn,
    ) -> Result<(), ControlError> {
        let _applications = self.applications.lock().await;
        let application = self.known_idc_application(&arn)?;
        self.delete_managed(&application.idc_managed_application_arn).await?;
        let turn = self.turn().await;
        self.commit(&turn, ControlWrite::DeleteIdcApplication(arn)).await
    }

    fn known_idc_application(
        &self,
        arn: &RedshiftIdcApplicationArn,
    ) -> Result<Arc<RedshiftIdcApplication>, ControlError> {
        let application = self.read().idc_applications.get(arn).cloned();
        application.ok_or_else(|| ControlError::RedshiftIdcApplicationNotExists(arn.clone()))
    }
}
