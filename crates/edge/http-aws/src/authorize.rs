//! May the caller do this? Every call is asked about here.

use sts::{Ask, AuthDecision};

use crate::error::{ApiError, Denial};
use crate::operation::Context;
use crate::resource_tags::with_resource_tags;

/// Asks each question; the first that isn't allowed is the answer. What counted is noted for the call's record.
///
/// # Errors
/// [`ApiError::AccessDenied`].
pub(crate) fn authorize(context: &Context<'_>, asks: Vec<Ask>) -> Result<(), ApiError> {
    let prefix = context.service.action_prefix();
    let asks: Vec<Ask> =
        asks.into_iter().map(|ask| with_resource_tags(context.state, of_service(prefix, ask))).collect();
    let decision = context.state.sts.authorize(context.caller, &asks, context.peer);
    if !decision.checks.list().is_empty() {
        context.notes.add("checks", decision.checks.to_json());
    }
    match denial(context, decision) {
        None => Ok(()),
        Some(denial) => Err(ApiError::AccessDenied(Box::new(denial))),
    }
}

fn of_service(prefix: &str, ask: Ask) -> Ask {
    if ask.action.contains(':') { ask } else { Ask { action: format!("{prefix}:{}", ask.action), ..ask } }
}

fn denial(context: &Context<'_>, decision: AuthDecision) -> Option<Denial> {
    let principal = context.caller.principal().to_string();
    let mend = decision.mend(&principal);
    let encoded = if context.service.encodes_denials() {
        context.state.sts.encode_denial(context.caller, &decision)
    } else {
        None
    };
    let Ask { action, resource, context: _ } = decision.denied?.ask;
    Some(Denial { principal, action, resource, because: decision.because, mend, encoded })
}
