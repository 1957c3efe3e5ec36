//! `/idp/oauth/logout` (RP-Initiated Logout 1.0).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal};
use openid_provider::{LogoutRefusal, LogoutRequest, Parameters};
use pages::{Connection, Form, form_is_ours, onward, problem, redirect, with_cookies};
use serde::{Deserialize, Serialize};
use time::Duration;

use super::{LONGEST_QUERY, count, markup};
use crate::saml::logout::{self, Chain, Finish};
use crate::shared::{SESSION, page, principal, stale_form, unavailable};
use crate::signin::{SignedIn, signed_in};
use crate::signout::signed_out;
use crate::state::IdpState;

const PURPOSE: &str = "idp openid logout";
const LIFETIME: Duration = Duration::hours(1);

/// A checked request, as it travels sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Leaving {
    slug: Option<String>,
    session: Option<String>,
    /// Registered.
    location: Option<String>,
    /// Seconds since 1970.
    expires: i64,
}

impl Leaving {
    fn new(state: &IdpState, request: LogoutRequest) -> Self {
        Self {
            slug: request.application.map(|application| application.slug.as_str().to_owned()),
            session: request.session,
            location: request.location,
            expires: (state.clock.now() + LIFETIME).unix_timestamp(),
        }
    }

    fn seal(&self, state: &IdpState) -> Option<String> {
        let text = serde_json::to_vec(self).ok()?;
        state.sealer.seal_text(PURPOSE, &text).ok()
    }

    fn open(state: &IdpState, text: &str) -> Option<Self> {
        let leaving: Self = serde_json::from_slice(state.sealer.open_text(PURPOSE, text)?.expose()).ok()?;
        (leaving.expires > state.clock.now().unix_timestamp()).then_some(leaving)
    }

    fn finish(&self) -> Finish {
        self.location.clone().map_or(Finish::Page, Finish::Address)
    }
}

/// `GET /idp/oauth/logout`
pub(super) async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    if query.len() > LONGEST_QUERY {
        let refusal =
            LogoutRefusal("The application's request is longer than 16 KiB; it can be sent by POST.".to_owned());
        return refuse(&state, connection, refusal).await;
    }
    match state.openid.read_logout(&Parameters::parse(query.as_bytes())) {
        Ok(request) => leave(&state, connection, &headers, Leaving::new(&state, request)).await,
        Err(refusal) => refuse(&state, connection, refusal).await,
    }
}

/// `POST /idp/oauth/logout`. Another site's form comes without our cookies: the browser comes again by itself.
pub(super) async fn show_posted(State(state): State<IdpState>, connection: Connection, body: Bytes) -> Response {
    let request = match state.openid.read_logout(&Parameters::parse(&body)) {
        Ok(request) => request,
        Err(refusal) => return refuse(&state, connection, refusal).await,
    };
    match Leaving::new(&state, request).seal(&state) {
        Some(sealed) => redirect(&format!("/idp/oauth/logout/confirm?flow={sealed}")),
        None => unavailable(&state, &CorrelationId::fresh()),
    }
}

/// `GET /idp/oauth/logout/confirm?flow=…`
pub(super) async fn confirm(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    match form.and_then(|form| Leaving::open(&state, form.get("flow"))) {
        Some(leaving) => leave(&state, connection, &headers, leaving).await,
        None => redirect("/idp/signout"),
    }
}

/// `POST /idp/oauth/logout/confirm`: what the person said.
pub(super) async fn decide(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(form) = Form::parse(&body) else { return stale_form(&state) };
    let Some(leaving) = Leaving::open(&state, form.get("flow")) else { return redirect("/idp/signout") };
    let Some(present) = signed_in(&state, &headers, connection).await else { return gone(&state, &leaving) };
    if !form_is_ours(&headers, &present.cookie, form.get("csrf"), connection) {
        return stale_form(&state);
    }
    match form.get("decision") {
        "sign_out" => end(&state, connection, &present, &leaving).await,
        "stay" => redirect("/idp"),
        _ => stale_form(&state),
    }
}

/// Ends the session that the hint is about; every other one only when the person says so.
async fn leave(state: &IdpState, connection: Connection, headers: &HeaderMap, leaving: Leaving) -> Response {
    let Some(present) = signed_in(state, headers, connection).await else { return gone(state, &leaving) };
    if leaving.session.as_deref() == Some(present.session.id().as_str()) {
        return end(state, connection, &present, &leaving).await;
    }
    let Some(sealed) = leaving.seal(state) else { return unavailable(state, present.session.correlation()) };
    let application = leaving.slug.as_deref().and_then(|slug| state.idp.application_by_slug(slug));
    let csrf = present.csrf();
    page(state, "Sign out?", StatusCode::OK).render(&markup::ask_logout(
        application.as_ref().map(|application| application.label.as_str()),
        present.session.user().user_name(),
        &[("csrf", csrf.expose()), ("flow", &sealed)],
    ))
}

async fn end(state: &IdpState, connection: Connection, present: &SignedIn, leaving: &Leaving) -> Response {
    let session = &present.session;
    let reference = session.correlation();
    let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Allowed, reference.clone(), principal(session.user()))
        .action("openid:logout")
        .field("session", session.id().as_str())
        .field("peer", connection.peer.ip().to_string());
    let event = match &leaving.slug {
        Some(slug) => event.target(slug.as_str()).field("application", slug.as_str()),
        None => event,
    };
    let recorded = state.record(event).await;
    // A session ends even when that can't be recorded: the other way round somebody would stay signed in who left.
    let ended = match state.idp.end_session(&present.cookie).await {
        Ok(ended) => ended,
        Err(cause) => {
            tracing::error!(%cause, %reference, "the end of a session can't be stored");
            return unavailable(state, reference);
        }
    };
    if recorded.is_err() {
        return unavailable(state, reference);
    }
    count("logout", "allowed");
    let asking = leaving.slug.as_deref().and_then(|slug| state.idp.application_by_slug(slug));
    let asking = asking.as_ref().map(|application| &application.id);
    let chain = Chain::new(ended.as_ref().into_iter(), asking, leaving.finish());
    with_cookies(logout::go_on(state, connection, chain), [SESSION.remove(connection)])
}

/// Nobody is signed in (any more).
fn gone(state: &IdpState, leaving: &Leaving) -> Response {
    match &leaving.location {
        Some(location) => onward(&page(state, "Signed out", StatusCode::OK), location),
        None => signed_out(state, &[]),
    }
}

async fn refuse(state: &IdpState, connection: Connection, LogoutRefusal(reason): LogoutRefusal) -> Response {
    let correlation = CorrelationId::fresh();
    let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Denied, correlation.clone(), Principal::Anonymous)
        .action("openid:logout")
        .field("reason", reason.as_str())
        .field("peer", connection.peer.ip().to_string());
    if state.record(event).await.is_err() {
        return unavailable(state, &correlation);
    }
    count("logout", "refused");
    page(state, "You are not signed out", StatusCode::BAD_REQUEST).render(&problem(
        &reason,
        "You can sign out here yourself.",
        correlation.as_str(),
        Some(("Sign out", "/idp/signout")),
    ))
}
