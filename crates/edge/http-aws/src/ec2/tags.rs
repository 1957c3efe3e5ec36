//! Tags.

use std::collections::BTreeMap;

use sts::Ask;

use super::arn;
use super::filter::Filters;
use super::request::{Ec2Operation, Paging, done, list, missing, refused};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::redshift::tags::insert;
use crate::state::AwsState;

/// Resources of one call (EC2).
const RESOURCES_MAX: usize = 1000;

fn resources(fields: &mut Fields<'_>) -> Result<Vec<String>, ApiError> {
    let ids = fields.flat_texts("ResourceId")?.unwrap_or_default();
    match ids.len() {
        0 => Err(missing("resourceIdSet")),
        1..=RESOURCES_MAX => Ok(ids),
        _ => {
            let message = format!("At most {RESOURCES_MAX} resources can be given.");
            Err(refused("InvalidParameterValue", message))
        }
    }
}

/// What IAM is asked about an operation on something that is there: with its tags, by both of their keys.
pub(super) fn about(state: &AwsState, operation: &'static str, id: &str) -> Ask {
    let (ask, all) = (Ask::new(operation, arn(state, kind(id), id)), state.network.snapshot());
    let tags = || all.tags(id).into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()));
    let ask = tags().fold(ask, |ask, (key, value)| ask.with(format!("ec2:ResourceTag/{key}"), value));
    ask.with_resource_tags(tags())
}

/// EC2's name of what an id is of.
fn kind(id: &str) -> &'static str {
    match id.split_once('-').map_or("", |(prefix, _)| prefix) {
        "vpc" => "vpc",
        "subnet" => "subnet",
        "sg" => "security-group",
        "sgr" => "security-group-rule",
        _ => "*",
    }
}

fn resource(state: &AwsState, ids: &[String]) -> String {
    match ids {
        [id] => arn(state, kind(id), id),
        _ => "*".to_owned(),
    }
}

#[derive(Debug)]
pub(super) struct CreateTags {
    ids: Vec<String>,
    tags: BTreeMap<String, String>,
}

impl Ec2Operation for CreateTags {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let ids = resources(fields)?;
        let mut tags = BTreeMap::new();
        for mut tag in fields.flat_structures("Tag")? {
            let key = tag.optional("Key").ok_or_else(|| missing("Tag.Key"))?;
            let value = tag.optional("Value").unwrap_or_default();
            tag.finish()?;
            if insert(&mut tags, key, value).is_some() {
                return Err(refused("InvalidParameterValue", "Duplicate tag keys found. Each key can be given once."));
            }
        }
        if tags.is_empty() { Err(missing("tagSet")) } else { Ok(Self { ids, tags }) }
    }
}

impl Operation for CreateTags {
    const NAME: &'static str = "CreateTags";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.ids)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let pairs = || self.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let ask = |id: &String| about(state, Self::NAME, id).with_request_tags(pairs());
        self.ids.iter().map(ask).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.network.tag(&self.ids, &self.tags).await?;
        Ok(done())
    }
}

#[derive(Debug)]
pub(super) struct DeleteTags {
    ids: Vec<String>,
    /// Without a value, whatever the value is.
    tags: Vec<(String, Option<String>)>,
}

impl Ec2Operation for DeleteTags {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let ids = resources(fields)?;
        let mut tags = Vec::new();
        for mut tag in fields.flat_structures("Tag")? {
            let key = tag.optional("Key").ok_or_else(|| missing("Tag.Key"))?;
            tags.push((key, tag.optional("Value")));
            tag.finish()?;
        }
        Ok(Self { ids, tags })
    }
}

impl Operation for DeleteTags {
    const NAME: &'static str = "DeleteTags";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.ids)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let all = state.network.snapshot();
        let given: Vec<String> = self.tags.iter().map(|(key, _)| key.clone()).collect();
        // Without tags, all that it has are meant.
        let keys = |id: &str| match all.tags(id).filter(|_| given.is_empty()) {
            Some(tags) => tags.keys().cloned().collect(),
            None => given.clone(),
        };
        let ask = |id: &String| about(state, Self::NAME, id).with_all("aws:TagKeys", keys(id));
        self.ids.iter().map(ask).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.network.untag(&self.ids, &self.tags).await?;
        Ok(done())
    }
}

#[derive(Debug)]
pub(super) struct DescribeTags {
    filters: Filters,
    paging: Paging,
}

/// A tag of something.
struct Tagged {
    id: String,
    key: String,
    value: String,
}

impl Tagged {
    /// Where it stands in the list.
    fn position(&self) -> String {
        format!("{}/{}", self.id, self.key)
    }
}

impl Ec2Operation for DescribeTags {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let filters = Filters::read(fields, &["key", "value", "resource-id", "resource-type"])?;
        Ok(Self { filters, paging: Paging::read(fields, "", None)? })
    }
}

impl Operation for DescribeTags {
    const NAME: &'static str = "DescribeTags";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let all = context.state.network.snapshot();
        let of = |id: &str, tags: &BTreeMap<String, String>| {
            let id = id.to_owned();
            let one =
                |(key, value): (&String, &String)| Tagged { id: id.clone(), key: key.clone(), value: value.clone() };
            tags.iter().map(one).collect::<Vec<_>>()
        };
        let vpcs = all.vpcs().flat_map(|vpc| of(vpc.id.as_str(), &vpc.tags));
        let subnets = all.subnets().flat_map(|subnet| of(subnet.id.as_str(), &subnet.tags));
        let groups = all.groups().flat_map(|group| of(group.id.as_str(), &group.tags));
        let rules = all.groups().flat_map(|group| &group.rules).flat_map(|rule| of(rule.id.as_str(), &rule.tags));
        let chosen = |tagged: &Tagged| {
            let value = |name: &str| {
                Some(match name {
                    "key" => tagged.key.clone(),
                    "value" => tagged.value.clone(),
                    "resource-id" => tagged.id.clone(),
                    "resource-type" => kind(&tagged.id).to_owned(),
                    _ => return None,
                })
            };
            let own = [(tagged.key.clone(), tagged.value.clone())].into();
            self.filters.select(&own, value)
        };
        let mut tags: Vec<_> = vpcs.chain(subnets).chain(groups).chain(rules).filter(chosen).collect();
        tags.sort_unstable_by_key(Tagged::position);
        let page = self.paging.page(tags.into_iter(), Tagged::position);
        Ok(list("tagSet", &page, |xml, tagged| {
            xml.text("resourceId", &tagged.id);
            xml.text("resourceType", kind(&tagged.id));
            xml.text("key", &tagged.key);
            xml.text("value", &tagged.value);
        }))
    }
}
