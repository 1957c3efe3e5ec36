//! A policy document, read completely and strictly.

mod conditions;
mod principals;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use base::{ErrorKind, Fault, PublicMessage};

use crate::Effect;
use crate::principal::PolicyPrincipal;
use crate::statement::Statement;

/// Where a document stands, which says what it must and may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// Of a user, a group or a role, a boundary, a session policy: no `Principal`, a `Resource`.
    Identity,
    /// Who may assume a role: a `Principal`, no `Resource`, actions of STS.
    Trust,
    /// Of a resource: a `Principal` and a `Resource`.
    Resource,
}

/// A document that isn't one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct DocumentError {
    /// `Statement[1].Condition.StringEquals.aws:username`, counted from 0; `JSON` for what isn't JSON.
    pub place: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl Fault for DocumentError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new(self.to_string())
    }
}

/// A policy that was understood completely.
#[derive(Debug, Clone)]
pub struct Document {
    text: String,
    kind: DocumentKind,
    statements: Vec<Statement>,
    index: Index,
}

/// Two documents are the same when their texts are: how they are read follows from that.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.text == other.text
    }
}

impl Eq for Document {}

impl Document {
    /// Reads a document: `Version` (2012-10-17; 2008-10-17, also when it has none, knows no policy variables), `Id`, and statements of
    /// `Sid`, `Effect`, `Principal` or `NotPrincipal`, `Action` or `NotAction`, `Resource` or `NotResource`, `Condition` (IAM "Grammar of
    /// the IAM JSON policy language"). How long it may be is the caller's to say.
    ///
    /// # Errors
    /// [`DocumentError`]: the first place that breaks a rule, and everything that would have no effect.
    pub fn parse(text: &str, kind: DocumentKind) -> Result<Self, DocumentError> {
        let statements = read::statements(text, kind)?;
        let index = Index::of(&statements);
        Ok(Self { text: text.to_owned(), kind, statements, index })
    }

    /// The document as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub const fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// Characters that AWS's size limits count: all but white space.
    #[must_use]
    pub fn len_without_whitespace(&self) -> usize {
        self.text.chars().filter(|character| !character.is_whitespace()).count()
    }

    /// The keys, in lower case, that its conditions and policy variables ask for.
    #[must_use]
    pub fn context_keys(&self) -> BTreeSet<String> {
        self.statements.iter().flat_map(Statement::keys).map(str::to_owned).collect()
    }

    /// The users, roles and role sessions that `Principal` and `NotPrincipal` name: ARNs, and unique ids (`AIDA…`, `AROA…`).
    pub fn aws_principals(&self) -> impl Iterator<Item = &str> {
        self.principals().filter_map(|principal| match principal {
            PolicyPrincipal::User(named)
            | PolicyPrincipal::Role(named)
            | PolicyPrincipal::Session(named)
            | PolicyPrincipal::Id(named) => Some(named.as_str()),
            PolicyPrincipal::Everybody
            | PolicyPrincipal::Account(_)
            | PolicyPrincipal::Federated(_)
            | PolicyPrincipal::Service(_) => None,
        })
    }

    /// The identity providers that `Principal` and `NotPrincipal` name: ARNs, and the names of public ones.
    pub fn federated_principals(&self) -> impl Iterator<Item = &str> {
        self.principals().filter_map(|principal| match principal {
            PolicyPrincipal::Federated(named) => Some(named.as_str()),
            PolicyPrincipal::Everybody
            | PolicyPrincipal::Account(_)
            | PolicyPrincipal::User(_)
            | PolicyPrincipal::Role(_)
            | PolicyPrincipal::Session(_)
            | PolicyPrincipal::Id(_)
            | PolicyPrincipal::Service(_) => None,
        })
    }

    /// Whether a statement that allows names the service (`redshift.amazonaws.com`).
    #[must_use]
    pub fn names_service(&self, service: &str) -> bool {
        let allows = self.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        allows.filter_map(|statement| statement.principals.as_ref()).any(|principals| {
            principals.list.iter().any(|one| matches!(one, PolicyPrincipal::Service(named) if named == service))
        })
    }

    fn principals(&self) -> impl Iterator<Item = &PolicyPrincipal> {
        self.statements.iter().filter_map(|statement| statement.principals.as_ref()).flat_map(|all| &all.list)
    }

    /// The statements that may fit an action of a service (in lower case), in their order.
    pub(crate) fn statements_for(&self, service: &str) -> impl Iterator<Item = &Statement> {
        self.index.of_service(service).iter().filter_map(|number| self.statements.get(*number))
    }
}

/// Which statements may fit an action, by the action's service.
#[derive(Debug, Clone, Default)]
struct Index {
    /// Those of each service that is named, with those of all; by name.
    services: Vec<(Box<str>, Box<[usize]>)>,
    /// Those that fit actions of any service (`*`, `NotAction`).
    all: Box<[usize]>,
}

impl Index {
    fn of(statements: &[Statement]) -> Self {
        let services: Vec<Option<BTreeSet<&str>>> = statements.iter().map(services).collect();
        let names: BTreeSet<&str> = services.iter().flatten().flatten().copied().collect();
        let of = |name: &str| {
            let fits = services.iter().map(|services| services.as_ref().is_none_or(|services| services.contains(name)));
            fits.enumerate().filter_map(|(number, fits)| fits.then_some(number)).collect()
        };
        // No service is called so: what is left are the statements of all.
        let all = of("");
        Self { services: names.into_iter().map(|name| (name.into(), of(name))).collect(), all }
    }

    fn of_service(&self, service: &str) -> &[usize] {
        let found = self.services.binary_search_by(|(name, _)| (**name).cmp(service));
        found.ok().and_then(|place| self.services.get(place)).map_or(&self.all, |(_, numbers)| numbers)
    }
}

/// The services that a statement's actions are of; `None` for all.
fn services(statement: &Statement) -> Option<BTreeSet<&str>> {
    if statement.actions.negated {
        return None;
    }
    statement.actions.list.iter().map(|action| action.written().split_once(':').map(|(service, _)| service)).collect()
}
