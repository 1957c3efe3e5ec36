//! GetCredentials: a temporary password of the database user that is the IAM identity's own.

use base::ErrorKind;
use base::id::{WarehouseId, WorkgroupName};
use control::ControlError;
use credentials::name;
use serde_json::json;
use sts::Ask;

use super::workgroups;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::redshift::credentials::{ROLES_TAG, Wanted, check_db_name, mint, own_user, roles, valid};
use crate::state::AwsState;

/// `workgroupName` | `customDomainName` (`dbName`, `durationSeconds` 900..3600) → `dbUser` (`IAM:…`, `IAMR:…`), `dbPassword`,
/// `expiration`, `nextRefreshTime`.
#[derive(Debug)]
pub(super) struct GetCredentials {
    workgroup: Option<WorkgroupName>,
    custom_domain: Option<String>,
    db_name: Option<String>,
    seconds: Option<i64>,
}

impl GetCredentials {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self {
                workgroup: fields.optional::<String>("workgroupName")?.map(WorkgroupName::new),
                custom_domain: fields.optional("customDomainName")?,
                db_name: fields.optional::<String>("dbName")?.filter(|text| !text.is_empty()),
                seconds: fields.optional("durationSeconds")?,
            })
        })
    }

    /// `None`: the call leads to no workgroup, whoever makes it.
    fn named(&self) -> Option<&WorkgroupName> {
        self.workgroup.as_ref().filter(|_| self.custom_domain.is_none())
    }

    fn warehouse(&self, context: &Context<'_>) -> Result<WarehouseId, ApiError> {
        match (&self.workgroup, &self.custom_domain) {
            (Some(_), Some(_)) => {
                Err(ApiError::ParameterCombination { one: "workgroupName", other: "customDomainName" })
            }
            (None, None) => Err(ApiError::MissingParameter { operation: Self::NAME, parameter: "workgroupName" }),
            (None, Some(domain)) => Err(ApiError::Named {
                kind: ErrorKind::NotFound,
                status: 400,
                code: "ResourceNotFoundException",
                message: format!(
                    "No workgroup has the custom domain name {domain:?}: this server has none. Give workgroupName."
                ),
                members: Vec::new(),
            }),
            (Some(name), None) => {
                let control = &context.state.control;
                let workgroup = control.workgroup(name).ok_or_else(|| ControlError::WorkgroupNotFound(name.clone()))?;
                let namespace = control.namespace(&workgroup.namespace);
                let namespace =
                    namespace.ok_or_else(|| ControlError::NamespaceNotFound(workgroup.namespace.clone()))?;
                Ok(namespace.warehouse.clone())
            }
        }
    }
}

impl Operation for GetCredentials {
    const NAME: &'static str = "GetCredentials";

    fn resource(&self, state: &AwsState) -> String {
        self.named().map_or_else(|| "*".to_owned(), |name| workgroups::resource(state, name))
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let Some(name) = self.named() else { return Vec::new() };
        let ask = Ask::new("redshift-serverless:GetCredentials", workgroups::resource(state, name));
        let tags = state.control.workgroup(name).map(|workgroup| workgroup.tags.clone()).unwrap_or_default();
        vec![ask.with_resource_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let warehouse = self.warehouse(context)?;
        check_db_name("dbName", self.db_name.as_deref())?;
        let duration = valid("durationSeconds", name::duration(self.seconds))?;
        let (user, roles) = (own_user(context.caller, "ValidationException")?, roles(context.caller)?);
        let asks = self.asks(context.state);
        let (db_name, groups) = (self.db_name, Vec::new());
        let wanted = Wanted { warehouse, user, db_name, groups, roles, asks, tags: &[ROLES_TAG] };
        let minted = mint(context, wanted, duration).await?;
        let expires = minted.expires.unix_timestamp();
        Ok(Answer::Json(json!({
            "dbUser": minted.login_name,
            "dbPassword": minted.password.expose(),
            "expiration": expires,
            "nextRefreshTime": expires,
        })))
    }
}
