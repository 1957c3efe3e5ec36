//! The elements of a document and of its statements.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{DocumentError, DocumentKind, conditions, principals};
use crate::Effect;
use crate::statement::{Statement, Texts};
use crate::template::{Syntax, Template};

/// Characters of the document that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 100;

pub(super) type Read<T> = Result<T, DocumentError>;

/// Characters of a place and of a reason: both may quote the document.
const ERROR_CHARACTERS_MAX: usize = 400;

pub(super) fn error<T>(place: impl AsRef<str>, reason: impl AsRef<str>) -> Read<T> {
    let bounded = |text: &str| text.chars().take(ERROR_CHARACTERS_MAX).collect();
    Err(DocumentError { place: bounded(place.as_ref()), reason: bounded(reason.as_ref()) })
}

/// A text of the document for an error, in quotes.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}

pub(super) fn statements(text: &str, kind: DocumentKind) -> Read<Vec<Statement>> {
    let value = base::strict_json::read(text.as_bytes())
        .map_err(|problem| DocumentError { place: "JSON".to_owned(), reason: problem.to_string() })?;
    let members = object(&value, "document")?;
    only(members, "document", &["Version", "Id", "Statement"])?;
    let variables = match members.get("Version").map(|version| version.as_str()) {
        Some(Some("2012-10-17")) => true,
        None | Some(Some("2008-10-17")) => false,
        Some(_) => return error("Version", "it must be \"2012-10-17\" or \"2008-10-17\""),
    };
    members.get("Id").map_or(Ok(()), |id| string(id, "Id").map(drop))?;
    let Some(given) = members.get("Statement") else {
        return error("document", "the element Statement is missing");
    };
    let given = match given.as_array() {
        Some(list) if list.is_empty() => return error("Statement", "it must have at least one statement"),
        Some(list) => list.iter().zip(0_usize..).map(|(one, number)| (one, format!("Statement[{number}]"))).collect(),
        None => vec![(given, "Statement".to_owned())],
    };
    let mut sids = HashSet::new();
    let mut statements = Vec::new();
    for ((one, place), number) in given.iter().zip(1_usize..) {
        let members = object(one, place)?;
        let sid = sid(members, place)?;
        if let Some(sid) = sid
            && !sids.insert(sid)
        {
            return error(format!("{place}.Sid"), format!("another statement has the Sid {} already", shown(sid)));
        }
        let label = sid.map_or_else(|| number.to_string(), str::to_owned).into();
        statements.push(statement(members, place, label, Rules { kind, variables })?);
    }
    Ok(statements)
}

/// What a statement is read by.
#[derive(Clone, Copy)]
struct Rules {
    kind: DocumentKind,
    variables: bool,
}

const ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

fn statement(members: &Map<String, Value>, place: &str, label: Box<str>, rules: Rules) -> Read<Statement> {
    only(members, place, &ELEMENTS)?;
    let effect = match members.get("Effect").map(|effect| effect.as_str()) {
        Some(Some("Allow")) => Effect::Allow,
        Some(Some("Deny")) => Effect::Deny,
        Some(_) => return error(format!("{place}.Effect"), "it must be \"Allow\" or \"Deny\""),
        None => return error(place, "the element Effect is missing; give \"Allow\" or \"Deny\""),
    };
    let principals = principals::read(members, place, rules.kind, effect)?;
    let actions = actions(members, place, rules.kind)?;
    let resources = resources(members, place, rules)?;
    let conditions = match members.get("Condition") {
        None => Vec::new(),
        Some(given) => conditions::read(given, &format!("{place}.Condition"), rules.variables)?,
    };
    Ok(Statement { label, effect, principals, actions, resources, conditions })
}

/// The console writes `"Sid": ""` for none.
fn sid<'a>(members: &'a Map<String, Value>, place: &str) -> Read<Option<&'a str>> {
    let Some(given) = members.get("Sid") else { return Ok(None) };
    let place = format!("{place}.Sid");
    let sid = string(given, &place)?;
    if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return error(place, format!("{} must have letters and digits only", shown(sid)));
    }
    Ok((!sid.is_empty()).then_some(sid))
}

fn actions(members: &Map<String, Value>, place: &str, kind: DocumentKind) -> Read<Texts> {
    let Some((element, negated)) = either(members, place, "Action")? else {
        return error(place, "Policy statement must contain actions: give Action or NotAction");
    };
    let trust = kind == DocumentKind::Trust;
    if trust && negated {
        return error(format!("{place}.{element}"), "a trust policy may only specify STS actions; give them in Action");
    }
    let mut list = Vec::new();
    for (value, place) in values(members, place, element)? {
        let written = string(value, &place)?;
        let action = written.to_ascii_lowercase();
        check_action(&action).or_else(|reason| error(&*place, format!("{} {reason}", shown(written))))?;
        if trust && !action.starts_with("sts:") {
            let reason = "AssumeRole policy may only specify STS AssumeRole actions, such as sts:AssumeRoleWithSAML";
            return error(place, format!("{}: {reason}", shown(written)));
        }
        let syntax = Syntax { variables: false, wildcards: true };
        list.push(Template::parse(&action, syntax).or_else(|reason| error(place, reason))?);
    }
    Ok(Texts { negated, list })
}

fn check_action(action: &str) -> Result<(), &'static str> {
    if action == "*" {
        return Ok(());
    }
    let Some((service, name)) = action.split_once(':') else {
        return Err("must be prefaced by a service, e.g. redshift:GetClusterCredentials, or be *");
    };
    if service.is_empty() || !service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err("must begin with a service's prefix without wildcards, e.g. redshift:Get*, or be *");
    }
    if name.contains(':') {
        return Err("can contain only one colon");
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*?_-".contains(&byte)) {
        return Err("must name an action: letters and digits, with * and ? as wildcards");
    }
    Ok(())
}

fn resources(members: &Map<String, Value>, place: &str, rules: Rules) -> Read<Option<Texts>> {
    let given = either(members, place, "Resource")?;
    let Some((element, negated)) = given else {
        return match rules.kind {
            DocumentKind::Trust => Ok(None),
            DocumentKind::Identity | DocumentKind::Resource => {
                error(place, "Policy statement must contain resources: give Resource or NotResource")
            }
        };
    };
    if rules.kind == DocumentKind::Trust {
        return error(
            format!("{place}.{element}"),
            format!("a trust policy has no {element}: the role is what it protects"),
        );
    }
    let mut list = Vec::new();
    for (value, place) in values(members, place, element)? {
        let written = string(value, &place)?;
        check_resource(written).or_else(|reason| error(&*place, reason))?;
        let syntax = Syntax { variables: rules.variables, wildcards: true };
        list.push(Template::parse(written, syntax).or_else(|reason| error(place, reason))?);
    }
    Ok(Some(Texts { negated, list }))
}

fn check_resource(text: &str) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    let no_arn = || format!("Resource {} must be in ARN format or \"*\"", shown(text));
    let mut parts = text.splitn(6, ':');
    if parts.next() != Some("arn") {
        return Err(no_arn());
    }
    let (partition, service) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if partition != "aws" && partition != "*" {
        return Err(format!(
            "Partition {} is not valid for resource {}; it must be aws",
            shown(partition),
            shown(text)
        ));
    }
    let (region, account) = (parts.next(), parts.next());
    // A wildcard may stand for the parts that are left.
    if parts.next().is_none() && !region.into_iter().chain(account).any(|part| part.contains('*')) {
        return Err(no_arn());
    }
    if service.is_empty() || !service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(format!("Resource vendor must be fully qualified and cannot contain regexes, in {}", shown(text)));
    }
    if region.into_iter().chain(account).any(|part| part.contains("${")) {
        return Err(format!("{}: policy variables may only stand after the fifth colon of an ARN", shown(text)));
    }
    Ok(())
}

/// Which of `Action` and `NotAction` (and so on) a statement has, and whether it is the second.
pub(super) fn either(
    members: &Map<String, Value>,
    place: &str,
    element: &'static str,
) -> Read<Option<(&'static str, bool)>> {
    let negation = match element {
        "Action" => "NotAction",
        "Resource" => "NotResource",
        _ => "NotPrincipal",
    };
    match (members.contains_key(element), members.contains_key(negation)) {
        (true, true) => error(place, format!("it has both {element} and {negation}; give one of them")),
        (true, false) => Ok(Some((element, false))),
        (false, true) => Ok(Some((negation, true))),
        (false, false) => Ok(None),
    }
}

/// What isn't carried out, or misspelt, is refused by its name.
pub(super) fn only(members: &Map<String, Value>, place: &str, known: &[&str]) -> Read<()> {
    match members.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            error(place, format!("the element {} has no meaning here; it may have {}", shown(key), known.join(", ")))
        }
    }
}

pub(super) fn object<'a>(value: &'a Value, place: &str) -> Read<&'a Map<String, Value>> {
    value.as_object().ok_or(()).or_else(|()| error(place, "it must be a JSON object"))
}

pub(super) fn string<'a>(value: &'a Value, place: &str) -> Read<&'a str> {
    value.as_str().ok_or(()).or_else(|()| error(place, "it must be a text"))
}

/// The values of an element, which may be one or a list of at least one, each with its place.
pub(super) fn values<'a>(
    members: &'a Map<String, Value>,
    place: &str,
    element: &str,
) -> Read<Vec<(&'a Value, String)>> {
    let place = format!("{place}.{element}");
    match members.get(element) {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) if list.is_empty() => error(place, "it must not be an empty list"),
        Some(Value::Array(list)) => {
            Ok(list.iter().zip(0_usize..).map(|(value, number)| (value, format!("{place}[{number}]"))).collect())
        }
        Some(value) => Ok(vec![(value, place)]),
    }
}
