//! Who acts.

use std::fmt;

/// The one who asks for something, as audit records and policies name them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Not known (yet).
    Anonymous,
    /// The account's root credential.
    Root { account: String },
    /// The identity provider's provisioning client, by the id of its SCIM token.
    ScimClient { token_id: String },
    /// A person of the Identity Center directory.
    DirectoryUser { id: String, user_name: String },
    /// A database user that signed in with a password, without a person behind it that we know of.
    DbUser { name: String },
    /// Gatehouse itself: first start, demo, expiry.
    System,
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Root { account } => write!(f, "arn:aws:iam::{account}:root"),
            Self::ScimClient { token_id } => write!(f, "scim-token:{token_id}"),
            Self::DirectoryUser { user_name, id: _ } => write!(f, "directory-user:{user_name}"),
            Self::DbUser { name } => write!(f, "db-user:{name}"),
            Self::System => f.write_str("gatehouse"),
        }
    }
}
