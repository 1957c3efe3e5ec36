//! What the audit trail keeps of a call: who, which operation, on what, and the names of what changed. Never a value.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::request::Parts;
use base::{AuditEvent, AuditStep, CorrelationId, Fault as _, Outcome, Principal};
use idp::ApiClient;
use pages::Connection;

use super::body::Written;
use super::error::ApiError;
use super::operation::About;
use crate::shared::is_failure;
use crate::state::IdpState;

/// Longest parameter of a path in a record, in characters.
const LONGEST_PARAMETER: usize = 128;

/// What is known of a call so far.
#[derive(Debug)]
pub(super) struct Trail {
    correlation: CorrelationId,
    principal: Principal,
    action: String,
    target: String,
    peer: String,
    /// The token's name.
    client: Option<String>,
    is_announced: AtomicBool,
}

impl Trail {
    pub(super) fn begin(about: &About, parameters: &[String], parts: &Parts) -> Self {
        let mut parameters = parameters.iter();
        let segments = about.path.trim_start_matches('/').split('/').map(|segment| {
            let parameter = if segment.starts_with('{') { parameters.next() } else { None };
            parameter.map_or(segment.to_owned(), |value| value.chars().take(LONGEST_PARAMETER).collect())
        });
        let peer = parts.extensions.get::<Connection>().map(|connection| connection.peer.ip().to_string());
        Self {
            correlation: CorrelationId::fresh(),
            principal: Principal::Anonymous,
            action: format!("idp:{}", about.name),
            target: segments.collect::<Vec<_>>().join("/"),
            peer: peer.unwrap_or_else(|| "unknown".to_owned()),
            client: None,
            is_announced: AtomicBool::new(false),
        }
    }

    pub(super) fn client(&mut self, client: &ApiClient) {
        self.principal = Principal::IdpAdministrator { token_id: client.token_id().to_owned() };
        self.client = Some(client.name().to_owned());
    }

    pub(super) const fn correlation(&self) -> &CorrelationId {
        &self.correlation
    }

    fn event(&self, outcome: Outcome) -> AuditEvent {
        let event =
            AuditEvent::new(AuditStep::Administration, outcome, self.correlation.clone(), self.principal.clone());
        let event = event.action(self.action.clone()).target(self.target.clone()).field("peer", self.peer.clone());
        match &self.client {
            Some(client) => event.field("token_name", client.clone()),
            None => event,
        }
    }

    /// Before a change. `names`: the members of the body.
    pub(super) async fn announce(&self, state: &IdpState, names: Vec<String>) -> Result<(), ApiError> {
        let event = self.event(Outcome::Allowed);
        let event = if names.is_empty() { event } else { event.field("given", names.join(",")) };
        state.record(event).await?;
        self.is_announced.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Records how it ended: what was read, what was made, why it was refused. An answer that can't be recorded is withheld; but what
    /// was done and announced is told, because what it made may be shown this once.
    pub(super) async fn end(
        &self,
        state: &IdpState,
        performed: Result<Written, ApiError>,
    ) -> Result<Written, ApiError> {
        let is_announced = self.is_announced.load(Ordering::Relaxed);
        match performed {
            Ok(written) if is_announced => {
                if let Some(made) = &written.made {
                    let event = self.event(Outcome::Allowed).field("made", made.trim_start_matches('/'));
                    // The record of before stands; `record` has logged why this one is missing.
                    drop(state.record(event).await);
                }
                Ok(written)
            }
            Ok(written) => {
                state.record(self.event(Outcome::Allowed)).await?;
                Ok(written)
            }
            Err(error) => {
                if is_failure(error.kind()) {
                    tracing::error!(cause = %error, reference = %self.correlation, "an administration call failed");
                }
                let outcome = if error.is_denial() { Outcome::Denied } else { Outcome::Failed };
                state.record(self.event(outcome).field("reason", error.to_string())).await?;
                Err(error)
            }
        }
    }
}
