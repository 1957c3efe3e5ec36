//! Signing in: the first page, and what everything that needs a signed-in person asks for.

mod enrol;
mod factor;
mod progress;
mod visit;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, body::Bytes};
use base::{CorrelationId, Secret};
use idp::IdpSession;
use pages::{Connection, Form, Page, csrf_token, redirect, with_cookies};
use time::OffsetDateTime;

use crate::markup::{self, PasskeyForm, SCRIPT_PATH};
use crate::next::Next;
use crate::shared::{FORM, SESSION, form_before_sign_in, form_cookie, page, stale_form};
use crate::state::IdpState;
use progress::{Of, Refused};
pub(crate) use visit::Visit;

/// The pages of the way in.
pub(crate) fn router() -> Router<IdpState> {
    Router::new()
        .route("/idp/signin", get(show).post(submit))
        .route("/idp/signin/passkey", post(passkey))
        .route("/idp/signin/factor", get(factor::show).post(factor::submit))
        .route("/idp/signin/factor/passkey", post(factor::passkey))
        .route("/idp/signin/enrol", get(enrol::show))
        .route("/idp/signin/enrol/totp", post(enrol::totp))
        .route("/idp/signin/enrol/passkey", post(enrol::passkey))
}

/// Who is signed in in this browser, with the cookie that says so.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) cookie: Secret<String>,
    pub(crate) session: IdpSession,
}

impl SignedIn {
    /// The token that this browser's forms carry.
    pub(crate) fn csrf(&self) -> Secret<String> {
        csrf_token(&self.cookie)
    }
}

pub(crate) async fn signed_in(state: &IdpState, headers: &HeaderMap, connection: Connection) -> Option<SignedIn> {
    let cookie = SESSION.read(headers, connection)?;
    let session = state.idp.session(&cookie).await?;
    Some(SignedIn { cookie, session })
}

/// What a page needs of the person, and where it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Demand<'a> {
    /// Own path with its query; opened by GET after the sign-in.
    pub(crate) next: String,
    /// The origin to which `next` may redirect in the end.
    pub(crate) form_target: Option<&'a str>,
    /// Signed in at or after this, else again.
    pub(crate) since: Option<OffsetDateTime>,
    pub(crate) login_hint: Option<&'a str>,
    /// For the sign-in page: `to open Salesforce`.
    pub(crate) purpose: Option<&'a str>,
}

/// The person, or the answer that leads to the sign-in page and from there to `next`.
pub(crate) async fn require(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    demand: &Demand<'_>,
) -> Result<SignedIn, Response> {
    let present = signed_in(state, headers, connection).await;
    let again = match present {
        Some(present) if demand.since.is_none_or(|since| present.session.authenticated_at() >= since) => {
            return Ok(present);
        }
        Some(present) => Some(present.session.user().user_name().to_owned()),
        None => None,
    };
    let next = Next::new(&demand.next, state.clock.now()).map(|next| {
        next.form_target(demand.form_target).purpose(demand.purpose).login_hint(demand.login_hint.or(again.as_deref()))
    });
    let sealed = next.and_then(|next| next.seal(&state.sealer));
    Err(redirect(&sign_in_location(sealed.as_deref(), again.is_some())))
}

/// `/idp/signin[?next=…][&again=true]`
pub(crate) fn sign_in_location(sealed_next: Option<&str>, again: bool) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(sealed_next.map(|next| ("next", next)));
    query.extend_pairs(again.then_some(("again", "true")));
    let query = query.finish();
    if query.is_empty() { "/idp/signin".to_owned() } else { format!("/idp/signin?{query}") }
}

/// `GET /idp/signin`
async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(form) = Form::parse(query.unwrap_or_default().as_bytes()) else { return redirect("/idp/signin") };
    let visit = Visit::new(&state, &headers, connection, form.get("next"));
    let again = form.get("again") == "true";
    if !again && signed_in(&state, &headers, connection).await.is_some() {
        return redirect(visit.onward());
    }
    let user_name = visit.next().and_then(Next::hint).unwrap_or_default();
    sign_in_page(&visit, user_name, again, None)
}

/// The first page. `refused` is what went wrong the last time.
fn sign_in_page(visit: &Visit<'_>, user_name: &str, again: bool, refused: Option<Refused>) -> Response {
    let state = visit.state;
    let cookie = form_cookie(visit.headers, visit.connection);
    let csrf = csrf_token(&cookie);
    // Not having passkeys is no reason for not showing the password's form.
    let challenge = state.idp.begin_discoverable_sign_in(&CorrelationId::fresh()).ok();
    let fields = visit.fields(&csrf);
    let passkey_fields = challenge.as_ref().map(|challenge| {
        let mut fields = fields.clone();
        fields.push(("challenge", challenge.flow.expose().as_str()));
        fields
    });
    let passkey = challenge.as_ref().zip(passkey_fields.as_ref()).map(|(challenge, fields)| PasskeyForm {
        id: "passkey",
        action: "/idp/signin/passkey",
        create: false,
        conditional: true,
        options: &challenge.options,
        fields,
        named: false,
        button: "Sign in with a passkey",
        second: true,
    });
    let scripts: &[&str] = if passkey.is_some() { &[SCRIPT_PATH] } else { &[] };
    let status = refused.as_ref().map_or(StatusCode::OK, |refused| refused.status);
    let form_targets = visit.form_target();
    let shown = Page { scripts, form_targets: form_targets.as_slice(), ..page(state, "Sign in", status) };
    let response = shown.render(&markup::sign_in(&markup::SignIn {
        fields: &fields,
        purpose: visit.next().and_then(Next::what_for),
        user_name,
        error: refused.as_ref().map(|refused| refused.text.as_str()),
        passkey,
        again: again && refused.is_none() && visit.next().is_some(),
    }));
    let response = with_cookies(response, [FORM.set(&cookie, visit.connection)]);
    crate::shared::with_retry_after(response, refused.and_then(|refused| refused.retry_after))
}

/// `POST /idp/signin`
async fn submit(State(state): State<IdpState>, connection: Connection, headers: HeaderMap, body: Bytes) -> Response {
    let Some(form) = form_before_sign_in(&headers, connection, &body) else {
        metrics::counter!("gatehouse_idp_sign_ins_total", "outcome" => "forged_form").increment(1);
        return stale_form(&state);
    };
    let visit = Visit::new(&state, &headers, connection, form.get("next"));
    let user_name = form.get("user_name").trim();
    let password = Secret::from(form.get("password"));
    let tried = idp::Visit { peer: connection.peer.ip(), correlation: CorrelationId::fresh() };
    let reference = &tried.correlation;
    match state.idp.sign_in_with_password(user_name, &password, &tried).await {
        Ok(progress) => visit.advance("password", reference, progress).await,
        Err(error) => match visit.refuse("password", Of::Typed(user_name, reference), &error).await {
            Ok(refused) => sign_in_page(&visit, user_name, false, Some(refused)),
            Err(unavailable) => unavailable,
        },
    }
}

/// `POST /idp/signin/passkey`: a passkey alone.
async fn passkey(State(state): State<IdpState>, connection: Connection, headers: HeaderMap, body: Bytes) -> Response {
    let Some(form) = form_before_sign_in(&headers, connection, &body) else { return stale_form(&state) };
    let visit = Visit::new(&state, &headers, connection, form.get("next"));
    let challenge = Secret::from(form.get("challenge"));
    match state.idp.finish_passkey_sign_in(&challenge, form.get("credential"), connection.peer.ip()).await {
        Ok(progress) => visit.advance("passkey", &visit.reference(&challenge), progress).await,
        Err(error) => match visit.refuse("passkey", Of::Flow(&challenge), &error).await {
            Ok(refused) => sign_in_page(&visit, "", false, Some(refused)),
            Err(unavailable) => unavailable,
        },
    }
}
