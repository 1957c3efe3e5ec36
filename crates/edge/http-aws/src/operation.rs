//! What an operation is, and how each is performed.

use serde_json::Value;
use sigv4::VerifiedRequest;

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

    /// The ARN that it works on, or `*`.
    fn resource(&self, state: &AwsState) -> String;

    fn run(self, context: &Context<'_>) -> impl Future<Output = Result<Answer, ApiError>> + Send;
}

/// Who calls, and what there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) state: &'a AwsState,
    pub(crate) service: Service,
    pub(crate) caller: &'a VerifiedRequest,
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
        Err(error) => {
            // Somebody who may not call the operation at all isn't told how to call it.
            let result = Err(check::<O>(context, "*").err().unwrap_or(error));
            return Performed { operation: O::NAME, resource: "*".to_owned(), result };
        }
    };
    let resource = operation.resource(context.state);
    let result = match check::<O>(context, &resource) {
        Ok(()) => operation.run(context).await,
        Err(error) => Err(error),
    };
    Performed { operation: O::NAME, resource, result }
}

fn check<O: Operation>(context: &Context<'_>, resource: &str) -> Result<(), ApiError> {
    let action = format!("{}:{}", context.service.action_prefix(), O::NAME);
    let principal = context.caller.principal();
    let decision = authorize(principal, &action, resource);
    if decision.allowed {
        return Ok(());
    }
    let (principal, resource) = (principal.to_string(), resource.to_owned());
    Err(ApiError::AccessDenied { principal, action, resource, reason: decision.reason })
}
