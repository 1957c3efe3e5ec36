//! Whom a statement names.

use crate::{Subject, SubjectKind};

/// One that `Principal` or `NotPrincipal` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PolicyPrincipal {
    /// `*`
    Everybody,
    /// Everybody of an account, twelve digits: its own policies say who of them may.
    Account(String),
    /// By ARN.
    User(String),
    /// A role, and so each session of it, by ARN.
    Role(String),
    /// One session of a role, by ARN.
    Session(String),
    /// A user or a role by its unique id: another one of the same name isn't meant.
    Id(String),
    Federated(String),
    Service(String),
}

/// How closely a statement names a subject, from the least: it says which of the subject's own limits still count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// Its account is trusted to say who may.
    ByAccount,
    /// The role is: boundary and session policies still limit its sessions.
    ByRole,
    /// Nothing but an explicit deny limits it.
    Directly,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(crate) struct Principals {
    pub(crate) negated: bool,
    pub(crate) list: Vec<PolicyPrincipal>,
}

impl Principals {
    /// How closely the subject is meant.
    pub(crate) fn names(&self, subject: &Subject) -> Option<Named> {
        if self.negated {
            return (!self.spares(subject)).then_some(Named::Directly);
        }
        self.list.iter().filter_map(|principal| principal.names(subject)).max()
    }

    /// Whether `NotPrincipal` leaves a subject out: everything that it is must be listed, its account, its role and its session
    /// (IAM "NotPrincipal with Deny").
    fn spares(&self, subject: &Subject) -> bool {
        let lists = |named: Named| self.list.iter().any(|principal| principal.names(subject) == Some(named));
        if self.list.contains(&PolicyPrincipal::Everybody) {
            return true;
        }
        match subject.kind {
            SubjectKind::Root => lists(Named::ByAccount),
            SubjectKind::User { .. } => lists(Named::ByAccount) && lists(Named::Directly),
            SubjectKind::Role { .. } => lists(Named::ByAccount) && lists(Named::ByRole) && lists(Named::Directly),
            SubjectKind::Federated { .. } | SubjectKind::Service { .. } | SubjectKind::Anonymous => {
                lists(Named::Directly)
            }
        }
    }
}

impl PolicyPrincipal {
    fn names(&self, subject: &Subject) -> Option<Named> {
        let directly = |yes: bool| yes.then_some(Named::Directly);
        match (self, &subject.kind) {
            (Self::Everybody, _) => Some(Named::Directly),
            (Self::Account(account), _) => {
                (subject.has_identity_policies() && *account == subject.account).then_some(Named::ByAccount)
            }
            (Self::User(named), SubjectKind::User { arn, .. }) => directly(named == arn),
            (Self::Role(named), SubjectKind::Role { role_arn, .. }) => (named == role_arn).then_some(Named::ByRole),
            (Self::Session(named), SubjectKind::Role { session_arn, .. }) => directly(named == session_arn),
            (Self::Id(named), SubjectKind::User { id, .. }) => directly(named == id),
            (Self::Id(named), SubjectKind::Role { role_id, .. }) => (named == role_id).then_some(Named::ByRole),
            (Self::Federated(named), SubjectKind::Federated { provider }) => directly(named == provider),
            (Self::Service(named), SubjectKind::Service { name }) => directly(named == name),
            (
                Self::User(_) | Self::Role(_) | Self::Session(_) | Self::Id(_) | Self::Federated(_) | Self::Service(_),
                SubjectKind::Root
                | SubjectKind::User { .. }
                | SubjectKind::Role { .. }
                | SubjectKind::Federated { .. }
                | SubjectKind::Service { .. }
                | SubjectKind::Anonymous,
            ) => None,
        }
    }

    /// As the document writes it.
    pub(crate) fn written(&self) -> &str {
        match self {
            Self::Everybody => "*",
            Self::Account(text)
            | Self::User(text)
            | Self::Role(text)
            | Self::Session(text)
            | Self::Id(text)
            | Self::Federated(text)
            | Self::Service(text) => text,
        }
    }
}
