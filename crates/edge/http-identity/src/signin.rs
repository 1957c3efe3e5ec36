//! Signing in with user name and password, and signing out.

use axum::extract::{RawQuery, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, ErrorKind, Fault as _, Outcome, Principal, Secret};
use directory::{ActiveUser, SignInRefusal};
use sessions::{LiveBrowser, csrf_token};
use time::Duration;

use crate::browser_session::{CookieKind, cookie, form_is_ours, remove_cookie, set_cookie};
use crate::connection::Connection;
use crate::oauth::safe_continue;
use crate::pages::{self, Page};
use crate::reset::reset_location;
use crate::state::IdentityState;

/// How long somebody who signed in with a one-time password may take to choose another one.
const TIME_TO_CHOOSE: Duration = Duration::minutes(15);

/// The fields of a form, each at most once.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// `None` when a field comes twice.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(bytes) {
            if fields.iter().any(|(known, _)| *known == name) {
                return None;
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Some(Self(fields))
    }

    /// The field's value; empty when it isn't there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Who is signed in in this browser, with the cookie that says so.
pub(crate) async fn signed_in(
    state: &IdentityState,
    headers: &HeaderMap,
    connection: Connection,
) -> Option<(Secret<String>, LiveBrowser)> {
    let cookie = cookie(headers, CookieKind::Session, connection)?;
    let live = state.sessions.browser(&cookie).await?;
    Some((cookie, live))
}

pub(crate) fn principal(user: &ActiveUser) -> Principal {
    Principal::DirectoryUser { id: user.id().to_string(), user_name: user.user_name().to_owned() }
}

/// `GET /signin[?continue=/authorize?…]`
pub(crate) async fn show(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let continue_to = form.as_ref().and_then(|form| safe_continue(&state, form.get("continue")));
    let Some((cookie, live)) = signed_in(&state, &headers, connection).await else {
        return sign_in_page(&state, &headers, connection, Attempt { continue_to, ..Attempt::default() });
    };
    match continue_to {
        Some(next) => pages::redirect(&next.location),
        None => page(&state, "Signed in", StatusCode::OK)
            .render(&pages::signed_in(live.user.user_name(), &csrf_token(&cookie))),
    }
}

/// What the sign-in page is shown with.
#[derive(Default)]
struct Attempt<'a> {
    continue_to: Option<Continue>,
    user_name: &'a str,
    error: Option<String>,
    status: Option<StatusCode>,
}

/// Where to go after signing in: our own `/authorize`, and the origin that this may redirect to in the end.
pub(crate) struct Continue {
    pub(crate) location: String,
    pub(crate) origin: String,
}

fn sign_in_page(state: &IdentityState, headers: &HeaderMap, connection: Connection, attempt: Attempt<'_>) -> Response {
    let known = cookie(headers, CookieKind::BeforeSignIn, connection);
    let form_cookie = known.unwrap_or_else(base::random::token);
    let csrf = csrf_token(&form_cookie);
    let mut fields = vec![("csrf", csrf.expose().as_str())];
    let next = attempt.continue_to.as_ref();
    fields.extend(next.map(|next| ("continue", next.location.as_str())));
    let mut page = page(state, "Sign in", attempt.status.unwrap_or(StatusCode::OK));
    page.form_target = next.map(|next| next.origin.as_str());
    let response = page.render(&pages::sign_in(&fields, attempt.user_name, attempt.error.as_deref()));
    pages::with_cookies(response, [set_cookie(CookieKind::BeforeSignIn, &form_cookie, connection)])
}

/// `POST /signin`
pub(crate) async fn submit(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let Some(form) = Form::parse(&body) else { return stale_form(&state, None) };
    let continue_to = safe_continue(&state, form.get("continue"));
    let ours = cookie(&headers, CookieKind::BeforeSignIn, connection)
        .is_some_and(|cookie| form_is_ours(&headers, &cookie, form.get("csrf"), connection));
    if !ours {
        metrics::counter!("gatehouse_sign_ins_total", "outcome" => "forged_form").increment(1);
        return stale_form(&state, continue_to.as_ref());
    }
    let user_name = form.get("user_name").trim();
    let password = Secret::from(form.get("password"));
    match state.directory.verify_password(user_name, &password, connection.peer.ip()).await {
        Ok(user) => admit(&state, &headers, connection, &user, continue_to).await,
        Err(refusal @ SignInRefusal::MustChange { .. }) => {
            choose_first(&state, connection, &refusal, (user_name, continue_to)).await
        }
        Err(refusal) => {
            let attempt = Attempt { continue_to, user_name, ..Attempt::default() };
            refuse(&state, &headers, connection, &refusal, attempt).await
        }
    }
}

async fn admit(
    state: &IdentityState,
    headers: &HeaderMap,
    connection: Connection,
    user: &ActiveUser,
    continue_to: Option<Continue>,
) -> Response {
    let correlation = CorrelationId::fresh();
    let event = AuditEvent::new(AuditStep::SignIn, Outcome::Allowed, correlation.clone(), principal(user))
        .action("password")
        .target(state.settings.instance_arn.as_str())
        .field("peer", connection.peer.ip().to_string());
    if state.record(event).await.is_err() {
        return unavailable(state, &correlation);
    }
    // A new session for a new sign-in; the browser's old one must not live on.
    let ended = match cookie(headers, CookieKind::Session, connection) {
        Some(old) => state.sessions.end_browser(&old).await.map(|_| ()),
        None => Ok(()),
    };
    let opened = match ended {
        Ok(()) => state.sessions.open_browser(user, correlation.clone()).await,
        Err(cause) => Err(cause),
    };
    let cookie = match opened {
        Ok((cookie, _)) => cookie,
        Err(cause) => {
            tracing::warn!(%cause, "a browser session can't be opened");
            return unavailable(state, &correlation);
        }
    };
    metrics::counter!("gatehouse_sign_ins_total", "outcome" => "allowed").increment(1);
    let next = continue_to.map_or_else(|| "/signin".to_owned(), |next| next.location);
    let cookies =
        [set_cookie(CookieKind::Session, &cookie, connection), remove_cookie(CookieKind::BeforeSignIn, connection)];
    pages::with_cookies(pages::redirect(&next), cookies)
}

/// The right one-time password opens nothing but the choice of another one: by a link that only this browser gets.
async fn choose_first(
    state: &IdentityState,
    connection: Connection,
    refusal: &SignInRefusal,
    (user_name, continue_to): (&str, Option<Continue>),
) -> Response {
    let correlation = CorrelationId::fresh();
    let SignInRefusal::MustChange { user } = refusal else { return unavailable(state, &correlation) };
    let event = AuditEvent::new(AuditStep::SignIn, Outcome::Denied, correlation.clone(), Principal::Anonymous)
        .action("password")
        .target(user_name)
        .field("peer", connection.peer.ip().to_string())
        .field("reason", refusal.to_string());
    if state.record(event).await.is_err() {
        return unavailable(state, &correlation);
    }
    metrics::counter!("gatehouse_sign_ins_total", "outcome" => "must_change_password").increment(1);
    match state.directory.create_reset_link(user, TIME_TO_CHOOSE).await {
        Ok(token) => pages::redirect(&reset_location(&token, continue_to.as_ref())),
        Err(cause) => {
            tracing::warn!(%cause, "a link to choose a password can't be made");
            unavailable(state, &correlation)
        }
    }
}

async fn refuse(
    state: &IdentityState,
    headers: &HeaderMap,
    connection: Connection,
    refusal: &SignInRefusal,
    attempt: Attempt<'_>,
) -> Response {
    let correlation = CorrelationId::fresh();
    // People type passwords into the wrong field: a name that isn't known to be one isn't written down.
    let (target, retry_after) = match refusal {
        SignInRefusal::NoPassword
        | SignInRefusal::WrongPassword
        | SignInRefusal::Disabled
        | SignInRefusal::MustChange { .. } => (attempt.user_name, None),
        SignInRefusal::UnknownUser | SignInRefusal::Busy | SignInRefusal::Internal(_) => ("", None),
        SignInRefusal::TooManyAttempts { retry_after_seconds } => ("", Some(*retry_after_seconds)),
    };
    let outcome = match refusal.kind() {
        ErrorKind::Internal | ErrorKind::Unavailable => Outcome::Failed,
        ErrorKind::InvalidInput
        | ErrorKind::Unauthenticated
        | ErrorKind::Denied
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::LimitExceeded
        | ErrorKind::Unsupported
        | ErrorKind::Cancelled
        | ErrorKind::TimedOut => Outcome::Denied,
    };
    let event = AuditEvent::new(AuditStep::SignIn, outcome, correlation.clone(), Principal::Anonymous)
        .action("password")
        .target(target)
        .field("peer", connection.peer.ip().to_string())
        .field("reason", refusal.to_string());
    if state.record(event).await.is_err() {
        return unavailable(state, &correlation);
    }
    metrics::counter!("gatehouse_sign_ins_total", "outcome" => outcome.name()).increment(1);
    let status = match refusal {
        SignInRefusal::UnknownUser
        | SignInRefusal::NoPassword
        | SignInRefusal::WrongPassword
        | SignInRefusal::Disabled
        | SignInRefusal::MustChange { .. } => StatusCode::UNAUTHORIZED,
        SignInRefusal::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
        SignInRefusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        SignInRefusal::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let public = refusal.public();
    let error = [Some(public.message), public.detail, public.hint].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let attempt = Attempt { error: Some(error), status: Some(status), ..attempt };
    let mut response = sign_in_page(state, headers, connection, attempt);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// `GET /signout`: asks; signing out changes something, so that a link alone doesn't do it.
pub(crate) async fn show_sign_out(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
) -> Response {
    match signed_in(&state, &headers, connection).await {
        Some((cookie, live)) => page(&state, "Sign out", StatusCode::OK)
            .render(&pages::signed_in(live.user.user_name(), &csrf_token(&cookie))),
        None => page(&state, "Signed out", StatusCode::OK).render(&pages::signed_out()),
    }
}

/// `POST /signout`
pub(crate) async fn sign_out(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let Some(form) = Form::parse(&body) else { return stale_form(&state, None) };
    let continue_to = safe_continue(&state, form.get("continue"));
    if let Some((cookie, live)) = signed_in(&state, &headers, connection).await {
        if !form_is_ours(&headers, &cookie, form.get("csrf"), connection) {
            return stale_form(&state, None);
        }
        let correlation = live.session.correlation.clone();
        let event =
            AuditEvent::new(AuditStep::SessionEnd, Outcome::Allowed, correlation.clone(), principal(&live.user))
                .action("sign_out")
                .target(state.settings.instance_arn.as_str());
        let recorded = state.record(event).await;
        if let Err(cause) = state.sessions.end_browser(&cookie).await {
            tracing::error!(%cause, "the end of a browser session can't be stored");
            return unavailable(&state, &correlation);
        }
        if recorded.is_err() {
            return unavailable(&state, &correlation);
        }
    }
    let response = match continue_to {
        Some(next) => pages::redirect(&sign_in_location(&next.location)),
        None => page(&state, "Signed out", StatusCode::OK).render(&pages::signed_out()),
    };
    pages::with_cookies(response, [remove_cookie(CookieKind::Session, connection)])
}

/// `/signin?continue=…`
pub(crate) fn sign_in_location(continue_to: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("continue", continue_to).finish();
    format!("/signin?{query}")
}

pub(crate) fn page<'a>(state: &'a IdentityState, title: &'a str, status: StatusCode) -> Page<'a> {
    Page { organisation: &state.settings.organisation_name, title, status, form_target: None }
}

/// A form whose token doesn't fit: too old, or not ours.
pub(crate) fn stale_form(state: &IdentityState, continue_to: Option<&Continue>) -> Response {
    let again = continue_to.map_or_else(|| "/signin".to_owned(), |next| sign_in_location(&next.location));
    let reference = CorrelationId::fresh();
    tracing::warn!(%reference, "a form was refused: its token or origin isn't ours");
    page(state, "This form is out of date", StatusCode::FORBIDDEN).render(&pages::problem(
        "The form was not accepted, because it could not be shown that it came from this browser's page.",
        "Open the page again and repeat. Cookies must be allowed for this site.",
        reference.as_str(),
        Some(("Open again", &again)),
    ))
}

pub(crate) fn unavailable(state: &IdentityState, reference: &CorrelationId) -> Response {
    page(state, "Not possible at the moment", StatusCode::SERVICE_UNAVAILABLE).render(&pages::problem(
        "The server can't write its records, so it did not carry this out.",
        "Try again in a moment. If it lasts, give your administrator the reference below.",
        reference.as_str(),
        None,
    ))
}
