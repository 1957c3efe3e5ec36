//! Tags of the instance and of applications.

use std::collections::BTreeMap;

use base::id::InstanceArn;
use serde::Deserialize;
use serde_json::json;
use sts::Ask;

use super::fields::{check, check_instance, invalid, is_instance_arn, is_taggable_arn, listed, only_page};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::resource_tags::pairs;
use crate::state::AwsState;

/// Tags and keys of one request (sso-admin `TagList`, `TagKeyList`).
const TAGS_MAX: usize = 75;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

/// `Tags`, where they may be left out.
pub(super) fn optional(fields: &mut Fields) -> Result<BTreeMap<String, String>, ApiError> {
    fields.optional::<Vec<Tag>>("Tags")?.map_or_else(|| Ok(BTreeMap::new()), by_key)
}

fn by_key(given: Vec<Tag>) -> Result<BTreeMap<String, String>, ApiError> {
    let count = given.len();
    if count > TAGS_MAX {
        return Err(invalid("Tags", "at most 75 tags are allowed"));
    }
    let tags: BTreeMap<_, _> = given.into_iter().map(|tag| (tag.key, tag.value)).collect();
    if tags.len() == count { Ok(tags) } else { Err(invalid("Tags", "a key is given twice")) }
}

/// `ResourceArn`, and `InstanceArn`, which says nothing more.
#[derive(Debug)]
struct Resource {
    arn: String,
    instance: Option<InstanceArn>,
}

impl Resource {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let arn: String = fields.required("ResourceArn")?;
        check("ResourceArn", &arn, is_taggable_arn)?;
        let instance: Option<String> = fields.optional("InstanceArn")?;
        instance.as_deref().map_or(Ok(()), |arn| check("InstanceArn", arn, is_instance_arn))?;
        Ok(Self { arn, instance: instance.map(InstanceArn::new) })
    }

    fn check(&self, state: &AwsState) -> Result<(), ApiError> {
        self.instance.as_ref().map_or(Ok(()), |arn| check_instance(state, arn))
    }
}

#[derive(Debug)]
pub(super) struct TagResource {
    resource: Resource,
    tags: BTreeMap<String, String>,
}

impl TagResource {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let resource = Resource::read(fields)?;
            Ok(Self { resource, tags: by_key(fields.required("Tags")?)? })
        })
    }
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";

    fn resource(&self, _: &AwsState) -> String {
        self.resource.arn.clone()
    }

    fn asks(&self, _: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, &self.resource.arn).with_request_tags(pairs(&self.tags))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        self.resource.check(context.state)?;
        context.state.center.tag(&self.resource.arn, self.tags).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct UntagResource {
    resource: Resource,
    keys: Vec<String>,
}

impl UntagResource {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let resource = Resource::read(fields)?;
            let keys: Vec<String> = fields.required("TagKeys")?;
            if !(1..=TAGS_MAX).contains(&keys.len()) {
                return Err(invalid("TagKeys", "1 to 75 keys are allowed"));
            }
            Ok(Self { resource, keys })
        })
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";

    fn resource(&self, _: &AwsState) -> String {
        self.resource.arn.clone()
    }

    fn asks(&self, _: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, &self.resource.arn).with_all("aws:TagKeys", self.keys.clone())]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        self.resource.check(context.state)?;
        context.state.center.untag(&self.resource.arn, &self.keys).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct ListTagsForResource(Resource);

impl ListTagsForResource {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            only_page(fields)?;
            Resource::read(fields).map(Self)
        })
    }
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";

    fn resource(&self, _: &AwsState) -> String {
        self.0.arn.clone()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        self.0.check(context.state)?;
        let tags = context.state.center.tags(&self.0.arn)?;
        let shown = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        Ok(Answer::Json(listed(Self::NAME, "Tags", shown, None)))
    }
}
