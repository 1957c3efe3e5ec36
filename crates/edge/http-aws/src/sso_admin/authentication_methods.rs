//! Which programs may get tokens in an application's name: its actor policy.

use base::id::ApplicationArn;
use center::{ActorPolicy, Application, CenterError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fields::{application, find, invalid, listed, only_page};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Iam {
    actor_policy: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AuthenticationMethod {
    iam: Iam,
}

/// The application, and `AuthenticationMethodType`, of which there is one.
fn named(fields: &mut Fields) -> Result<ApplicationArn, ApiError> {
    let application = application(fields)?;
    match fields.required::<String>("AuthenticationMethodType")?.as_str() {
        "IAM" => Ok(application),
        _ => Err(invalid("AuthenticationMethodType", "it must be IAM")),
    }
}

fn show(application: &Application) -> Option<Value> {
    let policy = application.authentication.as_ref()?;
    Some(json!({ "Iam": { "ActorPolicy": policy.document() } }))
}

#[derive(Debug)]
pub(super) struct PutApplicationAuthenticationMethod {
    application: ApplicationArn,
    policy: ActorPolicy,
}

impl PutApplicationAuthenticationMethod {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let application = named(fields)?;
            let given: AuthenticationMethod = fields.required("AuthenticationMethod")?;
            Ok(Self { application, policy: ActorPolicy::parse(given.iam.actor_policy)? })
        })
    }
}

impl Operation for PutApplicationAuthenticationMethod {
    const NAME: &'static str = "PutApplicationAuthenticationMethod";

    fn resource(&self, _: &AwsState) -> String {
        self.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.center.put_authentication(&self.application, self.policy).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct GetApplicationAuthenticationMethod(ApplicationArn);

impl GetApplicationAuthenticationMethod {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| named(fields).map(Self))
    }
}

impl Operation for GetApplicationAuthenticationMethod {
    const NAME: &'static str = "GetApplicationAuthenticationMethod";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let shown = show(&*find(context.state, &self.0)?);
        let shown = shown.ok_or_else(|| CenterError::SettingNotFound {
            application: self.0,
            setting: "authentication method IAM".to_owned(),
        })?;
        Ok(Answer::Json(json!({ "AuthenticationMethod": shown })))
    }
}

#[derive(Debug)]
pub(super) struct ListApplicationAuthenticationMethods(ApplicationArn);

impl ListApplicationAuthenticationMethods {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            only_page(fields)?;
            application(fields).map(Self)
        })
    }
}

impl Operation for ListApplicationAuthenticationMethods {
    const NAME: &'static str = "ListApplicationAuthenticationMethods";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let method = show(&*find(context.state, &self.0)?);
        let shown = method.map(|method| json!({ "AuthenticationMethodType": "IAM", "AuthenticationMethod": method }));
        Ok(Answer::Json(listed(Self::NAME, "AuthenticationMethods", shown.into_iter().collect(), None)))
    }
}

#[derive(Debug)]
pub(super) struct DeleteApplicationAuthenticationMethod(ApplicationArn);

impl DeleteApplicationAuthenticationMethod {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| named(fields).map(Self))
    }
}

impl Operation for DeleteApplicationAuthenticationMethod {
    const NAME: &'static str = "DeleteApplicationAuthenticationMethod";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.center.delete_authentication(&self.0).await?;
        Ok(Answer::Json(json!({})))
    }
}
