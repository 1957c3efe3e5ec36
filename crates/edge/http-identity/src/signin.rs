//! The sign-in page, and signing in with user name and password.

use axum::extract::{RawQuery, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, ErrorKind, Fault as _, Outcome, Principal, Secret};
use directory::{ActiveUser, SignInRefusal};
use pages::{Connection, Form, csrf_token, form_is_ours};
use source::SourceId;
use time::Duration;

use crate::cookies::{BEFORE_SIGN_IN, SESSION};
use crate::federation;
use crate::markup::{self, SignInForm, SignInPage};
use crate::oauth::safe_continue;
use crate::reset::reset_location;
use crate::shared::{Continue, page, principal, sign_in_location, signed_in, source_name, stale_form, unavailable};
use crate::state::IdentityState;

/// How long somebody who signed in with a one-time password may take to choose another one.
const TIME_TO_CHOOSE: Duration = Duration::minutes(15);

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
        let choices = state.sources.choices();
        return match federation::straight(&choices) {
            Some(source) => pages::redirect(&federation::begin_location(source, continue_to.as_ref())),
            None => sign_in_page(&state, &headers, connection, Attempt { continue_to, ..Attempt::default() }),
        };
    };
    match continue_to {
        Some(next) => pages::redirect(&next.location),
        None => page(&state, "Signed in", StatusCode::OK).render(&markup::signed_in(
            live.user.user_name(),
            source_name(&state, &live).as_deref(),
            &csrf_token(&cookie),
        )),
    }
}

/// What the sign-in page is shown with.
#[derive(Default)]
pub(crate) struct Attempt<'a> {
    pub(crate) continue_to: Option<Continue>,
    pub(crate) user_name: &'a str,
    pub(crate) error: Option<String>,
    pub(crate) status: Option<StatusCode>,
}

/// What there is to choose from: the sources' buttons and, where the directory is one, the password form; or the e-mail address
/// first, where its domain says which source.
pub(crate) fn sign_in_page(
    state: &IdentityState,
    headers: &HeaderMap,
    connection: Connection,
    attempt: Attempt<'_>,
) -> Response {
    let choices = state.sources.choices();
    let offered = choices.sources.iter().filter(|choice| !choices.by_domain || !has_domains(state, &choice.id));
    let sources: Vec<(String, &str)> = offered
        .map(|choice| (federation::begin_location(&choice.id, attempt.continue_to.as_ref()), choice.name.as_str()))
        .collect();
    let form = match (choices.by_domain, choices.directory) {
        (true, _) => SignInForm::Address,
        (false, true) => SignInForm::Password,
        (false, false) => SignInForm::None,
    };
    render(state, (headers, connection), &attempt, &SignInPage { sources: &sources, form, again: None })
}

/// The password form alone, for whose address belongs to no source.
pub(crate) fn password_page(
    state: &IdentityState,
    headers: &HeaderMap,
    connection: Connection,
    attempt: Attempt<'_>,
) -> Response {
    let again =
        attempt.continue_to.as_ref().map_or_else(|| "/signin".to_owned(), |next| sign_in_location(&next.location));
    let shown = SignInPage { sources: &[], form: SignInForm::Password, again: Some(&again) };
    render(state, (headers, connection), &attempt, &shown)
}

fn has_domains(state: &IdentityState, source: &SourceId) -> bool {
    state.sources.get(source).is_some_and(|source| !source.domains.is_empty())
}

fn render(
    state: &IdentityState,
    (headers, connection): (&HeaderMap, Connection),
    attempt: &Attempt<'_>,
    shown: &SignInPage<'_>,
) -> Response {
    let known = BEFORE_SIGN_IN.read(headers, connection);
    let form_cookie = known.unwrap_or_else(base::random::token);
    let csrf = csrf_token(&form_cookie);
    let mut fields = vec![("csrf", csrf.expose().as_str())];
    let next = attempt.continue_to.as_ref();
    fields.extend(next.map(|next| ("continue", next.location.as_str())));
    let mut page = page(state, "Sign in", attempt.status.unwrap_or(StatusCode::OK));
    let target = next.map(|next| next.origin.as_str());
    page.form_targets = target.as_slice();
    let response = page.render(&shown.markup(&fields, attempt.user_name, attempt.error.as_deref()));
    pages::with_cookies(response, [BEFORE_SIGN_IN.set(&form_cookie, connection)])
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
    let ours = BEFORE_SIGN_IN
        .read(&headers, connection)
        .is_some_and(|cookie| form_is_ours(&headers, &cookie, form.get("csrf"), connection));
    if !ours {
        metrics::counter!("gatehouse_sign_ins_total", "outcome" => "forged_form").increment(1);
        return stale_form(&state, continue_to.as_ref());
    }
    if !state.sources.directory_enabled() {
        metrics::counter!("gatehouse_sign_ins_total", "outcome" => "denied").increment(1);
        return no_passwords(&state, continue_to.as_ref());
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

/// The directory isn't an identity source: its passwords open nothing, and none is looked at.
pub(crate) fn no_passwords(state: &IdentityState, next: Option<&Continue>) -> Response {
    let reference = CorrelationId::fresh();
    tracing::info!(%reference, "a password was to be used while the directory is no identity source");
    let again = next.map_or_else(|| "/signin".to_owned(), |next| sign_in_location(&next.location));
    page(state, "Passwords aren't used here", StatusCode::FORBIDDEN).render(&pages::problem(
        "People sign in with their identity provider here, not with a password.",
        "Go to the sign-in page and choose the identity provider.",
        reference.as_str(),
        Some(("Sign in", &again)),
    ))
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
    let ended = match SESSION.read(headers, connection) {
        Some(old) => state.sessions.end_browser(&old).await.map(|_| ()),
        None => Ok(()),
    };
    let opened = match ended {
        Ok(()) => state.sessions.open_browser(user, correlation.clone(), None).await,
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
    let cookies = [SESSION.set(&cookie, connection), BEFORE_SIGN_IN.remove(connection)];
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
    let by_domain = state.sources.choices().by_domain;
    let shown = if by_domain { password_page } else { sign_in_page };
    let mut response = shown(state, headers, connection, attempt);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
