//! Errors as Identity Center words them.

use base::{CorrelationId, Fault as _};
use serde_json::{Value, json};

use crate::error::ScimError;

/// The name of AWS for the error; it is sent as `x-amzn-ErrorType` too.
#[must_use]
pub const fn error_name(error: &ScimError) -> &'static str {
    match error.status() {
        401 => "UnauthorizedException",
        403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        409 | 412 => "ConflictException",
        429 => "ThrottlingException",
        500 | 503 => "InternalServerException",
        _ => "ValidationException",
    }
}

/// The error's body: that of the RFC, with `schema` beside `schemas`, AWS's name in front of the text, and the request's id.
#[must_use]
pub fn error_body(error: &ScimError, request: &CorrelationId) -> Value {
    let mut body = error.body();
    if let Some(body) = body.as_object_mut() {
        let urns = body.get("schemas").cloned().unwrap_or_default();
        body.insert("schema".to_owned(), urns);
        body.insert("detail".to_owned(), json!(format!("{}: {}", error_name(error), error.public().message)));
        body.insert("exceptionRequestId".to_owned(), json!(request.as_str()));
    }
    body
}
