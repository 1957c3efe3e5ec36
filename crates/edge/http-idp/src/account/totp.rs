//! Setting up, replacing and removing the authenticator app.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::Fault as _;
use idp::{Enrolled, SignInError};
use pages::{Connection, redirect};

use super::{Done, announce, confirm_page, end_others, form_page, fresh, fresh_form, refused};
use crate::enrolment::Enrolment;
use crate::markup::{self, Confirm, EnrolTotp};
use crate::shared::{fault_page, status, words};
use crate::signin::SignedIn;
use crate::state::IdpState;

const PATH: &str = "/idp/account/totp";
const REMOVE: &str = "/idp/account/totp/remove";
const TITLE: &str = "Set up an authenticator app";

/// `GET /idp/account/totp`
pub(super) async fn show(State(state): State<IdpState>, connection: Connection, headers: HeaderMap) -> Response {
    let signed_in = match fresh(&state, &headers, connection, PATH).await {
        Ok(signed_in) => signed_in,
        Err(response) => return response,
    };
    match state.idp.begin_totp(signed_in.session.user()) {
        Ok(begun) => enrol_page(&state, &signed_in, &Enrolment::from(begun), None),
        Err(error) => fault_page(&state, TITLE, &error, signed_in.session.correlation()),
    }
}

fn enrol_page(
    state: &IdpState,
    signed_in: &SignedIn,
    enrolment: &Enrolment,
    wrong: Option<(StatusCode, &str)>,
) -> Response {
    let csrf = signed_in.csrf();
    let sealed = enrolment.seal(&state.sealer);
    let (status, error) = wrong.unzip();
    form_page(state, signed_in, TITLE, status).render(&markup::enrol_totp(&EnrolTotp {
        action: PATH,
        fields: &[("csrf", csrf.expose()), ("enrolment", sealed.expose())],
        key: enrolment.key(),
        back: super::PATH,
        error,
    }))
}

/// `POST /idp/account/totp`: the code that proves that the app has the key.
pub(super) async fn confirm(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (signed_in, form) = match fresh_form(&state, &headers, connection, (PATH, &body)).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    if let Err(unavailable) = announce(&state, &signed_in, connection, "idp:EnrolTotp").await {
        return unavailable;
    }
    let enrolment = Enrolment::open(&state.sealer, form.get("enrolment"));
    let (flow, user) = (Enrolment::flow(enrolment.as_ref()), signed_in.session.user());
    match state.idp.confirm_totp(user, &flow, form.get("code").trim(), connection.peer.ip()).await {
        Ok(enrolled) => done(&state, &signed_in, enrolled, Done::TotpSet).await,
        Err(error) => again(&state, &signed_in, connection, (enrolment.as_ref(), &error)).await,
    }
}

/// The same key once more, with what was wrong; or why it can't be set up any more.
async fn again(
    state: &IdpState,
    signed_in: &SignedIn,
    connection: Connection,
    (enrolment, error): (Option<&Enrolment>, &SignInError),
) -> Response {
    if let Err(unavailable) = refused(state, signed_in, connection, "idp:EnrolTotp", error).await {
        return unavailable;
    }
    let over = matches!(
        error,
        SignInError::FlowExpired | SignInError::FlowInvalid | SignInError::FlowSpent | SignInError::Changed
    );
    match enrolment.filter(|_| !over) {
        Some(enrolment) => enrol_page(state, signed_in, enrolment, Some((status(error.kind()), &words(error)))),
        None => fault_page(state, TITLE, error, signed_in.session.correlation()),
    }
}

/// Ends the other sessions; shows recovery codes that came with the first factor.
pub(super) async fn done(state: &IdpState, signed_in: &SignedIn, enrolled: Enrolled, done: Done) -> Response {
    end_others(state, signed_in).await;
    match enrolled.recovery_codes {
        None => redirect(&done.location()),
        Some(codes) => form_page(state, signed_in, "Keep your recovery codes", None)
            .render(&markup::recovery_codes(&codes, &done.location())),
    }
}

/// `GET /idp/account/totp/remove`
pub(super) async fn ask_remove(State(state): State<IdpState>, connection: Connection, headers: HeaderMap) -> Response {
    match fresh(&state, &headers, connection, REMOVE).await {
        Ok(signed_in) => confirm_page(
            &state,
            &signed_in,
            "Remove the authenticator app?",
            &Confirm {
                text: "Its codes don't work any more then. Everywhere else you are signed out.",
                action: REMOVE,
                fields: &[],
                button: "Remove",
            },
        ),
        Err(response) => response,
    }
}

/// `POST /idp/account/totp/remove`
pub(super) async fn remove(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (signed_in, _) = match fresh_form(&state, &headers, connection, (REMOVE, &body)).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    if let Err(unavailable) = announce(&state, &signed_in, connection, "idp:RemoveTotp").await {
        return unavailable;
    }
    match state.idp.remove_totp(signed_in.session.user().id()).await {
        Ok(()) => {
            end_others(&state, &signed_in).await;
            redirect(&Done::TotpRemoved.location())
        }
        Err(error) => match refused(&state, &signed_in, connection, "idp:RemoveTotp", &error).await {
            Ok(()) => fault_page(&state, "Not removed", &error, signed_in.session.correlation()),
            Err(unavailable) => unavailable,
        },
    }
}
