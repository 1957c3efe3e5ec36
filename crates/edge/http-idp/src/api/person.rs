//! A person, as the administration reads and writes them.

use std::collections::BTreeMap;

use directory::{DirectoryUser, NewUser};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::ApiError;
use super::input::{Given, Moment, email, line};

/// Attributes of RFC 7643 4.1.1 that are texts.
const CORE: [&str; 7] = ["nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone"];
/// Attributes of RFC 7643 4.3 that are texts.
const ENTERPRISE: [&str; 5] = ["employeeNumber", "costCenter", "organization", "division", "department"];
const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Somebody of the identity provider's directory.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Person {
    id: String,
    /// Unique without regard to case.
    user_name: String,
    email: Option<String>,
    display_name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    external_id: Option<String>,
    /// Texts by SCIM name, such as `title` and `department`.
    attributes: BTreeMap<String, String>,
    /// Somebody who isn't active can't sign in anywhere.
    active: bool,
    /// Counts changes; the ETag is made from it.
    version: u64,
    created: Moment,
    modified: Moment,
}

/// What of a person changes. What isn't named stays; `null` removes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PersonChanges {
    /// Unique without regard to case.
    user_name: Given<String>,
    email: Given<Option<String>>,
    display_name: Given<Option<String>>,
    given_name: Given<Option<String>>,
    family_name: Given<Option<String>>,
    external_id: Given<Option<String>>,
    /// By SCIM name: nickName, profileUrl, title, userType, preferredLanguage, locale, timezone, employeeNumber, costCenter,
    /// organization, division, department. Those that aren't named stay; null removes.
    attributes: Given<BTreeMap<String, Option<String>>>,
}

impl Person {
    pub(super) fn of(user: &DirectoryUser) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let core = CORE.iter().filter_map(|name| Some(((*name).to_owned(), text(user.attributes.get(*name)?)?)));
        let extension = user.attributes.get(ENTERPRISE_URN);
        let more = ENTERPRISE.iter().filter_map(|name| Some(((*name).to_owned(), text(extension?.get(*name)?)?)));
        Self {
            id: user.id.to_string(),
            user_name: user.user_name.clone(),
            email: user.email.clone(),
            display_name: user.display_name.clone(),
            given_name: user.given_name.clone(),
            family_name: user.family_name.clone(),
            external_id: user.external_id.clone(),
            attributes: core.chain(more).collect(),
            active: user.active,
            version: user.version,
            created: Moment(user.created),
            modified: Moment(user.modified),
        }
    }
}

impl PersonChanges {
    /// Of a new person: e-mail address, display name, given name, family name, external id.
    pub(super) fn new(
        [email, display_name, given_name, family_name, external_id]: [Given<Option<String>>; 5],
        attributes: Given<BTreeMap<String, Option<String>>>,
    ) -> Self {
        Self { user_name: Given::No, email, display_name, given_name, family_name, external_id, attributes }
    }

    /// The value after the change. What isn't named stays.
    pub(super) fn onto(self, mut person: NewUser) -> Result<NewUser, ApiError> {
        if let Given::Yes(user_name) = self.user_name {
            person.user_name = user_name;
        }
        put(&mut person.email, self.email, email)?;
        put(&mut person.display_name, self.display_name, |text| line("display_name", text))?;
        put(&mut person.given_name, self.given_name, |text| line("given_name", text))?;
        put(&mut person.family_name, self.family_name, |text| line("family_name", text))?;
        put(&mut person.external_id, self.external_id, |text| line("external_id", text))?;
        for (name, value) in self.attributes.or_default() {
            put_attribute(&mut person.attributes, &name, value)?;
        }
        Ok(person)
    }
}

fn put(
    place: &mut Option<String>,
    given: Given<Option<String>>,
    check: impl FnOnce(&str) -> Result<String, ApiError>,
) -> Result<(), ApiError> {
    if let Given::Yes(value) = given {
        *place = value.as_deref().map(check).transpose()?;
    }
    Ok(())
}

fn put_attribute(attributes: &mut Map<String, Value>, name: &str, value: Option<String>) -> Result<(), ApiError> {
    let value = value.map(|text| line("attributes", &text)).transpose()?;
    let place = if CORE.contains(&name) {
        &mut *attributes
    } else if ENTERPRISE.contains(&name) {
        let extension = attributes.entry(ENTERPRISE_URN).or_insert_with(|| Value::Object(Map::new()));
        let kept = ApiError::Defect("the enterprise extension isn't an object".to_owned());
        extension.as_object_mut().ok_or(kept)?
    } else {
        let known = CORE.iter().chain(&ENTERPRISE).copied().collect::<Vec<_>>().join(", ");
        return Err(ApiError::invalid("attributes", format!("There is no attribute \"{name}\"; there are {known}.")));
    };
    match value {
        Some(text) => drop(place.insert(name.to_owned(), text.into())),
        None => drop(place.remove(name)),
    }
    if attributes.get(ENTERPRISE_URN).and_then(Value::as_object).is_some_and(Map::is_empty) {
        attributes.remove(ENTERPRISE_URN);
    }
    Ok(())
}
