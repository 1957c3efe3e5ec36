//! New recovery codes, shown once.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use pages::Connection;

use super::{Done, announce, confirm_page, end_others, form_page, fresh, fresh_form, refused};
use crate::markup::{self, Confirm};
use crate::shared::fault_page;
use crate::state::IdpState;

const PATH: &str = "/idp/account/recovery";
const ACTION: &str = "idp:RenewRecoveryCodes";

/// `GET /idp/account/recovery`
pub(super) async fn ask(State(state): State<IdpState>, connection: Connection, headers: HeaderMap) -> Response {
    match fresh(&state, &headers, connection, PATH).await {
        Ok(signed_in) => confirm_page(
            &state,
            &signed_in,
            "Make new recovery codes?",
            &Confirm {
                text: "You see them once. The codes that you have don't work any more then. Everywhere else you are signed out.",
                action: PATH,
                fields: &[],
                button: "Make new codes",
            },
        ),
        Err(response) => response,
    }
}

/// `POST /idp/account/recovery`
pub(super) async fn renew(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (signed_in, _) = match fresh_form(&state, &headers, connection, (PATH, &body)).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    if let Err(unavailable) = announce(&state, &signed_in, connection, ACTION).await {
        return unavailable;
    }
    match state.idp.new_recovery_codes(signed_in.session.user().id()).await {
        Ok(codes) => {
            end_others(&state, &signed_in).await;
            form_page(&state, &signed_in, "Keep your recovery codes", None)
                .render(&markup::recovery_codes(&codes, &Done::CodesRenewed.location()))
        }
        Err(error) => match refused(&state, &signed_in, connection, ACTION, &error).await {
            Ok(()) => fault_page(&state, "No new codes", &error, signed_in.session.correlation()),
            Err(unavailable) => unavailable,
        },
    }
}
