//! Where a person's attribute comes from.

use directory::DirectoryUser;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

const ATTRIBUTE: &str = "attribute:";
/// Attributes of this extension may be named without it.
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A field of a person in the provider's directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UserField {
    /// The person's id: never changes, means nothing elsewhere.
    Id,
    UserName,
    Email,
    DisplayName,
    GivenName,
    FamilyName,
    ExternalId,
    /// A SCIM attribute of the core or the enterprise schema by its name, e.g. `title`, `department`.
    Attribute(String),
}

impl UserField {
    /// A stable name: `userName`, `attribute:title` …
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Id => "id".to_owned(),
            Self::UserName => "userName".to_owned(),
            Self::Email => "email".to_owned(),
            Self::DisplayName => "displayName".to_owned(),
            Self::GivenName => "givenName".to_owned(),
            Self::FamilyName => "familyName".to_owned(),
            Self::ExternalId => "externalId".to_owned(),
            Self::Attribute(attribute) => format!("{ATTRIBUTE}{attribute}"),
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some(attribute) = name.strip_prefix(ATTRIBUTE) {
            let plain = attribute.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
            return (plain && !attribute.is_empty()).then(|| Self::Attribute(attribute.to_owned()));
        }
        [Self::Id, Self::UserName, Self::Email, Self::DisplayName, Self::GivenName, Self::FamilyName, Self::ExternalId]
            .into_iter()
            .find(|field| field.name() == name)
    }

    /// The person's values. None when there is none or it is empty; several only of multi-valued SCIM attributes.
    #[must_use]
    pub fn values(&self, user: &DirectoryUser) -> Vec<String> {
        let values = match self {
            Self::Id => vec![user.id.as_str().to_owned()],
            Self::UserName => vec![user.user_name.clone()],
            Self::Email => user.email.iter().cloned().collect(),
            Self::DisplayName => user.display_name.iter().cloned().collect(),
            Self::GivenName => user.given_name.iter().cloned().collect(),
            Self::FamilyName => user.family_name.iter().cloned().collect(),
            Self::ExternalId => user.external_id.iter().cloned().collect(),
            Self::Attribute(name) => attribute(user, name).map(texts).unwrap_or_default(),
        };
        values.into_iter().filter(|value| !value.is_empty()).collect()
    }
}

/// SCIM's names are without regard to case (RFC 7643 2.1).
fn member<'a>(object: &'a serde_json::Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn attribute<'a>(user: &'a DirectoryUser, name: &str) -> Option<&'a Value> {
    member(&user.attributes, name).or_else(|| member(member(&user.attributes, ENTERPRISE)?.as_object()?, name))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Bool(value) => vec![value.to_string()],
        Value::Number(value) => vec![value.to_string()],
        Value::String(value) => vec![value.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(object) => object.get("value").map(texts).unwrap_or_default(),
    }
}

impl Serialize for UserField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for UserField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "there is no field \"{name}\": it is id, userName, email, displayName, givenName, familyName, externalId or \
                 {ATTRIBUTE}NAME"
            ))
        })
    }
}
