//! Choosing a password by a one-time link: an administrator's for a new person, or the one that follows a one-time password.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, ErrorKind, Fault as _, Outcome, Principal, Secret};
use directory::{ActiveUser, DirectoryError, ResetRefusal};
use pages::{Connection, Form, Page, csrf_token, problem, with_cookies};

use crate::markup;
use crate::shared::{FORM, form_before_sign_in, form_cookie, page, principal, stale_form, unavailable, words};
use crate::signin::Visit;
use crate::state::IdpState;

/// `GET /idp/activate/{token}`: looks at the link and changes nothing, so that a mail program's preview doesn't use it up.
pub(crate) async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let visit = Visit::new(&state, &headers, connection, form.as_ref().map_or("", |form| form.get("next")));
    match state.idp.people().reset_link(&Secret::new(token)) {
        Ok(user) => choose_page(&visit, &user, None),
        Err(refusal) => refused_page(&visit, &CorrelationId::fresh(), &refusal),
    }
}

/// `POST /idp/activate/{token}`
pub(crate) async fn submit(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    Path(token): Path<String>,
    body: Bytes,
) -> Response {
    let Some(form) = form_before_sign_in(&headers, connection, &body) else { return stale_form(&state) };
    let visit = Visit::new(&state, &headers, connection, form.get("next"));
    let (token, reference) = (Secret::new(token), CorrelationId::fresh());
    let user = match state.idp.people().reset_link(&token) {
        Ok(user) => user,
        Err(refusal) => return refuse(&visit, &reference, &refusal).await,
    };
    let new = Secret::from(form.get("new_password"));
    if let Some(wrong) = wrong_choice(&state, &user, &new, form.get("again")).await {
        return choose_page(&visit, &user, Some(&wrong));
    }
    let event = event(&visit, &reference, principal(&user), Outcome::Allowed).target(user.id().as_str());
    if state.record(event).await.is_err() {
        return unavailable(&state, &reference);
    }
    match state.idp.people().reset_password(&token, new).await {
        Ok(user) => {
            let sign_in = visit.with_next("/idp/signin", &[("again", "true")]);
            page(&state, "Your password is set", StatusCode::OK)
                .render(&markup::password_set(user.user_name(), &sign_in))
        }
        Err(refusal) => refuse(&visit, &reference, &refusal).await,
    }
}

/// Why this can't be the password, in the words of the page.
async fn wrong_choice(state: &IdpState, user: &ActiveUser, new: &Secret<String>, again: &str) -> Option<String> {
    if !new.matches(again.as_bytes()) {
        return Some("The two entries differ. Type the same password twice.".to_owned());
    }
    let error = state.idp.people().check_choice(user.id(), new).await.err()?;
    if let DirectoryError::Invalid { rule, .. } = &error {
        return Some(format!("This password can't be used. {rule}"));
    }
    Some(words(&error))
}

fn choose_page(visit: &Visit<'_>, user: &ActiveUser, wrong: Option<&str>) -> Response {
    let cookie = form_cookie(visit.headers, visit.connection);
    let csrf = csrf_token(&cookie);
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let targets = visit.form_target();
    let page = Page { form_targets: targets.as_slice(), ..page(visit.state, "Choose a password", status) };
    let response = page.render(&markup::choose_password(&visit.fields(&csrf), user.user_name(), wrong));
    with_cookies(response, [FORM.set(&cookie, visit.connection)])
}

fn event(visit: &Visit<'_>, reference: &CorrelationId, who: Principal, outcome: Outcome) -> AuditEvent {
    AuditEvent::new(AuditStep::Administration, outcome, reference.clone(), who)
        .action("idp:UpdatePassword")
        .field("by", "link")
        .field("peer", visit.connection.peer.ip().to_string())
}

async fn refuse(visit: &Visit<'_>, reference: &CorrelationId, refusal: &ResetRefusal) -> Response {
    let (outcome, target) = match refusal {
        ResetRefusal::Unknown => (Outcome::Denied, String::new()),
        ResetRefusal::Ended { user, .. } | ResetRefusal::Expired { user, .. } => (Outcome::Denied, user.to_string()),
        ResetRefusal::Directory(_) => (Outcome::Failed, String::new()),
    };
    let event = event(visit, reference, Principal::Anonymous, outcome);
    match visit.state.record(event.target(target).field("reason", refusal.to_string())).await {
        Ok(()) => refused_page(visit, reference, refusal),
        Err(_) => unavailable(visit.state, reference),
    }
}

fn refused_page(visit: &Visit<'_>, reference: &CorrelationId, refusal: &ResetRefusal) -> Response {
    let (title, status) = match refusal {
        ResetRefusal::Unknown => ("Not a valid link", StatusCode::NOT_FOUND),
        ResetRefusal::Ended { .. } => ("This link has ended", StatusCode::GONE),
        ResetRefusal::Expired { .. } => ("This link has expired", StatusCode::GONE),
        ResetRefusal::Directory(error) if error.kind() == ErrorKind::Unavailable => {
            ("Not possible at the moment", StatusCode::SERVICE_UNAVAILABLE)
        }
        ResetRefusal::Directory(_) => ("The password was not set", StatusCode::INTERNAL_SERVER_ERROR),
    };
    let public = refusal.public();
    let sign_in = Some(("Sign in", "/idp/signin"));
    let hint = public.hint.unwrap_or_default();
    page(visit.state, title, status).render(&problem(&public.message, &hint, reference.as_str(), sign_in))
}
