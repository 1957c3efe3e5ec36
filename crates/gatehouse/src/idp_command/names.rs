//! Who or what a name on the command line means: a name or an id, as the person likes.

use anyhow::bail;
use serde_json::Value;

use super::shown::word;
use crate::client::IdpApi;

/// The id of the person with this user name or id.
pub(super) async fn person(api: &IdpApi, name: &str) -> anyhow::Result<String> {
    one(api, &People { what: "person", path: "/people", parameter: "user_name", command: "person list" }, name).await
}

/// The id of the group with this name or id.
pub(super) async fn group(api: &IdpApi, name: &str) -> anyhow::Result<String> {
    one(api, &People { what: "group", path: "/groups", parameter: "display_name", command: "group list" }, name).await
}

pub(super) async fn groups(api: &IdpApi, names: &[String]) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(group(api, name).await?);
    }
    Ok(ids)
}

/// The application with this slug, id or label.
pub(super) async fn application(api: &IdpApi, name: &str) -> anyhow::Result<Value> {
    let found = api.all("/applications").await?;
    of_few(found, &["id", "slug", "label"], ("application", "app list"), name)
}

/// The push target with this name or id.
pub(super) async fn push_target(api: &IdpApi, name: &str) -> anyhow::Result<Value> {
    let found = api.all("/push-targets").await?;
    of_few(found, &["id", "name"], ("push target", "push list"), name)
}

/// The live API token with this name or id.
pub(super) async fn token(api: &IdpApi, name: &str) -> anyhow::Result<Value> {
    let mut found = api.all("/api-tokens").await?;
    found.retain(|token| word(token, "status") != "deleted");
    of_few(found, &["id", "name"], ("live API token", "token list"), name)
}

/// What there may be very many of: asked for by name and by id.
struct People {
    what: &'static str,
    path: &'static str,
    parameter: &'static str,
    command: &'static str,
}

async fn one(api: &IdpApi, kind: &People, name: &str) -> anyhow::Result<String> {
    let mut found = api.named(kind.path, kind.parameter, name).await?;
    if is_id(name)
        && let Ok(by_id) = api.get(&format!("{}/{name}", kind.path)).await
    {
        found.push(by_id);
    }
    let mut ids: Vec<String> = found.iter().map(|one| word(one, "id").to_owned()).collect();
    ids.dedup();
    match ids.as_slice() {
        [id] => Ok(id.clone()),
        [] => bail!("there is no {} {name:?}; list them with: gatehouse idp {}", kind.what, kind.command),
        _ => bail!("{name:?} is the name of one {0} and the id of another; name the {0} by the id", kind.what),
    }
}

/// A UUID.
fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Without regard to case; several may have a name, and then all of them are told.
fn of_few(all: Vec<Value>, by: &[&str], (what, command): (&str, &str), name: &str) -> anyhow::Result<Value> {
    let wanted = name.trim().to_lowercase();
    let is_named = |one: &Value| by.iter().any(|member| word(one, member).to_lowercase() == wanted);
    let mut found: Vec<Value> = all.into_iter().filter(is_named).collect();
    match (found.pop(), found.as_slice()) {
        (Some(one), []) => Ok(one),
        (None, _) => bail!("there is no {what} {name:?}; list them with: gatehouse idp {command}"),
        (Some(last), others) => {
            let ids = others.iter().chain([&last]).map(|one| word(one, "id")).collect::<Vec<_>>().join(", ");
            bail!("{name:?} may be any of {ids}; name the {what} by its id (gatehouse idp {command})")
        }
    }
}

#[cfg(test)]
mod tests;
