//! The applications of query editor v2.

use std::sync::Arc;

use base::id::Qev2IdcApplicationArn;
use center::ApplicationGrants;

use super::applications::Managed;
use super::inner::Inner;
use crate::{ControlError, ControlWrite, NewQev2IdcApplication, OnboardStatus, QEV2_PROVIDER_ARN, Qev2IdcApplication};

impl Inner {
    pub(super) async fn create_qev2_application(
        self: Arc<Self>,
        new: NewQev2IdcApplication,
    ) -> Result<Arc<Qev2IdcApplication>, ControlError> {
        let _applications = self.applications.lock().await;
        if self.read().qev2_application_named(&new.name) {
            return Err(ControlError::Qev2IdcApplicationAlreadyExists { name: new.name });
        }
        let managed = Managed {
            provider: QEV2_PROVIDER_ARN,
            display_name: &new.idc_display_name,
            // No redirect is known before there is an editor to send a code to: sso-admin PutApplicationGrant adds it.
            grants: ApplicationGrants { authorization_code: None, refresh_token: true, token_exchange: false },
            connect: true,
        };
        let managed = self.create_managed(managed).await?;
        let application = Qev2IdcApplication {
            arn: Qev2IdcApplicationArn::new(self.arns.redshift("qev2idcapplication", &base::id::uuid())),
            name: new.name,
            idc_instance_arn: new.idc_instance_arn,
            idc_managed_application_arn: managed.arn.clone(),
            idc_display_name: new.idc_display_name,
            onboard_status: OnboardStatus::Completed,
            tags: new.tags,
            created: self.clock.now(),
        };
        let turn = self.turn().await;
        if let Err(error) = self.commit(&turn, ControlWrite::PutQev2Application(application.clone())).await {
            self.discard_managed(&managed.arn).await;
            return Err(error);
        }
        Ok(Arc::new(application))
    }

    pub(super) async fn modify_qev2_application(
        self: Arc<Self>,
        arn: Qev2IdcApplicationArn,
        idc_display_name: Option<String>,
    ) -> Result<Arc<Qev2IdcApplication>, ControlError> {
        let _applications = self.applications.lock().await;
        let application = self.known_qev2_application(&arn)?;
        let Some(name) = idc_display_name else { return Ok(application) };
        let managed = &application.idc_managed_application_arn;
        self.rename_managed(managed, &name).await?;
        let turn = self.turn().await;
        // As it is now: its tags may have changed meanwhile.
        let mut changed = Qev2IdcApplication::clone(&*self.known_qev2_application(&arn)?);
        changed.idc_display_name = name;
        if let Err(error) = self.commit(&turn, ControlWrite::PutQev2Application(changed.clone())).await {
            if self.rename_managed(managed, &application.idc_display_name).await.is_err() {
                tracing::warn!(arn = %managed, "a change of this managed application that failed could not be taken back");
            }
            return Err(error);
        }
        Ok(Arc::new(changed))
    }

    pub(super) async fn delete_qev2_application(
        self: Arc<Self>,
        arn: Qev2IdcApplicationArn,
    ) -> Result<(), ControlError> {
        let _applications = self.applications.lock().await;
        let application = self.known_qev2_application(&arn)?;
        self.delete_managed(&application.idc_managed_application_arn).await?;
        let turn = self.turn().await;
        self.commit(&turn, ControlWrite::DeleteQev2Application(arn)).await
    }

    fn known_qev2_application(&self, arn: &Qev2IdcApplicationArn) -> Result<Arc<Qev2IdcApplication>, ControlError> {
        let application = self.read().qev2_applications.get(arn).cloned();
        application.ok_or_else(|| ControlError::Qev2IdcApplicationNotExists(arn.clone()))
    }
}
