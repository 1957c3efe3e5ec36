//! The organisation and its root.

use center::Instance;
use serde_json::{Value, json};

use super::parameters::{not_found, page, parse};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

/// The organisation as it follows from the Identity Center instance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Organization<'a> {
    instance: &'a Instance,
}

impl<'a> Organization<'a> {
    pub(super) fn of(state: &'a AwsState) -> Self {
        Self { instance: state.center.instance() }
    }

    pub(super) const fn instance(&self) -> &'a Instance {
        self.instance
    }

    pub(super) fn account(&self) -> &'a str {
        &self.instance.owner_account
    }

    /// `o-<10 hex>`: the beginning of the instance's own number.
    pub(super) fn id(&self) -> String {
        format!("o-{}", self.number().take(10).collect::<String>())
    }

    /// `r-<4 hex>`: the rest of it.
    pub(super) fn root(&self) -> String {
        format!("r-{}", self.number().skip(10).take(4).collect::<String>())
    }

    fn number(&self) -> impl Iterator<Item = char> + 'a {
        self.instance.id().trim_start_matches("ssoins-").chars()
    }

    /// Nobody can send mail there (RFC 2606), and nobody has to.
    pub(super) fn email(&self) -> String {
        format!("root@{}.gatehouse.invalid", self.account())
    }

    /// `arn:aws:organizations::ACCOUNT:<resource>`
    fn arn(&self, resource: &str) -> String {
        format!("arn:aws:organizations::{}:{resource}", self.account())
    }

    pub(super) fn account_arn(&self) -> String {
        self.arn(&format!("account/{}/{}", self.id(), self.account()))
    }

    pub(super) fn own_arn(&self) -> String {
        self.arn(&format!("organization/{}", self.id()))
    }

    pub(super) fn root_arn(&self) -> String {
        self.arn(&format!("root/{}/{}", self.id(), self.root()))
    }

    /// There are no organizational units, so the root is the one parent.
    pub(super) fn check_parent(&self, id: &str) -> Result<(), ApiError> {
        if id == self.root() {
            return Ok(());
        }
        Err(not_found(
            "ParentNotFoundException",
            "You specified a parent that doesn't exist. ListRoots shows the root.",
        ))
    }
}

#[derive(Debug)]
pub(super) struct DescribeOrganization;

impl DescribeOrganization {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |_| Ok(Self))
    }
}

impl Operation for DescribeOrganization {
    const NAME: &'static str = "DescribeOrganization";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let organization = Organization::of(context.state);
        Ok(Answer::Json(json!({ "Organization": {
            "Id": organization.id(),
            "Arn": organization.own_arn(),
            "FeatureSet": "ALL",
            "MasterAccountArn": organization.account_arn(),
            "MasterAccountId": organization.account(),
            "MasterAccountEmail": organization.email(),
            "AvailablePolicyTypes": [],
        }})))
    }
}

#[derive(Debug)]
pub(super) struct ListRoots;

impl ListRoots {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| page(fields).map(|()| Self))
    }
}

impl Operation for ListRoots {
    const NAME: &'static str = "ListRoots";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let organization = Organization::of(context.state);
        let root: Value = json!({
            "Id": organization.root(),
            "Arn": organization.root_arn(),
            "Name": "Root",
            "PolicyTypes": [],
        });
        Ok(Answer::Json(json!({ "Roots": [root] })))
    }
}
