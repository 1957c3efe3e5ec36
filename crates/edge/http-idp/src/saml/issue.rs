//! The answer to an application: an assertion, recorded before it is sent, or why there is none.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal};
use idp::{Application, IdpSession, IssuedAssertion};
use pages::{Connection, Hidden, auto_post, onward};
use saml::Outgoing;
use saml::idp::{ReceivedRequest, RefuseStatus};
use time::OffsetDateTime;

use super::pending::Pending;
use crate::open::refused_as;
use crate::shared::{fault_page, page, principal, unavailable};
use crate::signin::{Demand, SignedIn, require, signed_in};
use crate::state::IdpState;

/// A request that was checked, as it came and as it was read.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) application: &'a Application,
    pub(super) pending: &'a Pending,
    pub(super) request: ReceivedRequest,
}

impl Asked<'_> {
    /// `ForceAuthn`: the person must have signed in after the request came.
    fn since(&self) -> Option<OffsetDateTime> {
        self.request.force_authn.then(|| self.pending.received())
    }
}

/// Answers a checked request: with the person who is signed in, or after they have signed in.
pub(super) async fn answer(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    asked: &Asked<'_>,
) -> Response {
    let (application, request, since) = (asked.application, &asked.request, asked.since());
    if request.is_passive {
        let present = signed_in(state, headers, connection).await;
        return match present.filter(|present| since.is_none_or(|since| present.session.authenticated_at() >= since)) {
            Some(present) => to_application(state, connection, &present, application, Some(request)).await,
            None => {
                let why = (RefuseStatus::NoPassive, "nobody is signed in, and the request forbids asking");
                say_no(state, connection, None, (application, request), why).await
            }
        };
    }
    let Some(next) = asked.pending.address(&state.sealer) else {
        return unavailable(state, &CorrelationId::fresh());
    };
    let purpose = format!("to open {}", application.label);
    let demand = Demand { next, since, purpose: Some(&purpose), ..Demand::default() };
    match require(state, headers, connection, &demand).await {
        Ok(signed_in) => to_application(state, connection, &signed_in, application, Some(request)).await,
        Err(response) => response,
    }
}

/// Sends the person to the application with an assertion. Without a request it is the provider that begins.
pub(crate) async fn to_application(
    state: &IdpState,
    connection: Connection,
    signed_in: &SignedIn,
    application: &Application,
    request: Option<&ReceivedRequest>,
) -> Response {
    let relay_state = request.and_then(|request| request.relay_state.as_deref());
    match state.idp.assertion(&signed_in.session, application, request, relay_state).await {
        Ok(issued) => send(state, connection, &signed_in.session, application, (request, issued)).await,
        Err(error) => match request.filter(|request| request.is_passive) {
            Some(request) => {
                let why = (error.status(), error.to_string());
                say_no(state, connection, Some(signed_in), (application, request), (why.0, &why.1)).await
            }
            None => refused_as("saml:assertion", state, connection, &signed_in.session, (application, &error)).await,
        },
    }
}

/// The recorded assertion, in the page that brings it to the application.
pub(crate) async fn send(
    state: &IdpState,
    connection: Connection,
    session: &IdpSession,
    application: &Application,
    (request, issued): (Option<&ReceivedRequest>, IssuedAssertion),
) -> Response {
    let reference = session.correlation().clone();
    let event =
        AuditEvent::new(AuditStep::Authorization, Outcome::Allowed, reference.clone(), principal(session.user()))
            .action("saml:assertion")
            .target(application.slug.as_str())
            .field("application", application.slug.as_str())
            .field("assertion", issued.assertion_id.as_str())
            .field("audience", issued.audience.as_str())
            .field("recipient", issued.recipient.as_str())
            .field("name_id", issued.name_id.as_str())
            .field("in_response_to", request.map_or("", |request| request.id.as_str()))
            .field("checks", issued.checks.to_json())
            .field("session", session.id().as_str())
            .field("peer", connection.peer.ip().to_string());
    if state.record(event).await.is_err() {
        return unavailable(state, &reference);
    }
    metrics::counter!("gatehouse_idp_assertions_total", "outcome" => "allowed").increment(1);
    deliver(state, &format!("Opening {}", application.label), &issued.outgoing)
}

/// The page by which the browser brings a message to the other side.
pub(super) fn deliver(state: &IdpState, title: &str, outgoing: &Outgoing) -> Response {
    let page = page(state, title, StatusCode::OK);
    match outgoing {
        Outgoing::Redirect(location) => onward(&page, location),
        Outgoing::Post { action, fields } => {
            let fields: Vec<Hidden<'_>> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            auto_post(&page, action, &fields)
        }
    }
}

/// A signed answer without an assertion, to the registered address that the request names.
async fn say_no(
    state: &IdpState,
    connection: Connection,
    signed_in: Option<&SignedIn>,
    (application, request): (&Application, &ReceivedRequest),
    (status, reason): (RefuseStatus, &str),
) -> Response {
    let (reference, who) = match signed_in {
        Some(signed_in) => (signed_in.session.correlation().clone(), principal(signed_in.session.user())),
        None => (CorrelationId::fresh(), Principal::Anonymous),
    };
    let event = AuditEvent::new(AuditStep::Authorization, Outcome::Denied, reference.clone(), who)
        .action("saml:assertion")
        .target(application.slug.as_str())
        .field("application", application.slug.as_str())
        .field("in_response_to", request.id.as_str())
        .field("reason", reason)
        .field("peer", connection.peer.ip().to_string());
    if state.record(event).await.is_err() {
        return unavailable(state, &reference);
    }
    metrics::counter!("gatehouse_idp_assertions_total", "outcome" => "denied").increment(1);
    match state.idp.refusal(application, request, status, Some(reason)) {
        Ok(outgoing) => deliver(state, &format!("Back to {}", application.label), &outgoing),
        Err(error) => fault_page(state, "No answer can be signed", &error, &reference),
    }
}
