//! What users and groups have in common: lists, filters, revisions and alternate identifiers.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::refusal::invalid;
use super::store::{StoreId, own_id};
use crate::error::ApiError;
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

/// Who issued the external ids: the provisioning client, through the SCIM endpoint of this store.
fn issuer(state: &AwsState) -> String {
    format!("https://scim.aws.com/{}", own_id(state))
}

pub(super) fn external_ids(state: &AwsState, external_id: Option<&str>) -> Option<Value> {
    external_id.map(|id| json!([{ "Issuer": issuer(state), "Id": id }]))
}

/// `Revision`: the version that the caller has seen, where the change must not overwrite another.
pub(super) fn revision(fields: &mut Fields) -> Result<Option<u64>, ApiError> {
    let Some(text) = fields.optional::<String>("Revision")? else { return Ok(None) };
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    number.map(Some).ok_or_else(|| ApiError::InvalidParameter {
        parameter: "Revision",
        rule: "it must be the Revision of an earlier answer".to_owned(),
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    attribute_path: String,
    attribute_value: String,
}

/// The parameters of ListUsers and ListGroups.
#[derive(Debug)]
pub(super) struct List {
    pub(super) store: StoreId,
    /// The value that the one attribute with a filter must have.
    pub(super) filter: Option<String>,
    pub(super) after: Option<String>,
    pub(super) records: usize,
}

impl List {
    /// `attribute` is the one that can be filtered by.
    pub(super) fn read(fields: &mut Fields, attribute: &str) -> Result<Self, ApiError> {
        let filters: Vec<Filter> = fields.optional("Filters")?.unwrap_or_default();
        let invalid = |rule: String| Err(ApiError::InvalidParameter { parameter: "Filters", rule });
        if filters.len() > 1 {
            return invalid("at most one filter is allowed".to_owned());
        }
        if filters.iter().any(|filter| !filter.attribute_path.eq_ignore_ascii_case(attribute)) {
            return invalid(format!("the only AttributePath that is supported here is {attribute}"));
        }
        Ok(Self {
            store: StoreId::read(fields)?,
            filter: filters.into_iter().next().map(|filter| filter.attribute_value),
            after: fields.position()?,
            records: fields.max_results()?,
        })
    }

    /// The answer from up to one item more than a page holds.
    pub(super) fn answer<T>(
        &self,
        operation: &'static str,
        name: &str,
        items: &[T],
        id: impl Fn(&T) -> &str,
        show: impl Fn(&T) -> Value,
    ) -> Value {
        let shown = items.iter().take(self.records);
        let mut answer = Map::new();
        if let (true, Some(last)) = (items.len() > self.records, shown.clone().last()) {
            answer.insert("NextToken".to_owned(), json::next_token(operation, id(last)).into());
        }
        answer.insert(name.to_owned(), shown.map(show).collect());
        Value::Object(answer)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ExternalId {
    issuer: String,
    id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UniqueAttribute {
    attribute_path: String,
    attribute_value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AlternateIdentifier {
    external_id: Option<ExternalId>,
    unique_attribute: Option<UniqueAttribute>,
}

/// Another name for somebody than their id.
#[derive(Debug)]
pub(super) enum Identifier {
    External {
        issuer: String,
        id: String,
    },
    /// One of the attributes that are unique, as `Identifier::read` was given it, and its value.
    Unique(&'static str, String),
}

impl Identifier {
    /// `attributes` are those that can be looked up by.
    pub(super) fn read(fields: &mut Fields, attributes: &[&'static str]) -> Result<Self, ApiError> {
        let given: AlternateIdentifier = fields.required("AlternateIdentifier")?;
        match (given.external_id, given.unique_attribute) {
            (Some(ExternalId { issuer, id }), None) => Ok(Self::External { issuer, id }),
            (None, Some(UniqueAttribute { attribute_path, attribute_value })) => {
                match attributes.iter().find(|attribute| attribute.eq_ignore_ascii_case(&attribute_path)) {
                    Some(attribute) => Ok(Self::Unique(attribute, attribute_value)),
                    None => Err(invalid(format!(
                        "The attribute {attribute_path} is not a unique attribute. Look up by {}.",
                        attributes.join(" or ")
                    ))),
                }
            }
            (Some(_), Some(_)) | (None, None) => Err(ApiError::InvalidParameter {
                parameter: "AlternateIdentifier",
                rule: "give either ExternalId or UniqueAttribute".to_owned(),
            }),
        }
    }

    /// Finds whom it names. An external id of another issuer names nobody here.
    pub(super) fn find<T>(
        &self,
        state: &AwsState,
        by_external_id: impl FnOnce(&str) -> Option<T>,
        by_attribute: impl FnOnce(&'static str, &str) -> Option<T>,
    ) -> Option<T> {
        match self {
            Self::External { issuer: given, id } => by_external_id(id).filter(|_| *given == issuer(state)),
            Self::Unique(attribute, value) => by_attribute(attribute, value),
        }
    }
}

/// Adds the members that have a value.
pub(super) fn extend(value: &mut Value, members: impl IntoIterator<Item = (&'static str, Option<Value>)>) {
    if let Some(object) = value.as_object_mut() {
        object.extend(members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
}
