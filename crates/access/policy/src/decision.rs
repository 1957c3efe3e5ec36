//! What was decided, and why.

use std::fmt;
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// What a policy is to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyClass {
    /// Inline and attached policies of a user, a role, a user's groups.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Policies that were passed when the session was made.
    Session,
    /// The policy of what is asked for; a role's trust policy.
    Resource,
}

impl PolicyClass {
    /// As AWS's messages name it, without the article.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource-based policy",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Allowed,
    /// A statement denies it.
    ExplicitDeny {
        class: PolicyClass,
    },
    /// No statement of the class allows it.
    ImplicitDeny {
        class: PolicyClass,
    },
}

/// A statement that matched the request and counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub policy: Arc<str>,
    pub class: PolicyClass,
    /// Its `Sid`, or its number from 1.
    pub statement: String,
    pub effect: Effect,
}

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    /// The statements that matched, of all classes.
    pub statements: Vec<Counted>,
    /// Condition keys (in lower case) that statements asked for and that the request doesn't have.
    pub missing_keys: Vec<String>,
    /// Whether the permissions boundary allows it; `None` without a boundary.
    pub boundary_allows: Option<bool>,
    /// The statements that came nearest, when the request is denied.
    pub(crate) nearest: Vec<String>,
}

impl Outcome {
    #[must_use]
    pub const fn allowed(self) -> bool {
        matches!(self, Self::Allowed)
    }
}

impl Decision {
    #[must_use]
    pub const fn allowed(&self) -> bool {
        self.outcome.allowed()
    }

    /// The tail of AWS's message: `because no identity-based policy allows the redshift:JoinGroup action`, `with an explicit deny in a
    /// session policy`. Empty when the request is allowed.
    #[must_use]
    pub fn because(&self, action: &str) -> String {
        match self.outcome {
            Outcome::Allowed => String::new(),
            Outcome::ExplicitDeny { class: PolicyClass::Identity } => {
                "with an explicit deny in an identity-based policy".to_owned()
            }
            Outcome::ExplicitDeny { class } => format!("with an explicit deny in a {}", class.name()),
            Outcome::ImplicitDeny { class } => format!("because no {} allows the {action} action", class.name()),
        }
    }

    /// Why, line by line, what decided first: the statements that deny, or those that came nearest to allowing and what they lack; then
    /// the others that matched. At most 12 lines without a full stop. They quote the policies: they are for who may read those, and for
    /// the audit trail.
    #[must_use]
    pub fn explain(&self) -> Vec<String> {
        let of =
            |effect: Effect| self.statements.iter().filter(move |one| one.effect == effect).map(Counted::to_string);
        let lines = self.nearest.iter().cloned();
        of(Effect::Deny).chain(lines).chain(of(Effect::Allow)).take(LINES_MAX).collect()
    }
}

/// Lines of an explanation.
const LINES_MAX: usize = 12;

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, statement, .. } = self;
        let does = match self.effect {
            Effect::Allow => "allows",
            Effect::Deny => "denies",
        };
        write!(f, "statement {statement:?} of {policy} {does} it")
    }
}
