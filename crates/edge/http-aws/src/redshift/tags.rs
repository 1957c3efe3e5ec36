//! Tags.

use std::collections::BTreeMap;

use base::ErrorKind;
use control::{ControlError, TagFilter, Tagged, TaggedType};
use sts::Ask;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::resource_tags::pairs;
use crate::state::AwsState;

/// `PARAMETER.Tag.N.Key` and `.Value`; no value is the empty one.
pub(super) fn read(fields: &mut Fields<'_>, parameter: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for mut tag in fields.structures(parameter, "Tag")? {
        let key = tag.optional("Key").ok_or_else(|| invalid("A tag needs a Key.".to_owned()))?;
        let value = tag.optional("Value").unwrap_or_default();
        tag.finish()?;
        if let Some(key) = insert(&mut tags, key, value) {
            return Err(invalid(format!("The tag key {key:?} is given twice.")));
        }
    }
    Ok(tags)
}

/// Answers the key where it is there already.
pub(crate) fn insert(tags: &mut BTreeMap<String, String>, key: String, value: String) -> Option<String> {
    if tags.contains_key(&key) {
        return Some(key);
    }
    tags.insert(key, value);
    None
}

fn invalid(message: String) -> ApiError {
    let (kind, code) = (ErrorKind::InvalidInput, "InvalidTagFault");
    ApiError::Named { kind, status: 400, code, message, members: Vec::new() }
}

pub(super) fn write(xml: &mut Xml, tags: &BTreeMap<String, String>) {
    xml.element("Tags", |xml| {
        for (key, value) in tags {
            xml.element("Tag", |xml| write_one(xml, key, value));
        }
    });
}

fn write_one(xml: &mut Xml, key: &str, value: &str) {
    xml.text("Key", key);
    xml.text("Value", value);
}

/// `TagKeys` and `TagValues`.
pub(super) fn filter(fields: &mut Fields<'_>) -> Result<TagFilter, ApiError> {
    Ok(TagFilter {
        keys: fields.texts("TagKeys", "TagKey")?.unwrap_or_default(),
        values: fields.texts("TagValues", "TagValue")?.unwrap_or_default(),
        ..TagFilter::default()
    })
}

/// Whether a resource with these tags is asked for: by no filter, or by a tag that has one of the keys and one of the values
/// (Redshift API, DescribeClusters `TagKeys`, `TagValues`).
pub(super) fn selects(filter: &TagFilter, tags: &BTreeMap<String, String>) -> bool {
    let TagFilter { keys, values, .. } = filter;
    let chosen = |(key, value): (&String, &String)| {
        (keys.is_empty() || keys.contains(key)) && (values.is_empty() || values.contains(value))
    };
    (keys.is_empty() && values.is_empty()) || tags.iter().any(chosen)
}

/// What the ARNs of this service begin with.
const OWN_ARNS: &str = "arn:aws:redshift:";

/// An ARN of another service has its tags there, behind that service's permissions.
fn check_own(arn: &str) -> Result<(), ApiError> {
    if arn.starts_with(OWN_ARNS) { Ok(()) } else { Err(ControlError::ResourceNotFound(arn.to_owned()).into()) }
}

#[derive(Debug)]
pub(super) struct CreateTags {
    arn: String,
    tags: BTreeMap<String, String>,
}

impl CreateTags {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            let (arn, tags) = (fields.required("ResourceName")?, read(fields, "Tags")?);
            if tags.is_empty() {
                return Err(ApiError::MissingParameter { operation: Self::NAME, parameter: "Tags" });
            }
            Ok(Self { arn, tags })
        })
    }
}

impl Operation for CreateTags {
    const NAME: &'static str = "CreateTags";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, _: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, &self.arn).with_request_tags(pairs(&self.tags))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        check_own(&self.arn)?;
        context.state.control.tag(&self.arn, self.tags).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(super) struct DeleteTags {
    arn: String,
    keys: Vec<String>,
}

impl DeleteTags {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            let arn = fields.required("ResourceName")?;
            let keys = fields.texts("TagKeys", "TagKey")?.filter(|keys| !keys.is_empty());
            let keys = keys.ok_or(ApiError::MissingParameter { operation: Self::NAME, parameter: "TagKeys" })?;
            Ok(Self { arn, keys })
        })
    }
}

impl Operation for DeleteTags {
    const NAME: &'static str = "DeleteTags";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, _: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, &self.arn).with_all("aws:TagKeys", self.keys.clone())]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        check_own(&self.arn)?;
        context.state.control.untag(&self.arn, &self.keys).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(super) struct DescribeTags {
    filter: TagFilter,
    marker: Option<String>,
    records: usize,
}

impl DescribeTags {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            let mut filter = filter(fields)?;
            filter.arn = fields.optional("ResourceName");
            filter.resource_type = fields.optional("ResourceType").as_deref().map(resource_type).transpose()?;
            let parsed = Self { filter, marker: fields.optional("Marker"), records: fields.max_records_from(10)? };
            let other = match &parsed.filter {
                TagFilter { arn: Some(_), resource_type: Some(_), .. } => Some("ResourceType"),
                TagFilter { arn: Some(_), .. } if parsed.marker.is_some() => Some("Marker"),
                TagFilter { .. } => None,
            };
            match other {
                None => Ok(parsed),
                Some(other) => Err(ApiError::ParameterCombination { one: "ResourceName", other }),
            }
        })
    }
}

fn resource_type(name: &str) -> Result<TaggedType, ApiError> {
    let known = [
        TaggedType::Cluster,
        TaggedType::ParameterGroup,
        TaggedType::SubnetGroup,
        TaggedType::RedshiftIdcApplication,
        TaggedType::Qev2IdcApplication,
    ];
    let found = TaggedType::from_name(name).filter(|one| known.contains(one));
    found.ok_or_else(|| ApiError::InvalidParameter {
        parameter: "ResourceType",
        rule: format!("this server has tags on {} only", known.map(TaggedType::name).join(", ")),
    })
}

impl Operation for DescribeTags {
    const NAME: &'static str = "DescribeTags";

    fn resource(&self, _: &AwsState) -> String {
        self.filter.arn.clone().unwrap_or_else(|| "*".to_owned())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        if let Some(arn) = &self.filter.arn {
            check_own(arn)?;
            control.tags(arn)?;
        }
        // Positions begin with the ARN, so this one leaves out Redshift Serverless, which stands before it.
        let after = self.marker.as_deref().unwrap_or_default().max(OWN_ARNS);
        let page = control.tagged(&self.filter, Some(after), self.records);
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("TaggedResources", |xml| {
                for tagged in &page.items {
                    xml.element("TaggedResource", |xml| write_tagged(xml, tagged));
                }
            });
            if let Some(marker) = &page.next {
                xml.text("Marker", marker);
            }
        }))))
    }
}

fn write_tagged(xml: &mut Xml, tagged: &Tagged) {
    xml.element("Tag", |xml| write_one(xml, &tagged.key, &tagged.value));
    xml.text("ResourceName", &tagged.arn);
    xml.text("ResourceType", tagged.resource_type.name());
}
