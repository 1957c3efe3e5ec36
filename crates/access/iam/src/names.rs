//! What names, paths and texts may be (the shapes of IAM's model).

use crate::IamError;

/// Paths that AWS keeps for roles and policies of its own.
const RESERVED_PATHS: [&str; 2] = ["/aws-reserved/", "/aws-service-role/"];

/// Two names that differ in case alone are one name to IAM.
#[must_use]
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

fn name(parameter: &str, name: &str, longest: usize) -> Result<(), IamError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if (1..=longest).contains(&name.len()) && name.chars().all(legal) {
        return Ok(());
    }
    let rule = format!("Member must have 1 to {longest} letters, digits and _ + = , . @ -");
    Err(IamError::validation(parameter, &rule))
}

pub(crate) fn user(text: &str) -> Result<(), IamError> {
    name("userName", text, 64)
}

pub(crate) fn group(text: &str) -> Result<(), IamError> {
    name("groupName", text, 128)
}

pub(crate) fn policy(text: &str) -> Result<(), IamError> {
    name("policyName", text, 128)
}

/// Names that AWS gives to its own roles are refused.
pub(crate) fn role(text: &str) -> Result<(), IamError> {
    name("roleName", text, 64)?;
    let reserved = ["awsservicerolefor", "awsreservedsso_"];
    let text = text.to_ascii_lowercase();
    match reserved.iter().find(|prefix| text.starts_with(**prefix)) {
        None => Ok(()),
        Some(_) => Err(IamError::InvalidInput(
            "Role names that begin with AWSServiceRoleFor or AWSReservedSSO_ are reserved for AWS. Choose another name; \
             CreateServiceLinkedRole makes the roles of services."
                .to_owned(),
        )),
    }
}

pub(crate) fn saml_provider(text: &str) -> Result<(), IamError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if (1..=128).contains(&text.len()) && text.chars().all(legal) {
        return Ok(());
    }
    Err(IamError::validation("name", "Member must have 1 to 128 letters, digits and . _ -"))
}

/// `pathType`: `/`, or visible ASCII between two slashes. `/` when there is none.
pub(crate) fn path(path: Option<&str>) -> Result<String, IamError> {
    let Some(path) = path else { return Ok("/".to_owned()) };
    let inner = path.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let fits = path == "/"
        || inner.is_some_and(|inner| !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_graphic()));
    if !fits || path.len() > 512 {
        return Err(IamError::validation(
            "path",
            "Member must be / or begin and end with /, with at most 512 visible ASCII characters",
        ));
    }
    if let Some(reserved) = RESERVED_PATHS.iter().find(|reserved| path.starts_with(**reserved)) {
        return Err(IamError::Validation(format!("The path {reserved} is reserved for AWS. Choose another path.")));
    }
    Ok(path.to_owned())
}

/// A prefix that a list is asked for: it begins with a slash.
pub fn path_prefix(prefix: &str) -> Result<(), IamError> {
    if prefix.starts_with('/') && prefix.len() <= 512 && prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(IamError::validation("pathPrefix", "Member must begin with / and have at most 512 visible ASCII characters"))
}

/// `roleDescriptionType` and `policyDescriptionType`.
pub(crate) fn description(text: &str) -> Result<(), IamError> {
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    if text.chars().count() <= 1000 && text.chars().all(legal) {
        return Ok(());
    }
    Err(IamError::validation("description", "Member must have at most 1000 characters of Latin-1"))
}

/// `roleMaxSessionDurationType`, seconds.
pub(crate) fn max_session_duration(seconds: u32) -> Result<(), IamError> {
    if (3600..=43200).contains(&seconds) {
        return Ok(());
    }
    Err(IamError::validation("maxSessionDuration", "Member must be between 3600 and 43200 seconds"))
}
