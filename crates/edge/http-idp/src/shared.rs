//! What all pages of the provider have in common.

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use base::{CorrelationId, ErrorKind, Fault, Principal, Secret};
use directory::ActiveUser;
use pages::{Connection, Cookie, CookieValue, Form, Page, SameSite, form_is_ours, problem};

use crate::state::IdpState;

/// The signed-in browser.
pub(crate) const SESSION: Cookie<'static> =
    Cookie { name: "gatehouse-idp-session", value: CookieValue::Token, max_age: 8 * 3600, same_site: SameSite::Lax };
/// A browser that isn't signed in; its forms' token comes from here (double submit).
pub(crate) const FORM: Cookie<'static> =
    Cookie { name: "gatehouse-idp-form", value: CookieValue::Token, max_age: 3600, same_site: SameSite::Lax };
/// How far a sign-in has come: sealed by the provider.
pub(crate) const STEP: Cookie<'static> =
    Cookie { name: "gatehouse-idp-step", value: CookieValue::Sealed, max_age: 600, same_site: SameSite::Lax };

pub(crate) fn page<'a>(state: &'a IdpState, title: &'a str, status: StatusCode) -> Page<'a> {
    Page { status, ..Page::new(&state.settings.organisation_name, title) }
}

pub(crate) fn principal(user: &ActiveUser) -> Principal {
    Principal::DirectoryUser { id: user.id().to_string(), user_name: user.user_name().to_owned() }
}

/// The browser's form cookie, or a new one.
pub(crate) fn form_cookie(headers: &HeaderMap, connection: Connection) -> Secret<String> {
    FORM.read(headers, connection).unwrap_or_else(base::random::token)
}

/// A form that came from a page of somebody who isn't signed in.
pub(crate) fn form_before_sign_in(headers: &HeaderMap, connection: Connection, body: &[u8]) -> Option<Form> {
    let form = Form::parse(body)?;
    let cookie = FORM.read(headers, connection)?;
    form_is_ours(headers, &cookie, form.get("csrf"), connection).then_some(form)
}

/// All that a fault tells the person, in one line.
pub(crate) fn words(fault: &impl Fault) -> String {
    let public = fault.public();
    [Some(public.message), public.detail, public.hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(crate) const fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Denied => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::LimitExceeded => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
        ErrorKind::Cancelled | ErrorKind::TimedOut | ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Our own failure, rather than the request's.
pub(crate) const fn is_failure(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::Cancelled | ErrorKind::TimedOut | ErrorKind::Unavailable | ErrorKind::Internal => true,
        ErrorKind::InvalidInput
        | ErrorKind::Unauthenticated
        | ErrorKind::Denied
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::LimitExceeded
        | ErrorKind::Unsupported => false,
    }
}

pub(crate) fn with_retry_after(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A form whose token doesn't fit: too old, or not ours.
pub(crate) fn stale_form(state: &IdpState) -> Response {
    let reference = CorrelationId::fresh();
    tracing::warn!(%reference, "a form was refused: its token or origin isn't ours");
    page(state, "This form is out of date", StatusCode::FORBIDDEN).render(&problem(
        "The form was not accepted, because it could not be shown that it came from this browser's page.",
        "Open the page again and repeat. Cookies must be allowed for this site.",
        reference.as_str(),
        Some(("Open again", "/idp")),
    ))
}

pub(crate) fn unavailable(state: &IdpState, reference: &CorrelationId) -> Response {
    page(state, "Not possible at the moment", StatusCode::SERVICE_UNAVAILABLE).render(&problem(
        "The server can't write its records, so it did not carry this out.",
        "Try again in a moment. If it lasts, give your administrator the reference below.",
        reference.as_str(),
        None,
    ))
}

/// A page about a fault, under the id that the records have.
pub(crate) fn fault_page(state: &IdpState, title: &str, fault: &impl Fault, reference: &CorrelationId) -> Response {
    let public = fault.public();
    let what = [Some(public.message), public.detail].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let hint = public.hint.unwrap_or_else(|| "Give your administrator the reference below.".to_owned());
    if is_failure(fault.kind()) {
        tracing::error!(cause = %fault, %reference, "the provider failed");
    }
    page(state, title, status(fault.kind())).render(&problem(
        &what,
        &hint,
        reference.as_str(),
        Some(("Your applications", "/idp")),
    ))
}
