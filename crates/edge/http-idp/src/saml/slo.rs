//! Single logout (SAML profiles 4.4): an application asks, or answers what it was asked.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal};
use idp::{Application, EndedSession, SessionEnd, SessionId};
use pages::{Connection, Form, problem};
use saml::logout::{ExpectedLogout, LogoutRequest};
use saml::{Incoming, LONGEST_RELAY_STATE, LONGEST_SKEW};

use super::logout::{self, Chain, Finish};
use super::{given_twice, refuse, saml_application};
use crate::shared::{page, principal, unavailable};
use crate::signin::signed_in;
use crate::state::IdpState;

/// `GET /idp/saml/{slug}/slo`
pub(super) async fn by_redirect(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let application = match saml_application(&state, &slug) {
        Ok(application) => application,
        Err(response) => return response,
    };
    let query = query.unwrap_or_default();
    let Some(form) = Form::parse(query.as_bytes()) else { return given_twice(&state) };
    let incoming = Incoming::Redirect { query: &query };
    if form.get("SAMLResponse").is_empty() {
        asked(&state, &headers, connection, (&application, &incoming)).await
    } else {
        answered(&state, &headers, connection, (&application, &incoming)).await
    }
}

/// `POST /idp/saml/{slug}/slo`
pub(super) async fn by_post(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    Path(slug): Path<String>,
    body: Bytes,
) -> Response {
    let application = match saml_application(&state, &slug) {
        Ok(application) => application,
        Err(response) => return response,
    };
    let Some(form) = Form::parse(&body) else { return given_twice(&state) };
    let relay_state = Some(form.get("RelayState")).filter(|relay_state| !relay_state.is_empty());
    if form.get("SAMLResponse").is_empty() {
        let incoming = Incoming::Post { message: form.get("SAMLRequest"), relay_state };
        asked(&state, &headers, connection, (&application, &incoming)).await
    } else {
        let incoming = Incoming::Post { message: form.get("SAMLResponse"), relay_state };
        answered(&state, &headers, connection, (&application, &incoming)).await
    }
}

/// An application asks: the sessions that it means end, the others of them are told, then it gets its answer.
async fn asked(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    (application, incoming): (&Application, &Incoming<'_>),
) -> Response {
    let destination = slo_url(state, application);
    let verdict = saml::logout::read_request(incoming, &expected(state, application, &destination));
    let request = match verdict.outcome {
        Ok(request) => request,
        Err(refusal) => {
            let title = "This sign-out request can't be used";
            return refuse(state, connection, (application, "saml:logout", title), &verdict.checks, &refusal).await;
        }
    };
    if request.relay_state.as_ref().is_some_and(|relay_state| relay_state.len() > LONGEST_RELAY_STATE) {
        return page(state, "This sign-out request can't be used", StatusCode::BAD_REQUEST).render(&problem(
            &format!("Its RelayState is longer than {LONGEST_RELAY_STATE} bytes."),
            "Sign out here instead.",
            CorrelationId::fresh().as_str(),
            Some(("Sign out", "/idp/signout")),
        ));
    }
    let meant = meant(state, headers, connection, (application, &request)).await;
    let ended = match end(state, connection, (application, &request), meant).await {
        Ok(ended) => ended,
        Err(response) => return response,
    };
    let finish = Finish::Answer {
        application: application.id.to_string(),
        in_response_to: request.id,
        relay_state: request.relay_state,
    };
    logout::go_on(state, connection, Chain::new(ended.iter(), Some(&application.id), finish))
}

/// The sessions that the signed request names, and this browser's if the application was opened in it: it may have a new index
/// since the person signed in again.
async fn meant(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    (application, request): (&Application, &LogoutRequest),
) -> Vec<SessionId> {
    let name = &request.name_id.value;
    let mut meant = state.idp.sessions_of_participant(&application.id, name, &request.session_indexes);
    if let Some(present) = signed_in(state, headers, connection).await {
        let id = present.session.id();
        let opened = state.idp.sessions_of_participant(&application.id, name, &[]).contains(id);
        if opened && !meant.contains(id) {
            meant.push(id.clone());
        }
    }
    meant
}

/// Ends sessions; each end is recorded first.
async fn end(
    state: &IdpState,
    connection: Connection,
    (application, request): (&Application, &LogoutRequest),
    meant: Vec<SessionId>,
) -> Result<Vec<EndedSession>, Response> {
    let mut ended = Vec::new();
    for id in meant {
        let Some(session) = state.idp.session_by_id(&id) else { continue };
        let reference = session.correlation().clone();
        let who = principal(session.user());
        let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Allowed, reference.clone(), who)
            .action("saml:logout")
            .target(application.slug.as_str())
            .field("application", application.slug.as_str())
            .field("session", id.as_str())
            .field("in_response_to", request.id.as_str())
            .field("peer", connection.peer.ip().to_string());
        if state.record(event).await.is_err() {
            return Err(unavailable(state, &reference));
        }
        match state.idp.end_session_by_id(&id, SessionEnd::LoggedOutByApplication).await {
            Ok(session) => ended.extend(session),
            Err(cause) => {
                tracing::error!(%cause, %reference, "the end of a session can't be stored");
                return Err(unavailable(state, &reference));
            }
        }
    }
    Ok(ended)
}

/// An application answers what the chain asked it.
async fn answered(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    (application, incoming): (&Application, &Incoming<'_>),
) -> Response {
    let chain = Chain::read(state, headers, connection);
    let Some((chain, id)) = chain.as_ref().and_then(|chain| Some((chain, chain.asked(application)?))) else {
        return page(state, "This sign-out answer wasn't asked for", StatusCode::BAD_REQUEST).render(&problem(
            &format!(
                "{} answered a sign-out that this browser didn't begin, or that took too long.",
                application.label
            ),
            "Sign out again if you want to be sure.",
            CorrelationId::fresh().as_str(),
            Some(("Sign out", "/idp/signout")),
        ));
    };
    let destination = slo_url(state, application);
    let verdict = saml::logout::read_response(incoming, &expected(state, application, &destination), id);
    let complete = match verdict.outcome {
        Ok(answer) => answer.complete,
        Err(refusal) => {
            let event =
                AuditEvent::new(AuditStep::SessionEnd, Outcome::Denied, CorrelationId::fresh(), Principal::Anonymous)
                    .action("saml:logout")
                    .target(application.slug.as_str())
                    .field("application", application.slug.as_str())
                    .field("reason", refusal.to_string())
                    .field("mend", refusal.mend())
                    .field("checks", verdict.checks.to_json())
                    .field("peer", connection.peer.ip().to_string());
            if state.record(event).await.is_err() {
                return unavailable(state, &CorrelationId::fresh());
            }
            false
        }
    };
    logout::go_on(state, connection, chain.clone().answered(complete))
}

fn slo_url(state: &IdpState, application: &Application) -> String {
    format!("{}/slo", state.idp.saml_sso_url(application))
}

fn expected<'a>(state: &IdpState, application: &'a Application, destination: &'a str) -> ExpectedLogout<'a> {
    let saml = application.saml();
    ExpectedLogout {
        issuer: saml.and_then(|saml| saml.sp_entity_id.as_deref()).unwrap_or_default(),
        certificates: saml.map_or(&[], |saml| saml.sp_certificates.as_slice()),
        destination,
        now: state.clock.now(),
        skew: LONGEST_SKEW,
    }
}
