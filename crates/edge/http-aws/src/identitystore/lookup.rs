//! What users and groups have in common: the store, lists, filters and alternate identifiers.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

/// `IdentityStoreId`: there is one.
#[derive(Debug)]
pub(super) struct StoreId(String);

impl StoreId {
    pub(super) fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        fields.required("IdentityStoreId").map(Self)
    }

    pub(super) fn resource(&self, state: &AwsState) -> String {
        format!("arn:aws:identitystore::{}:identitystore/{}", state.account(), self.0)
    }

    pub(super) fn check(&self, state: &AwsState) -> Result<(), ApiError> {
        if self.0 == state.center.instance().identity_store_id {
            return Ok(());
        }
        Err(ApiError::IdentityNotFound { kind: "IDENTITY_STORE", id: Some(self.0.clone()) })
    }
}

/// Who issued the external ids: the provisioning client, through the SCIM endpoint of this store.
fn issuer(state: &AwsState) -> String {
    format!("https://scim.aws.com/{}", state.center.instance().identity_store_id)
}

pub(super) fn external_ids(state: &AwsState, external_id: Option<&str>) -> Option<Value> {
    external_id.map(|id| json!([{ "Issuer": issuer(state), "Id": id }]))
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
        name: &str,
        items: &[T],
        id: impl Fn(&T) -> &str,
        show: impl Fn(&T) -> Value,
    ) -> Value {
        let shown = items.iter().take(self.records);
        let mut answer = Map::new();
        if let (true, Some(last)) = (items.len() > self.records, shown.clone().last()) {
            answer.insert("NextToken".to_owned(), json::next_token(id(last)).into());
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
    /// The value of the one attribute that is unique.
    Unique(String),
}

impl Identifier {
    /// `attribute` is the one that can be looked up by.
    pub(super) fn read(fields: &mut Fields, attribute: &str) -> Result<Self, ApiError> {
        let invalid = |rule: String| Err(ApiError::InvalidParameter { parameter: "AlternateIdentifier", rule });
        let given: AlternateIdentifier = fields.required("AlternateIdentifier")?;
        match (given.external_id, given.unique_attribute) {
            (Some(ExternalId { issuer, id }), None) => Ok(Self::External { issuer, id }),
            (None, Some(unique)) if unique.attribute_path.eq_ignore_ascii_case(attribute) => {
                Ok(Self::Unique(unique.attribute_value))
            }
            (None, Some(unique)) => invalid(format!(
                "the AttributePath {:?} is not supported; look up by {attribute}",
                unique.attribute_path
            )),
            (Some(_), Some(_)) | (None, None) => invalid("give either ExternalId or UniqueAttribute".to_owned()),
        }
    }

    /// Finds whom it names. An external id of another issuer names nobody here.
    pub(super) fn find<T>(
        &self,
        state: &AwsState,
        by_external_id: impl FnOnce(&str) -> Option<T>,
        by_attribute: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        match self {
            Self::External { issuer: given, id } => by_external_id(id).filter(|_| *given == issuer(state)),
            Self::Unique(value) => by_attribute(value),
        }
    }
}

/// Adds the members that have a value.
pub(super) fn extend(value: &mut Value, members: impl IntoIterator<Item = (&'static str, Option<Value>)>) {
    if let Some(object) = value.as_object_mut() {
        object.extend(members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
}
