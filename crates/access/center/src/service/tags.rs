//! Tags of the instance and of applications.

use std::collections::BTreeMap;

use base::id::ApplicationArn;

use super::Center;
use crate::{CenterError, rules};

impl Center {
    /// The tags of the instance or an application.
    ///
    /// # Errors
    /// [`CenterError::ResourceNotFound`].
    pub fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, CenterError> {
        if arn == self.instance.arn.as_str() {
            return Ok(self.instance_settings().tags.clone());
        }
        let application = self.application(&ApplicationArn::new(arn));
        application.map(|one| one.tags.clone()).ok_or_else(|| CenterError::ResourceNotFound(arn.to_owned()))
    }

    /// Sets these tags and leaves the others as they are.
    ///
    /// # Errors
    /// [`CenterError::Invalid`], [`CenterError::ResourceNotFound`], [`CenterError::TooMany`], [`CenterError::Store`].
    pub async fn tag(&self, arn: &str, tags: BTreeMap<String, String>) -> Result<(), CenterError> {
        rules::tags(&tags)?;
        self.change_tags(arn, |present| {
            present.extend(tags);
            rules::tag_count(present)
        })
        .await
    }

    /// Removes the tags with these keys. A key that isn't there is no error.
    ///
    /// # Errors
    /// [`CenterError::ResourceNotFound`], [`CenterError::Store`].
    pub async fn untag(&self, arn: &str, keys: &[String]) -> Result<(), CenterError> {
        self.change_tags(arn, |present| {
            for key in keys {
                present.remove(key);
            }
            Ok(())
        })
        .await
    }

    async fn change_tags(
        &self,
        arn: &str,
        edit: impl FnOnce(&mut BTreeMap<String, String>) -> Result<(), CenterError> + Send,
    ) -> Result<(), CenterError> {
        if arn == self.instance.arn.as_str() {
            return self.change_settings(|settings| edit(&mut settings.tags)).await;
        }
        let changed = self.change(&ApplicationArn::new(arn), |application| edit(&mut application.tags)).await;
        changed.map_err(|error| match error {
            CenterError::ApplicationNotFound(arn) => CenterError::ResourceNotFound(arn.as_str().to_owned()),
            other @ (CenterError::ResourceNotFound(_)
            | CenterError::SettingNotFound { .. }
            | CenterError::PrincipalNotFound(_)
            | CenterError::AssignmentExists { .. }
            | CenterError::AssignmentNotFound { .. }
            | CenterError::ClientTokenReused
            | CenterError::TooMany { .. }
            | CenterError::Invalid { .. }
            | CenterError::Store(_)) => other,
        })
    }
}
