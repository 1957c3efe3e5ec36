//! What names and descriptions may be.

use crate::NetworkError;

/// Characters of a security group's name, its description and a rule's (EC2).
const CHARACTERS_MAX: usize = 255;
const MARKS: &str = " ._-:/()#,@[]+=&;{}!$*";

/// A security group's name (EC2 CreateSecurityGroup `GroupName`, groups of a VPC).
pub(crate) fn group_name(name: &str) -> Result<(), NetworkError> {
    if name.to_ascii_lowercase().starts_with("sg-") {
        let text =
            format!("Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*");
        return Err(NetworkError::InvalidValue(text));
    }
    if name.eq_ignore_ascii_case(crate::model::DEFAULT_GROUP) {
        return Err(NetworkError::InvalidValue(format!("Cannot use reserved security group name: {name}")));
    }
    let trimmed = !name.is_empty() && name.trim() == name;
    if trimmed && has_only_legal(name) { Ok(()) } else { Err(invalid("GroupName", name)) }
}

/// A group's description, which it must have.
pub(crate) fn group_description(description: &str) -> Result<(), NetworkError> {
    if !description.is_empty() && has_only_legal(description) {
        return Ok(());
    }
    Err(invalid("GroupDescription", description))
}

/// A rule's description.
pub(crate) fn rule_description(description: Option<&str>) -> Result<(), NetworkError> {
    match description {
        Some(text) if !has_only_legal(text) => Err(invalid("Description", text)),
        Some(_) | None => Ok(()),
    }
}

fn has_only_legal(text: &str) -> bool {
    text.len() <= CHARACTERS_MAX && text.chars().all(|c| c.is_ascii_alphanumeric() || MARKS.contains(c))
}

fn invalid(parameter: &str, value: &str) -> NetworkError {
    let value: String = value.chars().take(CHARACTERS_MAX).collect();
    NetworkError::InvalidValue(format!(
        "Value ({value}) for parameter {parameter} is invalid. It has 1 to {CHARACTERS_MAX} characters of a-z, A-Z, 0-9, space and \
         ._-:/()#,@[]+=&;{{}}!$*"
    ))
}

/// The name of a cluster subnet group, in lower case (Redshift CreateClusterSubnetGroup `ClusterSubnetGroupName`).
pub(crate) fn subnet_group_name(name: &str) -> Result<String, NetworkError> {
    let lower = name.to_ascii_lowercase();
    let legal = lower.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b' '));
    if lower.is_empty() || lower.len() > CHARACTERS_MAX || !legal || lower.trim() != lower {
        return Err(NetworkError::InvalidSubnetGroup(format!(
            "ClusterSubnetGroupName is not valid: it has 1 to {CHARACTERS_MAX} letters, digits, hyphens, underscores, periods and \
             spaces."
        )));
    }
    if lower == crate::model::DEFAULT_GROUP {
        let text = "ClusterSubnetGroupName is not valid: \"default\" is reserved. Choose another name.";
        return Err(NetworkError::InvalidSubnetGroup(text.to_owned()));
    }
    Ok(lower)
}

/// The description of a cluster subnet group.
pub(crate) fn subnet_group_description(description: &str) -> Result<(), NetworkError> {
    let length = description.chars().count();
    if (1..=CHARACTERS_MAX).contains(&length) && !description.chars().any(char::is_control) {
        return Ok(());
    }
    let text = format!("Description is not valid: it has 1 to {CHARACTERS_MAX} characters.");
    Err(NetworkError::InvalidSubnetGroup(text))
}
