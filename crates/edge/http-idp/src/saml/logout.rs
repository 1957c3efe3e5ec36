//! Telling the applications of an ended session, one after the other, by the browser. What is left to do travels sealed in a
//! cookie. An application that doesn't send the browser back ends the chain: the session here has ended before it began.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::id::SsoApplicationId;
use base::{CorrelationId, Secret};
use idp::{Application, EndedSession, SamlApplication};
use pages::{Connection, Cookie, CookieValue, SameSite, onward, with_cookies};
use saml::logout::{LogoutStatus, SendRequest, SendResponse};
use saml::{Endpoint, NameId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::issue::deliver;
use crate::shared::{fault_page, page};
use crate::signout::signed_out;
use crate::state::IdpState;

const PURPOSE: &str = "idp logout";
/// So many applications are told; who has opened more reads the names of the others.
const MOST_TOLD: usize = 8;
/// Seconds.
const LIFETIME: u32 = 600;

/// An application that has a session because of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stop {
    application: String,
    name_id: String,
    format: String,
    session_index: String,
}

/// Where the chain leads in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Finish {
    /// Our own page.
    Page,
    /// A registered address of the application that asked (RP-Initiated Logout).
    Address(String),
    /// The application that asked.
    Answer { application: String, in_response_to: String, relay_state: Option<String> },
}

/// What is left to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chain {
    waiting: Vec<Stop>,
    /// Who was asked last, and the id of the request.
    asked: Option<(String, String)>,
    /// Who wasn't told, or didn't agree.
    left: Vec<String>,
    finish: Finish,
    /// Seconds since 1970.
    expires: i64,
}

impl Chain {
    /// `asking`: the application that asked for it, which isn't told.
    pub(crate) fn new<'a>(
        ended: impl Iterator<Item = &'a EndedSession>,
        asking: Option<&SsoApplicationId>,
        finish: Finish,
    ) -> Self {
        let mut waiting: Vec<Stop> = Vec::new();
        for session in ended {
            let others = session.participants.iter().filter(|participant| Some(&participant.application) != asking);
            waiting.extend(others.map(|participant| Stop {
                application: participant.application.to_string(),
                name_id: participant.name_id.clone(),
                format: participant.name_id_format.clone(),
                session_index: session.id.to_string(),
            }));
        }
        let left = waiting.split_off(waiting.len().min(MOST_TOLD)).into_iter().map(|stop| stop.application).collect();
        Self { waiting, asked: None, left, finish, expires: 0 }
    }

    /// What the browser brought back.
    pub(crate) fn read(state: &IdpState, headers: &HeaderMap, connection: Connection) -> Option<Self> {
        let sealed = cookie(connection).read(headers, connection)?;
        let chain: Self = serde_json::from_slice(state.sealer.open_text(PURPOSE, sealed.expose())?.expose()).ok()?;
        (chain.expires > state.clock.now().unix_timestamp()).then_some(chain)
    }

    /// The id of the request that this application was sent last.
    pub(crate) fn asked(&self, application: &Application) -> Option<&str> {
        self.asked.as_ref().filter(|(asked, _)| asked == application.id.as_str()).map(|(_, id)| id.as_str())
    }

    /// What the application answered.
    pub(crate) fn answered(mut self, complete: bool) -> Self {
        if let Some((application, _)) = self.asked.take().filter(|_| !complete) {
            self.left.push(application);
        }
        self
    }

    fn sealed(&self, state: &IdpState) -> Option<Secret<String>> {
        let text = serde_json::to_vec(self).ok()?;
        state.sealer.seal_text(PURPOSE, &text).ok().map(Secret::new)
    }
}

/// Applications answer by forms of their own sites too, so the cookie must come with those; plain http can't have such a cookie.
const fn cookie(connection: Connection) -> Cookie<'static> {
    let same_site = if connection.encrypted { SameSite::None } else { SameSite::Lax };
    Cookie { name: "gatehouse-idp-logout", value: CookieValue::Sealed, max_age: LIFETIME, same_site }
}

/// Tells the next application, or ends where the chain leads.
pub(crate) fn go_on(state: &IdpState, connection: Connection, mut chain: Chain) -> Response {
    let now = state.clock.now();
    chain.expires = now.unix_timestamp() + i64::from(LIFETIME);
    while !chain.waiting.is_empty() {
        let stop = chain.waiting.remove(0);
        let Some((application, outgoing, id)) = request(state, &stop, now) else {
            chain.left.push(stop.application);
            continue;
        };
        chain.asked = Some((stop.application, id));
        // Without the cookie nobody would know how to go on.
        let kept = chain.sealed(state).and_then(|sealed| cookie(connection).set(&sealed, connection));
        if kept.is_some() {
            let response = deliver(state, &format!("Signing out of {}", application.label), &outgoing);
            return with_cookies(response, [kept]);
        }
        chain = chain.answered(false);
    }
    with_cookies(finish(state, &chain, now), [cookie(connection).remove(connection)])
}

fn request(state: &IdpState, stop: &Stop, now: OffsetDateTime) -> Option<(Arc<Application>, saml::Outgoing, String)> {
    let application = state.idp.application(&SsoApplicationId::new(stop.application.as_str()))?;
    let destination = destination(application.saml()?)?;
    let key = state.idp.saml_key(&application.id).ok()?;
    let id = saml::message_id();
    let name_id = NameId {
        value: stop.name_id.clone(),
        format: Some(stop.format.clone()),
        name_qualifier: None,
        sp_name_qualifier: None,
    };
    let request = SendRequest {
        id: &id,
        issuer: &state.idp.saml_sso_url(&application),
        destination: &destination,
        name_id: &name_id,
        session_indexes: std::slice::from_ref(&stop.session_index),
        now,
        relay_state: None,
    };
    let outgoing = saml::logout::send_request(&request, &key).ok()?;
    Some((application, outgoing, id))
}

/// Where an application takes logout messages; by Redirect if it can, since that needs no form.
fn destination(application: &SamlApplication) -> Option<Endpoint> {
    let endpoints = &application.single_logout;
    endpoints.iter().find(|endpoint| endpoint.binding == saml::Binding::Redirect).or_else(|| endpoints.first()).cloned()
}

fn finish(state: &IdpState, chain: &Chain, now: OffsetDateTime) -> Response {
    match &chain.finish {
        Finish::Page => {
            let label = |id: &String| {
                let application = state.idp.application(&SsoApplicationId::new(id.as_str()));
                application.map(|application| application.label.clone())
            };
            let mut left: Vec<String> = chain.left.iter().filter_map(label).collect();
            left.sort_unstable();
            left.dedup();
            signed_out(state, &left)
        }
        Finish::Address(location) => onward(&page(state, "Signed out", StatusCode::OK), location),
        Finish::Answer { application, in_response_to, relay_state } => {
            let status = if chain.left.is_empty() { LogoutStatus::Success } else { LogoutStatus::Partial };
            let application = state.idp.application(&SsoApplicationId::new(application.as_str()));
            match application {
                Some(application) => {
                    answer(state, &application, (in_response_to, relay_state.as_deref()), (status, now))
                }
                None => signed_out(state, &[]),
            }
        }
    }
}

/// The LogoutResponse. An application without an address for it gets none; the person then stays on our page.
fn answer(
    state: &IdpState,
    application: &Application,
    (in_response_to, relay_state): (&str, Option<&str>),
    (status, now): (LogoutStatus, OffsetDateTime),
) -> Response {
    let Some(destination) = application.saml().and_then(destination) else { return signed_out(state, &[]) };
    let key = match state.idp.saml_key(&application.id) {
        Ok(key) => key,
        Err(error) => return fault_page(state, "No answer can be signed", &error, &CorrelationId::fresh()),
    };
    let response = SendResponse {
        id: &saml::message_id(),
        issuer: &state.idp.saml_sso_url(application),
        destination: &destination,
        in_response_to,
        status,
        now,
        relay_state,
    };
    match saml::logout::send_response(&response, &key) {
        Ok(outgoing) => deliver(state, &format!("Back to {}", application.label), &outgoing),
        Err(error) => fault_page(state, "No answer can be signed", &error, &CorrelationId::fresh()),
    }
}
