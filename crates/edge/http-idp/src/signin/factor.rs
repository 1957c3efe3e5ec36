//! The second step: authenticator app, passkey or recovery code.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::Secret;
use idp::{Offers, Step};
use pages::{Connection, Form, Page, csrf_token, redirect, with_cookies};

use super::progress::{Of, Refused};
use super::visit::Visit;
use crate::markup::{self, PasskeyForm, SCRIPT_PATH, SecondFactor, Way};
use crate::shared::{FORM, form_before_sign_in, form_cookie, stale_form, with_retry_after};
use crate::state::IdpState;

const TITLE: &str = "Second step";

/// `GET /idp/signin/factor[?with=passkey|totp|recovery][&next=…]`
pub(super) async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let (next, with) = form.as_ref().map_or(("", ""), |form| (form.get("next"), form.get("with")));
    let visit = Visit::new(&state, &headers, connection, next);
    factor_page(&visit, Way::from_name(with), None).await
}

/// The page of a way; of the strongest one when none is asked for.
async fn factor_page(visit: &Visit<'_>, with: Option<Way>, refused: Option<Refused>) -> Response {
    let Some(flow) = visit.flow() else { return visit.start_over(None) };
    let (user, offers) = match visit.state.idp.step_of(&flow) {
        Ok(Step::SecondFactor { user, offers }) => (user, offers),
        Ok(Step::Enrol { .. }) => return redirect(&visit.with_next("/idp/signin/enrol", &[])),
        Ok(Step::ChoosePassword { .. } | Step::In(_)) => return visit.start_over(None),
        Err(error) => {
            return match visit.refuse("second_step", Of::Flow(&flow), &error).await {
                Ok(refused) => visit.start_over(Some(refused)),
                Err(unavailable) => unavailable,
            };
        }
    };
    let ways = ways(&offers);
    let Some(way) = with.filter(|way| ways.contains(way)).or_else(|| ways.first().copied()) else {
        return visit.start_over(None);
    };
    let cookie = form_cookie(visit.headers, visit.connection);
    let csrf = csrf_token(&cookie);
    let mut fields = visit.fields(&csrf);
    fields.push(("with", way.name()));
    let shown = SecondFactor {
        user_name: user.user_name(),
        fields: &fields,
        error: refused.as_ref().map(|refused| refused.text.as_str()),
    };
    let targets = visit.form_target();
    let page = visit.page(TITLE, targets.as_slice(), refused.as_ref());
    let rest = markup::another_way(way, &ways, visit.sealed_next());
    let response = match way {
        Way::Totp | Way::Recovery => {
            page.render(&maud::html! { (markup::typed_code(&shown, way == Way::Recovery)) (rest) })
        }
        Way::Passkey => match visit.state.idp.begin_passkey_sign_in(&flow) {
            Ok(challenge) => {
                let mut fields = visit.fields(&csrf);
                fields.push(("challenge", challenge.flow.expose()));
                let form = PasskeyForm {
                    id: "passkey",
                    action: "/idp/signin/factor/passkey",
                    create: false,
                    conditional: false,
                    options: &challenge.options,
                    fields: &fields,
                    named: false,
                    button: "Use your passkey",
                    second: false,
                };
                let page = Page { scripts: &[SCRIPT_PATH], ..page };
                page.render(&maud::html! { (markup::passkey_factor(&shown, &form)) (rest) })
            }
            Err(error) => {
                return match visit.refuse("passkey", Of::Flow(&flow), &error).await {
                    Ok(refused) => visit.start_over(Some(refused)),
                    Err(unavailable) => unavailable,
                };
            }
        },
    };
    let response = with_cookies(response, [FORM.set(&cookie, visit.connection)]);
    with_retry_after(response, refused.and_then(|refused| refused.retry_after))
}

/// What the person has, the strongest first.
fn ways(offers: &Offers) -> Vec<Way> {
    let has = |way: &Way| match way {
        Way::Passkey => offers.passkey,
        Way::Totp => offers.totp,
        Way::Recovery => offers.recovery_code,
    };
    Way::ALL.into_iter().filter(has).collect()
}

/// `POST /idp/signin/factor`: a code.
pub(super) async fn submit(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(form) = form_before_sign_in(&headers, connection, &body) else { return stale_form(&state) };
    let visit = Visit::new(&state, &headers, connection, form.get("next"));
    let Some(flow) = visit.flow() else { return visit.start_over(None) };
    let (code, peer) = (form.get("code").trim(), connection.peer.ip());
    let (way, outcome) = match Way::from_name(form.get("with")) {
        Some(Way::Totp) => (Way::Totp, state.idp.sign_in_with_totp(&flow, code, peer).await),
        Some(Way::Recovery) => {
            (Way::Recovery, state.idp.sign_in_with_recovery_code(&flow, &Secret::from(code), peer).await)
        }
        Some(Way::Passkey) | None => return stale_form(&state),
    };
    match outcome {
        Ok(progress) => visit.advance(way.action(), &visit.reference(&flow), progress).await,
        Err(error) => match visit.refuse(way.action(), Of::Flow(&flow), &error).await {
            Ok(refused) if refused.restart => visit.start_over(Some(refused)),
            Ok(refused) => factor_page(&visit, Some(way), Some(refused)).await,
            Err(unavailable) => unavailable,
        },
    }
}

/// `POST /idp/signin/factor/passkey`
pub(super) async fn passkey(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(form) = form_before_sign_in(&headers, connection, &body) else { return stale_form(&state) };
    let visit = Visit::new(&state, &headers, connection, form.get("next"));
    let challenge = Secret::from(form.get("challenge"));
    match state.idp.finish_passkey_sign_in(&challenge, form.get("credential"), connection.peer.ip()).await {
        Ok(progress) => visit.advance("password+passkey", &visit.reference(&challenge), progress).await,
        Err(error) => match visit.refuse("password+passkey", Of::Flow(&challenge), &error).await {
            Ok(refused) if refused.restart => visit.start_over(Some(refused)),
            Ok(refused) => factor_page(&visit, Some(Way::Passkey), Some(refused)).await,
            Err(unavailable) => unavailable,
        },
    }
}

impl Way {
    /// As records name it.
    const fn action(self) -> &'static str {
        match self {
            Self::Passkey => "password+passkey",
            Self::Totp => "password+totp",
            Self::Recovery => "password+recovery_code",
        }
    }
}
