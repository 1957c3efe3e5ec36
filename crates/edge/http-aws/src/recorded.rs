//! What an audit record keeps of a call's parameters: enough to know what was asked, never a secret, never personal data.

use serde_json::{Map, Value};

use crate::protocol::query::QueryParameters;
use crate::service::Service;

/// Bytes of the JSON text. A larger request is recorded by the names of its parameters.
const RECORDED_BYTES_MAX: usize = 4096;
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
/// Parts of names whose values nobody may read.
const SECRET: [&str; 6] = ["password", "secret", "token", "assertion", "credential", "verifier"];
/// Of identitystore, only what names somebody by our id, or which attribute is meant, is recorded, as AWS does it.
const NAMING: [&str; 7] =
    ["identitystoreid", "userid", "groupid", "groupids", "membershipid", "attributepath", "maxresults"];
/// Of organizations, what is told of people: also by operations that are refused.
const TOLD_OF_PEOPLE: [&str; 6] = ["email", "accountname", "name", "notes", "sourcename", "id"];

/// The parameters of a JSON body; null where it can't be read.
pub(crate) fn json(service: Service, body: &[u8]) -> String {
    let value = serde_json::from_slice(body).unwrap_or(Value::Null);
    bounded(masked(service, "", value))
}

/// The parameters of a Query request.
pub(crate) fn query(service: Service, parameters: &QueryParameters) -> String {
    let members = parameters.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    bounded(masked(service, "", Value::Object(members)))
}

fn masked(service: Service, name: &str, value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let shown = members.into_iter().map(|(name, value)| {
                let value = if is_secret(&name) { Value::from(HIDDEN) } else { masked(service, &name, value) };
                (name, value)
            });
            Value::Object(shown.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| masked(service, name, item)).collect()),
        Value::Null | Value::Bool(_) => value,
        Value::Number(_) | Value::String(_) if is_personal(service, name) => Value::from(HIDDEN),
        Value::Number(_) | Value::String(_) => value,
    }
}

/// By any part of the name, without regard to case: a Query name has several (`Tags.Tag.1.Key`).
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|part| name.contains(part))
}

/// Beside the secrets, what the models mark as sensitive.
fn is_personal(service: Service, name: &str) -> bool {
    let is_one_of = |names: &[&str]| names.iter().any(|one| one.eq_ignore_ascii_case(name));
    match service {
        Service::IdentityStore => !is_one_of(&NAMING),
        Service::Organizations => is_one_of(&TOLD_OF_PEOPLE),
        Service::RedshiftServerless => is_one_of(&["adminUsername"]),
        Service::Gatehouse => is_one_of(&["UserName"]),
        Service::Iam => is_one_of(&["AddPrivateKey"]),
        Service::Sts
        | Service::Ec2
        | Service::Redshift
        | Service::SsoAdmin
        | Service::SecretsManager
        | Service::CloudTrail => false,
    }
}

fn bounded(value: Value) -> String {
    let text = value.to_string();
    if text.len() <= RECORDED_BYTES_MAX {
        return text;
    }
    let Value::Object(members) = value else { return Value::Null.to_string() };
    let names: Map<String, Value> =
        members.into_iter().take(64).map(|(name, _)| (cut(&name), Value::from("…"))).collect();
    Value::Object(names).to_string()
}

/// Names that a stranger makes up are no longer than names are.
fn cut(name: &str) -> String {
    name.chars().take(64).collect()
}

#[cfg(test)]
mod tests;
