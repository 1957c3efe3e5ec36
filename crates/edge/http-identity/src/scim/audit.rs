//! One record per request: who, what, to which resource, and the names of what changed.

use axum::extract::Request;
use axum::http::Method;
use base::id::DirectoryUserId;
use base::{AuditEvent, AuditLog, AuditStep, AuditUnavailable, CorrelationId, Outcome, Principal};
use directory::{MemberEdit, ScimClient};
use scim::ScimError;

use crate::Connection;

/// So many members are named in a record; of more, only their number.
const MEMBERS_NAMED: usize = 100;
/// Longest path in a record, in characters.
const LONGEST_PATH: usize = 256;

/// What is known of a request so far.
#[derive(Debug)]
pub(super) struct Trail {
    correlation: CorrelationId,
    principal: Principal,
    method: &'static str,
    path: String,
    fields: Vec<(&'static str, String)>,
}

impl Trail {
    pub(super) fn begin(request: &Request) -> Self {
        let mut fields = Vec::new();
        if let Some(connection) = request.extensions().get::<Connection>() {
            fields.push(("client_address", connection.peer.ip().to_string()));
        }
        Self {
            correlation: CorrelationId::fresh(),
            principal: Principal::Anonymous,
            method: method_name(request.method()),
            path: request.uri().path().chars().take(LONGEST_PATH).collect(),
            fields,
        }
    }

    pub(super) const fn correlation(&self) -> &CorrelationId {
        &self.correlation
    }

    pub(super) const fn method(&self) -> &'static str {
        self.method
    }

    pub(super) fn client(&mut self, client: ScimClient) {
        self.principal = Principal::ScimClient { token_id: client.token_id().to_owned() };
    }

    /// The id of what was created.
    pub(super) fn created(&mut self, id: &str) {
        self.fields.push(("created", id.to_owned()));
    }

    /// Names of attributes, never their values.
    pub(super) fn changed(&mut self, names: &[String]) {
        self.fields.push(("changed", names.join(",")));
    }

    pub(super) fn members(&mut self, edit: &MemberEdit) {
        if edit.clears() {
            self.fields.push(("members_replaced", "true".to_owned()));
        }
        self.members_named("members_added", edit.added());
        self.members_named("members_removed", edit.removed());
    }

    pub(super) fn members_named<'a>(&mut self, field: &'static str, ids: impl Iterator<Item = &'a DirectoryUserId>) {
        let ids: Vec<&str> = ids.map(DirectoryUserId::as_str).collect();
        if ids.is_empty() {
            return;
        }
        let named = ids.iter().take(MEMBERS_NAMED).copied().collect::<Vec<_>>().join(",");
        let more = ids.len().saturating_sub(MEMBERS_NAMED);
        self.fields.push((field, if more == 0 { named } else { format!("{named} and {more} more") }));
    }

    pub(super) async fn record(
        &self,
        log: &dyn AuditLog,
        status: u16,
        error: Option<&ScimError>,
    ) -> Result<(), AuditUnavailable> {
        let outcome = match status {
            200..=399 => Outcome::Allowed,
            401 | 403 => Outcome::Denied,
            _ => Outcome::Failed,
        };
        let mut event =
            AuditEvent::new(AuditStep::ScimRequest, outcome, self.correlation.clone(), self.principal.clone())
                .action(format!("{} {}", self.method, self.path))
                .target(self.path.clone())
                .field("status", status.to_string());
        event.fields.extend(self.fields.iter().cloned());
        if let Some(scim_type) = error.and_then(ScimError::scim_type) {
            event = event.field("scim_type", scim_type.name());
        }
        log.record(event).await
    }
}

/// A metric's label must not be what a stranger makes up.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}
