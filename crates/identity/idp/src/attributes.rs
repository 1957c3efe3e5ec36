//! What an application is told about a person.

use directory::DirectoryUser;
use serde_json::{Map, Value};

use crate::application::{GroupAttribute, NameIdSource, OidcApplication, SamlApplication, UserAttribute};
use crate::aws_attribute;

/// So many groups are sent at most: more don't fit into what service providers read.
const MOST_GROUPS_SENT: usize = 200;
/// Values longer than this are refused.
const LONGEST_VALUE: usize = 1024;

/// An attribute that can't be sent. `rule` is a full sentence that says what is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("attribute {attribute} can't have the value \"{found}\": {rule}")]
pub struct AttributeProblem {
    pub attribute: String,
    pub rule: String,
    /// Cut to 200 characters.
    pub found: String,
}

impl AttributeProblem {
    pub(crate) fn new(attribute: &str, rule: impl Into<String>, found: &str) -> Self {
        Self { attribute: attribute.to_owned(), rule: rule.into(), found: found.chars().take(200).collect() }
    }
}

/// An attribute of an assertion, with at least one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentAttribute {
    pub name: String,
    pub values: Vec<String>,
}

/// The NameID's value.
///
/// # Errors
/// The person lacks the field, or has several values.
pub(crate) fn name_id(source: &NameIdSource, user: &DirectoryUser) -> Result<String, AttributeProblem> {
    let mut values = source.from.values(user).into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) if is_sendable(&value) => Ok(value),
        (Some(value), None) => Err(AttributeProblem::new("NameID", unsendable(), &value)),
        (Some(_), Some(_)) => {
            let rule = format!("It needs one value, and {} has several.", source.from.name());
            Err(AttributeProblem::new("NameID", rule, ""))
        }
        (None, _) => {
            let rule =
                format!("Its value comes from {}, which this person doesn't have. Give them one.", source.from.name());
            Err(AttributeProblem::new("NameID", rule, ""))
        }
    }
}

/// The attributes of an assertion about this person, in the order of the configuration: own, constant, groups. A name that stands
/// there twice is one attribute with all values.
///
/// # Errors
/// The first value that must not be sent.
pub(crate) fn saml(
    application: &SamlApplication,
    user: &DirectoryUser,
    groups: &[String],
) -> Result<Vec<SentAttribute>, AttributeProblem> {
    let mut sent = Vec::new();
    for attribute in &application.user_attributes {
        add(&mut sent, &attribute.name, attribute.from.values(user));
    }
    for attribute in &application.constant_attributes {
        add(&mut sent, &attribute.name, vec![attribute.value.clone()]);
    }
    if let Some(attribute) = &application.group_attribute {
        add(&mut sent, &attribute.name, group_values(attribute, groups)?);
    }
    for attribute in &sent {
        check(attribute)?;
    }
    Ok(sent)
}

/// The claims beyond `sub` and those of the standard scopes; the groups claim is always there when it is configured.
///
/// # Errors
/// As [`saml`].
pub(crate) fn claims(
    application: &OidcApplication,
    user: &DirectoryUser,
    groups: &[String],
) -> Result<Map<String, Value>, AttributeProblem> {
    let mut claims = Map::new();
    for UserAttribute { name, from } in &application.claims {
        let mut values: Vec<Value> = from.values(user).into_iter().map(Value::String).collect();
        let value = match values.len() {
            0 => continue,
            1 => values.remove(0),
            _ => Value::Array(values),
        };
        claims.insert(name.clone(), value);
    }
    if let Some(claim) = &application.groups_claim {
        let groups = group_values(claim, groups)?.into_iter().map(Value::String).collect();
        claims.insert(claim.name.clone(), Value::Array(groups));
    }
    Ok(claims)
}

fn add(sent: &mut Vec<SentAttribute>, name: &str, values: Vec<String>) {
    if values.is_empty() {
        return;
    }
    match sent.iter_mut().find(|attribute| attribute.name == name) {
        Some(attribute) => attribute.values.extend(values),
        None => sent.push(SentAttribute { name: name.to_owned(), values }),
    }
}

/// `groups`: those that [`GroupAttribute::which`] means.
fn group_values(attribute: &GroupAttribute, groups: &[String]) -> Result<Vec<String>, AttributeProblem> {
    let prefix = attribute.prefix.as_deref().unwrap_or_default();
    let mut values: Vec<String> = groups.iter().filter(|name| name.starts_with(prefix)).cloned().collect();
    values.sort();
    if values.len() > MOST_GROUPS_SENT {
        let rule = format!(
            "At most {MOST_GROUPS_SENT} groups are sent. Send only the application's groups, or only those whose name begins with a \
             prefix."
        );
        return Err(AttributeProblem::new(&attribute.name, rule, &format!("{} groups", values.len())));
    }
    Ok(values)
}

fn check(attribute: &SentAttribute) -> Result<(), AttributeProblem> {
    if let Some(value) = attribute.values.iter().find(|value| !is_sendable(value)) {
        return Err(AttributeProblem::new(&attribute.name, unsendable(), value));
    }
    aws_attribute::check(&attribute.name, &attribute.values)
}

/// Whether a text may be the value of an attribute: XML can carry it, and it has a sane length.
pub(crate) fn is_sendable(value: &str) -> bool {
    value.len() <= LONGEST_VALUE
        && !value.is_empty()
        && !value.chars().any(|character| character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}'))
}

fn unsendable() -> String {
    format!("It has 1 to {LONGEST_VALUE} bytes without control characters.")
}

#[cfg(test)]
mod tests;
