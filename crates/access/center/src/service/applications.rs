//! Applications and their settings.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::ApplicationArn;
use serde_json::json;

use super::{APPLICATIONS_MAX, Center, LIST_RECORDS_MAX};
use crate::{
    ActorPolicy, Application, ApplicationEdit, CenterChange, CenterError, CenterWrite, Creation, GrantType,
    NewApplication, Page, rules,
};

impl Center {
    /// The applications that follow `after`, ordered by ARN; at most `records` (1 to [`LIST_RECORDS_MAX`], outside of it the
    /// nearest).
    #[must_use]
    pub fn applications_page(&self, after: Option<&ApplicationArn>, records: usize) -> Page<Arc<Application>> {
        self.read().applications_page(after, records.clamp(1, LIST_RECORDS_MAX))
    }

    /// [`Self::applications_page`] of one provider's applications.
    #[must_use]
    pub fn applications_of_provider(
        &self,
        provider_arn: &str,
        after: Option<&ApplicationArn>,
        records: usize,
    ) -> Page<Arc<Application>> {
        self.read().applications_of_provider(provider_arn, after, records.clamp(1, LIST_RECORDS_MAX))
    }

    /// Whether the grant authorization_code of some application lists this redirect URI, to the letter.
    #[must_use]
    pub fn lists_redirect_uri(&self, uri: &str) -> bool {
        self.read().lists_redirect_uri(uri)
    }

    /// # Errors
    /// [`CenterError::Invalid`] for a setting that breaks its rule, [`CenterError::ResourceNotFound`] for an authorized target,
    /// [`CenterError::TooMany`], [`CenterError::Store`].
    pub async fn create_application(&self, new: NewApplication) -> Result<Arc<Application>, CenterError> {
        self.create(new, None).await
    }

    /// [`Self::create_application`], once: the same token with the same application answers the one that it made, as long as that
    /// exists.
    ///
    /// # Errors
    /// As [`Self::create_application`], and [`CenterError::ClientTokenReused`] where the token came with something else before.
    pub async fn create_application_once(
        &self,
        new: NewApplication,
        client_token: &str,
    ) -> Result<Arc<Application>, CenterError> {
        rules::client_token(client_token)?;
        let creation = Creation { client_token: client_token.to_owned(), parameters: parameters(&new) };
        self.create(new, Some(creation)).await
    }

    async fn create(&self, new: NewApplication, creation: Option<Creation>) -> Result<Arc<Application>, CenterError> {
        rules::new_application(&new)?;
        let turn = self.kept.turn().await?;
        if let Some(creation) = &creation {
            let earlier = self.read().made_with(&creation.client_token).cloned();
            if let Some(earlier) = earlier {
                let same = earlier.creation.as_ref() == Some(creation);
                return if same { Ok(earlier) } else { Err(CenterError::ClientTokenReused) };
            }
        }
        if self.read().applications_count() >= APPLICATIONS_MAX {
            return Err(CenterError::TooMany { what: "applications", max: APPLICATIONS_MAX });
        }
        for targets in new.scopes.values() {
            self.check_targets(targets)?;
        }
        let (account, instance) = (&self.instance.owner_account, self.instance.id());
        let id = base::random::hex::<8>();
        let application = Application {
            arn: ApplicationArn::new(format!("arn:aws:sso::{account}:application/{instance}/apl-{id}")),
            provider_arn: new.provider_arn,
            name: new.name,
            description: new.description,
            status: new.status,
            assignment_required: new.assignment_required,
            grants: new.grants,
            authentication: None,
            scopes: new.scopes,
            tags: new.tags,
            creation,
            created: self.clock.now(),
        };
        let change = CenterChange::ApplicationChanged(application.arn.clone());
        turn.commit(CenterWrite::PutApplication(application.clone()), vec![change]).await?;
        Ok(Arc::new(application))
    }

    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::Invalid`], [`CenterError::Store`].
    pub async fn update_application(&self, arn: &ApplicationArn, edit: ApplicationEdit) -> Result<(), CenterError> {
        let ApplicationEdit { name, description, status } = edit;
        name.as_deref().map_or(Ok(()), rules::name)?;
        description.as_deref().map_or(Ok(()), rules::description)?;
        self.change(arn, |application| {
            if let Some(name) = name {
                application.name = name;
            }
            application.description = description.or_else(|| application.description.take());
            application.status = status.unwrap_or(application.status);
            Ok(())
        })
        .await
    }

    /// Deletes the application and its assignments.
    ///
    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::Store`].
    pub async fn delete_application(&self, arn: &ApplicationArn) -> Result<(), CenterError> {
        let turn = self.kept.turn().await?;
        self.known(arn)?;
        let change = CenterChange::ApplicationChanged(arn.clone());
        turn.commit(CenterWrite::DeleteApplication(arn.clone()), vec![change]).await
    }

    /// Says whether only those who are assigned may use the application.
    ///
    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::Store`].
    pub async fn set_assignment_required(&self, arn: &ApplicationArn, required: bool) -> Result<(), CenterError> {
        self.change(arn, |application| {
            application.assignment_required = required;
            Ok(())
        })
        .await
    }

    /// Adds a grant, or replaces its redirect URIs. Only [`GrantType::AuthorizationCode`] has any, 1 to 10.
    ///
    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::Invalid`], [`CenterError::Store`].
    pub async fn put_grant(
        &self,
        arn: &ApplicationArn,
        grant: GrantType,
        redirect_uris: Vec<String>,
    ) -> Result<(), CenterError> {
        match grant {
            GrantType::AuthorizationCode => rules::redirect_uris(&redirect_uris)?,
            GrantType::RefreshToken | GrantType::TokenExchange if redirect_uris.is_empty() => {}
            GrantType::RefreshToken | GrantType::TokenExchange => {
                let rule = "only the grant authorization_code has redirect URIs";
                return Err(CenterError::invalid("RedirectUris", rule));
            }
        }
        self.change(arn, |application| {
            let grants = &mut application.grants;
            match grant {
                GrantType::AuthorizationCode => grants.authorization_code = Some(redirect_uris),
                GrantType::RefreshToken => grants.refresh_token = true,
                GrantType::TokenExchange => grants.token_exchange = true,
            }
            Ok(())
        })
        .await
    }

    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::SettingNotFound`], [`CenterError::Store`].
    pub async fn delete_grant(&self, arn: &ApplicationArn, grant: GrantType) -> Result<(), CenterError> {
        self.change(arn, |application| {
            let grants = &mut application.grants;
            if !grants.has(grant) {
                return Err(missing(arn, format!("grant {}", grant.name())));
            }
            match grant {
                GrantType::AuthorizationCode => grants.authorization_code = None,
                GrantType::RefreshToken => grants.refresh_token = false,
                GrantType::TokenExchange => grants.token_exchange = false,
            }
            Ok(())
        })
        .await
    }

    /// Adds a scope, or replaces its targets: ARNs of applications or of the instance, at most 10; none means any application.
    ///
    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::Invalid`], [`CenterError::ResourceNotFound`] for a target,
    /// [`CenterError::Store`].
    pub async fn put_scope(
        &self,
        arn: &ApplicationArn,
        scope: &str,
        targets: BTreeSet<String>,
    ) -> Result<(), CenterError> {
        rules::scope(scope)?;
        rules::targets(&targets)?;
        self.change(arn, |application| {
            self.check_targets(&targets)?;
            application.scopes.insert(scope.to_owned(), targets);
            Ok(())
        })
        .await
    }

    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::SettingNotFound`], [`CenterError::Store`].
    pub async fn delete_scope(&self, arn: &ApplicationArn, scope: &str) -> Result<(), CenterError> {
        self.change(arn, |application| {
            let removed = application.scopes.remove(scope);
            removed.map(drop).ok_or_else(|| missing(arn, format!("access scope {scope}")))
        })
        .await
    }

    /// Says which programs may get tokens in the application's name.
    ///
    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::Store`].
    pub async fn put_authentication(&self, arn: &ApplicationArn, policy: ActorPolicy) -> Result<(), CenterError> {
        self.change(arn, |application| {
            application.authentication = Some(policy);
            Ok(())
        })
        .await
    }

    /// From now on no program may get tokens in the application's name.
    ///
    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::SettingNotFound`], [`CenterError::Store`].
    pub async fn delete_authentication(&self, arn: &ApplicationArn) -> Result<(), CenterError> {
        self.change(arn, |application| {
            let removed = application.authentication.take();
            removed.map(drop).ok_or_else(|| missing(arn, "authentication method IAM".to_owned()))
        })
        .await
    }

    fn check_targets(&self, targets: &BTreeSet<String>) -> Result<(), CenterError> {
        let state = self.read();
        let is_known = |target: &str| {
            target == self.instance.arn.as_str() || state.application(&ApplicationArn::new(target)).is_some()
        };
        match targets.iter().find(|target| !is_known(target)) {
            None => Ok(()),
            Some(target) => Err(CenterError::ResourceNotFound(target.clone())),
        }
    }
}

fn missing(application: &ApplicationArn, setting: String) -> CenterError {
    CenterError::SettingNotFound { application: application.clone(), setting }
}

/// Everything of a new application, in one order.
fn parameters(new: &NewApplication) -> String {
    let NewApplication { provider_arn, name, description, status, assignment_required, grants, scopes, tags } = new;
    json!([
        provider_arn,
        name,
        description,
        status.name(),
        assignment_required,
        [json!(grants.authorization_code), json!(grants.refresh_token), json!(grants.token_exchange)],
        scopes,
        tags,
    ])
    .to_string()
}
