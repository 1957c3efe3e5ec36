//! A sign-in that was refused: the page for the person, the record for the administrator, one reference for both.

#[cfg(test)]
mod tests;

use axum::response::Response;
use base::{CorrelationId, ErrorKind, Outcome, Principal};
use maud::{Markup, html};
use pages::{Connection, checked};
use source::{Denied, SignIn, SignInDenial};

use super::{finish, status};
use crate::oauth::safe_continue;
use crate::shared::{page, sign_in_location, unavailable};
use crate::state::IdentityState;

/// Records the refusal and shows it: which check failed, what was expected, what came, whom to turn to.
pub(super) async fn refuse(
    state: &IdentityState,
    connection: Connection,
    sign_in: &SignIn,
    denied: &Denied,
    reference: &CorrelationId,
) -> Response {
    let outcome = outcome(denied.kind);
    let event = finish::event(state, sign_in, outcome, (reference, Principal::Anonymous), connection)
        .field("reason", denied.denial.to_string())
        .field("mend", denied.mend.as_str());
    if state.record(event).await.is_err() {
        return unavailable(state, reference);
    }
    metrics::counter!("gatehouse_sign_ins_total", "outcome" => outcome.name()).increment(1);
    let next = denied.continue_to.as_deref().and_then(|text| safe_continue(state, text));
    let again = next.map_or_else(|| "/signin".to_owned(), |next| sign_in_location(&next.location));
    page(state, denied.title, status(denied.kind)).render(&refused(sign_in, denied, reference, &again))
}

const fn outcome(kind: ErrorKind) -> Outcome {
    match kind {
        ErrorKind::Internal | ErrorKind::Unavailable | ErrorKind::TimedOut | ErrorKind::Cancelled => Outcome::Failed,
        ErrorKind::InvalidInput
        | ErrorKind::Unauthenticated
        | ErrorKind::Denied
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::LimitExceeded
        | ErrorKind::Unsupported => Outcome::Denied,
    }
}

fn refused(sign_in: &SignIn, denied: &Denied, reference: &CorrelationId, again: &str) -> Markup {
    let public = &denied.public;
    // Somebody who isn't set up here has done nothing wrong, and trying again is no help.
    let unknown = matches!(denied.denial, SignInDenial::NotProvisioned { .. });
    // What is wrong with the server itself is for the record, not for whoever posts here.
    let internal = matches!(denied.denial, SignInDenial::Unavailable(_));
    let (tone, leave) = if unknown { ("warning", "Sign in as somebody else") } else { ("error", "Try again") };
    html! {
        div class=(tone) role="alert" { p { (public.message) } }
        @if let Some(detail) = &public.detail { p { (detail) } }
        @if let Some(failed) = sign_in.checks.failed().filter(|_| !internal) { (checked(failed)) }
        @if let Some(hint) = &public.hint { p { (hint) } }
        p { a class="button second" href=(again) { (leave) } }
        p class="soft" { "Reference: " code { (reference) } }
    }
}
