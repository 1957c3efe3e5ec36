//! What AWS and the Redshift drivers take as values of their attributes (IAM User Guide, "Configure SAML assertions"; Amazon Redshift
//! Management Guide, "Configure SAML assertions for your IdP"). A wrong value is refused here, where somebody can mend it.

use crate::attributes::AttributeProblem;

/// The prefix of STS's attributes.
pub const AWS: &str = "https://aws.amazon.com/SAML/Attributes/";
/// The prefix of the Redshift drivers' attributes.
pub const REDSHIFT: &str = "https://redshift.amazon.com/SAML/Attributes/";

pub const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
pub const ROLE_SESSION_NAME: &str = "https://aws.amazon.com/SAML/Attributes/RoleSessionName";
pub const SESSION_DURATION: &str = "https://aws.amazon.com/SAML/Attributes/SessionDuration";
pub const DB_USER: &str = "https://redshift.amazon.com/SAML/Attributes/DbUser";
pub const AUTO_CREATE: &str = "https://redshift.amazon.com/SAML/Attributes/AutoCreate";
pub const DB_GROUPS: &str = "https://redshift.amazon.com/SAML/Attributes/DbGroups";

/// 15 minutes to 12 hours, in seconds.
const SESSION_DURATIONS: std::ops::RangeInclusive<u32> = 900..=43_200;

/// What a value of an attribute must be, and how many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Any text.
    Free,
    SessionDuration,
    Role,
    SessionName,
    DatabaseName,
    DatabaseGroups,
    Switch,
}

fn rule(name: &str) -> Rule {
    if let Some(name) = name.strip_prefix(AWS) {
        return match name {
            "Role" => Rule::Role,
            "RoleSessionName" | "SourceIdentity" => Rule::SessionName,
            "SessionDuration" => Rule::SessionDuration,
            _ => Rule::Free,
        };
    }
    match name.strip_prefix(REDSHIFT) {
        Some("DbUser") => Rule::DatabaseName,
        Some("DbGroups") => Rule::DatabaseGroups,
        Some("AutoCreate" | "ForceLowercase" | "AllowDbUserOverride") => Rule::Switch,
        Some(_) | None => Rule::Free,
    }
}

/// Whether `values` may be sent as the attribute `name`.
///
/// # Errors
/// The rule that they break, as a full sentence, and the value.
pub fn check(name: &str, values: &[String]) -> Result<(), AttributeProblem> {
    let rule = rule(name);
    let single = match rule {
        Rule::Free | Rule::Role | Rule::DatabaseGroups => false,
        Rule::SessionDuration | Rule::SessionName | Rule::DatabaseName | Rule::Switch => true,
    };
    if single && values.len() > 1 {
        return Err(AttributeProblem::new(name, "It has exactly one value.", &values.join(", ")));
    }
    for value in values {
        if let Some(broken) = broken(rule, value) {
            return Err(AttributeProblem::new(name, broken, value));
        }
    }
    Ok(())
}

fn broken(rule: Rule, value: &str) -> Option<&'static str> {
    match rule {
        Rule::Free => None,
        Rule::SessionDuration => {
            let seconds = value.parse::<u32>().ok().filter(|seconds| seconds.to_string() == value);
            (!seconds.is_some_and(|seconds| SESSION_DURATIONS.contains(&seconds)))
                .then_some("It is a number of seconds between 900 (15 minutes) and 43200 (12 hours).")
        }
        Rule::Role => (!is_role(value)).then_some(
            "It is the role's ARN and the SAML provider's ARN with a comma between them: \
             arn:aws:iam::ACCOUNT:role/NAME,arn:aws:iam::ACCOUNT:saml-provider/NAME.",
        ),
        Rule::SessionName => (!is_session_name(value))
            .then_some("It has 2 to 64 letters, digits and characters of _ + = , . @ - and no spaces."),
        Rule::DatabaseName => (!is_database_name(value)).then_some(
            "A database user's name is lower-case: it begins with a letter, has letters, digits and characters of _ + . @ - and at \
             most 64 characters. Give the person a lower-case user name, or take the value from another field.",
        ),
        Rule::DatabaseGroups => (!is_database_name(value)).then_some(
            "A database group's name is lower-case: it begins with a letter, has letters, digits and characters of _ + . @ - and at \
             most 64 characters. Rename the group as it is called in the database.",
        ),
        Rule::Switch => (!matches!(value, "true" | "false")).then_some("It is true or false."),
    }
}

fn is_session_name(value: &str) -> bool {
    (2..=64).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

fn is_database_name(value: &str) -> bool {
    value.len() <= 64
        && value.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_+.@-".contains(&byte))
}

/// `roleArn,providerArn`, in either order.
fn is_role(value: &str) -> bool {
    let Some((first, second)) = value.split_once(',') else { return false };
    let fits = |role: &str, provider: &str| is_arn(role, "role/") && is_arn(provider, "saml-provider/");
    fits(first, second) || fits(second, first)
}

fn is_arn(text: &str, resource: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let fits = parts.next() == Some("arn")
        && matches!(parts.next(), Some("aws" | "aws-cn" | "aws-us-gov"))
        && parts.next() == Some("iam")
        && parts.next() == Some("")
        && parts.next().is_some_and(|account| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    let name = parts.next().and_then(|rest| rest.strip_prefix(resource));
    fits && name.is_some_and(|name| {
        !name.is_empty()
            && name.len() <= 512 + 64
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=.@-/".contains(&byte))
    })
}

#[cfg(test)]
mod tests;
