//! One record per request, and per operation of a bulk request: who, what, to which resource, and the names of what changed.

use std::collections::BTreeSet;

use axum::extract::Request;
use axum::http::Method;
use base::id::{DirectoryGroupId, DirectoryUserId};
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
    /// What is known before anything was done; each operation of a bulk request begins with it.
    common: usize,
    fields: Vec<(&'static str, String)>,
    touched: Touched,
}

/// Whom and what a request is about. A dry run compares them before and after.
#[derive(Debug, Clone, Default)]
pub(super) struct Touched {
    pub(super) users: BTreeSet<DirectoryUserId>,
    pub(super) groups: BTreeSet<DirectoryGroupId>,
    /// Whose password was set or removed.
    pub(super) passwords: BTreeSet<DirectoryUserId>,
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
            path: shortened(request.uri().path()),
            common: fields.len(),
            fields,
            touched: Touched::default(),
        }
    }

    /// The record of one operation of this bulk request, under the same correlation id.
    pub(super) fn operation(&self, method: &Method, path: &str) -> Self {
        Self {
            correlation: self.correlation.clone(),
            principal: self.principal.clone(),
            method: method_name(method),
            path: shortened(path),
            common: self.common,
            fields: self.fields.iter().take(self.common).cloned().collect(),
            touched: Touched::default(),
        }
    }

    fn known(&mut self, name: &'static str, value: String) {
        self.fields.insert(self.common, (name, value));
        self.common += 1;
    }

    /// Nothing is changed by it.
    pub(super) fn dry_run(&mut self) {
        self.known("dry_run", "true".to_owned());
    }

    /// How many operations a bulk request had, how many were carried out, and how many of those failed.
    pub(super) fn bulk(&mut self, operations: usize, begun: usize, failed: usize) {
        for (name, count) in [("operations", operations), ("operations_begun", begun), ("operations_failed", failed)] {
            self.fields.push((name, count.to_string()));
        }
    }

    pub(super) fn user(&mut self, id: &DirectoryUserId) {
        self.touched.users.insert(id.clone());
    }

    pub(super) fn password(&mut self, id: &DirectoryUserId) {
        self.touched.passwords.insert(id.clone());
    }

    pub(super) fn group(&mut self, id: &DirectoryGroupId) {
        self.touched.groups.insert(id.clone());
    }

    pub(super) const fn touched(&self) -> &Touched {
        &self.touched
    }

    /// Takes over whom an operation of this bulk request was about.
    pub(super) fn absorb(&mut self, operation: Self) {
        self.touched.users.extend(operation.touched.users);
        self.touched.groups.extend(operation.touched.groups);
        self.touched.passwords.extend(operation.touched.passwords);
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

fn shortened(path: &str) -> String {
    path.chars().take(LONGEST_PATH).collect()
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
