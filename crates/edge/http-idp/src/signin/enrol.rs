//! Setting up the second step during the sign-in, where the organisation requires one.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::Secret;
use idp::{SignInError, Step};
use pages::{Connection, Form, Page, csrf_token, redirect, with_cookies};

use super::progress::{Of, Refused};
use super::visit::Visit;
use crate::enrolment::Enrolment;
use crate::markup::{self, EnrolTotp, PasskeyForm, SCRIPT_PATH};
use crate::shared::{FORM, form_before_sign_in, form_cookie, stale_form, with_retry_after};
use crate::state::IdpState;

const PATH: &str = "/idp/signin/enrol";

/// `GET /idp/signin/enrol[?with=totp][&next=…]`
pub(super) async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let (next, with) = form.as_ref().map_or(("", ""), |form| (form.get("next"), form.get("with")));
    let visit = Visit::new(&state, &headers, connection, next);
    let Some(flow) = visit.flow() else { return visit.start_over(None) };
    if with == "totp" { new_totp(&visit, &flow).await } else { choice_page(&visit, &flow, None).await }
}

async fn again(visit: &Visit<'_>, flow: &Secret<String>, error: &SignInError) -> Response {
    match visit.refuse("enrol", Of::Flow(flow), error).await {
        Ok(refused) => visit.start_over(Some(refused)),
        Err(unavailable) => unavailable,
    }
}

/// The kinds of second step to choose from.
async fn choice_page(visit: &Visit<'_>, flow: &Secret<String>, refused: Option<Refused>) -> Response {
    let (user, offers) = match visit.state.idp.step_of(flow) {
        Ok(Step::Enrol { user, offers }) => (user, offers),
        Ok(Step::SecondFactor { .. }) => return redirect(&visit.with_next("/idp/signin/factor", &[])),
        Ok(Step::ChoosePassword { .. } | Step::In(_)) => return visit.start_over(None),
        Err(error) => return again(visit, flow, &error).await,
    };
    let cookie = form_cookie(visit.headers, visit.connection);
    let csrf = csrf_token(&cookie);
    let challenge = match offers.passkey.then(|| visit.state.idp.begin_enrol_passkey(flow)).transpose() {
        Ok(challenge) => challenge,
        Err(error) => return again(visit, flow, &error).await,
    };
    let mut fields = visit.fields(&csrf);
    fields.extend(challenge.as_ref().map(|challenge| ("challenge", challenge.flow.expose().as_str())));
    let passkey = challenge.as_ref().map(|challenge| PasskeyForm {
        id: "passkey",
        action: "/idp/signin/enrol/passkey",
        create: true,
        conditional: false,
        options: &challenge.options,
        fields: &fields,
        named: true,
        button: "Add a passkey",
        second: false,
    });
    let totp = visit.with_next(PATH, &[("with", "totp")]);
    let wrong = refused.as_ref().map(|refused| refused.text.as_str());
    let scripts: &[&str] = if passkey.is_some() { &[SCRIPT_PATH] } else { &[] };
    let targets = visit.form_target();
    let page = Page { scripts, ..visit.page("Set up a second step", targets.as_slice(), refused.as_ref()) };
    let response = page.render(&markup::choose_factor(user.user_name(), passkey.as_ref(), &totp, wrong));
    let response = with_cookies(response, [FORM.set(&cookie, visit.connection)]);
    with_retry_after(response, refused.and_then(|refused| refused.retry_after))
}

/// A new key for an authenticator app.
async fn new_totp(visit: &Visit<'_>, flow: &Secret<String>) -> Response {
    match visit.state.idp.begin_enrol_totp(flow) {
        Ok(begun) => totp_page(visit, &Enrolment::from(begun), None),
        Err(error) => again(visit, flow, &error).await,
    }
}

fn totp_page(visit: &Visit<'_>, enrolment: &Enrolment, refused: Option<Refused>) -> Response {
    let cookie = form_cookie(visit.headers, visit.connection);
    let csrf = csrf_token(&cookie);
    let sealed = enrolment.seal(&visit.state.sealer);
    let mut fields = visit.fields(&csrf);
    fields.push(("enrolment", sealed.expose()));
    let targets = visit.form_target();
    let page = visit.page("Set up an authenticator app", targets.as_slice(), refused.as_ref());
    let response = page.render(&markup::enrol_totp(&EnrolTotp {
        action: "/idp/signin/enrol/totp",
        fields: &fields,
        key: enrolment.key(),
        back: &visit.with_next(PATH, &[]),
        error: refused.as_ref().map(|refused| refused.text.as_str()),
    }));
    let response = with_cookies(response, [FORM.set(&cookie, visit.connection)]);
    with_retry_after(response, refused.and_then(|refused| refused.retry_after))
}

/// `POST /idp/signin/enrol/totp`
pub(super) async fn totp(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(form) = form_before_sign_in(&headers, connection, &body) else { return stale_form(&state) };
    let visit = Visit::new(&state, &headers, connection, form.get("next"));
    let enrolment = Enrolment::open(&state.sealer, form.get("enrolment"));
    let flow = Enrolment::flow(enrolment.as_ref());
    match state.idp.finish_enrol_totp(&flow, form.get("code").trim(), connection.peer.ip()).await {
        Ok(progress) => visit.advance("password+totp", &visit.reference(&flow), progress).await,
        Err(error) => match (visit.refuse("enrol_totp", Of::Flow(&flow), &error).await, enrolment) {
            (Ok(refused), Some(enrolment)) if !refused.restart => totp_page(&visit, &enrolment, Some(refused)),
            (Ok(refused), _) => visit.start_over(Some(refused)),
            (Err(unavailable), _) => unavailable,
        },
    }
}

/// `POST /idp/signin/enrol/passkey`
pub(super) async fn passkey(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(form) = form_before_sign_in(&headers, connection, &body) else { return stale_form(&state) };
    let visit = Visit::new(&state, &headers, connection, form.get("next"));
    let challenge = Secret::from(form.get("challenge"));
    let (response, label) = (form.get("credential"), form.get("label").trim());
    match state.idp.finish_enrol_passkey(&challenge, response, label).await {
        Ok(progress) => visit.advance("password+passkey", &visit.reference(&challenge), progress).await,
        Err(error) => match visit.refuse("enrol_passkey", Of::Flow(&challenge), &error).await {
            Ok(refused) if refused.restart => visit.start_over(Some(refused)),
            Ok(refused) => match visit.flow() {
                Some(flow) => choice_page(&visit, &flow, Some(refused)).await,
                None => visit.start_over(Some(refused)),
            },
            Err(unavailable) => unavailable,
        },
    }
}
