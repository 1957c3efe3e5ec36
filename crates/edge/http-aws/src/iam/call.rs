//! The table of operations: how each is read and performed by its name.

use std::pin::Pin;

use ::sts::Ask;
use base::{ErrorKind, Fault as _};

use crate::error::ApiError;
use crate::operation::{Context, Operation, Performed, perform};
use crate::protocol::query::{Fields, QueryParameters};
use crate::service::Protocol;

/// An operation that is read from form parameters. It may ask who calls: some parameters mean the caller where they are left out.
pub(super) trait IamCall: Operation + 'static {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError>;
}

type Performing<'a> = Pin<Box<dyn Future<Output = Performed> + Send + 'a>>;

/// An operation by its name.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) perform: for<'a> fn(QueryParameters, &'a Context<'a>) -> Performing<'a>,
}

pub(super) const fn entry<O: IamCall>() -> Entry {
    Entry { name: O::NAME, perform: performing::<O> }
}

fn performing<'a, O: IamCall>(parameters: QueryParameters, context: &'a Context<'a>) -> Performing<'a> {
    let parsed = parameters.parse(O::NAME, |fields| O::read(fields, context)).map_err(as_validation);
    let bounded = parsed.and_then(|operation| check_lengths(&operation.asks(context.state)).map(|()| operation));
    Box::pin(perform(bounded, context))
}

/// `arnType`: nothing that IAM's policies are asked about is longer. They are matched against patterns, which takes the longer the
/// longer it is.
const ARN_MAX: usize = 2048;

fn check_lengths(asks: &[Ask]) -> Result<(), ApiError> {
    let values = |ask: &Ask| ask.context.iter().flat_map(|(_, values)| values).any(|value| value.len() > ARN_MAX);
    if asks.iter().any(|ask| ask.resource.len() > ARN_MAX || values(ask)) {
        let rule = format!("1 validation error detected: names and ARNs must have at most {ARN_MAX} characters");
        return Err(validation(rule));
    }
    Ok(())
}

/// IAM has one name for parameters that aren't as its model says.
fn as_validation(error: ApiError) -> ApiError {
    let is_of_a_parameter = matches!(
        error,
        ApiError::MissingParameter { .. } | ApiError::InvalidParameter { .. } | ApiError::ParameterCombination { .. }
    );
    if is_of_a_parameter { validation(error.shown(Protocol::Query).message) } else { error }
}

/// `ValidationError`, 400.
pub(super) fn validation(message: String) -> ApiError {
    named(400, "ValidationError", message)
}

/// `InvalidInput`, 400.
pub(super) fn invalid_input(message: String) -> ApiError {
    named(400, "InvalidInput", message)
}

/// `NoSuchEntity`, 404.
pub(super) fn no_such_entity(message: String) -> ApiError {
    ApiError::Named { kind: ErrorKind::NotFound, status: 404, code: "NoSuchEntity", message, members: Vec::new() }
}

fn named(status: u16, code: &'static str, message: String) -> ApiError {
    ApiError::Named { kind: ErrorKind::InvalidInput, status, code, message, members: Vec::new() }
}

impl From<::iam::IamError> for ApiError {
    fn from(error: ::iam::IamError) -> Self {
        let (kind, status, code) = (error.kind(), error.status(), error.code());
        Self::Named { kind, status, code, message: error.public().message, members: Vec::new() }
    }
}
