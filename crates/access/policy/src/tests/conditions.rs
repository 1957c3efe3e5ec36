use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{context, named, subject, wrapped};
use crate::{Decision, Document, DocumentKind, Policies, Request, evaluate};

const TABLE: &str = include_str!("conditions.txt");

struct Line<'a> {
    operator: &'a str,
    wanted: Value,
    given: Option<Value>,
    expected: &'a str,
    text: &'a str,
}

fn lines() -> impl Iterator<Item = Line<'static>> {
    TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|text| {
        let [operator, wanted, given, expected] = text.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{text}: four columns")
        };
        let wanted = serde_json::from_str(wanted).unwrap_or_else(|error| panic!("{text}: {error}"));
        let given =
            (given != "-").then(|| serde_json::from_str(given).unwrap_or_else(|error| panic!("{text}: {error}")));
        Line { operator, wanted, given, expected, text }
    })
}

fn statement(line: &Line<'_>) -> Value {
    json!({"Action": "a:B", "Resource": "*", "Condition": {line.operator: {"K:key": line.wanted}}})
}

fn document(line: &Line<'_>) -> String {
    wrapped(statement(line))
}

fn decide(line: &Line<'_>) -> Decision {
    decide_by(line, &document(line))
}

/// Whether a statement that denies has an effect.
fn denies(line: &Line<'_>) -> bool {
    let mut statement = statement(line);
    statement["Effect"] = json!("Deny");
    !decide_by(line, &wrapped(json!([{"Action": "a:B", "Resource": "*"}, statement]))).allowed()
}

fn decide_by(line: &Line<'_>, document: &str) -> Decision {
    let mut keys = json!({
        "k:one": "x", "k:star": "a*c", "k:many": ["x", "y"], "k:yes": "true", "k:arn": "arn:aws:iam::123456789012:role/app"
    });
    if let Some(given) = &line.given {
        keys["k:key"] = given.clone();
    }
    let policy = named("p", document, DocumentKind::Identity);
    let request = Request { subject: &subject("user"), action: "a:B", resource: "*", context: &context(&keys) };
    evaluate(&request, &Policies { identity: &[policy], ..Policies::default() })
}

#[test]
fn conditions_hold_as_the_table_says() {
    for line in lines() {
        if line.expected == "refused" {
            let error = Document::parse(&document(&line), DocumentKind::Identity).expect_err(line.text);
            assert!(error.place.starts_with("Statement[0].Condition."), "{}: {error}", line.text);
            continue;
        }
        assert!(matches!(line.expected, "yes" | "no"), "{}", line.text);
        let decision = decide(&line);
        assert_eq!(decision.allowed(), line.expected == "yes", "{}", line.text);
        let asks_presence = line.operator == "Null";
        let missing = decision.missing_keys.iter().any(|key| key == "k:key");
        assert_eq!(missing, line.given.is_none() && !asks_presence, "{}: {:?}", line.text, decision.missing_keys);
    }
}

/// What denies is the exact contrary; what allows is so only where the two can be compared.
#[test]
fn negated_operators_say_the_contrary() {
    let mut compared = 0;
    for line in lines().filter(|line| line.expected != "refused" && !line.operator.contains(':')) {
        let contrary = match line.operator {
            "StringEquals" => "StringNotEquals",
            "StringEqualsIgnoreCase" => "StringNotEqualsIgnoreCase",
            "StringLike" => "StringNotLike",
            "NumericEquals" => "NumericNotEquals",
            "DateEquals" => "DateNotEquals",
            "IpAddress" => "NotIpAddress",
            "ArnLike" => "ArnNotLike",
            "ArnEquals" => "ArnNotEquals",
            _ => continue,
        };
        compared += 1;
        let allowed = decide(&line).allowed();
        let text = line.text;
        let negated = Line { operator: contrary, ..line };
        assert_eq!(denies(&negated), !allowed, "{text} as {contrary}");
        assert!(!(allowed && decide(&negated).allowed()), "{text} as {contrary}");
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn the_table_has_each_operator_with_each_answer() {
    let strings = ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"];
    let others = ["StringLike", "StringNotLike", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress"];
    let arns = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"];
    let comparisons = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
    let typed = ["Numeric", "Date"].iter().flat_map(|kind| comparisons.map(|comparison| format!("{kind}{comparison}")));
    let operators: Vec<String> =
        strings.iter().chain(&others).chain(&arns).map(|name| (*name).to_owned()).chain(typed).collect();
    let all: BTreeSet<String> = lines()
        .map(|line| {
            let given = if line.given.is_some() { "given" } else { "missing" };
            format!("{} {given} {}", line.operator, line.expected)
        })
        .collect();
    for operator in &operators {
        for wanted in ["given yes", "given no"] {
            assert!(all.contains(&format!("{operator} {wanted}")), "{operator} {wanted}");
        }
        let negated = operator.contains("Not");
        let missing = format!("{operator} missing {}", if negated { "yes" } else { "no" });
        assert!(all.contains(&missing), "{missing}");
        assert!(all.contains(&format!("{operator}IfExists missing yes")), "{operator}IfExists");
        assert!(all.contains(&format!("{operator}IfExists given no")), "{operator}IfExists");
        for set in ["ForAllValues", "ForAnyValue"] {
            assert!(all.iter().any(|line| line.starts_with(&format!("{set}:{operator} "))), "{set}:{operator}");
        }
    }
}
