//! `/idp/oauth/authorize`: check the request, have the person signed in, ask where it must be asked, send the code.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal};
use idp::{Application, Decision, OpenError, Participant};
use openid_provider::interaction::{self, SignedIn as Seen, Wish};
use openid_provider::{
    AuthorizeRefusal, CheckedRequest, Interaction, OAuthError, OpenIdError, Parameters, Prompt, Refusal, Scope,
};
use pages::{Connection, Form, form_is_ours, onward, problem, redirect};

use super::flow::{Flow, resume_path};
use super::{LONGEST_QUERY, count, markup};
use crate::open;
use crate::shared::{page, principal, stale_form, unavailable};
use crate::signin::{Demand, SignedIn, require, signed_in};
use crate::state::IdpState;

/// How an answer reaches the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The application sent the browser here itself.
    Redirect,
    /// A form of ours came before: a browser holds redirects to the form's policy, so that the answer is a page that leads on.
    Onward,
}

/// A request on its way.
struct Step<'a> {
    state: &'a IdpState,
    connection: Connection,
    headers: &'a HeaderMap,
    way: Way,
    flow: Flow,
    checked: CheckedRequest,
    answered: bool,
}

/// `GET /idp/oauth/authorize`
pub(super) async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    if query.len() > LONGEST_QUERY {
        let refusal = AuthorizeRefusal::Page("The application's request is longer than 16 KiB.".to_owned());
        return refuse(&state, connection, refusal).await;
    }
    let checked = match state.openid.check(&Parameters::parse(query.as_bytes())) {
        Ok(checked) => checked,
        Err(refusal) => return refuse(&state, connection, refusal).await,
    };
    let flow = Flow::new(checked.request(), state.clock.now());
    let step =
        Step { state: &state, connection, headers: &headers, way: Way::Redirect, flow, checked, answered: false };
    step.go_on().await
}

/// `POST /idp/oauth/authorize` (OpenID Connect Core 3.1.2.1). Another site's form comes without our cookies: the browser comes again
/// by itself.
pub(super) async fn show_posted(State(state): State<IdpState>, connection: Connection, body: Bytes) -> Response {
    let checked = match state.openid.check(&Parameters::parse(&body)) {
        Ok(checked) => checked,
        Err(refusal) => return refuse(&state, connection, refusal).await,
    };
    match Flow::new(checked.request(), state.clock.now()).seal(&state) {
        Some(sealed) => redirect(&resume_path(&sealed)),
        None => unavailable(&state, &CorrelationId::fresh()),
    }
}

/// `GET /idp/oauth/authorize/resume?flow=…`: after the sign-in.
pub(super) async fn resume(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let flow = form.as_ref().and_then(|form| Flow::open(&state, form.get("flow")));
    let Some(flow) = flow else { return expired(&state) };
    match state.openid.recheck(flow.request.clone()) {
        Ok(checked) => {
            let way = Way::Onward;
            let step = Step { state: &state, connection, headers: &headers, way, flow, checked, answered: false };
            step.go_on().await
        }
        Err(refusal) => refuse(&state, connection, refusal).await,
    }
}

/// `POST /idp/oauth/authorize/answer`: what the person said.
pub(super) async fn decide(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(form) = Form::parse(&body) else { return stale_form(&state) };
    let Some(present) = signed_in(&state, &headers, connection).await else { return expired(&state) };
    if !form_is_ours(&headers, &present.cookie, form.get("csrf"), connection) {
        return stale_form(&state);
    }
    let Some(flow) = Flow::open(&state, form.get("flow")) else { return expired(&state) };
    let checked = match state.openid.recheck(flow.request.clone()) {
        Ok(checked) => checked,
        Err(refusal) => return refuse(&state, connection, refusal).await,
    };
    let answered = form.get("decision") == "allow";
    let step = Step { state: &state, connection, headers: &headers, way: Way::Onward, flow, checked, answered };
    match form.get("decision") {
        "allow" => step.go_on().await,
        "deny" => step.denied_by_person(&present).await,
        "switch" => {
            let flow = Flow { since: Some(state.clock.now()), ..step.flow };
            let sealed = flow.seal(&state);
            sealed.map_or_else(|| expired(&state), |sealed| redirect(&resume_path(&sealed)))
        }
        _ => stale_form(&state),
    }
}

impl Step<'_> {
    async fn go_on(self) -> Response {
        let present = signed_in(self.state, self.headers, self.connection).await;
        let present =
            present.filter(|present| self.flow.since.is_none_or(|since| present.session.authenticated_at() >= since));
        let seen = present.as_ref().map(|present| Seen {
            subject: present.session.user().id().as_str(),
            authenticated: present.session.authenticated_at(),
        });
        let wish = Wish::from(&self.checked);
        match interaction::decide(&wish, seen.as_ref(), self.flow.received, self.answered) {
            Interaction::SignIn { since } => self.sign_in(since.max(self.flow.since)).await,
            Interaction::Refuse(error) => self.refuse_without_page(present.as_ref(), error).await,
            Interaction::Ask => match &present {
                Some(present) => self.ask(present),
                None => self.sign_in(self.flow.since).await,
            },
            Interaction::Proceed => match &present {
                Some(present) => self.answer(present).await,
                None => self.sign_in(self.flow.since).await,
            },
        }
    }

    async fn sign_in(&self, since: Option<time::OffsetDateTime>) -> Response {
        let Some(sealed) = self.flow.seal(self.state) else { return expired(self.state) };
        let purpose = format!("to open {}", self.checked.application().label);
        let demand = Demand {
            next: resume_path(&sealed),
            since,
            login_hint: self.flow.request.login_hint.as_deref().filter(|_| self.flow.since.is_none()),
            purpose: Some(&purpose),
            ..Demand::default()
        };
        match require(self.state, self.headers, self.connection, &demand).await {
            Ok(_) => redirect(&demand.next),
            Err(response) => response,
        }
    }

    /// The page that names application and person. Who may not open it can sign in as somebody else here.
    fn ask(&self, present: &SignedIn) -> Response {
        let user = present.session.user();
        let Some(sealed) = self.flow.seal(self.state) else { return expired(self.state) };
        let csrf = present.csrf();
        let application = self.checked.application();
        let title = format!("Continue to {}?", application.label);
        let on_device = self.checked.redirect_uri().is_on_device();
        page(self.state, &title, StatusCode::OK).render(&markup::ask(&markup::Ask {
            label: &application.label,
            description: &application.description,
            place: if on_device {
                "on this computer".to_owned()
            } else {
                format!("at {}", self.checked.redirect_uri().place())
            },
            on_device,
            user_name: user.user_name(),
            scopes: self.checked.scopes(),
            fields: &[("csrf", csrf.expose()), ("flow", &sealed)],
        }))
    }

    /// The code. Whether the person may open the application is decided as it is made.
    async fn answer(&self, present: &SignedIn) -> Response {
        let code = match self.state.openid.authorize(&self.checked, &present.session).await {
            Ok(code) => code,
            Err(OpenIdError::Refused(refusal)) => return self.not_given(present, &refusal).await,
            Err(cause @ (OpenIdError::Unavailable(_) | OpenIdError::Signing(_))) => {
                tracing::error!(%cause, "a code can't be stored");
                return unavailable(self.state, present.session.correlation());
            }
        };
        let event = self.event(Some(present), Outcome::Allowed).field("scopes", Scope::list(self.checked.scopes()));
        if self.state.record(event).await.is_err() {
            return unavailable(self.state, present.session.correlation());
        }
        let participant = Participant {
            application: self.checked.application().id.clone(),
            name_id: present.session.user().id().to_string(),
            name_id_format: String::new(),
        };
        if let Err(cause) = self.state.idp.note_participant(present.session.id(), participant).await {
            tracing::warn!(%cause, "the sign-out page won't name an application that was opened");
        }
        count("authorize", "allowed");
        self.lead(&self.checked.success_location(&code, self.state.openid.issuer()))
    }

    /// The person reads why, unless the application asked that no page be shown.
    async fn not_given(&self, present: &SignedIn, refusal: &Refusal) -> Response {
        let silent = self.flow.request.prompt.contains(&Prompt::None);
        let application: &Arc<Application> = self.checked.application();
        let denied = match self.state.idp.may_open(present.session.user().id(), application) {
            Decision::Denied(denial) if !silent => Some(denial),
            Decision::Denied(_) | Decision::Allowed { .. } => None,
        };
        count("authorize", "denied");
        if let Some(denial) = denied {
            return open::refused(self.state, self.connection, present, (application, &OpenError::Denied(denial)))
                .await;
        }
        self.refuse_to(Some(present), (refusal.error, &refusal.description)).await
    }

    async fn refuse_without_page(&self, present: Option<&SignedIn>, error: OAuthError) -> Response {
        let silent = self.flow.request.prompt.contains(&Prompt::None);
        let description = if error == OAuthError::ConsentRequired {
            "A public client on a person's device needs the person's consent."
        } else if silent {
            "The person must sign in, and prompt=none forbids to ask."
        } else {
            "Somebody else signed in than the one whom the id_token_hint names."
        };
        self.refuse_to(present, (error, description)).await
    }

    async fn denied_by_person(&self, present: &SignedIn) -> Response {
        self.refuse_to(Some(present), (OAuthError::AccessDenied, "The person chose not to continue.")).await
    }

    /// Records a refusal and tells the application.
    async fn refuse_to(&self, present: Option<&SignedIn>, (error, description): (OAuthError, &str)) -> Response {
        let event = self.event(present, Outcome::Denied).field("reason", format!("{}: {description}", error.code()));
        let reference = event.correlation.clone();
        if self.state.record(event).await.is_err() {
            return unavailable(self.state, &reference);
        }
        count("authorize", "denied");
        self.lead(&self.checked.error_location(error, description, self.state.openid.issuer()))
    }

    fn lead(&self, location: &str) -> Response {
        match self.way {
            Way::Redirect => redirect(location),
            Way::Onward => {
                let title = format!("Back to {}", self.checked.application().label);
                onward(&page(self.state, &title, StatusCode::OK), location)
            }
        }
    }

    fn event(&self, present: Option<&SignedIn>, outcome: Outcome) -> AuditEvent {
        let (correlation, principal) = match present {
            Some(present) => (present.session.correlation().clone(), principal(present.session.user())),
            None => (CorrelationId::fresh(), Principal::Anonymous),
        };
        let slug = self.checked.application().slug.as_str();
        let event = AuditEvent::new(AuditStep::Authorization, outcome, correlation, principal)
            .action("openid:authorize")
            .target(slug)
            .field("application", slug)
            .field("redirect_uri", self.checked.redirect_uri().as_str())
            .field("peer", self.connection.peer.ip().to_string());
        match present {
            Some(present) => event.field("session", present.session.id().as_str()),
            None => event,
        }
    }
}

/// A request that breaks the rules, from nobody in particular yet.
async fn refuse(state: &IdpState, connection: Connection, refusal: AuthorizeRefusal) -> Response {
    let correlation = CorrelationId::fresh();
    let event = AuditEvent::new(AuditStep::Authorization, Outcome::Denied, correlation.clone(), Principal::Anonymous)
        .action("openid:authorize")
        .field("peer", connection.peer.ip().to_string());
    count("authorize", "refused");
    match refusal {
        AuthorizeRefusal::Page(reason) => {
            if state.record(event.field("reason", reason.as_str())).await.is_err() {
                return unavailable(state, &correlation);
            }
            page(state, "This sign-in link can't be used", StatusCode::BAD_REQUEST).render(&problem(
                &reason,
                "Go back to the application and begin again. If it stays like this, give your administrator the reference below.",
                correlation.as_str(),
                Some(("Your applications", "/idp")),
            ))
        }
        AuthorizeRefusal::Redirect { application, location, error, description } => {
            let event = event.target(&*application).field("application", &*application);
            let event = event.field("reason", format!("{}: {description}", error.code()));
            if state.record(event).await.is_err() {
                return unavailable(state, &correlation);
            }
            redirect(&location)
        }
    }
}

/// A sealed request that is too old, or not ours.
fn expired(state: &IdpState) -> Response {
    page(state, "This took too long", StatusCode::BAD_REQUEST).render(&problem(
        "The application's request is not valid any more.",
        "Go back to the application and begin again.",
        CorrelationId::fresh().as_str(),
        Some(("Your applications", "/idp")),
    ))
}
