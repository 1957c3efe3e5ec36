use serde_json::{Value, json};

use super::{context, named, subject, wrapped};
use crate::{Decision, DocumentKind, NamedPolicy, Outcome, Policies, PolicyClass, Request, evaluate};

const TABLE: &str = include_str!("requests.txt");

/// One block of the table.
struct Case<'a> {
    lines: Vec<(&'a str, &'a str)>,
}

impl<'a> Case<'a> {
    fn all(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter(move |(key, _)| *key == name).map(|(_, value)| *value)
    }

    fn one(&self, name: &'static str) -> Option<&'a str> {
        self.all(name).next()
    }

    fn policies(&self, name: &'static str, kind: DocumentKind) -> Vec<NamedPolicy> {
        let texts: Vec<&str> = self.all(name).filter(|text| *text != "none").collect();
        let number = |place: usize| if name == "identity" { format!("{name} {place}") } else { name.to_owned() };
        texts.iter().zip(1..).map(|(text, place)| named(&number(place), &wrapped(json(text)), kind)).collect()
    }

    fn decide(&self) -> Decision {
        let (action, resource) = self.one("ask").unwrap().split_once(' ').unwrap();
        let identity = self.policies("identity", DocumentKind::Identity);
        let boundary = self.policies("boundary", DocumentKind::Identity);
        let session = self.policies("session", DocumentKind::Identity);
        let resource_policy = self.policies("resource", DocumentKind::Resource);
        let trust = self.policies("trust", DocumentKind::Trust);
        let policies = Policies {
            identity: &identity,
            boundary: boundary.first(),
            session: self.one("session").map(|_| session.as_slice()),
            resource: resource_policy.first().or(trust.first()),
            resource_must_allow: !trust.is_empty(),
        };
        let subject = subject(self.one("who").unwrap());
        let context = context(&self.one("with").map_or_else(|| json!({}), json));
        evaluate(&Request { subject: &subject, action, resource, context: &context }, &policies)
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn cases() -> Vec<Case<'static>> {
    let mut cases = Vec::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (key, value) = line.split_once(' ').unwrap();
        if key == "case" {
            cases.push(Case { lines: Vec::new() });
        }
        let known = ["case", "who", "ask", "with", "identity", "boundary", "session", "resource", "trust", "expect"];
        assert!(known.contains(&key) || ["because", "says", "first", "hides", "missing"].contains(&key), "{line}");
        cases.last_mut().unwrap().lines.push((key, value));
    }
    cases
}

fn outcome(text: &str) -> Outcome {
    let class = |name| match name {
        "identity" => PolicyClass::Identity,
        "boundary" => PolicyClass::Boundary,
        "session" => PolicyClass::Session,
        "resource" => PolicyClass::Resource,
        other => panic!("{other}"),
    };
    match text.split_once(' ') {
        Some(("explicit", name)) => Outcome::ExplicitDeny { class: class(name) },
        Some(("implicit", name)) => Outcome::ImplicitDeny { class: class(name) },
        _ => Outcome::Allowed,
    }
}

#[test]
fn requests_are_decided_as_the_table_says() {
    let cases = cases();
    assert!(cases.len() > 80, "{}", cases.len());
    for case in cases {
        let name = case.one("case").unwrap();
        let decision = case.decide();
        let told = decision.explain().join("\n");
        assert_eq!(decision.outcome, outcome(case.one("expect").unwrap()), "{name}: {told}");
        let action = case.one("ask").unwrap().split(' ').next().unwrap();
        assert_eq!(decision.because(action).is_empty(), decision.allowed(), "{name}");
        if let Some(because) = case.one("because") {
            assert_eq!(decision.because(action), because, "{name}");
        }
        for words in case.all("says") {
            assert!(told.contains(words), "{name}: {told}");
        }
        for words in case.all("hides") {
            assert!(!told.contains(words), "{name}: {told}");
        }
        if let Some(first) = case.one("first") {
            assert!(told.starts_with(first), "{name}: {told}");
        }
        if let Some(missing) = case.one("missing") {
            assert_eq!(decision.missing_keys.join(" "), missing, "{name}");
        }
        assert!(!told.is_empty() || decision.allowed(), "{name}");
    }
}

/// Whatever is allowed is denied when one more statement denies it, and nothing denied is allowed by a deny.
#[test]
fn a_deny_wins_everywhere() {
    for class in ["identity", "boundary", "session", "resource"] {
        for mut case in cases() {
            let applies = match case.one("who").unwrap() {
                "root" => class == "session" || class == "resource",
                "user" | "role" => true,
                _ => class == "resource",
            };
            if class == "resource" && (case.one("trust").is_some() || case.one("resource").is_some()) {
                continue;
            }
            let name = case.one("case").unwrap();
            let deny = match class {
                "resource" => r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#,
                _ => r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#,
            };
            case.lines.insert(0, (class, deny));
            let outcome = case.decide().outcome;
            assert!(!applies || matches!(outcome, Outcome::ExplicitDeny { .. }), "{name} in {class}: {outcome:?}");
        }
    }
}

#[test]
fn an_explanation_is_bounded() {
    let statement =
        json!({"Effect": "Allow", "Action": "a:*", "Resource": format!("arn:aws:s3:::{}", "b".repeat(5000))});
    let statements = vec![statement; 300];
    let policy = named("p", &wrapped(Value::Array(statements)), DocumentKind::Identity);
    let resource = "r".repeat(5000);
    let subject = subject("user");
    let request = Request { subject: &subject, action: "a:B", resource: &resource, context: &context(&json!({})) };
    let told = evaluate(&request, &Policies { identity: &[policy], ..Policies::default() }).explain();
    assert_eq!(told.len(), 9);
    assert_eq!(told.last().unwrap(), "292 more statements allow the action, but not this request");
    assert!(told.iter().all(|line| line.len() < 1000));
}

#[test]
fn the_boundary_is_answered_by_itself() {
    for (boundary, expected) in [
        (None, None),
        (Some(r#"{"Action":"a:B","Resource":"*"}"#), Some(true)),
        (Some(r#"{"Action":"a:C","Resource":"*"}"#), Some(false)),
        (Some(r#"[{"Action":"*","Resource":"*"},{"Effect":"Deny","Action":"a:B","Resource":"*"}]"#), Some(false)),
    ] {
        let boundary = boundary.map(|text| named("b", &wrapped(json(text)), DocumentKind::Identity));
        let subject = subject("user");
        let request = Request { subject: &subject, action: "a:B", resource: "*", context: &context(&json!({})) };
        let decision = evaluate(&request, &Policies { boundary: boundary.as_ref(), ..Policies::default() });
        assert_eq!(decision.boundary_allows, expected);
    }
}
