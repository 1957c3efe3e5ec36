//! The sign-in forms in the places of PingFederate's and AD FS's.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{CorrelationId, Secret};
use idp::Application;
use pages::{Connection, Form, origin_may_be_ours};

use super::prove::{Refused, Typed, open, prove};
use super::{Plugin, find, markup, switched_off, told};
use crate::shared::{page, stale_form, unavailable, with_retry_after};
use crate::state::IdpState;

/// Where a form is, and what its address says.
#[derive(Debug, Clone, Copy)]
struct Place {
    plugin: Plugin,
    path: &'static str,
    /// Names the application: the entity id of its service provider, its slug, or its id.
    parameter: &'static str,
}

const PING: Place = Place { plugin: Plugin::Ping, path: "/idp/startSSO.ping", parameter: "PartnerSpId" };
const ADFS: Place = Place { plugin: Plugin::Adfs, path: "/adfs/ls/IdpInitiatedSignOn.aspx", parameter: "loginToRp" };

/// `GET /idp/startSSO.ping?PartnerSpId=…`
pub(super) async fn show_ping(State(state): State<IdpState>, RawQuery(query): RawQuery) -> Response {
    show(&state, PING, query.as_deref())
}

/// `POST /idp/startSSO.ping?PartnerSpId=…`
pub(super) async fn submit_ping(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    submit(&state, connection, &headers, PING, (query.as_deref(), &body)).await
}

/// `GET /adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=…`
pub(super) async fn show_adfs(State(state): State<IdpState>, RawQuery(query): RawQuery) -> Response {
    show(&state, ADFS, query.as_deref())
}

/// `POST /adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=…`
pub(super) async fn submit_adfs(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    submit(&state, connection, &headers, ADFS, (query.as_deref(), &body)).await
}

fn show(state: &IdpState, place: Place, query: Option<&str>) -> Response {
    if let Some(off) = switched_off(state) {
        return off;
    }
    let name = match find::only_parameter(state, query, place.parameter) {
        Ok(name) => name,
        Err(response) => return response,
    };
    match find::application(state, place.parameter, &name) {
        Ok(application) => form(state, place, (&application, &name), None),
        Err(response) => response,
    }
}

fn form(
    state: &IdpState,
    place: Place,
    (application, name): (&Application, &str),
    refused: Option<&Refused>,
) -> Response {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.append_pair(place.parameter, name).finish();
    let action = format!("{}?{query}", place.path);
    let text = refused.map(Refused::text);
    let status = refused.map_or(StatusCode::OK, Refused::status);
    let body = markup::sign_in(place.plugin, &action, &application.label, text.as_deref());
    with_retry_after(page(state, "Sign in", status).render(&body), refused.and_then(Refused::retry_after))
}

async fn submit(
    state: &IdpState,
    connection: Connection,
    headers: &HeaderMap,
    place: Place,
    (query, body): (Option<&str>, &[u8]),
) -> Response {
    if let Some(off) = switched_off(state) {
        return off;
    }
    // The drivers keep no cookies, so there is no token to compare; and there is no session that a forged form could begin.
    if !origin_may_be_ours(headers, connection) {
        return stale_form(state);
    }
    let found = find::only_parameter(state, query, place.parameter)
        .and_then(|name| find::application(state, place.parameter, &name).map(|application| (application, name)));
    let (application, name) = match found {
        Ok(found) => found,
        Err(response) => return response,
    };
    let Some(form_sent) = Form::parse(body).filter(|_| only_fields(place.plugin, body)) else {
        let what = "The form has fields that aren't this page's.";
        let problem = ("The form isn't complete", what, "Open the page again and send its fields, each once.");
        return told(state, StatusCode::BAD_REQUEST, problem, &CorrelationId::fresh());
    };
    let (user_name, password) = markup::fields(place.plugin);
    let typed = Typed {
        plugin: place.plugin,
        user_name: form_sent.get(user_name).trim(),
        password: Secret::from(form_sent.get(password)),
        reference: CorrelationId::fresh(),
    };
    match prove(state, connection, &typed).await {
        Ok(proven) => open(state, connection, proven, &application).await,
        Err(Refused::Unrecorded) => unavailable(state, &typed.reference),
        Err(refused) => form(state, place, (&application, &name), Some(&refused)),
    }
}

/// Whether only the form's own fields came; AD FS's method has one value.
fn only_fields(plugin: Plugin, body: &[u8]) -> bool {
    let (user_name, password) = markup::fields(plugin);
    url::form_urlencoded::parse(body).all(|(name, value)| {
        let is_method = plugin == Plugin::Adfs && (&*name, &*value) == markup::METHOD;
        name == user_name || name == password || is_method
    })
}
