//! Who acts.

use std::fmt;

/// The one who asks for something, as audit records and policies name them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Not known (yet).
    Anonymous,
    /// The account's root credential.
    Root { account: String },
    /// A user of IAM, by its path and name. Displayed as its ARN.
    IamUser { account: String, path_and_name: String },
    /// A session of a role. Displayed as `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    RoleSession { account: String, role_name: String, session_name: String },
    /// The identity provider's provisioning client, by the id of its SCIM token.
    ScimClient { token_id: String },
    /// Who administers the built-in identity provider, by the id of their API token.
    IdpAdministrator { token_id: String },
    /// A person of the Identity Center directory.
    DirectoryUser { id: String, user_name: String },
    /// A database user that signed in with a password, without a person behind it that we know of.
    DbUser { name: String },
    /// Gatehouse itself: first start, demo, expiry.
    System,
}

/// A person as an audit record names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedPerson<'a> {
    /// `None` in records that were written before the id was.
    pub id: Option<&'a str>,
    pub user_name: &'a str,
}

impl Principal {
    /// Reads what [`fmt::Display`] wrote of a person, and the form before it (`directory-user:<user name>`).
    #[must_use]
    pub fn recorded_person(text: &str) -> Option<RecordedPerson<'_>> {
        let text = text.strip_prefix("directory-user:")?;
        match text.split_once('/') {
            Some((id, user_name)) if uuid::Uuid::try_parse(id).is_ok() => {
                Some(RecordedPerson { id: Some(id), user_name })
            }
            Some(_) | None => Some(RecordedPerson { id: None, user_name: text }),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Root { account } => write!(f, "arn:aws:iam::{account}:root"),
            Self::IamUser { account, path_and_name } => write!(f, "arn:aws:iam::{account}:user/{path_and_name}"),
            Self::RoleSession { account, role_name, session_name } => {
                write!(f, "arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}")
            }
            Self::ScimClient { token_id } => write!(f, "scim-token:{token_id}"),
            Self::IdpAdministrator { token_id } => write!(f, "idp-token:{token_id}"),
            Self::DirectoryUser { user_name, id } => write!(f, "directory-user:{id}/{user_name}"),
            Self::DbUser { name } => write!(f, "db-user:{name}"),
            Self::System => f.write_str("gatehouse"),
        }
    }
}

#[cfg(test)]
mod tests;
