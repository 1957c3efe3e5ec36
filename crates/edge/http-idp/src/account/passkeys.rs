//! Adding, naming and removing passkeys.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{Fault as _, Secret};
use pages::{Connection, Form, redirect};

use super::{Done, announce, confirm_page, end_others, form_page, fresh, fresh_form, refused, row, totp};
use crate::markup::{self, Confirm, PasskeyForm, PasskeyRow, SCRIPT_PATH};
use crate::shared::{fault_page, status, words};
use crate::signin::SignedIn;
use crate::state::IdpState;

const ADD: &str = "/idp/account/passkeys/add";
const RENAME: &str = "/idp/account/passkeys/rename";
const REMOVE: &str = "/idp/account/passkeys/remove";

/// `GET /idp/account/passkeys/add`
pub(super) async fn show_add(State(state): State<IdpState>, connection: Connection, headers: HeaderMap) -> Response {
    match fresh(&state, &headers, connection, ADD).await {
        Ok(signed_in) => add_page(&state, &signed_in, None),
        Err(response) => response,
    }
}

fn add_page(state: &IdpState, signed_in: &SignedIn, wrong: Option<(StatusCode, &str)>) -> Response {
    let challenge = match state.idp.begin_passkey(signed_in.session.user()) {
        Ok(challenge) => challenge,
        Err(error) => return fault_page(state, "Add a passkey", &error, signed_in.session.correlation()),
    };
    let csrf = signed_in.csrf();
    let form = PasskeyForm {
        id: "passkey",
        action: ADD,
        create: true,
        conditional: false,
        options: &challenge.options,
        fields: &[("csrf", csrf.expose()), ("challenge", challenge.flow.expose())],
        named: true,
        button: "Add a passkey",
        second: false,
    };
    let (status, text) = wrong.unzip();
    let page = form_page(state, signed_in, "Add a passkey", status);
    page.scripts(&[SCRIPT_PATH]).render(&markup::enrol_passkey(&form, text))
}

/// `POST /idp/account/passkeys/add`
pub(super) async fn add(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (signed_in, form) = match fresh_form(&state, &headers, connection, (ADD, &body)).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    if let Err(unavailable) = announce(&state, &signed_in, connection, "idp:AddPasskey").await {
        return unavailable;
    }
    let (challenge, user) = (Secret::from(form.get("challenge")), signed_in.session.user());
    let (credential, label) = (form.get("credential"), form.get("label").trim());
    match state.idp.confirm_passkey(user, &challenge, credential, label).await {
        Ok(enrolled) => totp::done(&state, &signed_in, enrolled, Done::PasskeyAdded).await,
        Err(error) => match refused(&state, &signed_in, connection, "idp:AddPasskey", &error).await {
            Ok(()) => add_page(&state, &signed_in, Some((status(error.kind()), &words(&error)))),
            Err(unavailable) => unavailable,
        },
    }
}

/// The passkey of this person that the address names.
fn named(state: &IdpState, signed_in: &SignedIn, id: &str) -> Option<PasskeyRow> {
    state.idp.factors(signed_in.session.user().id()).passkeys.iter().find(|passkey| passkey.id == id).map(row)
}

/// The person and the passkey for a page about one, or the way back to the account page.
async fn one(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    (path, query): (&str, Option<String>),
) -> Result<(SignedIn, PasskeyRow), Response> {
    let query = query.unwrap_or_default();
    let form = Form::parse(query.as_bytes());
    let id = form.as_ref().map_or("", |form| form.get("id"));
    let here = url::form_urlencoded::Serializer::new(String::new()).append_pair("id", id).finish();
    let signed_in = fresh(state, headers, connection, &format!("{path}?{here}")).await?;
    let passkey = named(state, &signed_in, id).ok_or_else(|| redirect(super::PATH))?;
    Ok((signed_in, passkey))
}

/// `GET /idp/account/passkeys/rename?id=…`
pub(super) async fn show_rename(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    match one(&state, &headers, connection, (RENAME, query)).await {
        Ok((signed_in, passkey)) => rename_page(&state, &signed_in, &passkey, None),
        Err(response) => response,
    }
}

fn rename_page(
    state: &IdpState,
    signed_in: &SignedIn,
    passkey: &PasskeyRow,
    wrong: Option<(StatusCode, &str)>,
) -> Response {
    let csrf = signed_in.csrf();
    let fields = [("csrf", csrf.expose().as_str()), ("id", passkey.id.as_str())];
    let (status, text) = wrong.unzip();
    form_page(state, signed_in, "Rename a passkey", status).render(&markup::rename_passkey(&fields, passkey, text))
}

/// `POST /idp/account/passkeys/rename`
pub(super) async fn rename(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (signed_in, form) = match fresh_form(&state, &headers, connection, (super::PATH, &body)).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    let Some(passkey) = named(&state, &signed_in, form.get("id")) else { return redirect(super::PATH) };
    if let Err(unavailable) = announce(&state, &signed_in, connection, "idp:RenamePasskey").await {
        return unavailable;
    }
    match state.idp.rename_passkey(signed_in.session.user().id(), &passkey.id, form.get("label").trim()).await {
        Ok(()) => redirect(&Done::PasskeyRenamed.location()),
        Err(error) => match refused(&state, &signed_in, connection, "idp:RenamePasskey", &error).await {
            Ok(()) => rename_page(&state, &signed_in, &passkey, Some((status(error.kind()), &words(&error)))),
            Err(unavailable) => unavailable,
        },
    }
}

/// `GET /idp/account/passkeys/remove?id=…`
pub(super) async fn ask_remove(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    match one(&state, &headers, connection, (REMOVE, query)).await {
        Ok((signed_in, passkey)) => {
            let text = format!(
                "“{}” doesn't sign you in any more then. Delete it on the device too. Everywhere else you are signed out.",
                passkey.label
            );
            confirm_page(
                &state,
                &signed_in,
                "Remove the passkey?",
                &Confirm { text: &text, action: REMOVE, fields: &[("id", &passkey.id)], button: "Remove" },
            )
        }
        Err(response) => response,
    }
}

/// `POST /idp/account/passkeys/remove`
pub(super) async fn remove(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (signed_in, form) = match fresh_form(&state, &headers, connection, (super::PATH, &body)).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    let Some(passkey) = named(&state, &signed_in, form.get("id")) else { return redirect(super::PATH) };
    if let Err(unavailable) = announce(&state, &signed_in, connection, "idp:RemovePasskey").await {
        return unavailable;
    }
    match state.idp.remove_passkey(signed_in.session.user().id(), &passkey.id).await {
        Ok(()) => {
            end_others(&state, &signed_in).await;
            redirect(&Done::PasskeyRemoved.location())
        }
        Err(error) => match refused(&state, &signed_in, connection, "idp:RemovePasskey", &error).await {
            Ok(()) => fault_page(&state, "Not removed", &error, signed_in.session.correlation()),
            Err(unavailable) => unavailable,
        },
    }
}
