//! What the pages have in common: who is signed in, where to go on, the page when nothing can be done.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{CorrelationId, Principal, Secret};
use directory::ActiveUser;
use pages::{Connection, Page, onward, problem, redirect};
use sessions::LiveBrowser;

use crate::cookies::SESSION;
use crate::federation;
use crate::state::IdentityState;

/// Where to go after signing in: our own `/authorize`, and the origin that this may redirect to in the end.
pub(crate) struct Continue {
    pub(crate) location: String,
    pub(crate) origin: String,
}

/// Who is signed in in this browser, with the cookie that says so.
pub(crate) async fn signed_in(
    state: &IdentityState,
    headers: &HeaderMap,
    connection: Connection,
) -> Option<(Secret<String>, LiveBrowser)> {
    let cookie = SESSION.read(headers, connection)?;
    let live = state.sessions.browser(&cookie).await?;
    // Asked at each use: a source may have been deleted by a server that was killed before it ended the sessions.
    let is_open = match &live.session.federated {
        Some(federated) => state.sources.is_open_to(&federated.source, live.session.created),
        None => state.sources.directory_enabled(),
    };
    is_open.then_some((cookie, live))
}

/// The name of the identity source that somebody signed in through.
pub(crate) fn source_name(state: &IdentityState, live: &LiveBrowser) -> Option<String> {
    let federated = live.session.federated.as_ref()?;
    Some(state.sources.get(&federated.source)?.name.clone())
}

/// To the sign-in page and back to `next`, as the answer to a form: where that leads straight on to another origin, the policy of the
/// form's page would hold a redirect.
pub(crate) fn sign_in_again(state: &IdentityState, next: &Continue) -> Response {
    let location = sign_in_location(&next.location);
    if federation::straight(&state.sources.choices()).is_some() {
        onward(&page(state, "One moment", StatusCode::OK), &location)
    } else {
        redirect(&location)
    }
}

pub(crate) fn principal(user: &ActiveUser) -> Principal {
    Principal::DirectoryUser { id: user.id().to_string(), user_name: user.user_name().to_owned() }
}

/// `/signin?continue=…`
pub(crate) fn sign_in_location(continue_to: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("continue", continue_to).finish();
    format!("/signin?{query}")
}

pub(crate) fn page<'a>(state: &'a IdentityState, title: &'a str, status: StatusCode) -> Page<'a> {
    Page { status, ..Page::new(&state.settings.organisation_name, title) }
}

/// A form whose token doesn't fit: too old, or not ours.
pub(crate) fn stale_form(state: &IdentityState, continue_to: Option<&Continue>) -> Response {
    let again = continue_to.map_or_else(|| "/signin".to_owned(), |next| sign_in_location(&next.location));
    let reference = CorrelationId::fresh();
    tracing::warn!(%reference, "a form was refused: its token or origin isn't ours");
    page(state, "This form is out of date", StatusCode::FORBIDDEN).render(&problem(
        "The form was not accepted, because it could not be shown that it came from this browser's page.",
        "Open the page again and repeat. Cookies must be allowed for this site.",
        reference.as_str(),
        Some(("Open again", &again)),
    ))
}

pub(crate) fn unavailable(state: &IdentityState, reference: &CorrelationId) -> Response {
    page(state, "Not possible at the moment", StatusCode::SERVICE_UNAVAILABLE).render(&problem(
        "The server can't write its records, so it did not carry this out.",
        "Try again in a moment. If it lasts, give your administrator the reference below.",
        reference.as_str(),
        None,
    ))
}
