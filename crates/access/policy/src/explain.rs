//! The statements that nearly allowed what was denied, and what they lack.

use crate::condition::Condition;
use crate::evaluate::Asked;
use crate::statement::{Statement, Texts};
use crate::{Effect, NamedPolicy, Policies, PolicyClass};

/// Statements of which the lacks are told.
const STATEMENTS_MAX: usize = 8;
/// Texts of a list that are shown.
const LISTED_MAX: usize = 3;
/// Characters of a text that are shown.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// Whose value is a password in all but name: who doesn't have it isn't told.
const HIDDEN_KEY: &str = "sts:externalid";

/// Says what the policies of `class`, which allow nothing, nearly allow: the nearest first, bounded.
pub(crate) fn nearest(asked: &Asked<'_>, policies: &Policies<'_>, class: PolicyClass) -> Vec<String> {
    let resource = policies.resource.map(std::slice::from_ref).unwrap_or_default();
    let (of_class, also): (&[NamedPolicy], &[NamedPolicy]) = match class {
        PolicyClass::Identity => (policies.identity, resource),
        PolicyClass::Boundary => (policies.boundary.map(std::slice::from_ref).unwrap_or_default(), &[]),
        PolicyClass::Session => (policies.session.unwrap_or_default(), &[]),
        PolicyClass::Resource => (resource, &[]),
    };
    let mut near: Vec<Near<'_>> = of_class.iter().chain(also).flat_map(|policy| nearly(asked, policy)).collect();
    if near.is_empty() {
        return vec![none(asked, of_class, class)];
    }
    near.sort_by_key(|near| near.distance);
    let more = near.len().saturating_sub(STATEMENTS_MAX);
    let mut lines: Vec<String> = near.iter().take(STATEMENTS_MAX).map(|near| line(asked, near)).collect();
    if more > 0 {
        lines.push(format!("{more} more statements allow the action, but not this request"));
    }
    lines
}

/// A statement that allows the action, but not the request.
struct Near<'a> {
    policy: &'a NamedPolicy,
    statement: &'a Statement,
    /// A condition is a shorter way than another resource, and that than another person.
    distance: usize,
}

/// No statement allows the action at all.
fn none(asked: &Asked<'_>, policies: &[NamedPolicy], class: PolicyClass) -> String {
    let action = short(asked.request.action);
    if policies.is_empty() {
        return format!("there is no {}", class.name());
    }
    let names: Vec<&str> = policies.iter().take(LISTED_MAX).map(|policy| &*policy.name).collect();
    let more = match policies.len().saturating_sub(LISTED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("no statement of {}{more} allows {action}", names.join(", "))
}

fn nearly<'a>(asked: &'a Asked<'_>, policy: &'a NamedPolicy) -> impl Iterator<Item = Near<'a>> {
    policy.document.statements_for(asked.service).filter_map(move |statement| {
        if statement.effect != Effect::Allow || !statement.fits_action(asked) {
            return None;
        }
        let person = if statement.names(asked).is_none() { 100_usize } else { 0 };
        let resource = if statement.fits_resource(asked) { 0 } else { 10 };
        let distance = person.saturating_add(resource).saturating_add(failing(asked, statement).count());
        (distance > 0).then_some(Near { policy, statement, distance })
    })
}

fn failing<'a>(asked: &'a Asked<'_>, statement: &'a Statement) -> impl Iterator<Item = &'a Condition> {
    statement.conditions.iter().filter(|condition| !condition.holds(asked.request.context, statement.effect))
}

fn line(asked: &Asked<'_>, Near { policy, statement, .. }: &Near<'_>) -> String {
    let mut lacks = Vec::new();
    if statement.names(asked).is_none() {
        let list = statement.principals.iter().flat_map(|principals| &principals.list);
        let named: Vec<&str> = list.map(|principal| principal.written()).collect();
        lacks.push(format!("not to {}: it names {}", short(&asked.request.subject.shown()), listed(&named)));
    }
    if let Some(resources) = statement.resources.as_ref().filter(|_| !statement.fits_resource(asked)) {
        lacks.push(other_resource(asked, resources));
    }
    lacks.extend(failing(asked, statement).map(|condition| failed(asked, condition)));
    let lacks = lacks.join(", and ");
    format!("statement {:?} of {} allows the action, but {lacks}", &*statement.label, policy.name)
}

fn other_resource(asked: &Asked<'_>, resources: &Texts) -> String {
    let written: Vec<&str> = resources.list.iter().map(|template| template.written()).collect();
    let resource = short(asked.request.resource);
    let missing: Vec<&str> =
        resources.list.iter().flat_map(|template| template.missing(asked.request.context)).collect();
    let does = if resources.negated { "leaves out" } else { "names" };
    let lack = format!("not on the resource {resource}: it {does} {}", listed(&written));
    match missing.first() {
        None => lack,
        Some(key) => format!("{lack} (the request has no {key})"),
    }
}

fn failed(asked: &Asked<'_>, condition: &Condition) -> String {
    let values = asked.request.context.get_folded(&condition.key);
    let is = values.map(|values| listed(&values.iter().map(String::as_str).collect::<Vec<_>>()));
    let hidden = &*condition.key == HIDDEN_KEY;
    let wants = if hidden {
        "another value".to_owned()
    } else {
        listed(&condition.values.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let is = match is {
        None => "the request does not have the key".to_owned(),
        Some(_) if hidden => "it has another one".to_owned(),
        Some(is) => format!("it is {is}"),
    };
    let missing = condition.missing(asked.request.context).find(|key| **key != *condition.key);
    let missing = missing.map(|key| format!(" (the request has no {key})")).unwrap_or_default();
    format!("its condition {condition} wants {wants} and {is}{missing}")
}

/// A few texts, in quotes.
fn listed(texts: &[&str]) -> String {
    let shown: Vec<String> = texts.iter().take(LISTED_MAX).map(|text| short(text)).collect();
    match texts.len().saturating_sub(LISTED_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}
