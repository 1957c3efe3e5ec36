//! Where Identity Center's SCIM endpoint is narrower than the RFC: its rules, one function each (reference/standards.md 1.5).
//!
//! Under [`Profile::IdcCompat`] a client that works here works there. Whatever a rule doesn't name is as in the RFC.

mod answers;
mod content;
mod query;

pub use answers::{error_body, error_name};
pub(crate) use content::UNSUPPORTED;
pub use content::{group, group_patch, group_request, user, user_patch, user_request};
pub use query::{filter, parameters};

use crate::error::ScimError;

/// Which rules the endpoint follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Profile {
    /// RFC 7643, RFC 7644 and RFC 9865.
    #[default]
    Rfc,
    /// The same, narrowed to what AWS IAM Identity Center takes.
    IdcCompat,
}

/// What Identity Center has no operation for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    PutGroup,
    Bulk,
    Search,
}

/// The answer to a call of it.
#[must_use]
pub fn missing(operation: Missing) -> ScimError {
    let (name, instead) = match operation {
        Missing::PutGroup => ("PutGroup", "change a group with PATCH"),
        Missing::Bulk => ("/Bulk", "send one request for each operation"),
        Missing::Search => ("/.search", "use GET /Users and GET /Groups"),
    };
    ScimError::NotImplemented(format!("{name} is not supported in Identity Center's profile; {instead}."))
}

/// A PATCH without a User-Agent header is blocked.
///
/// # Errors
/// 403.
pub fn user_agent(user_agent: Option<&str>) -> Result<(), ScimError> {
    if user_agent.is_some_and(|name| !name.trim().is_empty()) {
        return Ok(());
    }
    Err(ScimError::Forbidden("A PATCH needs a User-Agent header in Identity Center's profile.".to_owned()))
}

#[cfg(test)]
mod tests;
