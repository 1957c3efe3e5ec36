//! The tree: the root, and the account below it.

use serde_json::json;

use super::organization::Organization;
use super::parameters::{id, invalid, is_account, is_unit, not_found, page, parent, parse};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct ListParents {
    child: String,
}

impl ListParents {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| {
            page(fields)?;
            let what = "the id of an account (twelve digits) or of an organizational unit (ou-…)";
            let child = id(fields, "ChildId", |text| is_account(text) || is_unit(text), what)?;
            Ok(Self { child })
        })
    }
}

impl Operation for ListParents {
    const NAME: &'static str = "ListParents";

    fn resource(&self, state: &AwsState) -> String {
        Organization::of(state).account_arn()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let organization = Organization::of(context.state);
        if self.child != organization.account() {
            let message = "You specified a child that doesn't exist. ListAccounts shows the account.";
            return Err(not_found("ChildNotFoundException", message));
        }
        Ok(Answer::Json(json!({ "Parents": [{ "Id": organization.root(), "Type": "ROOT" }] })))
    }
}

#[derive(Debug)]
pub(super) struct ListChildren {
    parent: String,
    accounts: bool,
}

impl ListChildren {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| {
            page(fields)?;
            let parent = parent(fields)?;
            let accounts = match fields.required::<String>("ChildType")?.as_str() {
                "ACCOUNT" => true,
                "ORGANIZATIONAL_UNIT" => false,
                _ => {
                    let message = "ChildType must be ACCOUNT or ORGANIZATIONAL_UNIT.";
                    return Err(invalid("INVALID_ENUM", message.to_owned()));
                }
            };
            Ok(Self { parent, accounts })
        })
    }
}

impl Operation for ListChildren {
    const NAME: &'static str = "ListChildren";

    fn resource(&self, state: &AwsState) -> String {
        Organization::of(state).root_arn()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let organization = Organization::of(context.state);
        organization.check_parent(&self.parent)?;
        let account = self.accounts.then(|| json!({ "Id": organization.account(), "Type": "ACCOUNT" }));
        Ok(Answer::Json(json!({ "Children": account.into_iter().collect::<Vec<_>>() })))
    }
}

/// There are none.
#[derive(Debug)]
pub(super) struct ListOrganizationalUnitsForParent {
    parent: String,
}

impl ListOrganizationalUnitsForParent {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| {
            page(fields)?;
            Ok(Self { parent: parent(fields)? })
        })
    }
}

impl Operation for ListOrganizationalUnitsForParent {
    const NAME: &'static str = "ListOrganizationalUnitsForParent";

    fn resource(&self, state: &AwsState) -> String {
        Organization::of(state).root_arn()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        Organization::of(context.state).check_parent(&self.parent)?;
        Ok(Answer::Json(json!({ "OrganizationalUnits": [] })))
    }
}
