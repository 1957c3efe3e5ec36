use std::collections::HashMap;
use std::net::Ipv4Addr;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::generated::Question;

const ACCOUNT: &str = "123456789012";
const USER: &str = "arn:aws:iam::123456789012:user/staff/ethan";
const ROLE: [&str; 2] = ["arn:aws:iam::123456789012:role/service/app", "AROAAAAAAAAAAAAAAAAAA"];
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/app/ethan@example.com";

type Keys = HashMap<String, Vec<String>>;

/// A text or a list of texts.
fn list(value: &Value) -> Vec<String> {
    match value.as_array() {
        Some(values) => values.iter().flat_map(list).collect(),
        None => vec![value.as_str().unwrap().to_owned()],
    }
}

/// How each document that applies answers: the labels of the principals by which a statement of an effect matched.
struct Answers {
    allows: Vec<Vec<&'static str>>,
    denies: bool,
}

pub(super) fn allowed(question: &Question) -> bool {
    let keys: Keys =
        question.keys.as_object().unwrap().iter().map(|(key, value)| (key.to_lowercase(), list(value))).collect();
    let has_account = ["user", "role", "root"].contains(&question.who);
    let all = |documents: &[Value]| ask(question, &keys, documents);
    let identity = all(if question.who == "root" { &[] } else { &question.identity });
    let boundary =
        question.boundary.as_ref().filter(|_| question.who != "root").map(|one| all(std::slice::from_ref(one)));
    let session = question.session.as_ref().map(|session| all(session));
    let resource = all(question.own.as_slice());

    if !has_account {
        return !resource.denies && !resource.allows.is_empty();
    }
    // 1. An explicit deny anywhere.
    if identity.denies || resource.denies || boundary.iter().chain(&session).any(|one| one.denies) {
        return false;
    }
    let within = |one: &Option<Answers>| one.as_ref().is_none_or(|one| !one.allows.is_empty());
    let own = question.who == "root" || !identity.allows.is_empty();
    // Another account's resource: both sides.
    if question.resource.contains(":999999999999:") {
        return !resource.allows.is_empty() && own && within(&boundary) && within(&session);
    }
    if question.must_allow && resource.allows.is_empty() {
        return false;
    }
    let granted = |label: &str| resource.allows.iter().any(|labels| labels.contains(&label));
    if granted("directly") {
        return true;
    }
    (own || granted("role")) && within(&boundary) && within(&session)
}

fn ask(question: &Question, keys: &Keys, documents: &[Value]) -> Answers {
    let mut answers = Answers { allows: Vec::new(), denies: false };
    for document in documents {
        let variables = document["Version"] == "2012-10-17";
        for statement in document["Statement"].as_array().unwrap() {
            let labels = principals(question.who, statement);
            let denies = statement["Effect"] == "Deny";
            let matches = !labels.is_empty()
                && element(statement, "Action", &question.action.to_lowercase(), &|text| {
                    Some(marked(&text.to_lowercase()))
                })
                && element(statement, "Resource", question.resource, &|text| resolved(text, keys, variables))
                && statement["Condition"].as_object().unwrap().iter().all(|(operator, given)| {
                    let given = given.as_object().unwrap();
                    given.iter().all(|(key, wanted)| holds(operator, key, &list(wanted), keys, variables, denies))
                });
            if matches && denies {
                answers.denies = true;
            } else if matches {
                answers.allows.push(labels);
            }
        }
    }
    answers
}

fn principals(who: &str, statement: &Value) -> Vec<&'static str> {
    let named = |value: &Value| {
        let mut labels = Vec::new();
        for text in value.get("AWS").map(list).unwrap_or_default() {
            match (who, text.as_str()) {
                (_, "*") | ("user", USER) | ("role", SESSION) => labels.push("directly"),
                ("role", text) if ROLE.contains(&text) => labels.push("role"),
                ("user" | "role" | "root", ACCOUNT) => labels.push("account"),
                _ => {}
            }
        }
        let texts = |kind: &str| value.get(kind).map(list).unwrap_or_default();
        if (who == "service" && !texts("Service").is_empty()) || (who == "federated" && !texts("Federated").is_empty())
        {
            labels.push("directly");
        }
        labels
    };
    if let Some(value) = statement.get("NotPrincipal") {
        let everybody = value.get("AWS").is_some_and(|texts| list(texts).contains(&"*".to_owned()));
        let labels = named(value);
        let needed: &[&str] = match who {
            "root" => &["account"],
            "user" => &["account", "directly"],
            "role" => &["account", "role", "directly"],
            _ => &["directly"],
        };
        let spared = everybody || needed.iter().all(|label| labels.contains(label));
        return if spared { Vec::new() } else { vec!["directly"] };
    }
    statement.get("Principal").map_or_else(|| vec!["own"], named)
}

/// That something is left out by what nobody knows is only good for denying.
fn element(statement: &Value, name: &str, text: &str, pattern: &dyn Fn(&str) -> Option<String>) -> bool {
    let any = |texts: &Value| list(texts).iter().any(|one| pattern(one).is_some_and(|pattern| like(&pattern, text)));
    if let Some(texts) = statement.get(name) {
        return any(texts);
    }
    let left_out = &statement[format!("Not{name}")];
    let unknown = list(left_out).iter().any(|one| pattern(one).is_none());
    !any(left_out) && (statement["Effect"] == "Deny" || !unknown)
}

/// Wildcards become characters that no text has.
fn marked(text: &str) -> String {
    text.replace('*', "\u{1}").replace('?', "\u{2}")
}

/// A pattern with its variables filled in, whose wildcards are marked.
fn resolved(text: &str, keys: &Keys, variables: bool) -> Option<String> {
    if !variables {
        return Some(marked(text));
    }
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        done.push_str(&marked(before));
        let (inside, after) = after.split_once('}').unwrap();
        let (key, default) = inside.split_once(',').map_or((inside, None), |(key, default)| (key, Some(default)));
        if inside == "*" {
            done.push('*');
        } else {
            match (keys.get(&key.to_lowercase()).map(Vec::as_slice), default) {
                (Some([one]), _) => done.push_str(one),
                (None, Some(default)) => done.push_str(default.trim().trim_matches('\'')),
                _ => return None,
            }
        }
        rest = after;
    }
    Some(done + &marked(rest))
}

/// Column by column.
fn like(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for character in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        for place in 0..=text.len() {
            next[place] = match character {
                '\u{1}' => reached[place] || (place > 0 && next[place - 1]),
                '\u{2}' => place > 0 && reached[place - 1],
                exact => place > 0 && reached[place - 1] && text[place - 1] == exact,
            };
        }
        reached = next;
    }
    reached[text.len()]
}

fn holds(operator: &str, key: &str, wanted: &[String], keys: &Keys, variables: bool, denies: bool) -> bool {
    let given = keys.get(&key.to_lowercase());
    if operator == "Null" {
        return wanted.iter().any(|wanted| (wanted == "true") == given.is_none());
    }
    let name = operator.trim_start_matches("ForAllValues:").trim_start_matches("ForAnyValue:");
    let name = name.trim_end_matches("IfExists");
    let Some(given) = given else {
        return operator.ends_with("IfExists")
            || operator.starts_with("ForAllValues:")
            || (!operator.starts_with("ForAnyValue:") && name.contains("Not"));
    };
    let positive = name.replace("Not", "");
    let negated = name.contains("Not");
    let one = |value: &String| {
        let answers: Vec<_> = wanted.iter().map(|wanted| compare(&positive, value, wanted, keys, variables)).collect();
        match negated {
            false => answers.contains(&Some(true)),
            true => !answers.contains(&Some(true)) && (denies || !answers.contains(&None)),
        }
    };
    let all = operator.starts_with("ForAllValues:") || (negated && !operator.starts_with("ForAnyValue:"));
    if all { given.iter().all(one) } else { given.iter().any(one) }
}

/// `None`: the two can't be compared.
fn compare(operator: &str, given: &str, wanted: &str, keys: &Keys, variables: bool) -> Option<bool> {
    let text = || {
        // Wildcards mean nothing to these operators.
        resolved(wanted, keys, variables).map(|text| text.replace('\u{1}', "*").replace('\u{2}', "?"))
    };
    let ordered = |less: bool, equal: bool, more: bool| match operator.trim_start_matches(|c| "NumericDate".contains(c))
    {
        "Equals" => equal,
        "LessThan" => less,
        "LessThanEquals" => less || equal,
        "GreaterThan" => more,
        "GreaterThanEquals" => more || equal,
        other => panic!("{operator} {other}"),
    };
    Some(match operator {
        "StringEquals" => text()? == given,
        "StringEqualsIgnoreCase" => text()?.to_lowercase() == given.to_lowercase(),
        "StringLike" => like(&resolved(wanted, keys, variables)?, given),
        "Bool" => {
            let given = given.to_lowercase();
            ["true", "false"].contains(&given.as_str()).then_some(())?;
            text()?.to_lowercase() == given
        }
        "IpAddress" => {
            let given = given.parse::<Ipv4Addr>().ok()?;
            let (base, bits) = wanted.split_once('/').unwrap_or((wanted, "32"));
            let shift = 32 - bits.parse::<u32>().unwrap();
            u32::from(given) >> shift == u32::from(base.parse::<Ipv4Addr>().unwrap()) >> shift
        }
        "ArnLike" | "ArnEquals" => {
            let pattern = resolved(wanted, keys, variables)?;
            let (pattern, given): (Vec<&str>, Vec<&str>) =
                (pattern.splitn(6, ':').collect(), given.splitn(6, ':').collect());
            given.len() == 6 && pattern.len() == 6 && pattern.iter().zip(given).all(|(part, given)| like(part, given))
        }
        _ if operator.starts_with("Numeric") => {
            // Thousandths are enough for what is generated.
            let thousandths = |text: &str| text.parse::<f64>().ok().map(|number| (number * 1000.0).round());
            let (given, wanted) = (thousandths(given)?, thousandths(wanted)?);
            ordered(given < wanted, given == wanted, given > wanted)
        }
        _ if operator.starts_with("Date") => {
            let (given, wanted) = (seconds(given)?, seconds(wanted)?);
            ordered(given < wanted, given == wanted, given > wanted)
        }
        other => panic!("{other}"),
    })
}

fn seconds(text: &str) -> Option<i64> {
    let whole = if text.len() == 10 && text.contains('-') { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let iso = OffsetDateTime::parse(&whole, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp);
    iso.or_else(|| text.parse().ok())
}
