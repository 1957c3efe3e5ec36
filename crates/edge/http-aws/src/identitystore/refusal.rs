//! The directory's refusals in this service's names.

use base::{ErrorKind, Fault as _};
use directory::DirectoryError;
use scim::ScimError;

use crate::error::ApiError;

/// `ConflictException`, with its reason from the model.
pub(super) fn conflict(reason: &str, message: impl Into<String>) -> ApiError {
    ApiError::Named {
        kind: ErrorKind::Conflict,
        status: 400,
        code: "ConflictException",
        message: message.into(),
        members: vec![("Reason", reason.to_owned())],
    }
}

pub(super) fn duplicate(message: impl Into<String>) -> ApiError {
    conflict("UNIQUENESS_CONSTRAINT_VIOLATION", message)
}

pub(super) fn invalid(message: String) -> ApiError {
    let (kind, code) = (ErrorKind::InvalidInput, "ValidationException");
    ApiError::Named { kind, status: 400, code, message, members: Vec::new() }
}

/// These attributes are missing; none of them: it is the name.
pub(super) fn required(names: &[&str]) -> ApiError {
    if names.is_empty() {
        return invalid("userName is a required attribute".to_owned());
    }
    let missing: Vec<String> = names.iter().map(|name| format!("{name}: The attribute {name} is required")).collect();
    invalid(missing.join(", "))
}

/// Names that AWS keeps for itself, of people and groups.
pub(super) fn check_reserved(name: &str) -> Result<(), ApiError> {
    const RESERVED: [&str; 2] = ["Administrator", "AWSAdministrators"];
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return Err(invalid(format!("{name} is a reserved name; choose another one.")));
    }
    Ok(())
}

pub(super) fn of_scim(error: &ScimError) -> ApiError {
    invalid(error.public().message)
}

impl From<DirectoryError> for ApiError {
    fn from(error: DirectoryError) -> Self {
        let (kind, public) = (error.kind(), error.public());
        let message = [Some(public.message), public.hint].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let (status, code) = match error {
            DirectoryError::UserNameTaken { .. } => return duplicate("Duplicate UserName"),
            DirectoryError::DisplayNameTaken { .. } => return duplicate("Duplicate GroupDisplayName"),
            DirectoryError::ExternalIdTaken { .. } => return duplicate("Duplicate ExternalId"),
            DirectoryError::VersionMismatch { .. } => return conflict("CONCURRENT_MODIFICATION", message),
            DirectoryError::UnknownUser(id) => {
                return Self::IdentityNotFound { kind: "USER", id: Some(id.to_string()) };
            }
            DirectoryError::UnknownGroup(id) => {
                return Self::IdentityNotFound { kind: "GROUP", id: Some(id.to_string()) };
            }
            DirectoryError::UnknownMembers(ids) => {
                return Self::IdentityNotFound { kind: "USER", id: ids.first().map(ToString::to_string) };
            }
            DirectoryError::Invalid { .. } => (400, "ValidationException"),
            DirectoryError::TooManyScimTokens { .. } => (400, "ServiceQuotaExceededException"),
            DirectoryError::UnknownScimToken(_) => (400, "ResourceNotFoundException"),
            DirectoryError::Busy => (400, "ThrottlingException"),
            DirectoryError::Store(_) => (503, "ServiceUnavailableException"),
            DirectoryError::Internal(_) => (500, "InternalServerException"),
        };
        Self::Named { kind, status, code, message, members: Vec::new() }
    }
}
