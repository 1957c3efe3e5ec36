//! What an assertion's attributes say about the session (apis.md 4.7).

use std::collections::{BTreeMap, BTreeSet};

use ::saml::sp::ValidatedAssertion;
use time::Duration;

use super::NOT_AUTHORIZED;
use crate::attempt::Story;
use crate::error::{StsCode, StsError};
use crate::parameters;

const PREFIX: &str = "https://aws.amazon.com/SAML/Attributes/";

/// The session that the identity provider asks for.
#[derive(Debug)]
pub(super) struct Attributes {
    pub(super) session_name: String,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) transitive: BTreeSet<String>,
    pub(super) source_identity: Option<String>,
    pub(super) duration: Option<Duration>,
}

impl Attributes {
    pub(super) fn read(
        story: &mut Story,
        assertion: &ValidatedAssertion,
        role_arn: &str,
        provider_arn: &str,
    ) -> Result<Self, StsError> {
        role(story, assertion.attribute(&format!("{PREFIX}Role")), role_arn, provider_arn)?;
        let session_name = session_name(story, assertion)?;
        let source_identity = source_identity(story, assertion)?;
        let tags = tags(story, assertion)?;
        let keys = assertion.attribute(&format!("{PREFIX}TransitiveTagKeys"));
        let transitive =
            parameters::transitive(keys, &tags).map_err(|error| rejected(story, "TransitiveTagKeys", &error))?;
        let duration = duration(story, assertion)?;
        Ok(Self { session_name, tags, transitive, source_identity, duration })
    }
}

/// One value of the attribute is the pair of role and provider, in either order.
fn role(story: &mut Story, values: &[String], role_arn: &str, provider_arn: &str) -> Result<(), StsError> {
    let is_pair = |value: &String| match value.split_once(',') {
        Some((one, other)) => {
            let (one, other) = (one.trim(), other.trim());
            (one, other) == (role_arn, provider_arn) || (other, one) == (role_arn, provider_arn)
        }
        None => false,
    };
    let expected = format!("{role_arn},{provider_arn}");
    let found = if values.is_empty() { "no Role attribute".to_owned() } else { values.join(" | ") };
    story.check("Role attribute", &expected, &found, values.iter().any(is_pair), || {
        StsError::refused(
            StsCode::AccessDenied,
            NOT_AUTHORIZED,
            format!("the assertion's attribute {PREFIX}Role doesn't have {expected}"),
            format!("Have the identity provider send the attribute {PREFIX}Role with the value {expected}."),
        )
    })
}

/// The one value of an attribute; several are refused.
fn single<'a>(
    story: &mut Story,
    assertion: &'a ValidatedAssertion,
    name: &'static str,
) -> Result<Option<&'a str>, StsError> {
    match assertion.attribute(&format!("{PREFIX}{name}")) {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            let found = format!("{} values", several.len());
            story.checks.note(name, "one value", &found, false);
            Err(invalid(
                format!("{name} must have exactly one value in AuthnResponse"),
                format!("Have the identity provider send one value of {PREFIX}{name}."),
            ))
        }
    }
}

fn session_name(story: &mut Story, assertion: &ValidatedAssertion) -> Result<String, StsError> {
    let name = single(story, assertion, "RoleSessionName")?;
    let mend =
        || format!("Have the identity provider send {PREFIX}RoleSessionName, such as the person's e-mail address.");
    let Some(name) = name else {
        story.checks.note("RoleSessionName", "2 to 64 of [A-Za-z0-9_+=,.@-]", "missing", false);
        return Err(invalid("RoleSessionName is required in AuthnResponse", mend()));
    };
    let fits = parameters::is_session_name(name);
    story.check("RoleSessionName", "2 to 64 of [A-Za-z0-9_+=,.@-]", name, fits, || {
        invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}", mend())
    })?;
    Ok(name.to_owned())
}

fn source_identity(story: &mut Story, assertion: &ValidatedAssertion) -> Result<Option<String>, StsError> {
    let Some(identity) = single(story, assertion, "SourceIdentity")? else { return Ok(None) };
    let fits = parameters::source_identity(identity).is_ok();
    story.check("SourceIdentity", "2 to 64 of [A-Za-z0-9_+=,.@-], not aws:", identity, fits, || {
        invalid(
            "Source Identity in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with aws:",
            format!("Change what the identity provider sends as {PREFIX}SourceIdentity."),
        )
    })?;
    Ok(Some(identity.to_owned()))
}

/// One attribute of one value for each tag.
fn tags(story: &mut Story, assertion: &ValidatedAssertion) -> Result<BTreeMap<String, String>, StsError> {
    let prefix = format!("{PREFIX}PrincipalTag:");
    let mut given = Vec::new();
    for (name, values) in assertion.attributes() {
        let Some(key) = name.strip_prefix(&prefix) else { continue };
        let [value] = values.as_slice() else {
            story.checks.note(
                "PrincipalTag",
                "one value of each tag",
                &format!("{key}: {} values", values.len()),
                false,
            );
            return Err(invalid(
                "Session tag values in AuthnResponse must have exactly one value",
                format!("Have the identity provider send one value of {name}."),
            ));
        };
        given.push((key.to_owned(), value.clone()));
    }
    let tags = parameters::tags(&given).map_err(|error| rejected(story, "PrincipalTag", &error))?;
    if !tags.is_empty() {
        let keys: Vec<&str> = tags.keys().map(String::as_str).collect();
        story.checks.note("PrincipalTag", "tags", &keys.join(", "), true);
    }
    Ok(tags)
}

fn duration(story: &mut Story, assertion: &ValidatedAssertion) -> Result<Option<Duration>, StsError> {
    let Some(text) = single(story, assertion, "SessionDuration")? else { return Ok(None) };
    let range = parameters::SHORTEST..=parameters::LONGEST;
    let seconds = text.trim().parse::<i64>().ok().filter(|seconds| range.contains(seconds));
    story.checks.note("SessionDuration", "900 to 43200 s", text, seconds.is_some());
    let seconds = seconds.ok_or_else(|| {
        invalid(
            "SessionDuration in AuthnResponse must be a number of seconds from 900 to 43200",
            format!("Change what the identity provider sends as {PREFIX}SessionDuration."),
        )
    })?;
    Ok(Some(Duration::seconds(seconds)))
}

/// A rule of parameters that an attribute breaks.
fn rejected(story: &mut Story, name: &str, error: &StsError) -> StsError {
    story.checks.note(name, "as AWS takes it", &error.to_string(), false);
    invalid(error.to_string(), format!("Change what the identity provider sends as {PREFIX}{name}."))
}

fn invalid(message: impl Into<String>, mend: String) -> StsError {
    let message = message.into();
    StsError::refused(StsCode::InvalidIdentityToken, message.clone(), message, mend)
}
