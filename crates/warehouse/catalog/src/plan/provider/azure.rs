//! PARAMETERS of an identity provider of type azure: JSON, each name known and once (sql.md 1.2).

use serde_json::{Map, Value};

use super::Planner;
use crate::error::{CatalogError, CatalogState};
use crate::model::AzureParameters;
use crate::plan::NoticeSeverity;

/// Bytes of an issuer, a client id or an audience.
const LONGEST: usize = 512;
const MOST_AUDIENCES: usize = 20;
/// What Redshift proves itself with to Microsoft Graph, where it asks for a person's groups.
const CREDENTIALS: &[&str] = &["client_secret", "client_x5t", "client_pk_base64", "client_pk_password"];

/// Errors never repeat a value: one of them may be a secret in the wrong place.
pub(super) fn read(p: &mut Planner<'_>, text: &str) -> Result<AzureParameters, CatalogError> {
    let Ok(Value::Object(mut given)) = base::strict_json::read(text.as_bytes()) else {
        return Err(invalid("PARAMETERS is not a JSON object in which each name is given once".to_owned()).hint(
            "For example: PARAMETERS '{\"issuer\": \"https://login.microsoftonline.com/TENANT/v2.0\", \"client_id\": \"…\", \
             \"audience\": [\"api://…\"]}'.",
        ));
    };
    let issuer = text_of(&mut given, "issuer")?;
    let client_id = text_of(&mut given, "client_id")?;
    let audience = audience(&mut given)?;
    let mut dropped = Vec::new();
    for name in CREDENTIALS {
        match given.remove(*name) {
            None => {}
            Some(Value::String(_)) => dropped.push(*name),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(invalid(format!("the parameter \"{name}\" must be a text")));
            }
        }
    }
    if let Some(unknown) = given.keys().next() {
        let shown: String = unknown.chars().filter(|c| !c.is_control()).take(64).collect();
        return Err(invalid(format!("an identity provider of type azure has no parameter \"{shown}\""))
            .hint("The parameters are issuer, client_id, client_secret and audience."));
    }
    if !(issuer.starts_with("https://") || issuer.starts_with("http://")) || issuer.contains(['?', '#', '{']) {
        return Err(invalid("the parameter \"issuer\" must be an https address without query and fragment".to_owned())
            .hint("Give it to the letter as the tokens' claim iss has it, with the tenant's id."));
    }
    if !dropped.is_empty() {
        let names = dropped.join(", ");
        let message =
            format!("{names} isn't kept: groups are read from the tokens, and nothing is asked of the provider");
        p.notice(NoticeSeverity::Notice, "00000", message);
    }
    Ok(AzureParameters { issuer, client_id, audience })
}

fn text_of(given: &mut Map<String, Value>, name: &str) -> Result<String, CatalogError> {
    match given.remove(name) {
        Some(value) => plain(name, &value),
        None => Err(missing(name)),
    }
}

fn audience(given: &mut Map<String, Value>) -> Result<Vec<String>, CatalogError> {
    let listed = match given.remove("audience") {
        Some(Value::Array(listed)) => listed,
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            return Err(invalid("the parameter \"audience\" must be a list of texts".to_owned()));
        }
        None => return Err(missing("audience")),
    };
    if listed.is_empty() || listed.len() > MOST_AUDIENCES {
        return Err(invalid(format!("the parameter \"audience\" must have 1 to {MOST_AUDIENCES} texts")));
    }
    listed.iter().map(|value| plain("audience", value)).collect()
}

fn plain(name: &str, value: &Value) -> Result<String, CatalogError> {
    let text = value.as_str().filter(|text| (1..=LONGEST).contains(&text.len()));
    let text = text.filter(|text| !text.contains(|c: char| c.is_control() || c.is_whitespace()));
    text.map(str::to_owned)
        .ok_or_else(|| invalid(format!("the parameter \"{name}\" must be text of 1 to {LONGEST} bytes without spaces")))
}

fn missing(name: &str) -> CatalogError {
    invalid(format!("PARAMETERS of an identity provider of type azure needs \"{name}\""))
}

fn invalid(message: String) -> CatalogError {
    CatalogError::new(CatalogState::InvalidParameter, message)
}

#[cfg(test)]
mod tests;
