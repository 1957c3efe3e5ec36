//! The rule: may this person use this application?

use std::fmt;

use base::id::{ApplicationArn, DirectoryGroupId, DirectoryUserId};

use crate::{Application, ApplicationStatus, AssignedPrincipal};

/// What lets a person in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// Assigned in person.
    Direct,
    /// A member of this assigned group.
    Group(DirectoryGroupId),
    /// The application requires no assignment.
    NoAssignmentRequired,
}

/// A reason of the decision, for the audit trail and for `explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessReason {
    ApplicationNotFound(ApplicationArn),
    ApplicationDisabled(ApplicationArn),
    NoAssignmentRequired(ApplicationArn),
    Assigned {
        application: ApplicationArn,
        principal: AssignedPrincipal,
    },
    /// Neither the person nor one of these groups is assigned.
    NotAssigned {
        application: ApplicationArn,
        user: DirectoryUserId,
        groups: Vec<DirectoryGroupId>,
    },
}

impl fmt::Display for AccessReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApplicationNotFound(arn) => write!(f, "application {arn} doesn't exist"),
            Self::ApplicationDisabled(arn) => write!(f, "application {arn} is disabled"),
            Self::NoAssignmentRequired(arn) => write!(f, "application {arn} requires no assignment"),
            Self::Assigned { application, principal } => write!(f, "{principal} is assigned to {application}"),
            Self::NotAssigned { application, user, groups } => {
                write!(f, "neither USER {user} nor one of their {} groups is assigned to {application}", groups.len())
            }
        }
    }
}

/// Allowed exactly when `via` says by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessDecision {
    pub allowed: bool,
    /// A direct assignment before a group; groups in the order given.
    pub via: Option<Via>,
    /// Everything that lets the person in, or the one thing that keeps them out.
    pub reasons: Vec<AccessReason>,
}

impl AccessDecision {
    fn allow(via: Via, reasons: Vec<AccessReason>) -> Self {
        Self { allowed: true, via: Some(via), reasons }
    }

    fn deny(reason: AccessReason) -> Self {
        Self { allowed: false, via: None, reasons: vec![reason] }
    }
}

/// Decides. `application` is what `arn` names, where it exists; `is_assigned` looks one principal up among the assignments of
/// this application. Asks once per group of the person, whatever the number of assignments.
#[must_use]
pub fn decide(
    arn: &ApplicationArn,
    application: Option<&Application>,
    is_assigned: impl Fn(&AssignedPrincipal) -> bool,
    user: &DirectoryUserId,
    groups: &[DirectoryGroupId],
) -> AccessDecision {
    let Some(application) = application else {
        return AccessDecision::deny(AccessReason::ApplicationNotFound(arn.clone()));
    };
    match application.status {
        ApplicationStatus::Enabled => {}
        ApplicationStatus::Disabled => return AccessDecision::deny(AccessReason::ApplicationDisabled(arn.clone())),
    }
    if !application.assignment_required {
        return AccessDecision::allow(Via::NoAssignmentRequired, vec![AccessReason::NoAssignmentRequired(arn.clone())]);
    }
    let direct = (Via::Direct, AssignedPrincipal::User(user.clone()));
    let by_group = groups.iter().map(|group| (Via::Group(group.clone()), AssignedPrincipal::Group(group.clone())));
    let assigned = std::iter::once(direct).chain(by_group).filter(|(_, principal)| is_assigned(principal));
    let (vias, reasons): (Vec<_>, Vec<_>) =
        assigned.map(|(via, principal)| (via, AccessReason::Assigned { application: arn.clone(), principal })).unzip();
    match vias.into_iter().next() {
        Some(via) => AccessDecision::allow(via, reasons),
        None => AccessDecision::deny(AccessReason::NotAssigned {
            application: arn.clone(),
            user: user.clone(),
            groups: groups.to_vec(),
        }),
    }
}
