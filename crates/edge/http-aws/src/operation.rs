//! What an operation is, and how each is performed.

use std::sync::{Mutex, PoisonError};

use base::CorrelationId;
use serde_json::Value;
use sts::{Ask, Caller, Peer};

use crate::authorize::authorize;
use crate::error::ApiError;
use crate::service::Service;
use crate::state::AwsState;

/// The answer of an operation, in its service's protocol.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The content of `<OperationResult>`; `None` where the operation has no result.
    Xml(Option<String>),
    Json(Value),
}

/// An operation with its parameters, checked as far as they can be without looking at any state.
pub(crate) trait Operation: Sized + Send {
    const NAME: &'static str;

    /// Whether everybody with a credential may call it, so that everybody is told how.
    const OPEN: bool = false;

    /// The ARN that it works on, or `*`.
    fn resource(&self, state: &AwsState) -> String;

    /// What IAM is asked before it runs; all must be allowed. An action without `<service>:` is of the called service.
    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, self.resource(state))]
    }

    fn run(self, context: &Context<'_>) -> impl Future<Output = Result<Answer, ApiError>> + Send;
}

/// Who calls, and what there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) state: &'a AwsState,
    pub(crate) service: Service,
    pub(crate) caller: &'a Caller,
    /// Where the call came from.
    pub(crate) peer: Peer,
    /// The call's own id, `x-amzn-requestid`.
    pub(crate) request_id: &'a CorrelationId,
    /// What it is recorded under: the caller's session's, where they have one, else `request_id`.
    pub(crate) correlation: &'a CorrelationId,
    /// What the call's record gets beside what every record has.
    pub(crate) notes: &'a Notes,
}

/// Fields of a call's record, gathered while it is carried out. Never a secret.
#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<Vec<(&'static str, String)>>);

impl Notes {
    pub(crate) fn add(&self, name: &'static str, value: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((name, value.into()));
    }

    pub(crate) fn into_fields(self) -> Vec<(&'static str, String)> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of a call.
#[derive(Debug)]
pub(crate) struct Performed {
    /// A name from our own list, for metrics.
    pub(crate) operation: &'static str,
    /// `*` where the parameters can't be read.
    pub(crate) resource: String,
    pub(crate) result: Result<Answer, ApiError>,
}

impl Performed {
    pub(crate) fn unsupported(operation: &str) -> Self {
        let error = ApiError::UnsupportedOperation { operation: operation.to_owned() };
        Self { operation: "unsupported", resource: "*".to_owned(), result: Err(error) }
    }
}

/// Authorises and runs an operation.
pub(crate) async fn perform<O: Operation>(parsed: Result<O, ApiError>, context: &Context<'_>) -> Performed {
    let operation = match parsed {
        Ok(operation) => operation,
        Err(error) if O::OPEN => return Performed { operation: O::NAME, resource: "*".to_owned(), result: Err(error) },
        Err(error) => {
            // Somebody who may not call the operation at all isn't told how to call it.
            let result = Err(authorize(context, vec![Ask::new(O::NAME, "*")]).err().unwrap_or(error));
            return Performed { operation: O::NAME, resource: "*".to_owned(), result };
        }
    };
    let resource = operation.resource(context.state);
    let result = match authorize(context, operation.asks(context.state)) {
        Ok(()) => operation.run(context).await,
        Err(error) => Err(error),
    };
    Performed { operation: O::NAME, resource, result }
}
