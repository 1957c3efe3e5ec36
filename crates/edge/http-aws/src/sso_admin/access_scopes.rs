//! What an application's tokens may be used for, and where.

use std::collections::BTreeSet;
use std::ops::Bound;

use base::id::ApplicationArn;
use center::CenterError;
use center::rules::scope_shape;
use serde_json::{Value, json};

use super::fields::{application, check, find, invalid, is_application_arn, is_instance_arn, listed};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

/// Records of one page of ListApplicationAccessScopes.
const RECORDS_MAX: usize = 10;

fn show(scope: &str, targets: &BTreeSet<String>) -> Value {
    let mut shown = json!({ "Scope": scope });
    if let (false, Some(members)) = (targets.is_empty(), shown.as_object_mut()) {
        members.insert("AuthorizedTargets".to_owned(), json!(targets));
    }
    shown
}

#[derive(Debug)]
pub(super) struct PutApplicationAccessScope {
    application: ApplicationArn,
    scope: String,
    targets: BTreeSet<String>,
}

impl PutApplicationAccessScope {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let targets: Option<BTreeSet<String>> = fields.optional("AuthorizedTargets")?;
            // An empty list would mean the opposite of what it says.
            if targets.as_ref().is_some_and(BTreeSet::is_empty) {
                return Err(invalid("AuthorizedTargets", "it has 1 to 10 targets; leave it out for any application"));
            }
            let targets = targets.unwrap_or_default();
            for target in &targets {
                check("AuthorizedTargets", target, |arn| is_application_arn(arn) || is_instance_arn(arn))?;
            }
            Ok(Self { application: application(fields)?, scope: fields.required("Scope")?, targets })
        })
    }
}

impl Operation for PutApplicationAccessScope {
    const NAME: &'static str = "PutApplicationAccessScope";

    fn resource(&self, _: &AwsState) -> String {
        self.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.center.put_scope(&self.application, &self.scope, self.targets).await?;
        Ok(Answer::Json(json!({})))
    }
}

/// The parameters of GetApplicationAccessScope and DeleteApplicationAccessScope.
#[derive(Debug)]
struct Named {
    application: ApplicationArn,
    scope: String,
}

impl Named {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let (application, scope) = (application(fields)?, fields.required::<String>("Scope")?);
        scope_shape(&scope)?;
        Ok(Self { application, scope })
    }
}

#[derive(Debug)]
pub(super) struct GetApplicationAccessScope(Named);

impl GetApplicationAccessScope {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Named::read(fields).map(Self))
    }
}

impl Operation for GetApplicationAccessScope {
    const NAME: &'static str = "GetApplicationAccessScope";

    fn resource(&self, _: &AwsState) -> String {
        self.0.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Named { application, scope } = self.0;
        let found = find(context.state, &application)?;
        match found.scopes.get(&scope) {
            Some(targets) => Ok(Answer::Json(show(&scope, targets))),
            None => Err(CenterError::SettingNotFound { application, setting: format!("access scope {scope}") }.into()),
        }
    }
}

#[derive(Debug)]
pub(super) struct DeleteApplicationAccessScope(Named);

impl DeleteApplicationAccessScope {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Named::read(fields).map(Self))
    }
}

impl Operation for DeleteApplicationAccessScope {
    const NAME: &'static str = "DeleteApplicationAccessScope";

    fn resource(&self, _: &AwsState) -> String {
        self.0.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.center.delete_scope(&self.0.application, &self.0.scope).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct ListApplicationAccessScopes {
    application: ApplicationArn,
    after: Option<String>,
    records: usize,
}

impl ListApplicationAccessScopes {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let records = fields.optional("MaxResults")?.unwrap_or(RECORDS_MAX);
            if !(1..=RECORDS_MAX).contains(&records) {
                return Err(invalid("MaxResults", "it must be a number from 1 to 10"));
            }
            Ok(Self { application: application(fields)?, after: fields.position()?, records })
        })
    }
}

impl Operation for ListApplicationAccessScopes {
    const NAME: &'static str = "ListApplicationAccessScopes";

    fn resource(&self, _: &AwsState) -> String {
        self.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let application = find(context.state, &self.application)?;
        let start = self.after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut following = application.scopes.range::<str, _>((start, Bound::Unbounded));
        let page: Vec<_> = following.by_ref().take(self.records).collect();
        let next = page.last().filter(|_| following.next().is_some()).map(|(scope, _)| scope.as_str());
        let shown = page.iter().map(|(scope, targets)| show(scope, targets)).collect();
        Ok(Answer::Json(listed(Self::NAME, "Scopes", shown, next)))
    }
}
