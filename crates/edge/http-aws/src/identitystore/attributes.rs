//! The attributes of people and groups: their names here, their names in SCIM (as they are kept), and what they may be.

use scim::Object;
use serde_json::Value;
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::error::ApiError;

/// Longest value of most attributes, in characters.
const LONGEST: usize = 1024;
const LONGEST_USER_NAME: usize = 128;

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The one extension that there is: SCIM's enterprise extension.
pub(super) const ENTERPRISE: &str = "aws:identitystore:enterprise";

#[derive(Debug)]
pub(super) struct Attribute {
    /// As the model spells it. An `AttributePath` is the same without regard to case.
    pub(super) name: &'static str,
    /// As it is kept: SCIM's name.
    pub(super) kept: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A text without white space.
    Word,
    /// A text, white space within.
    Text,
    /// `YYYY-MM-DD`
    Date,
    Flag,
    /// `ENABLED` or `DISABLED`; kept as SCIM's `active`.
    Status,
    Complex(&'static [Attribute]),
    List {
        item: &'static [Attribute],
        most: usize,
    },
}

const fn attribute(name: &'static str, kept: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kept, kind }
}

const fn text(name: &'static str, kept: &'static str) -> Attribute {
    attribute(name, kept, Kind::Text)
}

const NAME: &[Attribute] = &[
    text("Formatted", "formatted"),
    text("FamilyName", "familyName"),
    text("GivenName", "givenName"),
    text("MiddleName", "middleName"),
    text("HonorificPrefix", "honorificPrefix"),
    text("HonorificSuffix", "honorificSuffix"),
];
const VALUE: Attribute = text("Value", "value");
const TYPE: Attribute = text("Type", "type");
const PRIMARY: Attribute = attribute("Primary", "primary", Kind::Flag);
const PLAIN: &[Attribute] = &[VALUE, TYPE, PRIMARY];
const PHOTO: &[Attribute] = &[VALUE, TYPE, text("Display", "display"), PRIMARY];
const ADDRESS: &[Attribute] = &[
    text("StreetAddress", "streetAddress"),
    text("Locality", "locality"),
    text("Region", "region"),
    text("PostalCode", "postalCode"),
    text("Country", "country"),
    text("Formatted", "formatted"),
    TYPE,
    PRIMARY,
];

/// Of people, as CreateUser takes them.
pub(super) const USER: &[Attribute] = &[
    attribute("UserName", "userName", Kind::Word),
    attribute("Name", "name", Kind::Complex(NAME)),
    text("DisplayName", "displayName"),
    text("NickName", "nickName"),
    text("ProfileUrl", "profileUrl"),
    attribute("Emails", "emails", Kind::List { item: PLAIN, most: 1 }),
    attribute("Addresses", "addresses", Kind::List { item: ADDRESS, most: 1 }),
    attribute("PhoneNumbers", "phoneNumbers", Kind::List { item: PLAIN, most: 1 }),
    text("UserType", "userType"),
    text("Title", "title"),
    text("PreferredLanguage", "preferredLanguage"),
    text("Locale", "locale"),
    text("Timezone", "timezone"),
    attribute("Photos", "photos", Kind::List { item: PHOTO, most: 3 }),
    text("Website", "website"),
    attribute("Birthdate", "birthdate", Kind::Date),
    attribute("Roles", "roles", Kind::List { item: PLAIN, most: 1 }),
];

/// What UpdateUser takes beside: CreateUser makes nobody disabled, and has extensions in a map of their own.
const USER_MORE: &[Attribute] = &[attribute("UserStatus", "active", Kind::Status), ENTERPRISE_ATTRIBUTE];

const ENTERPRISE_PARTS: &[Attribute] = &[
    text("employeeNumber", "employeeNumber"),
    text("costCenter", "costCenter"),
    text("organization", "organization"),
    text("division", "division"),
    text("department", "department"),
    attribute("manager", "manager", Kind::Complex(&[text("value", "value")])),
];

pub(super) const ENTERPRISE_ATTRIBUTE: Attribute = attribute(
    ENTERPRISE,
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    Kind::Complex(ENTERPRISE_PARTS),
);

/// Of groups.
pub(super) const GROUP: &[Attribute] = &[text("DisplayName", "displayName"), text("Description", "description")];

/// Where an `AttributePath` leads: the names down to the attribute, as they are kept.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) kept: Vec<&'static str>,
    pub(super) attribute: &'static Attribute,
}

/// A person's attribute: `title`, `name.givenName`, `aws:identitystore:enterprise.costCenter`. Parts of lists have no path.
pub(super) fn of_user(path: &str) -> Option<Place> {
    find(USER, path).or_else(|| find(USER_MORE, path))
}

pub(super) fn of_group(path: &str) -> Option<Place> {
    find(GROUP, path)
}

fn find(table: &'static [Attribute], path: &str) -> Option<Place> {
    let mut segments = path.split('.');
    let mut attribute = named(table, segments.next()?)?;
    let mut kept = vec![attribute.kept];
    for segment in segments {
        let Kind::Complex(parts) = &attribute.kind else { return None };
        attribute = named(parts, segment)?;
        kept.push(attribute.kept);
    }
    Some(Place { kept, attribute })
}

fn named(table: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    table.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

impl Attribute {
    /// The value as it is kept.
    pub(super) fn keep(&self, value: Value) -> Result<Value, ApiError> {
        match (&self.kind, value) {
            (Kind::Word, Value::String(text)) => {
                self.check_text(&text, LONGEST_USER_NAME, |letter| !letter.is_whitespace())?;
                Ok(Value::String(text))
            }
            (Kind::Text, Value::String(text)) => {
                self.check_text(&text, LONGEST, |_| true)?;
                Ok(Value::String(text))
            }
            (Kind::Date, Value::String(text)) if Date::parse(&text, DATE).is_ok() => Ok(Value::String(text)),
            (Kind::Flag, Value::Bool(flag)) => Ok(Value::Bool(flag)),
            (Kind::Status, Value::String(status)) if status == "ENABLED" => Ok(Value::Bool(true)),
            (Kind::Status, Value::String(status)) if status == "DISABLED" => Ok(Value::Bool(false)),
            (Kind::Complex(parts), Value::Object(object)) => self.keep_parts(parts, object),
            (Kind::List { item, most }, Value::Array(items)) => {
                if items.is_empty() || items.len() > *most {
                    return Err(self.invalid(format!("it must have 1 to {most} items; leave it out to have none")));
                }
                items.into_iter().map(|value| self.keep_item(item, value)).collect()
            }
            (Kind::Word | Kind::Text, _) => Err(self.invalid("it must be a string".to_owned())),
            (Kind::Date, _) => Err(self.invalid("it must be a date as YYYY-MM-DD".to_owned())),
            (Kind::Flag, _) => Err(self.invalid("it must be true or false".to_owned())),
            (Kind::Status, _) => Err(self.invalid("it must be ENABLED or DISABLED".to_owned())),
            (Kind::Complex(_), _) => Err(self.invalid("it must be an object".to_owned())),
            (Kind::List { .. }, _) => Err(self.invalid("it must be a list of objects".to_owned())),
        }
    }

    fn keep_item(&self, parts: &'static [Attribute], item: Value) -> Result<Value, ApiError> {
        let Value::Object(object) = item else { return Err(self.invalid("its items must be objects".to_owned())) };
        let kept = self.keep_parts(parts, object)?;
        let needs_value = parts.iter().any(|part| part.kept == VALUE.kept);
        if needs_value && kept.get(VALUE.kept).is_none() {
            return Err(self.invalid("each item needs a Value".to_owned()));
        }
        Ok(kept)
    }

    fn keep_parts(&self, parts: &'static [Attribute], object: Object) -> Result<Value, ApiError> {
        let mut kept = Object::new();
        for (name, value) in object {
            let Some(part) = named(parts, &name) else {
                let known = parts.iter().map(|part| part.name).collect::<Vec<_>>().join(", ");
                return Err(self.invalid(format!("it has no part {name:?}; there are {known}")));
            };
            if !value.is_null() && kept.insert(part.kept.to_owned(), part.keep(value)?).is_some() {
                return Err(self.invalid(format!("its part {name:?} is given twice")));
            }
        }
        if kept.is_empty() {
            return Err(self.invalid("it is empty; leave it out to have none".to_owned()));
        }
        Ok(Value::Object(kept))
    }

    fn check_text(&self, text: &str, longest: usize, may: impl Fn(char) -> bool) -> Result<(), ApiError> {
        let length = text.chars().count();
        if length == 0 || length > longest {
            return Err(self.invalid(format!("it must have 1 to {longest} characters")));
        }
        let allowed = |letter: char| may(letter) && (!letter.is_control() || "\t\r\n".contains(letter));
        if text.chars().all(allowed) {
            return Ok(());
        }
        Err(self.invalid(match self.kind {
            Kind::Word => "it must have no white space and no control characters".to_owned(),
            Kind::Text | Kind::Date | Kind::Flag | Kind::Status | Kind::Complex(_) | Kind::List { .. } => {
                "it must have no control characters".to_owned()
            }
        }))
    }

    pub(super) fn invalid(&self, rule: String) -> ApiError {
        ApiError::InvalidParameter { parameter: self.name, rule }
    }

    /// The kept value as it is shown. What isn't of its kind (a provisioning client may keep anything where SCIM declares nothing)
    /// isn't shown.
    pub(super) fn show(&self, kept: &Value) -> Option<Value> {
        match (&self.kind, kept) {
            (Kind::Word | Kind::Text | Kind::Date, Value::String(_)) | (Kind::Flag, Value::Bool(_)) => {
                Some(kept.clone())
            }
            (Kind::Status, Value::Bool(active)) => Some(status(*active).into()),
            (Kind::Complex(parts), Value::Object(object)) => show_parts(parts, object),
            (Kind::List { item, most: _ }, Value::Array(items)) => {
                let shown: Vec<Value> =
                    items.iter().filter_map(Value::as_object).filter_map(|object| show_parts(item, object)).collect();
                if shown.is_empty() { None } else { Some(shown.into()) }
            }
            (
                Kind::Word | Kind::Text | Kind::Date | Kind::Flag | Kind::Status | Kind::Complex(_) | Kind::List { .. },
                _,
            ) => None,
        }
    }
}

pub(super) const fn status(active: bool) -> &'static str {
    if active { "ENABLED" } else { "DISABLED" }
}

fn show_parts(parts: &'static [Attribute], object: &Object) -> Option<Value> {
    let shown: Object = show_all(parts, object).collect();
    if shown.is_empty() { None } else { Some(Value::Object(shown)) }
}

/// What of the table the object has.
pub(super) fn show_all(table: &'static [Attribute], object: &Object) -> impl Iterator<Item = (String, Value)> {
    table
        .iter()
        .filter_map(|attribute| Some((attribute.name.to_owned(), attribute.show(value_of(object, attribute.kept)?)?)))
}

/// Attributes that SCIM doesn't declare are kept as the provisioning client spelled them.
fn value_of<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Whether there is a value at the end of the path.
pub(super) fn has(object: &Object, path: &[&str]) -> bool {
    match path {
        [] => true,
        [name, rest @ ..] => match value_of(object, name) {
            Some(Value::Object(inner)) => has(inner, rest),
            Some(_) => rest.is_empty(),
            None => false,
        },
    }
}

/// Gives the place a value, or takes it away. A complex attribute is replaced whole.
pub(super) fn assign(object: &mut Object, path: &[&str], value: Option<Value>) {
    match path {
        [] => {}
        [name] => {
            object.retain(|key, _| !key.eq_ignore_ascii_case(name));
            object.extend(value.map(|value| ((*name).to_owned(), value)));
        }
        [name, rest @ ..] => {
            let inner = object.entry(*name).or_insert_with(|| Value::Object(Object::new()));
            if let Value::Object(inner) = inner {
                assign(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
