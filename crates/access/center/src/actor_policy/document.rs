//! An actor policy, read strictly.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{ActionPattern, CREATE_TOKEN_ACTION, Effect, PolicyPrincipal, Statement};
use crate::CenterError;

const DOCUMENT_BYTES_MAX: usize = 20_480;
/// Characters of the document that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 200;

fn invalid(rule: impl Into<String>) -> CenterError {
    CenterError::invalid("ActorPolicy", rule.into())
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARACTERS_MAX).collect()
}

pub(super) fn statements(document: &Value) -> Result<Vec<Statement>, CenterError> {
    let members = object(document, "it")?;
    if document.to_string().len() > DOCUMENT_BYTES_MAX {
        return Err(invalid("it has at most 20480 bytes"));
    }
    only(members, &["Version", "Id", "Statement"])?;
    if members.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
        return Err(invalid("Version must be \"2012-10-17\""));
    }
    members.get("Id").map_or(Ok(()), |id| text(id, "Id").map(drop))?;
    let read = one_or_more(members, "Statement")?.into_iter().map(statement).collect::<Result<Vec<_>, _>>()?;
    let mut sids = HashSet::new();
    match read.iter().filter_map(|statement| statement.sid.as_deref()).find(|sid| !sids.insert(*sid)) {
        None => Ok(read),
        Some(sid) => Err(invalid(format!("two statements have the Sid \"{}\"", shown(sid)))),
    }
}

fn statement(value: &Value) -> Result<Statement, CenterError> {
    let members = object(value, "Statement")?;
    only(members, &["Sid", "Effect", "Principal", "Action", "Resource"])?;
    let sid = members.get("Sid").map(sid).transpose()?;
    let effect = match members.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        Some(_) | None => return Err(invalid("Effect must be \"Allow\" or \"Deny\"")),
    };
    for resource in one_or_more(members, "Resource")? {
        if text(resource, "Resource")? != "*" {
            return Err(invalid("Resource must be \"*\", which is the application that the policy belongs to"));
        }
    }
    let actions = one_or_more(members, "Action")?.into_iter().map(action).collect::<Result<_, _>>()?;
    Ok(Statement { sid, effect, principals: principals(members)?, actions })
}

fn sid(value: &Value) -> Result<String, CenterError> {
    let sid = text(value, "Sid")?;
    if sid.is_empty() || !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(invalid("a Sid has letters and digits only"));
    }
    Ok(sid.to_owned())
}

fn action(value: &Value) -> Result<ActionPattern, CenterError> {
    let action = text(value, "Action")?;
    if action == "*" || action.eq_ignore_ascii_case("sso-oauth:*") {
        Ok(ActionPattern::Any)
    } else if action.eq_ignore_ascii_case(CREATE_TOKEN_ACTION) {
        Ok(ActionPattern::CreateToken)
    } else {
        Err(invalid(format!(
            "the Action \"{}\" has no meaning in an actor policy; name {CREATE_TOKEN_ACTION}, sso-oauth:* or *",
            shown(action)
        )))
    }
}

fn principals(members: &Map<String, Value>) -> Result<Vec<PolicyPrincipal>, CenterError> {
    let given = members.get("Principal").ok_or_else(|| invalid("Principal is missing"))?;
    if given.as_str() == Some("*") {
        return Ok(vec![PolicyPrincipal::Everybody]);
    }
    let kinds = given.as_object().ok_or_else(|| invalid("Principal must be \"*\" or an object"))?;
    only(kinds, &["AWS", "Service"])?;
    let mut principals = Vec::new();
    if kinds.contains_key("AWS") {
        for value in one_or_more(kinds, "AWS")? {
            principals.push(aws(text(value, "AWS")?)?);
        }
    }
    if kinds.contains_key("Service") {
        for value in one_or_more(kinds, "Service")? {
            principals.push(service(text(value, "Service")?)?);
        }
    }
    if principals.is_empty() { Err(invalid("Principal must name somebody")) } else { Ok(principals) }
}

fn aws(text: &str) -> Result<PolicyPrincipal, CenterError> {
    let unknown = || {
        invalid(format!(
            "the principal \"{}\" is not one; give \"*\", twelve digits, or the ARN of an account's root, a user, a role or a \
             role session",
            shown(text)
        ))
    };
    if text == "*" {
        return Ok(PolicyPrincipal::Everybody);
    }
    if is_account(text) {
        return Ok(PolicyPrincipal::Account(text.to_owned()));
    }
    let (service, rest) = text.strip_prefix("arn:aws:").and_then(|rest| rest.split_once("::")).ok_or_else(unknown)?;
    let (account, resource) = rest.split_once(':').filter(|(account, _)| is_account(account)).ok_or_else(unknown)?;
    let (kind, path) = resource.split_once('/').unwrap_or((resource, ""));
    let names: Vec<_> = path.split('/').collect();
    let is_path = path.len() <= 1024 && names.iter().all(|name| is_name(name));
    match (service, kind) {
        ("iam", "root") if resource == "root" => Ok(PolicyPrincipal::Account(account.to_owned())),
        ("iam", "user") if is_path => Ok(PolicyPrincipal::Exactly(text.to_owned())),
        ("iam", "role") if is_path => Ok(PolicyPrincipal::Role {
            arn: text.to_owned(),
            account: account.to_owned(),
            name: names.last().map(|name| (*name).to_owned()).unwrap_or_default(),
        }),
        ("sts", "assumed-role") if is_path && names.len() == 2 => Ok(PolicyPrincipal::Exactly(text.to_owned())),
        _ => Err(unknown()),
    }
}

fn service(text: &str) -> Result<PolicyPrincipal, CenterError> {
    let legal =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    if text.strip_suffix(".amazonaws.com").is_some_and(legal) {
        return Ok(PolicyPrincipal::Service(text.to_owned()));
    }
    Err(invalid(format!("the principal \"{}\" is not the name of a service, <service>.amazonaws.com", shown(text))))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// IAM "Quotas, name requirements and character limits".
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

/// The elements of IAM's language that aren't carried out here are refused as such.
fn only(members: &Map<String, Value>, known: &[&str]) -> Result<(), CenterError> {
    match members.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            Err(invalid(format!("the element {} is not carried out in an actor policy; leave it out", shown(key))))
        }
    }
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>, CenterError> {
    value.as_object().ok_or_else(|| invalid(format!("{what} must be a JSON object")))
}

fn text<'a>(value: &'a Value, what: &str) -> Result<&'a str, CenterError> {
    value.as_str().ok_or_else(|| invalid(format!("{what} must be a text")))
}

/// An element that may be one value or a list of at least one.
fn one_or_more<'a>(members: &'a Map<String, Value>, element: &str) -> Result<Vec<&'a Value>, CenterError> {
    let value = members.get(element).ok_or_else(|| invalid(format!("{element} is missing")))?;
    match value.as_array() {
        None => Ok(vec![value]),
        Some(list) if list.is_empty() => Err(invalid(format!("{element} must not be empty"))),
        Some(list) => Ok(list.iter().collect()),
    }
}
