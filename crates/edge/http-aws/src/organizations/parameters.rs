//! How parameters are read and refused here: with `InvalidInputException` and a `Reason`.

use base::{ErrorKind, Fault as _};

use crate::error::ApiError;
use crate::protocol::json::{self, Fields};

/// Records of one page at most.
const RECORDS_MAX: usize = 20;

/// As [`json::parse`], in this service's errors.
pub(super) fn parse<O>(
    operation: &'static str,
    body: &[u8],
    read: impl FnOnce(&mut Fields) -> Result<O, ApiError>,
) -> Result<O, ApiError> {
    json::parse(operation, body, read).map_err(|error| {
        if matches!(error, ApiError::MissingParameter { .. }) {
            invalid("INPUT_REQUIRED", error.public().message)
        } else if matches!(error, ApiError::InvalidParameter { .. }) {
            invalid("INVALID_PATTERN", error.public().message)
        } else {
            error
        }
    })
}

/// `InvalidInputException` with a reason from the model.
pub(super) fn invalid(reason: &str, message: String) -> ApiError {
    refused("InvalidInputException", ErrorKind::InvalidInput, message, vec![("Reason", reason.to_owned())])
}

/// What isn't there: `AccountNotFoundException` and its like.
pub(super) fn not_found(code: &'static str, message: &str) -> ApiError {
    refused(code, ErrorKind::NotFound, message.to_owned(), Vec::new())
}

fn refused(code: &'static str, kind: ErrorKind, message: String, members: Vec<(&'static str, String)>) -> ApiError {
    ApiError::Named { kind, status: 400, code, message, members }
}

/// `MaxResults` (1 to 20) and `NextToken`, where everything fits the smallest page, so that no token was ever given.
pub(super) fn page(fields: &mut Fields) -> Result<(), ApiError> {
    records(fields).and_then(|_| token(fields))
}

/// `MaxResults` (1 to 20).
pub(super) fn records(fields: &mut Fields) -> Result<usize, ApiError> {
    let Some(asked) = fields.optional::<i64>("MaxResults")? else { return Ok(RECORDS_MAX) };
    let rule = || format!("MaxResults must be a number from 1 to {RECORDS_MAX}.");
    if asked < 1 {
        return Err(invalid("MIN_VALUE_EXCEEDED", rule()));
    }
    let records = usize::try_from(asked).ok().filter(|records| *records <= RECORDS_MAX);
    records.ok_or_else(|| invalid("MAX_VALUE_EXCEEDED", rule()))
}

/// `NextToken` alone.
pub(super) fn token(fields: &mut Fields) -> Result<(), ApiError> {
    match fields.optional::<String>("NextToken")? {
        None => Ok(()),
        Some(_) => Err(invalid_token()),
    }
}

pub(super) fn invalid_token() -> ApiError {
    invalid("INVALID_NEXT_TOKEN", "NextToken is not a token of this operation.".to_owned())
}

/// Twelve digits.
pub(super) fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// `r-` and 4 to 32 letters or digits.
pub(super) fn is_root(id: &str) -> bool {
    id.strip_prefix("r-").is_some_and(|rest| is_word(rest, 4))
}

/// `ou-`, the end of a root's id, and 8 to 32 letters or digits.
pub(super) fn is_unit(id: &str) -> bool {
    let parts = id.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(root, unit)| is_word(root, 4) && is_word(unit, 8))
}

fn is_word(text: &str, shortest: usize) -> bool {
    (shortest..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// A parameter with an id in it. `is`: whether it could be one; `what`: what it must be, for the error.
pub(super) fn id(
    fields: &mut Fields,
    parameter: &'static str,
    is: impl Fn(&str) -> bool,
    what: &str,
) -> Result<String, ApiError> {
    let id: String = fields.required(parameter)?;
    if is(&id) {
        return Ok(id);
    }
    Err(ApiError::InvalidParameter { parameter, rule: format!("it must be {what}") })
}

/// `ParentId`: a root, or an organizational unit.
pub(super) fn parent(fields: &mut Fields) -> Result<String, ApiError> {
    let what = "the id of a root (r-…) or of an organizational unit (ou-…)";
    id(fields, "ParentId", |text| is_root(text) || is_unit(text), what)
}
