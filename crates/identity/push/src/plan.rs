//! What has to be done at the server: what should be there, compared with what is. Pure.
//!
//! Only what is ours is touched: people whom we pushed or adopt, the attributes that we push, groups that are pushed, and in them only
//! memberships of our people.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::person;
use crate::target::Deprovision;

/// Attributes of a person by SCIM path.
pub type Attributes = Map<String, Value>;

/// How one attribute changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// A SCIM path, e.g. `name.givenName`.
    pub path: String,
    pub from: Option<Value>,
    /// `None`: it is removed.
    pub to: Option<Value>,
}

/// Somebody at the server.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownUser {
    pub remote: String,
    /// What the server has, as far as it matters: every path of ours, as it was read or as it was accepted.
    pub has: Attributes,
    /// What we sent last; nothing for somebody who is adopted.
    pub sent: Option<Attributes>,
}

/// What is done about a person.
#[derive(Debug, Clone, PartialEq)]
pub enum UserStep {
    Nothing,
    Create,
    Change { remote: String, changes: Vec<Change> },
    Deactivate { remote: String },
    Delete { remote: String },
}

/// Compares a person. `wanted`: their attributes if they are active and assigned. Somebody who isn't, and who was never pushed, is
/// nobody of ours; attributes that we never sent stay as they are.
#[must_use]
pub fn user(wanted: Option<&Attributes>, known: Option<&KnownUser>, deprovision: Deprovision) -> UserStep {
    match (wanted, known) {
        (None, None) => UserStep::Nothing,
        (Some(_), None) => UserStep::Create,
        (Some(wanted), Some(known)) => match changes(wanted, known) {
            changes if changes.is_empty() => UserStep::Nothing,
            changes => UserStep::Change { remote: known.remote.clone(), changes },
        },
        (None, Some(known)) => {
            let is_inactive = known.has.get("active") == Some(&Value::Bool(false));
            match deprovision {
                _ if known.sent.is_none() || is_inactive => UserStep::Nothing,
                Deprovision::Deactivate => UserStep::Deactivate { remote: known.remote.clone() },
                Deprovision::Delete => UserStep::Delete { remote: known.remote.clone() },
            }
        }
    }
}

fn changes(wanted: &Attributes, known: &KnownUser) -> Vec<Change> {
    let set = wanted.iter().filter_map(|(path, value)| {
        let has = known.has.get(path);
        let is_same = has.is_some_and(|has| is_same(has, value));
        (!is_same).then(|| Change { path: path.clone(), from: has.cloned(), to: Some(value.clone()) })
    });
    let ours = known.sent.iter().flatten().map(|(path, _)| path);
    let removed = ours.filter(|path| !wanted.contains_key(*path)).filter_map(|path| {
        let has = known.has.get(path)?;
        Some(Change { path: path.clone(), from: Some(has.clone()), to: None })
    });
    set.chain(removed).collect()
}

/// Whether the server has what we want there. It may keep more with a value than we sent: a list holds it if one of its values does.
fn is_same(has: &Value, wanted: &Value) -> bool {
    match (has, wanted) {
        (Value::Array(has), Value::Array(wanted)) => {
            wanted.iter().all(|value| has.iter().any(|one| is_same(one, value)))
        }
        (Value::Object(has), Value::Object(wanted)) => {
            wanted.iter().all(|(name, value)| has.get(name).is_some_and(|has| is_same(has, value)))
        }
        (has, wanted) => has == wanted,
    }
}

/// The operations of a PATCH (RFC 7644 3.5.2), one for each attribute, with a path.
#[must_use]
pub fn operations(changes: &[Change]) -> Value {
    let operation = |change: &Change| match &change.to {
        Some(value) => json!({"op": "replace", "path": change.path, "value": value}),
        None => json!({"op": "remove", "path": change.path}),
    };
    changes.iter().map(operation).collect()
}

/// What the server has of a resource that was read, as far as it matters.
#[must_use]
pub fn has(resource: &Attributes, wanted: Option<&Attributes>, sent: Option<&Attributes>) -> Attributes {
    let active = "active".to_owned();
    let paths: BTreeSet<&String> =
        wanted.into_iter().flatten().chain(sent.into_iter().flatten()).map(|(path, _)| path).chain([&active]).collect();
    person::flatten(resource, paths)
}

/// A group as the server should have it. Members are ids of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedGroup {
    pub display_name: String,
    pub members: BTreeSet<String>,
}

/// A group at the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownGroup {
    pub remote: String,
    pub display_name: String,
    /// Those of the people in question who are in it: listed by the server, or, where it lists nobody, as we left it.
    pub members: BTreeSet<String>,
    /// Whether we made it.
    pub created: bool,
}

/// What is done about a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupStep {
    Nothing,
    Create {
        members: BTreeSet<String>,
    },
    Change {
        remote: String,
        rename: bool,
        add: BTreeSet<String>,
        remove: BTreeSet<String>,
    },
    Delete {
        remote: String,
    },
    /// It was there before us: our people leave it, and it stays.
    Release {
        remote: String,
        remove: BTreeSet<String>,
    },
}

/// Compares a group. `wanted`: nothing when it isn't pushed any more. `ours`: people at the server whom we pushed; nobody else is
/// ever removed.
#[must_use]
pub fn group(wanted: Option<&WantedGroup>, known: Option<&KnownGroup>, ours: &BTreeSet<String>) -> GroupStep {
    match (wanted, known) {
        (None, None) => GroupStep::Nothing,
        (Some(wanted), None) => GroupStep::Create { members: wanted.members.clone() },
        (None, Some(known)) if known.created => GroupStep::Delete { remote: known.remote.clone() },
        (None, Some(known)) => GroupStep::Release {
            remote: known.remote.clone(),
            remove: known.members.intersection(ours).cloned().collect(),
        },
        (Some(wanted), Some(known)) => {
            let add: BTreeSet<String> = wanted.members.difference(&known.members).cloned().collect();
            let gone = known.members.difference(&wanted.members).filter(|member| ours.contains(*member));
            let remove: BTreeSet<String> = gone.cloned().collect();
            let rename = wanted.display_name != known.display_name;
            if !rename && add.is_empty() && remove.is_empty() {
                return GroupStep::Nothing;
            }
            GroupStep::Change { remote: known.remote.clone(), rename, add, remove }
        }
    }
}
