//! `/authorize`: check the request, have the person signed in, ask for consent, send the code.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal};
use pages::{Connection, Form, csrf_token, form_is_ours};
use tokens::{AuthorizationRequest, AuthorizeRefusal, CheckedAuthorization, Lack, NoAccess, OAuthCode, TokenError};

use crate::markup::Consent;
use crate::shared::{self, Continue, page, principal, sign_in_again, sign_in_location, signed_in};
use crate::state::IdentityState;

/// No request of a real client is near it.
const LONGEST_QUERY: usize = 8 * 1024;

/// Parameters whose meaning this server doesn't carry out. Unknown ones are ignored (RFC 6749 3.1), these are refused.
const NOT_CARRIED_OUT: [&str; 12] = [
    "acr_values",
    "claims",
    "display",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "request",
    "request_uri",
    "resource",
    "response_mode",
];

/// Reads the query of an authorisation request. Drivers say `scopes`, the standard says `scope`.
fn parse(query: &str) -> AuthorizationRequest {
    let mut request = AuthorizationRequest::default();
    let mut other_scope = None;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let slot = match &*name {
            "response_type" => &mut request.response_type,
            "client_id" => &mut request.client_id,
            "redirect_uri" => &mut request.redirect_uri,
            "state" => &mut request.state,
            "scope" => &mut request.scope,
            "scopes" => &mut other_scope,
            "code_challenge" => &mut request.code_challenge,
            "code_challenge_method" => &mut request.code_challenge_method,
            name => {
                if NOT_CARRIED_OUT.contains(&name) {
                    request.fault =
                        Some(format!("The parameter {name} is not carried out by this server; leave it out."));
                }
                continue;
            }
        };
        if slot.replace(value.into_owned()).is_some() {
            request.fault = Some(format!("The parameter {name} was given more than once."));
        }
    }
    match (&request.scope, other_scope) {
        (Some(scope), Some(scopes)) if *scope != scopes => {
            request.fault = Some("scope and scopes were given, and they differ.".into());
        }
        (None, scopes) => request.scope = scopes,
        (Some(_), _) => {}
    }
    request
}

/// The request again as a query, with nothing in it but what was understood.
fn canonical(request: &AuthorizationRequest) -> String {
    let pairs = [
        ("response_type", &request.response_type),
        ("client_id", &request.client_id),
        ("redirect_uri", &request.redirect_uri),
        ("state", &request.state),
        ("scope", &request.scope),
        ("code_challenge", &request.code_challenge),
        ("code_challenge_method", &request.code_challenge_method),
    ];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

/// Where to go after signing in, if that is an authorisation request of ours that keeps the rules. Made anew from what was
/// understood: nothing that somebody sent is followed as it is.
pub(crate) fn safe_continue(state: &IdentityState, text: &str) -> Option<Continue> {
    let query = text.strip_prefix("/authorize?").filter(|query| query.len() <= LONGEST_QUERY)?;
    let request = parse(query);
    let checked = state.tokens.check_authorization(&request).ok()?;
    Some(Continue { location: format!("/authorize?{}", canonical(&request)), origin: checked.redirect_uri().origin() })
}

/// `GET /authorize`
pub(super) async fn show(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let request = parse(query.as_deref().filter(|query| query.len() <= LONGEST_QUERY).unwrap_or_default());
    let checked = match state.tokens.check_authorization(&request) {
        Ok(checked) => checked,
        Err(refusal) => return refuse(&state, connection, refusal).await,
    };
    let query = canonical(&request);
    let Some((cookie, live)) = signed_in(&state, &headers, connection).await else {
        return pages::redirect(&sign_in_location(&format!("/authorize?{query}")));
    };
    if let Err(why) = state.tokens.may_authorize(&checked, &live.user) {
        let correlation = live.session.correlation.clone();
        return no_access(&state, &checked, (correlation, principal(&live.user)), &why).await;
    }
    let csrf = csrf_token(&cookie);
    let origin = checked.redirect_uri().origin();
    let place = if origin.starts_with("https://") { format!("at {origin}") } else { "on this computer".to_owned() };
    let next = format!("/authorize?{query}");
    let mut page = page(&state, "Allow access?", StatusCode::OK);
    let targets = [origin.as_str()];
    page.form_targets = &targets;
    let consent = Consent {
        client_name: checked.requester().name(),
        place: &place,
        user_name: live.user.user_name(),
        fields: &[("csrf", csrf.expose()), ("request", &query)],
        sign_out_fields: &[("csrf", csrf.expose()), ("continue", &next)],
    };
    page.render(&consent.markup())
}

/// `POST /authorize`: the answer to the question.
pub(super) async fn decide(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let Some(form) = Form::parse(&body) else { return shared::stale_form(&state, None) };
    let request = parse(form.get("request"));
    let checked = match state.tokens.check_authorization(&request) {
        Ok(checked) => checked,
        Err(refusal) => return refuse(&state, connection, refusal).await,
    };
    let next =
        Continue { location: format!("/authorize?{}", canonical(&request)), origin: checked.redirect_uri().origin() };
    let Some((cookie, live)) = signed_in(&state, &headers, connection).await else {
        return sign_in_again(&state, &next);
    };
    if !form_is_ours(&headers, &cookie, form.get("csrf"), connection) {
        return shared::stale_form(&state, Some(&next));
    }
    let correlation = live.session.correlation.clone();
    let who = (correlation.clone(), principal(&live.user));
    match form.get("decision") {
        "allow" => {}
        "deny" => return denied_by_person(&state, &checked, who).await,
        _ => return shared::stale_form(&state, Some(&next)),
    }
    let code = match state.tokens.authorize(&checked, &live.user, &correlation).await {
        Ok(code) => code,
        Err(TokenError::Refused(refusal)) => {
            if refusal.code == OAuthCode::AccessDenied
                && let Err(why) = state.tokens.may_authorize(&checked, &live.user)
            {
                return no_access(&state, &checked, who, &why).await;
            }
            let hint = "Wait a minute, then start the program again.".to_owned();
            let reason = refusal.description.clone();
            let why = NoAccess { application: None, lack: Lack::Assignment, reason, hint };
            return no_access(&state, &checked, who, &why).await;
        }
        Err(TokenError::Unavailable(cause)) => {
            tracing::error!(%cause, reference = %correlation, "an authorization code can't be stored");
            return shared::unavailable(&state, &correlation);
        }
    };
    let event = event(&checked, who, Outcome::Allowed).field("scopes", tokens::Scope::list(checked.scopes()));
    if state.record(event).await.is_err() {
        return shared::unavailable(&state, &correlation);
    }
    count("allowed");
    pages::redirect(&checked.success_location(&code))
}

type Who = (CorrelationId, Principal);

fn event(checked: &CheckedAuthorization, (correlation, principal): Who, outcome: Outcome) -> AuditEvent {
    AuditEvent::new(AuditStep::Authorization, outcome, correlation, principal)
        .action("authorize")
        .target(checked.requester().id().as_str())
        .field("client_name", checked.requester().name())
        .field("redirect_uri", checked.redirect_uri().as_str())
}

async fn denied_by_person(state: &IdentityState, checked: &CheckedAuthorization, who: Who) -> Response {
    let correlation = who.0.clone();
    let event = event(checked, who, Outcome::Denied).field("reason", "the person chose Deny");
    if state.record(event).await.is_err() {
        return shared::unavailable(state, &correlation);
    }
    count("denied");
    pages::redirect(&checked.error_location("access_denied", "The person chose Deny."))
}

/// A page, not a redirect: the person must learn what to ask for, and programs rarely show an `error_description`.
async fn no_access(state: &IdentityState, checked: &CheckedAuthorization, who: Who, why: &NoAccess) -> Response {
    let reference = who.0.clone();
    let event = event(checked, who, Outcome::Denied).field("reason", why.reason.as_str());
    if state.record(event).await.is_err() {
        return shared::unavailable(state, &reference);
    }
    count("denied");
    let back = checked.error_location("access_denied", &why.reason);
    let leave = format!("Return to {}", checked.requester().name());
    let hint = match &why.application {
        Some(application) => format!("{} (Application: {application}.)", why.hint),
        None => why.hint.clone(),
    };
    page(state, "You don't have access", StatusCode::FORBIDDEN).render(&pages::problem(
        &why.reason,
        &hint,
        reference.as_str(),
        Some((&leave, &back)),
    ))
}

/// A request that breaks the rules, from nobody in particular yet.
async fn refuse(state: &IdentityState, connection: Connection, refusal: AuthorizeRefusal) -> Response {
    let correlation = CorrelationId::fresh();
    let (reason, location) = match refusal {
        AuthorizeRefusal::Page(reason) => (reason, None),
        AuthorizeRefusal::Redirect { location, error, description } => {
            (format!("{error}: {description}"), Some(location))
        }
    };
    let event = AuditEvent::new(AuditStep::Authorization, Outcome::Denied, correlation.clone(), Principal::Anonymous)
        .action("authorize")
        .field("reason", reason.as_str())
        .field("peer", connection.peer.ip().to_string());
    if state.record(event).await.is_err() {
        return shared::unavailable(state, &correlation);
    }
    count("refused");
    match location {
        Some(location) => pages::redirect(&location),
        None => page(state, "This sign-in link can't be used", StatusCode::BAD_REQUEST).render(&pages::problem(
            &reason,
            "Go back to the program and connect again. If it stays like this, give your administrator the reference below.",
            correlation.as_str(),
            None,
        )),
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("gatehouse_oauth_requests_total", "operation" => "Authorize", "outcome" => outcome).increment(1);
}
