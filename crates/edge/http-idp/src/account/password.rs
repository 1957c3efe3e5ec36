//! Changing one's own password.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{Fault, Secret};
use directory::{ChangeRefusal, DirectoryError, SignInRefusal};
use pages::{Connection, with_cookies};

use super::{announce, form_page, fresh, fresh_form, refused};
use crate::markup;
use crate::next::Next;
use crate::shared::{SESSION, page, status, with_retry_after, words};
use crate::signin::{SignedIn, sign_in_location};
use crate::state::IdpState;

const PATH: &str = "/idp/account/password";
const ACTION: &str = "idp:ChangePassword";

/// `GET /idp/account/password`
pub(super) async fn show(State(state): State<IdpState>, connection: Connection, headers: HeaderMap) -> Response {
    match fresh(&state, &headers, connection, PATH).await {
        Ok(signed_in) => password_page(&state, &signed_in, None),
        Err(response) => response,
    }
}

fn password_page(state: &IdpState, signed_in: &SignedIn, wrong: Option<(StatusCode, &str)>) -> Response {
    let csrf = signed_in.csrf();
    let fields = [("csrf", csrf.expose().as_str())];
    let (status, text) = wrong.unzip();
    let user_name = signed_in.session.user().user_name();
    form_page(state, signed_in, "Change your password", status)
        .render(&markup::change_password(&fields, user_name, text))
}

/// `POST /idp/account/password`
pub(super) async fn submit(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (signed_in, form) = match fresh_form(&state, &headers, connection, (PATH, &body)).await {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    let (old, new) = (Secret::from(form.get("old_password")), Secret::from(form.get("new_password")));
    if !new.matches(form.get("again").as_bytes()) {
        let text = "The two entries of the new password differ. Type the same password twice.";
        return password_page(&state, &signed_in, Some((StatusCode::BAD_REQUEST, text)));
    }
    match change(&state, &signed_in, connection, (&old, new)).await {
        Ok(()) => changed(&state, &signed_in, connection),
        Err(response) => response,
    }
}

/// The old password is proven before the change is recorded, and the change is recorded before it is made.
async fn change(
    state: &IdpState,
    signed_in: &SignedIn,
    connection: Connection,
    (old, new): (&Secret<String>, Secret<String>),
) -> Result<(), Response> {
    let (people, user, peer) = (state.idp.people(), signed_in.session.user(), connection.peer.ip());
    let proven = match people.verify_password(user.user_name(), old, peer).await {
        Ok(proven) if proven.id() == user.id() => {
            people.check_choice(user.id(), &new).await.map_err(ChangeRefusal::from)
        }
        Ok(_) => Err(SignInRefusal::UnknownUser.into()),
        Err(refusal) => Err(refusal.into()),
    };
    if let Err(refusal) = proven {
        return Err(refuse(state, signed_in, connection, &refusal).await);
    }
    announce(state, signed_in, connection, ACTION).await?;
    match people.change_password(user.id(), old, new, peer).await {
        Ok(()) => Ok(()),
        Err(refusal) => Err(refuse(state, signed_in, connection, &refusal).await),
    }
}

async fn refuse(state: &IdpState, signed_in: &SignedIn, connection: Connection, refusal: &ChangeRefusal) -> Response {
    if let Err(unavailable) = refused(state, signed_in, connection, ACTION, refusal).await {
        return unavailable;
    }
    let (text, retry_after) = match refusal {
        ChangeRefusal::SignIn(SignInRefusal::TooManyAttempts { retry_after_seconds }) => {
            (words(refusal), Some(*retry_after_seconds))
        }
        ChangeRefusal::SignIn(SignInRefusal::WrongPassword | SignInRefusal::NoPassword) => {
            ("The present password is wrong.".to_owned(), None)
        }
        ChangeRefusal::Directory(DirectoryError::Invalid { rule, .. }) => {
            (format!("This password can't be used. {rule}"), None)
        }
        ChangeRefusal::SignIn(_) | ChangeRefusal::Directory(_) => (words(refusal), None),
    };
    let response = password_page(state, signed_in, Some((status(refusal.kind()), &text)));
    with_retry_after(response, retry_after)
}

/// Every session of the person has ended with the old password, this one too.
fn changed(state: &IdpState, signed_in: &SignedIn, connection: Connection) -> Response {
    let user_name = signed_in.session.user().user_name();
    let next = Next::new(super::PATH, state.clock.now()).map(|next| next.login_hint(Some(user_name)));
    let sign_in = sign_in_location(next.and_then(|next| next.seal(&state.sealer)).as_deref(), false);
    let response =
        page(state, "Your password is changed", StatusCode::OK).render(&markup::password_set(user_name, &sign_in));
    with_cookies(response, [SESSION.remove(connection)])
}
