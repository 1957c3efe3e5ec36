//! What both kinds of applications do with their managed application in Identity Center.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::id::ApplicationArn;
use center::{
    Application, ApplicationEdit, ApplicationGrants, ApplicationStatus, CenterError, NewApplication,
    REDSHIFT_CONNECT_SCOPE,
};

use super::inner::Inner;
use crate::ControlError;

/// Characters of an application's name in Identity Center, which are fewer than a display name's.
const CENTER_NAME_CHARACTERS_MAX: usize = 100;

/// What a managed application has in Identity Center.
#[derive(Debug)]
pub(super) struct Managed<'a> {
    pub(super) provider: &'a str,
    pub(super) display_name: &'a str,
    pub(super) grants: ApplicationGrants,
    pub(super) connect: bool,
}

impl Inner {
    /// Everybody needs an assignment.
    pub(super) async fn create_managed(&self, managed: Managed<'_>) -> Result<Arc<Application>, ControlError> {
        let scopes = managed.connect.then(|| (REDSHIFT_CONNECT_SCOPE.to_owned(), Default::default()));
        let new = NewApplication {
            provider_arn: managed.provider.to_owned(),
            name: center_name(managed.display_name),
            description: None,
            status: ApplicationStatus::Enabled,
            assignment_required: true,
            grants: managed.grants,
            scopes: scopes.into_iter().collect(),
            tags: BTreeMap::new(),
        };
        Ok(self.center.create_application(new).await?)
    }

    /// The managed application of a record that could not be written.
    pub(super) async fn discard_managed(&self, arn: &ApplicationArn) {
        if let Err(error) = self.center.delete_application(arn).await {
            tracing::warn!(%arn, %error, "the next start removes this managed application");
        }
    }

    /// Access ends with it. One that is gone already is fine: a second attempt goes on from there.
    pub(super) async fn delete_managed(&self, arn: &ApplicationArn) -> Result<(), ControlError> {
        match self.center.delete_application(arn).await {
            Ok(()) | Err(CenterError::ApplicationNotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn rename_managed(&self, arn: &ApplicationArn, display_name: &str) -> Result<(), ControlError> {
        let edit = ApplicationEdit { name: Some(center_name(display_name)), ..ApplicationEdit::default() };
        Ok(self.center.update_application(arn, edit).await?)
    }

    /// Whether tokens for the managed application may open warehouses.
    pub(super) fn connects(&self, arn: &ApplicationArn) -> bool {
        self.center.application(arn).is_some_and(|one| one.scopes.contains_key(REDSHIFT_CONNECT_SCOPE))
    }

    pub(super) async fn set_connects(&self, arn: &ApplicationArn, connect: bool) -> Result<(), ControlError> {
        match (self.connects(arn), connect) {
            (false, true) => Ok(self.center.put_scope(arn, REDSHIFT_CONNECT_SCOPE, Default::default()).await?),
            (true, false) => Ok(self.center.delete_scope(arn, REDSHIFT_CONNECT_SCOPE).await?),
            (true, true) | (false, false) => Ok(()),
        }
    }
}

fn center_name(display_name: &str) -> String {
    display_name.chars().take(CENTER_NAME_CHARACTERS_MAX).collect()
}
