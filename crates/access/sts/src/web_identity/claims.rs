//! What a token's claims say about the session: tags and a source identity (IAM "Pass session tags", nested and flat).

use std::collections::{BTreeMap, BTreeSet};

use oidc::IdentityToken;
use serde_json::Value;

use crate::attempt::Story;
use crate::error::{StsCode, StsError};
use crate::parameters;

const TAGS: &str = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

/// What the provider gives the session.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) tags: BTreeMap<String, String>,
    pub(super) transitive: BTreeSet<String>,
    pub(super) source_identity: Option<String>,
}

impl Claimed {
    pub(super) fn read(story: &mut Story, token: &IdentityToken) -> Result<Self, StsError> {
        let (mut given, mut keys) = (Vec::new(), Vec::new());
        for (path, value) in parts(token) {
            if let Some(key) = path.strip_prefix("principal_tags/") {
                given.push((key.to_owned(), one(story, TAGS, value)?));
            } else if path == "transitive_tag_keys" {
                let several =
                    texts(value).ok_or_else(|| rejected(story, TAGS, "transitive_tag_keys is no list of texts"))?;
                keys.extend(several);
            } else {
                return Err(rejected(story, TAGS, &format!("it has {}", parameters::shown(&path))));
            }
        }
        let tags = parameters::tags(&given).map_err(|error| rejected(story, TAGS, &error.to_string()))?;
        let transitive =
            parameters::transitive(&keys, &tags).map_err(|error| rejected(story, TAGS, &error.to_string()))?;
        let source_identity = match token.claim(SOURCE_IDENTITY) {
            None => None,
            Some(value) => {
                let identity = one(story, SOURCE_IDENTITY, value)?;
                parameters::source_identity(&identity)
                    .map_err(|error| rejected(story, SOURCE_IDENTITY, &error.to_string()))?;
                Some(identity)
            }
        };
        Ok(Self { tags, transitive, source_identity })
    }
}

/// Every part of the tags' claim, by its path in it: `principal_tags/team`, `transitive_tag_keys`.
fn parts(token: &IdentityToken) -> Vec<(String, &Value)> {
    let mut parts = Vec::new();
    for (name, value) in token.claims() {
        let Some(path) = name.strip_prefix(TAGS) else { continue };
        match (path.strip_prefix('/'), value) {
            (Some(path), value) => parts.push((path.to_owned(), value)),
            (None, Value::Object(members)) if path.is_empty() => {
                for (member, value) in members {
                    match value {
                        Value::Object(tags) => {
                            parts.extend(tags.iter().map(|(key, value)| (format!("{member}/{key}"), value)));
                        }
                        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                            parts.push((member.clone(), value));
                        }
                    }
                }
            }
            (None, value) if path.is_empty() => parts.push(("no object".to_owned(), value)),
            (None, _) => {}
        }
    }
    parts
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) => several.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn one(story: &mut Story, claim: &str, value: &Value) -> Result<String, StsError> {
    match texts(value).as_deref() {
        Some([one]) => Ok(one.clone()),
        Some(_) | None => Err(rejected(story, claim, "it must have exactly one text for each value")),
    }
}

fn rejected(story: &mut Story, claim: &str, found: &str) -> StsError {
    story.checks.note(claim, "as AWS takes it", found, false);
    StsError::refused(
        StsCode::InvalidIdentityToken,
        format!("The claim {claim} of the web identity token is not valid: {found}"),
        format!("the token's claim {claim} isn't valid: {found}"),
        format!("Change what the identity provider issues as {claim}."),
    )
}
