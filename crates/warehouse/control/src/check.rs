//! What names and numbers may be. Each rule says what would be right.

use base::id::ClusterId;

use crate::ControlError;

/// Characters of a cluster's identifier (Redshift "Naming constraints").
const IDENTIFIER_CHARACTERS_MAX: usize = 63;
/// The smallest port that may be given (Redshift CreateCluster `Port`).
const PORT_MIN: u16 = 1150;
/// Names of users that the warehouse itself has (catalog).
const SYSTEM_USERS: [&str; 2] = ["public", "rdsdb"];

/// 1 to 63 of `a-z0-9-`, first a letter, no `-` at the end and no `--` (Redshift "Naming constraints").
pub(crate) fn cluster_identifier(parameter: &'static str, identifier: &ClusterId) -> Result<(), ControlError> {
    let text = identifier.as_str();
    let legal = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let regular = text.len() <= IDENTIFIER_CHARACTERS_MAX && !text.ends_with('-') && !text.contains("--");
    let rule = "it has 1 to 63 lower-case letters, digits and hyphens, begins with a letter, and has no hyphen at its end or \
                beside another";
    must(legal && regular && begins_with_letter(text), parameter, rule)
}

/// 3 to 64 of `a-z0-9-` (Redshift Serverless `NamespaceName`, `WorkgroupName`).
pub(crate) fn serverless_name(parameter: &'static str, name: &str) -> Result<(), ControlError> {
    let legal = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let right = legal && (3..=64).contains(&name.len());
    must(right, parameter, "it has 3 to 64 lower-case letters, digits and hyphens")
}

/// [`serverless_name`] that a server name can carry (RFC 1123 2.1): it is a label of the workgroup's endpoint.
pub(crate) fn workgroup_name(parameter: &'static str, name: &str) -> Result<(), ControlError> {
    serverless_name(parameter, name)?;
    let label = name.len() <= 63 && !name.starts_with('-') && !name.ends_with('-');
    must(
        label,
        parameter,
        "it is a part of the endpoint's DNS name: it has at most 63 characters, and no hyphen at either end",
    )
}

/// 1 to 64 of `a-z0-9_$`, first a letter, no reserved word (Redshift CreateCluster `DBName`, "Naming constraints").
pub(crate) fn database_name(parameter: &'static str, name: &str) -> Result<(), ControlError> {
    let legal = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$'));
    let rule = "it has 1 to 64 lower-case letters, digits, _ and $, and begins with a letter";
    must(legal && begins_with_letter(name) && name.len() <= 64, parameter, rule)?;
    must(!sql::parse::is_reserved(name), parameter, "it is a reserved word of Redshift; choose another name")
}

/// 1 to 128 of `a-z0-9_+.@-`, first a letter, no reserved word (Redshift CreateCluster `MasterUsername`).
pub(crate) fn admin_username(parameter: &'static str, name: &str) -> Result<(), ControlError> {
    let legal = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'+' | b'.' | b'@' | b'-');
    let rule = "it has 1 to 128 lower-case letters, digits and _ + . @ -, and begins with a letter";
    must(name.bytes().all(legal) && begins_with_letter(name) && name.len() <= 128, parameter, rule)?;
    let free = !sql::parse::is_reserved(name) && !SYSTEM_USERS.contains(&name);
    must(free, parameter, "it is a reserved word of Redshift or a user of its own; choose another name")
}

/// 1150 to 65535, where one is given (Redshift CreateCluster `Port`).
pub(crate) fn port(parameter: &'static str, port: Option<u16>) -> Result<(), ControlError> {
    must(port.is_none_or(|port| port >= PORT_MIN), parameter, "a port is a number from 1150 to 65535")
}

/// `[a-z][a-z0-9]*(-[a-z0-9]+)*`, 1 to 63 characters (Redshift `RedshiftIdcApplicationName`, `Qev2IdcApplicationName`).
pub(crate) fn application_name(parameter: &'static str, name: &str) -> Result<(), ControlError> {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let rule = "it has 1 to 63 lower-case letters and digits in words that are joined by single hyphens, and begins with a \
                letter";
    must(name.len() <= 63 && begins_with_letter(name) && name.split('-').all(word), parameter, rule)
}

/// `[\w+=,.@-]+`, 1 to 127 characters (Redshift `IdcDisplayNameString`).
pub(crate) fn display_name(name: &str) -> Result<(), ControlError> {
    let right = has_only(name, |c| c.is_alphanumeric() || "_+=,.@-".contains(c));
    must(right, "IdcDisplayName", "it has 1 to 127 letters, digits and _ + = , . @ -")
}

/// `[a-zA-Z0-9_+.#@$-]+` (Redshift `IdentityNamespaceString`) that a warehouse takes as well.
pub(crate) fn identity_namespace(namespace: &str) -> Result<(), ControlError> {
    let legal = has_only(namespace, |c| c.is_ascii_alphanumeric() || "_+.#@$-".contains(c));
    let rule = "it has 1 to 63 letters, digits and _ + . # @ $ -, and is none of the warehouse's own: sys, ds, iam, iama, iamr, \
                public";
    must(legal && catalog::check_provider_namespace(namespace).is_ok(), "IdentityNamespace", rule)
}

/// `rule` names what would be right.
pub(crate) fn must(right: bool, parameter: &'static str, rule: &'static str) -> Result<(), ControlError> {
    if right { Ok(()) } else { Err(ControlError::Invalid { parameter, rule }) }
}

fn begins_with_letter(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
}

fn has_only(text: &str, legal: impl Fn(char) -> bool) -> bool {
    (1..=127).contains(&text.chars().count()) && text.chars().all(legal)
}
