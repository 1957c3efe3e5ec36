//! What follows a step of a sign-in: the next step, the way in, or a refusal; each recorded.

use axum::http::StatusCode;
use axum::response::Response;
use base::{AuditEvent, AuditStep, AuditUnavailable, CorrelationId, Fault as _, Outcome, Principal, Secret};
use directory::{ActiveUser, SignInRefusal};
use idp::{IdpSession, Progress, SignInError, SignedIn, Step};
use pages::{Page, redirect, with_cookies};

use super::visit::Visit;
use crate::markup;
use crate::shared::{FORM, SESSION, STEP, is_failure, page, principal, status, unavailable, words};

/// What the page says about the last try.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) text: String,
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<u64>,
    /// The whole sign-in has to begin anew.
    pub(super) restart: bool,
}

/// Whose try it was.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of<'a> {
    /// A user name as it was typed; empty for a passkey alone.
    Typed(&'a str, &'a CorrelationId),
    /// Of a half-way state.
    Flow(&'a Secret<String>),
}

impl Visit<'_> {
    /// After a step that was passed. `action` names it; `reference` ties the records of one sign-in together.
    pub(super) async fn advance(&self, action: &str, reference: &CorrelationId, progress: Progress) -> Response {
        let kept =
            progress.flow.as_ref().map_or_else(|| STEP.remove(self.connection), |flow| STEP.set(flow, self.connection));
        let response = match progress.step {
            Step::In(signed_in) => return self.admit(action, *signed_in).await,
            Step::ChoosePassword { token } => {
                let whose = self.state.idp.people().reset_link(&token).ok();
                let why = "a new password has to be chosen first";
                if self.half_way(action, reference, whose.as_ref(), why).await.is_err() {
                    return unavailable(self.state, reference);
                }
                redirect(&self.with_next(&format!("/idp/activate/{}", token.expose()), &[]))
            }
            Step::SecondFactor { user, .. } => {
                if self.half_way(action, reference, Some(&user), "the second step is still to come").await.is_err() {
                    return unavailable(self.state, reference);
                }
                redirect(&self.with_next("/idp/signin/factor", &[]))
            }
            Step::Enrol { user, .. } => {
                let why = "a second step has to be set up first";
                if self.half_way(action, reference, Some(&user), why).await.is_err() {
                    return unavailable(self.state, reference);
                }
                redirect(&self.with_next("/idp/signin/enrol", &[]))
            }
        };
        with_cookies(response, [kept])
    }

    /// Records whose password was right: it may be a stolen one that gets no further.
    async fn half_way(
        &self,
        action: &str,
        reference: &CorrelationId,
        whose: Option<&ActiveUser>,
        reason: &str,
    ) -> Result<(), AuditUnavailable> {
        metrics::counter!("gatehouse_idp_sign_ins_total", "outcome" => "half_way").increment(1);
        let event = self.event(reference.clone(), Principal::Anonymous, Outcome::Denied, action);
        let who = whose.map_or("", ActiveUser::user_name);
        self.state.record(event.target(who).field("reason", reason)).await
    }

    async fn admit(&self, action: &str, signed_in: SignedIn) -> Response {
        let SignedIn { cookie, session, recovery_codes } = signed_in;
        let reference = session.correlation().clone();
        let event = self.event(reference.clone(), principal(session.user()), Outcome::Allowed, action);
        let event = event.field("factors", session.amr().join(" ")).field("session", session.id().as_str());
        if self.state.record(event).await.is_err() {
            self.drop_session(&cookie).await;
            return unavailable(self.state, &reference);
        }
        // A new session for a new sign-in; the browser's old one must not live on.
        if let Some(old) = SESSION.read(self.headers, self.connection) {
            self.keep_participants(&old, &session).await;
            self.drop_session(&old).await;
        }
        metrics::counter!("gatehouse_idp_sign_ins_total", "outcome" => "allowed").increment(1);
        let response = match recovery_codes {
            None => redirect(self.onward()),
            Some(codes) => {
                let shown = page(self.state, "Keep your recovery codes", StatusCode::OK);
                shown.render(&markup::recovery_codes(&codes, self.onward()))
            }
        };
        let cookies =
            [SESSION.set(&cookie, self.connection), STEP.remove(self.connection), FORM.remove(self.connection)];
        with_cookies(response, cookies)
    }

    /// The same person again: signing out still tells the applications that were opened before.
    async fn keep_participants(&self, old: &Secret<String>, session: &IdpSession) {
        let before = self.state.idp.session(old).await.filter(|before| before.user() == session.user());
        let Some(before) = before else { return };
        for participant in self.state.idp.participants(before.id()) {
            if let Err(cause) = self.state.idp.note_participant(session.id(), participant).await {
                tracing::warn!(%cause, "an application that was opened before isn't told of the sign-out");
            }
        }
    }

    async fn drop_session(&self, cookie: &Secret<String>) {
        if let Err(cause) = self.state.idp.end_session(cookie).await {
            tracing::error!(%cause, "the end of a session can't be stored");
        }
    }

    /// Records a refusal, and says what the page shows. `Err` is the answer when it can't be recorded.
    pub(super) async fn refuse(&self, action: &str, of: Of<'_>, error: &SignInError) -> Result<Refused, Response> {
        let kind = error.kind();
        let outcome = if is_failure(kind) { Outcome::Failed } else { Outcome::Denied };
        let (who, reference) = self.whose(of);
        let event = self.event(reference.clone(), Principal::Anonymous, outcome, action);
        let event = event.target(who).field("reason", error.to_string()).field("code", error.reason());
        if self.state.record(event).await.is_err() {
            return Err(unavailable(self.state, &reference));
        }
        metrics::counter!("gatehouse_idp_sign_ins_total", "outcome" => outcome.name()).increment(1);
        let restart = matches!(
            error,
            SignInError::FlowExpired
                | SignInError::FlowInvalid
                | SignInError::FlowSpent
                | SignInError::NoWayLeft
                | SignInError::Changed
        );
        Ok(Refused { text: words(error), status: status(kind), retry_after: retry_after(error), restart })
    }

    /// People type passwords into the wrong field: a name that isn't known to be one isn't written down.
    fn whose(&self, of: Of<'_>) -> (String, CorrelationId) {
        match of {
            Of::Typed(typed, reference) => {
                let user = self.state.idp.people().user_by_name(typed);
                (user.map_or_else(String::new, |user| user.user_name.clone()), reference.clone())
            }
            Of::Flow(flow) => match self.state.idp.flow_info(flow) {
                Ok(info) => {
                    let user = info.user.map_or_else(String::new, |user| user.user_name().to_owned());
                    (user, info.correlation)
                }
                Err(_) => (String::new(), CorrelationId::fresh()),
            },
        }
    }

    /// What ties the records of a half-way sign-in together.
    pub(super) fn reference(&self, flow: &Secret<String>) -> CorrelationId {
        self.state.idp.flow_info(flow).map_or_else(|_| CorrelationId::fresh(), |info| info.correlation)
    }

    /// A record of the sign-in.
    fn event(&self, reference: CorrelationId, who: Principal, outcome: Outcome, action: &str) -> AuditEvent {
        AuditEvent::new(AuditStep::SignIn, outcome, reference, who)
            .action(action)
            .target(format!("{}/idp", self.state.settings.idp_url))
            .field("peer", self.connection.peer.ip().to_string())
    }

    /// Back to the first page, which says why.
    pub(super) fn start_over(&self, refused: Option<Refused>) -> Response {
        let response = match refused {
            Some(refused) => super::sign_in_page(self, "", false, Some(refused)),
            None => redirect(&super::sign_in_location(self.sealed_next(), false)),
        };
        with_cookies(response, [STEP.remove(self.connection)])
    }

    /// A page of the way in. Its forms may lead to where the whole way leads.
    pub(super) fn page<'b>(&'b self, title: &'b str, targets: &'b [&'b str], refused: Option<&Refused>) -> Page<'b> {
        let status = refused.map_or(StatusCode::OK, |refused| refused.status);
        Page { form_targets: targets, ..page(self.state, title, status) }
    }
}

fn retry_after(error: &SignInError) -> Option<u64> {
    if let SignInError::TooManyAttempts { retry_after_seconds }
    | SignInError::Password(SignInRefusal::TooManyAttempts { retry_after_seconds }) = error
    {
        return Some(*retry_after_seconds);
    }
    None
}
