//! The one account.

use serde_json::{Value, json};

use super::organization::Organization;
use super::parameters::{id, is_account, not_found, page, parent, parse};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::state::AwsState;

/// The account has the instance's name, where it has one.
fn show(state: &AwsState) -> Value {
    let organization = Organization::of(state);
    let account = organization.account();
    json!({
        "Id": account,
        "Arn": organization.account_arn(),
        "Email": organization.email(),
        "Name": state.center.instance_settings().name.as_deref().unwrap_or(account),
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "Paths": [format!("{}/{}/{account}/", organization.id(), organization.root())],
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": organization.instance().created.unix_timestamp(),
    })
}

#[derive(Debug)]
pub(super) struct ListAccounts;

impl ListAccounts {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| page(fields).map(|()| Self))
    }
}

impl Operation for ListAccounts {
    const NAME: &'static str = "ListAccounts";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(Answer::Json(json!({ "Accounts": [show(context.state)] })))
    }
}

#[derive(Debug)]
pub(super) struct DescribeAccount(String);

impl DescribeAccount {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| id(fields, "AccountId", is_account, "twelve digits").map(Self))
    }
}

impl Operation for DescribeAccount {
    const NAME: &'static str = "DescribeAccount";

    fn resource(&self, state: &AwsState) -> String {
        let organization = Organization::of(state);
        format!("arn:aws:organizations::{}:account/{}/{}", organization.account(), organization.id(), self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let organization = Organization::of(context.state);
        if self.0 != organization.account() {
            let message = "You specified an account that doesn't exist. ListAccounts shows the account.";
            return Err(not_found("AccountNotFoundException", message));
        }
        Ok(Answer::Json(json!({ "Account": show(context.state) })))
    }
}

#[derive(Debug)]
pub(super) struct ListAccountsForParent(String);

impl ListAccountsForParent {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| {
            page(fields)?;
            parent(fields).map(Self)
        })
    }
}

impl Operation for ListAccountsForParent {
    const NAME: &'static str = "ListAccountsForParent";

    fn resource(&self, state: &AwsState) -> String {
        Organization::of(state).root_arn()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        Organization::of(context.state).check_parent(&self.0)?;
        Ok(Answer::Json(json!({ "Accounts": [show(context.state)] })))
    }
}
