//! Which services work across the organisation, who administers them, and tags.

use serde_json::{Value, json};

use super::organization::Organization;
use super::parameters::{
    id, invalid, invalid_token, is_account, is_root, is_unit, not_found, page, parse, records, token,
};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::next_token;
use crate::state::AwsState;

/// The services of this server that use people and groups of Identity Center, in order of their names.
const SERVICES: [&str; 2] = ["redshift.amazonaws.com", "sso.amazonaws.com"];

#[derive(Debug)]
pub(super) struct ListAwsServiceAccessForOrganization {
    after: Option<String>,
    records: usize,
}

impl ListAwsServiceAccessForOrganization {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| {
            let records = records(fields)?;
            Ok(Self { after: fields.position().map_err(|_| invalid_token())?, records })
        })
    }
}

impl Operation for ListAwsServiceAccessForOrganization {
    const NAME: &'static str = "ListAWSServiceAccessForOrganization";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let enabled = Organization::of(context.state).instance().created.unix_timestamp();
        let mut rest =
            SERVICES.iter().filter(|service| self.after.as_ref().is_none_or(|after| **service > after.as_str()));
        let page: Vec<&&str> = rest.by_ref().take(self.records).collect();
        let show = |service| json!({ "ServicePrincipal": service, "DateEnabled": enabled });
        let mut answer = json!({ "EnabledServicePrincipals": page.iter().map(show).collect::<Vec<_>>() });
        if let (Some(_), Some(last), Some(members)) = (rest.next(), page.last(), answer.as_object_mut()) {
            members.insert("NextToken".to_owned(), next_token(Self::NAME, last).into());
        }
        Ok(Answer::Json(answer))
    }
}

/// There are none: the one account is the management account.
#[derive(Debug)]
pub(super) struct ListDelegatedAdministrators;

impl ListDelegatedAdministrators {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| {
            page(fields)?;
            match fields.optional::<String>("ServicePrincipal")? {
                Some(service) if !SERVICES.contains(&service.as_str()) => {
                    let message =
                        format!("You specified a service principal that isn't one of {}.", SERVICES.join(", "));
                    Err(invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", message))
                }
                Some(_) | None => Ok(Self),
            }
        })
    }
}

impl Operation for ListDelegatedAdministrators {
    const NAME: &'static str = "ListDelegatedAdministrators";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(Answer::Json(json!({ "DelegatedAdministrators": [] })))
    }
}

/// Nothing has tags: there is no operation that would give it one.
#[derive(Debug)]
pub(super) struct ListTagsForResource {
    resource: String,
}

impl ListTagsForResource {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        parse(Self::NAME, body, |fields| {
            token(fields)?;
            let is = |text: &str| is_account(text) || is_root(text) || is_unit(text) || is_policy(text);
            let what = "the id of an account, a root (r-…), an organizational unit (ou-…) or a policy (p-…, rp-…)";
            Ok(Self { resource: id(fields, "ResourceId", is, what)? })
        })
    }
}

fn is_policy(id: &str) -> bool {
    let word = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    [("p-", 8), ("rp-", 4), ("rt-", 8)].iter().any(|(prefix, shortest)| {
        id.strip_prefix(prefix).is_some_and(|rest| (*shortest..=128).contains(&rest.len()) && word(rest))
    })
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let organization = Organization::of(context.state);
        if self.resource != organization.account() && self.resource != organization.root() {
            let message = "You specified a target that doesn't exist. ListRoots and ListAccounts show what there is.";
            return Err(not_found("TargetNotFoundException", message));
        }
        Ok(Answer::Json(json!({ "Tags": Vec::<Value>::new() })))
    }
}
