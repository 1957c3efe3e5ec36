//! Tags of namespaces and workgroups.

use std::collections::BTreeMap;

use control::ControlError;
use serde::Deserialize;
use serde_json::json;
use sts::Ask;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::redshift::tags::insert;
use crate::resource_tags::pairs;
use crate::state::AwsState;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

/// `tags`, each key once.
pub(super) fn read(fields: &mut Fields) -> Result<Option<BTreeMap<String, String>>, ApiError> {
    let Some(given) = fields.optional::<Vec<Tag>>("tags")? else { return Ok(None) };
    let mut tags = BTreeMap::new();
    for Tag { key, value } in given {
        if let Some(key) = insert(&mut tags, key, value) {
            return Err(ApiError::InvalidParameter {
                parameter: "tags",
                rule: format!("the key {key:?} is given twice"),
            });
        }
    }
    Ok(Some(tags))
}

/// An ARN of another service has its tags there, behind that service's permissions.
fn check_own(arn: &str) -> Result<(), ApiError> {
    let own = arn.starts_with("arn:aws:redshift-serverless:");
    if own { Ok(()) } else { Err(ControlError::ResourceNotFound(arn.to_owned()).into()) }
}

#[derive(Debug)]
pub(super) struct TagResource {
    arn: String,
    tags: BTreeMap<String, String>,
}

impl TagResource {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let missing = ApiError::MissingParameter { operation: Self::NAME, parameter: "tags" };
            Ok(Self { arn: fields.required("resourceArn")?, tags: read(fields)?.ok_or(missing)? })
        })
    }
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, _: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, &self.arn).with_request_tags(pairs(&self.tags))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        check_own(&self.arn)?;
        context.state.control.tag(&self.arn, self.tags).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct UntagResource {
    arn: String,
    keys: Vec<String>,
}

impl UntagResource {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { arn: fields.required("resourceArn")?, keys: fields.required("tagKeys")? })
        })
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, _: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, &self.arn).with_all("aws:TagKeys", self.keys.clone())]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        check_own(&self.arn)?;
        context.state.control.untag(&self.arn, &self.keys).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct ListTagsForResource(String);

impl ListTagsForResource {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| fields.required("resourceArn").map(Self))
    }
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";

    fn resource(&self, _: &AwsState) -> String {
        self.0.clone()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        check_own(&self.0)?;
        let tags = context.state.control.tags(&self.0)?;
        let tags = tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect::<Vec<_>>();
        Ok(Answer::Json(json!({ "tags": tags })))
    }
}
