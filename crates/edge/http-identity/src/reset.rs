//! Choosing a password by a one-time link: an administrator's, or the one that follows a sign-in with a one-time password.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, ErrorKind, Fault, Outcome, Principal, Secret};
use directory::{ActiveUser, DirectoryError, ResetRefusal};
use pages::{Connection, Form, csrf_token, form_is_ours};

use crate::cookies::BEFORE_SIGN_IN;
use crate::markup;
use crate::oauth::safe_continue;
use crate::shared::{Continue, page, principal, sign_in_location, stale_form, unavailable};
use crate::signin::no_passwords;
use crate::state::IdentityState;

/// `/reset/{token}[?continue=…]`
pub(crate) fn reset_location(token: &Secret<String>, next: Option<&Continue>) -> String {
    let path = format!("/reset/{}", token.expose());
    match next {
        Some(next) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            format!("{path}?{}", query.append_pair("continue", &next.location).finish())
        }
        None => path,
    }
}

/// `GET /reset/{token}`: looks at the link and changes nothing, so that a mail program's preview doesn't use it up.
pub(crate) async fn show(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let next = form.as_ref().and_then(|form| safe_continue(&state, form.get("continue")));
    if !state.sources.directory_enabled() {
        return no_passwords(&state, next.as_ref());
    }
    match state.directory.reset_link(&Secret::new(token)) {
        Ok(user) => choose_page(&state, &headers, connection, &Choice { user: &user, next, refused: None }),
        Err(refusal) => refused_page(&state, &CorrelationId::fresh(), &refusal),
    }
}

/// `POST /reset/{token}`
pub(crate) async fn submit(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    Path(token): Path<String>,
    body: axum::body::Bytes,
) -> Response {
    let Some(form) = Form::parse(&body) else { return stale_form(&state, None) };
    let ours = BEFORE_SIGN_IN
        .read(&headers, connection)
        .is_some_and(|cookie| form_is_ours(&headers, &cookie, form.get("csrf"), connection));
    if !ours {
        return stale_form(&state, None);
    }
    if !state.sources.directory_enabled() {
        return no_passwords(&state, None);
    }
    let (token, correlation) = (Secret::new(token), CorrelationId::fresh());
    let user = match state.directory.reset_link(&token) {
        Ok(user) => user,
        Err(refusal) => return refuse(&state, connection, &correlation, &refusal).await,
    };
    let next = safe_continue(&state, form.get("continue"));
    let new = Secret::from(form.get("new_password"));
    if let Some(refused) = refused_choice(&state, &user, &new, form.get("again")).await {
        return choose_page(&state, &headers, connection, &Choice { user: &user, next, refused: Some(refused) });
    }
    let event = event(&correlation, principal(&user), Outcome::Allowed, connection).target(user.id().as_str());
    if state.record(event).await.is_err() {
        return unavailable(&state, &correlation);
    }
    match state.directory.reset_password(&token, new).await {
        Ok(user) => {
            metrics::counter!("gatehouse_password_resets_total", "outcome" => Outcome::Allowed.name()).increment(1);
            let sign_in = next.map_or_else(|| "/signin".to_owned(), |next| sign_in_location(&next.location));
            page(&state, "Your password is changed", StatusCode::OK)
                .render(&markup::password_changed(user.user_name(), &sign_in))
        }
        Err(refusal) => refuse(&state, connection, &correlation, &refusal).await,
    }
}

/// Why this can't be the password, in the words of the page.
async fn refused_choice(state: &IdentityState, user: &ActiveUser, new: &Secret<String>, again: &str) -> Option<String> {
    if !new.matches(again.as_bytes()) {
        return Some("The two entries differ. Type the same password twice.".to_owned());
    }
    let error = state.directory.check_choice(user.id(), new).await.err()?;
    if let DirectoryError::Invalid { rule, .. } = &error {
        return Some(format!("This password can't be used. {rule}"));
    }
    Some(words(&error))
}

/// What the page is shown with.
struct Choice<'a> {
    user: &'a ActiveUser,
    next: Option<Continue>,
    refused: Option<String>,
}

fn choose_page(state: &IdentityState, headers: &HeaderMap, connection: Connection, choice: &Choice<'_>) -> Response {
    let known = BEFORE_SIGN_IN.read(headers, connection);
    let form_cookie = known.unwrap_or_else(base::random::token);
    let csrf = csrf_token(&form_cookie);
    let mut fields = vec![("csrf", csrf.expose().as_str())];
    fields.extend(choice.next.as_ref().map(|next| ("continue", next.location.as_str())));
    let status = if choice.refused.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let response = page(state, "Choose a password", status).render(&markup::choose_password(
        &fields,
        choice.user.user_name(),
        choice.refused.as_deref(),
    ));
    pages::with_cookies(response, [BEFORE_SIGN_IN.set(&form_cookie, connection)])
}

fn words(fault: &impl Fault) -> String {
    let public = fault.public();
    [Some(public.message), public.detail, public.hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn event(correlation: &CorrelationId, who: Principal, outcome: Outcome, connection: Connection) -> AuditEvent {
    AuditEvent::new(AuditStep::Administration, outcome, correlation.clone(), who)
        .action("UpdatePassword")
        .field("by", "link")
        .field("peer", connection.peer.ip().to_string())
}

async fn refuse(
    state: &IdentityState,
    connection: Connection,
    correlation: &CorrelationId,
    refusal: &ResetRefusal,
) -> Response {
    let (outcome, target) = match refusal {
        ResetRefusal::Unknown => (Outcome::Denied, String::new()),
        ResetRefusal::Ended { user, .. } | ResetRefusal::Expired { user, .. } => (Outcome::Denied, user.to_string()),
        ResetRefusal::Directory(_) => (Outcome::Failed, String::new()),
    };
    let event = event(correlation, Principal::Anonymous, outcome, connection)
        .target(target)
        .field("reason", refusal.to_string());
    metrics::counter!("gatehouse_password_resets_total", "outcome" => outcome.name()).increment(1);
    match state.record(event).await {
        Ok(()) => refused_page(state, correlation, refusal),
        Err(_) => unavailable(state, correlation),
    }
}

fn refused_page(state: &IdentityState, reference: &CorrelationId, refusal: &ResetRefusal) -> Response {
    let (title, status) = match refusal {
        ResetRefusal::Unknown => ("Not a valid link", StatusCode::NOT_FOUND),
        ResetRefusal::Ended { .. } => ("This link has ended", StatusCode::GONE),
        ResetRefusal::Expired { .. } => ("This link has expired", StatusCode::GONE),
        ResetRefusal::Directory(error) if error.kind() == ErrorKind::Unavailable => {
            ("Not possible at the moment", StatusCode::SERVICE_UNAVAILABLE)
        }
        ResetRefusal::Directory(_) => ("The password was not changed", StatusCode::INTERNAL_SERVER_ERROR),
    };
    let public = refusal.public();
    let hint = public.hint.unwrap_or_default();
    let sign_in = Some(("Sign in", "/signin"));
    page(state, title, status).render(&pages::problem(&public.message, &hint, reference.as_str(), sign_in))
}
