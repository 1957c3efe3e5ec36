//! From the sign-in page to the identity provider.

use axum::extract::{Path, RawQuery, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal, Secret, SecretHash};
use pages::{Connection, Form, cookie_names, form_is_ours, onward, redirect, with_cookies};
use source::{Choices, FlowCookie, SourceError, SourceId};

use super::{refused, send};
use crate::cookies::{BEFORE_SIGN_IN, FLOW_START, REPLACES, SESSION, flow};
use crate::oauth::safe_continue;
use crate::shared::{Continue, page, stale_form, unavailable};
use crate::signin::{self, Attempt};
use crate::state::IdentityState;

/// Sign-ins in flight that a browser keeps: each is a cookie of up to 4 KiB, and servers take some 16 KiB of headers.
const FLOWS_MAX: usize = 5;

/// The parameter that says that a sign-in was sent to the public address.
const MOVED: &str = "moved";

/// `/signin/with/{source}[?continue=…]`
pub(crate) fn location(source: &SourceId, next: Option<&Continue>) -> String {
    let path = format!("/signin/with/{source}");
    match next {
        Some(next) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            format!("{path}?{}", query.append_pair("continue", &next.location).finish())
        }
        None => path,
    }
}

/// Whether a sign-in has to begin at another address of ours: the provider sends people back to the public one, and the flow's cookie
/// has to be there, over https. Once moved is moved: a proxy may show us another name than browsers see.
fn must_move(headers: &HeaderMap, connection: Connection, public: &str, moved: bool) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    !connection.encrypted || (!moved && host.is_some_and(|host| public.strip_prefix("https://") != Some(host)))
}

/// The same beginning at the public address.
fn elsewhere(state: &IdentityState, source: &SourceId, next: Option<&Continue>) -> String {
    let location = location(source, next);
    let joint = if location.contains('?') { '&' } else { '?' };
    format!("{}{location}{joint}{MOVED}=true", state.settings.public_https_url)
}

/// The one source that everybody signs in with, where there is no other way: nobody has to choose.
pub(crate) fn straight(choices: &Choices) -> Option<&SourceId> {
    match choices.sources.as_slice() {
        [only] if !choices.directory => Some(&only.id),
        _ => None,
    }
}

/// `GET /signin/with/{source}[?continue=/authorize?…]`
pub(super) async fn show(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    Path(source): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let next = form.as_ref().and_then(|form| safe_continue(&state, form.get("continue")));
    let source = SourceId::new(source);
    let moved = form.as_ref().is_some_and(|form| form.get(MOVED) == "true");
    if state.sources.get(&source).is_some() && must_move(&headers, connection, &state.settings.public_https_url, moved)
    {
        return redirect(&elsewhere(&state, &source, next.as_ref()));
    }
    begin(&state, &headers, connection, &source, &Start { next, login_hint: None, after_form: false }).await
}

/// `POST /signin/start`: the answer to "your e-mail address or user name".
pub(super) async fn start(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let Some(form) = Form::parse(&body) else { return stale_form(&state, None) };
    let next = safe_continue(&state, form.get("continue"));
    let ours = BEFORE_SIGN_IN
        .read(&headers, connection)
        .is_some_and(|cookie| form_is_ours(&headers, &cookie, form.get("csrf"), connection));
    if !ours {
        return stale_form(&state, next.as_ref());
    }
    let typed = form.get("user_name").trim();
    let Some(source) = state.sources.for_email(typed) else {
        return with_password(
            &state,
            &headers,
            connection,
            Attempt { continue_to: next, user_name: typed, ..Attempt::default() },
        );
    };
    if must_move(&headers, connection, &state.settings.public_https_url, false) {
        return onward(&page(&state, "One moment", StatusCode::OK), &elsewhere(&state, &source, next.as_ref()));
    }
    begin(&state, &headers, connection, &source, &Start { next, login_hint: Some(typed), after_form: true }).await
}

/// Whoever has no source signs in with a password, if there are any.
fn with_password(state: &IdentityState, headers: &HeaderMap, connection: Connection, attempt: Attempt<'_>) -> Response {
    if state.sources.directory_enabled() {
        return signin::password_page(state, headers, connection, attempt);
    }
    let domain = attempt.user_name.rsplit_once('@').map(|(_, domain)| domain);
    let error = match domain {
        Some(domain) => format!("No identity provider is set up for {domain}. Check the address."),
        None => "Type your whole e-mail address: its domain says where you sign in.".to_owned(),
    };
    let status = Some(StatusCode::BAD_REQUEST);
    signin::sign_in_page(state, headers, connection, Attempt { error: Some(error), status, ..attempt })
}

/// How a sign-in begins.
struct Start<'a> {
    next: Option<Continue>,
    login_hint: Option<&'a str>,
    after_form: bool,
}

async fn begin(
    state: &IdentityState,
    headers: &HeaderMap,
    connection: Connection,
    source: &SourceId,
    start: &Start<'_>,
) -> Response {
    let next = start.next.as_ref().map(|next| next.location.as_str());
    match state.sources.begin(source, next, start.login_hint).await {
        Ok(begun) => {
            with_cookies(send(state, &begun.go, start.after_form), flow_cookies(headers, connection, &begun.cookie))
        }
        Err(error) => not_begun(state, connection, source, &error).await,
    }
}

/// The new flow's cookie, what it replaces, and the end of the oldest where there are too many.
fn flow_cookies(headers: &HeaderMap, connection: Connection, new: &FlowCookie) -> Vec<Option<axum::http::HeaderValue>> {
    let old = cookie_names(headers, FLOW_START, connection);
    let too_many = (old.len() + 1).saturating_sub(FLOWS_MAX);
    let mut cookies: Vec<_> = old.iter().take(too_many).map(|name| flow(name).remove(connection)).collect();
    let replaces = SESSION.read(headers, connection).map(|cookie| Secret::new(SecretHash::of(&cookie).to_hex()));
    cookies.push(replaces.and_then(|hash| REPLACES.set(&hash, connection)));
    cookies.push(flow(&format!("{FLOW_START}{}", new.suffix)).set(&new.value, connection));
    cookies
}

async fn not_begun(state: &IdentityState, connection: Connection, source: &SourceId, error: &SourceError) -> Response {
    let correlation = CorrelationId::fresh();
    let event = AuditEvent::new(AuditStep::SignIn, Outcome::Failed, correlation.clone(), Principal::Anonymous)
        .action("begin")
        // A stranger's address may name anything.
        .field("source", state.sources.get(source).map_or("", |_| source.as_str()))
        .field("peer", connection.peer.ip().to_string())
        .field("reason", error.to_string())
        .field("mend", error.told().1);
    metrics::counter!("gatehouse_sign_ins_total", "outcome" => Outcome::Failed.name()).increment(1);
    match state.record(event).await {
        Ok(()) => refused(state, error, &correlation),
        Err(_) => unavailable(state, &correlation),
    }
}
