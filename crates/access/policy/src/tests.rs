//! Tables of conditions, of requests and of documents that are refused.

mod conditions;
mod model;
mod refused;
mod requests;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{Context, Document, DocumentKind, NamedPolicy, Subject, SubjectKind};

pub(crate) const ACCOUNT: &str = "123456789012";

pub(crate) fn named(name: &str, text: &str, kind: DocumentKind) -> NamedPolicy {
    let document = Document::parse(text, kind).unwrap_or_else(|error| panic!("{text}: {error}"));
    NamedPolicy { name: name.into(), document: Arc::new(document) }
}

/// `user`, `role`, `root`, `service`, `federated`, `anonymous`.
pub(crate) fn subject(who: &str) -> Subject {
    let kind = match who {
        "root" => SubjectKind::Root,
        "user" => SubjectKind::User {
            arn: format!("arn:aws:iam::{ACCOUNT}:user/staff/ethan"),
            id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
        },
        "role" => SubjectKind::Role {
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/service/app"),
            role_id: "AROAAAAAAAAAAAAAAAAAA".to_owned(),
            session_arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/ethan@example.com"),
            session_name: "ethan@example.com".to_owned(),
        },
        "service" => SubjectKind::Service { name: "redshift.amazonaws.com".to_owned() },
        "federated" => {
            SubjectKind::Federated { provider: format!("arn:aws:iam::{ACCOUNT}:saml-provider/redshift-sso") }
        }
        "anonymous" => SubjectKind::Anonymous,
        other => panic!("who is {other}?"),
    };
    let account = if matches!(who, "service" | "anonymous") { "" } else { ACCOUNT };
    Subject { account: account.to_owned(), kind }
}

/// The context of a JSON object of texts and lists of texts.
pub(crate) fn context(given: &Value) -> Context {
    let mut context = Context::new();
    for (key, value) in given.as_object().unwrap() {
        match value.as_array() {
            None => context.set(key, value.as_str().unwrap()),
            Some(list) => context.set_all(key, list.iter().map(|one| one.as_str().unwrap())),
        }
    }
    context
}

/// A document of a statement, of statements or of itself.
pub(crate) fn wrapped(given: Value) -> String {
    if given.get("Statement").is_some() {
        return given.to_string();
    }
    let statements = given.as_array().cloned().unwrap_or_else(|| vec![given]);
    let with_effect = |statement: Value| {
        let mut members = Map::from_iter([("Effect".to_owned(), json!("Allow"))]);
        members.extend(statement.as_object().unwrap().clone());
        Value::Object(members)
    };
    let statements: Vec<Value> = statements.into_iter().map(with_effect).collect();
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}
