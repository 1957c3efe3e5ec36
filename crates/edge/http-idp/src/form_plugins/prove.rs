//! The password of a plugin, by the rules of the ordinary sign-in; and the one assertion that it leads to. Each recorded.

use axum::http::StatusCode;
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Fault as _, Outcome, Principal, Secret};
use directory::{ActiveUser, SignInRefusal};
use idp::{Application, PasswordOnly, Proven, SignInError};
use pages::Connection;

use super::Plugin;
use crate::open::refused_as;
use crate::saml::issue;
use crate::shared::{fault_page, is_failure, principal, status, unavailable, words};
use crate::state::IdpState;

const BROWSER: &str = "Use a plugin that opens a browser, such as BrowserSamlCredentialsProvider.";

/// Why a plugin didn't get further.
#[derive(Debug)]
pub(super) enum Refused {
    Error(SignInError),
    SecondFactor,
    Enrol,
    ChoosePassword,
    /// It can't be recorded.
    Unrecorded,
}

impl Refused {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Error(error) => status(error.kind()),
            Self::SecondFactor | Self::Enrol | Self::ChoosePassword => StatusCode::FORBIDDEN,
            Self::Unrecorded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What is wrong, and what to do.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Error(error) => words(error),
            Self::SecondFactor => {
                format!("You have a second factor, and this way of signing in takes a password only. {BROWSER}")
            }
            Self::Enrol => {
                format!("A second factor is required here, and this way of signing in takes a password only. {BROWSER}")
            }
            Self::ChoosePassword => {
                "This is a one-time password. Sign in with a browser first, to choose one of your own.".to_owned()
            }
            Self::Unrecorded => "The server can't write its records, so it did not carry this out.".to_owned(),
        }
    }

    /// After how many seconds it may be tried again, where that is the reason.
    pub(super) const fn retry_after(&self) -> Option<u64> {
        if let Self::Error(
            SignInError::TooManyAttempts { retry_after_seconds }
            | SignInError::Password(SignInRefusal::TooManyAttempts { retry_after_seconds }),
        ) = self
        {
            return Some(*retry_after_seconds);
        }
        None
    }
}

/// What a plugin typed. `reference` ties its records together.
#[derive(Debug)]
pub(super) struct Typed<'a> {
    pub(super) plugin: Plugin,
    pub(super) user_name: &'a str,
    pub(super) password: Secret<String>,
    pub(super) reference: CorrelationId,
}

/// Whose password it is, if nothing else is asked of them.
pub(super) async fn prove(state: &IdpState, connection: Connection, typed: &Typed<'_>) -> Result<Proven, Refused> {
    let visit = idp::Visit { peer: connection.peer.ip(), correlation: typed.reference.clone() };
    let refused = match state.idp.prove_by_password(typed.user_name, &typed.password, &visit).await {
        Ok(PasswordOnly::In(proven)) => {
            let event = event(state, connection, typed, (principal(proven.user()), Outcome::Allowed));
            state.record(event.field("factors", "pwd")).await.map_err(|_| Refused::Unrecorded)?;
            metrics::counter!("gatehouse_idp_sign_ins_total", "outcome" => "allowed").increment(1);
            return Ok(*proven);
        }
        Ok(PasswordOnly::SecondFactor(user)) => (Refused::SecondFactor, Some(user)),
        Ok(PasswordOnly::Enrol(user)) => (Refused::Enrol, Some(user)),
        Ok(PasswordOnly::ChoosePassword(user)) => (Refused::ChoosePassword, Some(user)),
        Err(error) => (Refused::Error(error), None),
    };
    refuse(state, connection, typed, refused).await
}

async fn refuse(
    state: &IdpState,
    connection: Connection,
    typed: &Typed<'_>,
    (refused, whose): (Refused, Option<ActiveUser>),
) -> Result<Proven, Refused> {
    let outcome = match &refused {
        Refused::Error(error) if is_failure(error.kind()) => Outcome::Failed,
        Refused::Error(_) | Refused::SecondFactor | Refused::Enrol | Refused::ChoosePassword => Outcome::Denied,
        Refused::Unrecorded => Outcome::Failed,
    };
    let (reason, code) = match &refused {
        Refused::Error(error) => (error.to_string(), error.reason()),
        Refused::SecondFactor => ("the person has a second factor".to_owned(), "second_factor"),
        Refused::Enrol => ("a second factor has to be set up first".to_owned(), "second_factor_required"),
        Refused::ChoosePassword => ("a new password has to be chosen first".to_owned(), "one_time_password"),
        Refused::Unrecorded => ("it can't be recorded".to_owned(), "unrecorded"),
    };
    // People type passwords into the wrong field: a name that isn't known to be one isn't written down.
    let known = || state.idp.people().user_by_name(typed.user_name).map(|user| user.user_name.clone());
    let who = whose.map(|user| user.user_name().to_owned()).or_else(known).unwrap_or_default();
    let event = event(state, connection, typed, (Principal::Anonymous, outcome));
    let event = event.field("person", who).field("reason", reason).field("code", code).field("mend", refused.text());
    state.record(event).await.map_err(|_| Refused::Unrecorded)?;
    metrics::counter!("gatehouse_idp_sign_ins_total", "outcome" => outcome.name()).increment(1);
    Err(refused)
}

fn event(
    state: &IdpState,
    connection: Connection,
    typed: &Typed<'_>,
    (who, outcome): (Principal, Outcome),
) -> AuditEvent {
    AuditEvent::new(AuditStep::SignIn, outcome, typed.reference.clone(), who)
        .action("password")
        .target(format!("{}/idp", state.settings.idp_url))
        .field("form_plugin", typed.plugin.name())
        .field("peer", connection.peer.ip().to_string())
}

/// The page with the assertion, or why there is none.
pub(super) async fn open(
    state: &IdpState,
    connection: Connection,
    proven: Proven,
    application: &Application,
) -> Response {
    let reference = proven.correlation();
    match state.idp.assertion_once(proven, application).await {
        Ok((session, Ok(issued))) => issue::send(state, connection, &session, application, (None, issued)).await,
        Ok((session, Err(error))) => {
            refused_as("saml:assertion", state, connection, &session, (application, &error)).await
        }
        Err(error) => {
            let event = AuditEvent::new(AuditStep::SignIn, Outcome::Failed, reference.clone(), Principal::Anonymous)
                .action("saml:assertion")
                .target(application.slug.as_str())
                .field("reason", error.to_string())
                .field("code", error.reason())
                .field("peer", connection.peer.ip().to_string());
            if state.record(event).await.is_err() {
                return unavailable(state, &reference);
            }
            fault_page(state, "The sign-in can't be finished", &error, &reference)
        }
    }
}
