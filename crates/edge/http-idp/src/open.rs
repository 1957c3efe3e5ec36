//! Opening an application from the console: an unsolicited assertion, or the application's own sign-in address.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Fault as _, Outcome};
use idp::{Application, Connector, Decision, Denial, IdpSession, OidcApplication, OpenError};
use pages::{Connection, onward, problem};

use crate::saml::issue;
use crate::shared::{is_failure, page, principal, status, unavailable};
use crate::signin::{Demand, SignedIn, require};
use crate::state::IdpState;

/// `GET /idp/open/{slug}`
pub(crate) async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    Path(slug): Path<String>,
) -> Response {
    let Some(application) = state.idp.application_by_slug(&slug) else { return unknown(&state) };
    let purpose = format!("to open {}", application.label);
    let next = format!("/idp/open/{}", application.slug);
    let demand = Demand { next, purpose: Some(&purpose), ..Demand::default() };
    let signed_in = match require(&state, &headers, connection, &demand).await {
        Ok(signed_in) => signed_in,
        Err(response) => return response,
    };
    match &application.connector {
        Connector::IdentityCenter(_) | Connector::Redshift(_) | Connector::Saml(_) => {
            issue::to_application(&state, connection, &signed_in, &application, None).await
        }
        Connector::OpenIdConnect(oidc) => lead_to(&state, connection, &signed_in, (&application, oidc)).await,
    }
}

/// Third-party initiated login (OpenID Connect Core 4): the application asks for its code itself.
async fn lead_to(
    state: &IdpState,
    connection: Connection,
    signed_in: &SignedIn,
    (application, oidc): (&Arc<Application>, &OidcApplication),
) -> Response {
    if let Decision::Denied(denial) = state.idp.may_open(signed_in.session.user().id(), application) {
        return refused(state, connection, signed_in, (application, &OpenError::Denied(denial))).await;
    }
    let issuer = format!("{}/idp", state.settings.idp_url);
    let location = oidc.login_uri.as_deref().and_then(|address| url::Url::parse(address).ok()).map(|mut address| {
        address.query_pairs_mut().append_pair("iss", &issuer);
        address.to_string()
    });
    let Some(location) = location else {
        return page(state, "Open it at its own address", StatusCode::NOT_FOUND).render(&problem(
            &format!("{} can't be opened from here: it has no sign-in address.", application.label),
            "Open the application itself and sign in there. An administrator can set its sign-in address.",
            signed_in.session.correlation().as_str(),
            Some(("Your applications", "/idp")),
        ));
    };
    onward(&page(state, &format!("Opening {}", application.label), StatusCode::OK), &location)
}

/// An opening from the console or by OpenID Connect that is refused.
pub(crate) async fn refused(
    state: &IdpState,
    connection: Connection,
    signed_in: &SignedIn,
    (application, error): (&Application, &OpenError),
) -> Response {
    refused_as("idp:open", state, connection, &signed_in.session, (application, error)).await
}

/// The page that says why, under the id that the record of this action has.
pub(crate) async fn refused_as(
    action: &str,
    state: &IdpState,
    connection: Connection,
    session: &IdpSession,
    (application, error): (&Application, &OpenError),
) -> Response {
    let reference = session.correlation();
    let outcome = if is_failure(error.kind()) { Outcome::Failed } else { Outcome::Denied };
    let public = error.public();
    let who = who_may(state, error);
    let event = AuditEvent::new(AuditStep::Authorization, outcome, reference.clone(), principal(session.user()))
        .action(action)
        .target(application.slug.as_str())
        .field("application", application.slug.as_str())
        .field("reason", error.to_string())
        .field("code", error.reason())
        .field("mend", error.mend())
        .field("session", session.id().as_str())
        .field("peer", connection.peer.ip().to_string());
    if state.record(event).await.is_err() {
        return unavailable(state, reference);
    }
    metrics::counter!("gatehouse_idp_assertions_total", "outcome" => outcome.name()).increment(1);
    let what = [Some(public.message), public.detail, who].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let hint = public.hint.unwrap_or_else(|| "Give your administrator the reference below.".to_owned());
    let title = format!("{} can't be opened", application.label);
    page(state, &title, status(error.kind())).render(&problem(
        &what,
        &hint,
        reference.as_str(),
        Some(("Your applications", "/idp")),
    ))
}

/// Which groups the person would have to be in.
fn who_may(state: &IdpState, error: &OpenError) -> Option<String> {
    let OpenError::Denied(Denial::NotAuthorised { would }) = error else { return None };
    let names: Vec<String> =
        would.iter().filter_map(|id| state.idp.people().group(id)).map(|group| group.display_name.clone()).collect();
    Some(match names.as_slice() {
        [] => "It isn't open to any group yet.".to_owned(),
        names => format!("It is open to members of {}.", names.join(", ")),
    })
}

/// No application has this address.
pub(crate) fn unknown(state: &IdpState) -> Response {
    page(state, "No such application", StatusCode::NOT_FOUND).render(&problem(
        "No application has this address.",
        "It may have been deleted. Your applications are on your console.",
        CorrelationId::fresh().as_str(),
        Some(("Your applications", "/idp")),
    ))
}
