//! SAML at the provider: sign-in by Redirect and POST, metadata, single logout.

pub(crate) mod issue;
pub(crate) mod logout;
mod pending;
mod slo;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base::{AuditEvent, AuditStep, Checks, CorrelationId, Outcome, Principal};
use idp::Application;
use pages::{Connection, Form, checked, problem, protect, redirect};
use saml::idp::ReceivedRequest;
use saml::{Incoming, LONGEST_RELAY_STATE, Refusal};

use crate::open::unknown;
use crate::shared::{fault_page, page, unavailable};
use crate::state::IdpState;
use issue::Asked;
use pending::{LONGEST_MESSAGE, Pending};

/// The SAML endpoints of all applications.
pub(crate) fn router() -> Router<IdpState> {
    Router::new()
        .route("/idp/saml/{slug}", get(by_redirect).post(by_post))
        .route("/idp/saml/{slug}/continue", get(go_on))
        .route("/idp/saml/{slug}/metadata", get(metadata))
        .route("/idp/saml/{slug}/slo", get(slo::by_redirect).post(slo::by_post))
}

/// The SAML application of this address.
fn saml_application(state: &IdpState, slug: &str) -> Result<Arc<Application>, Response> {
    let application = state.idp.application_by_slug(slug);
    application.filter(|application| application.saml().is_some()).ok_or_else(|| unknown(state))
}

/// `GET /idp/saml/{slug}?SAMLRequest=…` (HTTP-Redirect binding)
async fn by_redirect(
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
    if query.is_empty() {
        return page(&state, "Open it from your applications", StatusCode::BAD_REQUEST).render(&problem(
            &format!("This is the address to which {} sends its sign-in requests; it holds none.", application.label),
            "Open the application itself, or its tile among your applications.",
            CorrelationId::fresh().as_str(),
            Some(("Your applications", "/idp")),
        ));
    }
    let Some(pending) = Pending::new(&application, &Incoming::Redirect { query: &query }, state.clock.now()) else {
        return too_long(&state);
    };
    answer(&state, &headers, connection, (&application, &pending)).await
}

/// Checks the request and answers it.
async fn answer(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    (application, pending): (&Application, &Pending),
) -> Response {
    match receive(state, connection, application, &pending.incoming()).await {
        Ok(request) => issue::answer(state, headers, connection, &Asked { application, pending, request }).await,
        Err(response) => response,
    }
}

/// `POST /idp/saml/{slug}` (HTTP-POST binding). It comes from another site, so the session's cookie isn't with it: the request goes
/// round by an address of ours first.
async fn by_post(
    State(state): State<IdpState>,
    connection: Connection,
    Path(slug): Path<String>,
    body: Bytes,
) -> Response {
    let application = match saml_application(&state, &slug) {
        Ok(application) => application,
        Err(response) => return response,
    };
    let Some(form) = Form::parse(&body) else { return given_twice(&state) };
    let relay_state = Some(form.get("RelayState")).filter(|relay_state| !relay_state.is_empty());
    let incoming = Incoming::Post { message: form.get("SAMLRequest"), relay_state };
    let Some(pending) = Pending::new(&application, &incoming, state.clock.now()) else { return too_long(&state) };
    // Before the way round: what can't be used needs no sign-in to say so.
    if let Err(response) = receive(&state, connection, &application, &incoming).await {
        return response;
    }
    match pending.address(&state.sealer) {
        Some(address) => redirect(&address),
        None => unavailable(&state, &CorrelationId::fresh()),
    }
}

fn too_long(state: &IdpState) -> Response {
    page(state, "This request can't be used", StatusCode::BAD_REQUEST).render(&problem(
        &format!("The request is longer than {LONGEST_MESSAGE} bytes."),
        "Tell whoever runs the application: a sign-in request needs no extensions and one certificate at most.",
        CorrelationId::fresh().as_str(),
        None,
    ))
}

fn given_twice(state: &IdpState) -> Response {
    page(state, "This request can't be used", StatusCode::BAD_REQUEST).render(&problem(
        "A field of the request is given twice.",
        "Go back to the application and sign in again. If it stays like this, tell whoever runs the application.",
        CorrelationId::fresh().as_str(),
        None,
    ))
}

/// Checks a request by the application's registration. `Err` is the page that says what is wrong with it.
async fn receive(
    state: &IdpState,
    connection: Connection,
    application: &Application,
    incoming: &Incoming<'_>,
) -> Result<ReceivedRequest, Response> {
    let verdict = match state.idp.receive(application, incoming) {
        Ok(verdict) => verdict,
        Err(error) => return Err(fault_page(state, "This request can't be used", &error, &CorrelationId::fresh())),
    };
    let request = match verdict.outcome {
        Ok(request) => request,
        Err(refusal) => {
            let title = "This sign-in request can't be used";
            return Err(
                refuse(state, connection, (application, "saml:request", title), &verdict.checks, &refusal).await
            );
        }
    };
    let length = request.relay_state.as_ref().map_or(0, String::len);
    if length > LONGEST_RELAY_STATE {
        return Err(page(state, "This sign-in request can't be used", StatusCode::BAD_REQUEST).render(&problem(
            &format!("Its RelayState has {length} bytes; at most {LONGEST_RELAY_STATE} are passed on."),
            "Tell whoever runs the application to send a shorter RelayState.",
            CorrelationId::fresh().as_str(),
            None,
        )));
    }
    Ok(request)
}

/// Records the refusal of a message, and says which check failed.
async fn refuse(
    state: &IdpState,
    connection: Connection,
    (application, action, title): (&Application, &str, &str),
    checks: &Checks,
    refusal: &Refusal,
) -> Response {
    let reference = CorrelationId::fresh();
    let event = AuditEvent::new(AuditStep::Authorization, Outcome::Denied, reference.clone(), Principal::Anonymous)
        .action(action)
        .target(application.slug.as_str())
        .field("application", application.slug.as_str())
        .field("reason", refusal.to_string())
        .field("mend", refusal.mend())
        .field("checks", checks.to_json())
        .field("peer", connection.peer.ip().to_string());
    if state.record(event).await.is_err() {
        return unavailable(state, &reference);
    }
    metrics::counter!("gatehouse_idp_assertions_total", "outcome" => "refused").increment(1);
    let hint = "Go back to the application and begin again. If it stays like this, give your administrator the reference below.";
    page(state, title, StatusCode::BAD_REQUEST).render(&maud::html! {
        (problem(&refusal.to_string(), hint, reference.as_str(), None))
        @if let Some(failed) = checks.failed() { (checked(failed)) }
    })
}

/// `GET /idp/saml/{slug}/continue?request=…`: a checked request, after the way round or the sign-in.
async fn go_on(
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
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let sealed = form.as_ref().map_or("", |form| form.get("request"));
    match Pending::open(&state.sealer, sealed, &application, state.clock.now()) {
        Some(pending) => answer(&state, &headers, connection, (&application, &pending)).await,
        None => page(&state, "This took too long", StatusCode::BAD_REQUEST).render(&problem(
            &format!("The sign-in request of {} isn't valid any more.", application.label),
            "Go back to the application and sign in again, or open it from your applications.",
            CorrelationId::fresh().as_str(),
            Some(("Your applications", "/idp")),
        )),
    }
}

/// `GET /idp/saml/{slug}/metadata`
async fn metadata(State(state): State<IdpState>, Path(slug): Path<String>) -> Response {
    let application = match saml_application(&state, &slug) {
        Ok(application) => application,
        Err(response) => return response,
    };
    let file = match state.idp.idp_metadata(&application.id) {
        Ok(file) => file,
        Err(error) => return fault_page(&state, "No metadata", &error, &CorrelationId::fresh()),
    };
    let mut response = protect(file.xml.into_response());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/samlmetadata+xml"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", file.file_name)) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}
