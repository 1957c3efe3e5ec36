//! The rule: may this program get tokens in an application's name?
//!
//! An actor policy is the resource policy of an application's IAM authentication method. What of IAM's language is carried out here
//! is what [`ActorPolicy::parse`] takes; everything else is refused by its name, never passed over.

mod document;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;

use crate::CenterError;

/// The one action that an actor policy is asked about.
pub const CREATE_TOKEN_ACTION: &str = "sso-oauth:CreateTokenWithIAM";

/// A policy that was understood completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorPolicy {
    document: Value,
    statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    sid: Option<String>,
    effect: Effect,
    principals: Vec<PolicyPrincipal>,
    actions: Vec<ActionPattern>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

/// Whom a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PolicyPrincipal {
    Everybody,
    /// Everybody of an account, twelve digits: that the account trusts them is the account's own policies' business.
    Account(String),
    /// A role, and each session of it.
    Role {
        arn: String,
        account: String,
        /// Without the path: the ARN of a session has none.
        name: String,
    },
    /// A user or one session of a role, by ARN.
    Exactly(String),
    /// `<service>.amazonaws.com`
    Service(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ActionPattern {
    /// `*` and `sso-oauth:*`
    Any,
    CreateToken,
}

/// Which statement decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActorReason {
    /// The statement with this `Sid`, or its number from 1.
    AllowedBy(String),
    DeniedBy(String),
    /// No statement names the caller.
    NoStatement,
}

impl fmt::Display for ActorReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllowedBy(statement) => write!(f, "statement {statement} of the actor policy allows it"),
            Self::DeniedBy(statement) => write!(f, "statement {statement} of the actor policy denies it"),
            Self::NoStatement => f.write_str("no statement of the actor policy allows it"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorDecision {
    pub allowed: bool,
    pub reason: ActorReason,
}

impl ActorPolicy {
    /// Reads a policy: `Version` 2012-10-17, optional `Id`, and statements of `Effect`, `Principal` (`*`, `AWS`, `Service`), `Action`
    /// (`sso-oauth:CreateTokenWithIAM`, `sso-oauth:*`, `*`), `Resource` `*` and optional `Sid`; at most 20,480 bytes as JSON.
    ///
    /// # Errors
    /// [`CenterError::Invalid`] that names the first element that breaks a rule or isn't carried out.
    pub fn parse(document: Value) -> Result<Self, CenterError> {
        let statements = document::statements(&document)?;
        Ok(Self { document, statements })
    }

    /// The policy as it was given.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// Decides whether `principal_arn` of `account` (twelve digits) may call `action`. A statement that denies wins; what no
    /// statement allows is denied. `principal_arn` is a user's, a role's, a role session's (`arn:aws:sts::…:assumed-role/…`), the
    /// account's root's, or the name of a service.
    #[must_use]
    pub fn allows(&self, principal_arn: &str, account: &str, action: &str) -> ActorDecision {
        let named = |effect: Effect| {
            self.statements.iter().zip(1_usize..).find(|(statement, _)| {
                statement.effect == effect
                    && statement.principals.iter().any(|principal| principal.names(principal_arn, account))
                    && statement.actions.iter().any(|pattern| pattern.matches(action))
            })
        };
        let name = |(statement, number): (&Statement, usize)| {
            statement.sid.as_ref().map_or_else(|| number.to_string(), |sid| format!("\"{sid}\""))
        };
        if let Some(statement) = named(Effect::Deny) {
            return ActorDecision { allowed: false, reason: ActorReason::DeniedBy(name(statement)) };
        }
        match named(Effect::Allow) {
            Some(statement) => ActorDecision { allowed: true, reason: ActorReason::AllowedBy(name(statement)) },
            None => ActorDecision { allowed: false, reason: ActorReason::NoStatement },
        }
    }
}

impl PolicyPrincipal {
    fn names(&self, principal_arn: &str, account: &str) -> bool {
        match self {
            Self::Everybody => true,
            Self::Account(named) => named == account,
            Self::Role { arn, account: owner, name } => {
                let session = principal_arn.strip_prefix("arn:aws:sts::").and_then(|rest| rest.strip_prefix(owner));
                let session = session.and_then(|rest| rest.strip_prefix(":assumed-role/"));
                arn == principal_arn
                    || session.and_then(|rest| rest.split_once('/')).is_some_and(|(role, _)| role == name)
            }
            Self::Exactly(arn) => arn == principal_arn,
            Self::Service(service) => service == principal_arn,
        }
    }
}

impl ActionPattern {
    /// Actions are compared without case, as in IAM.
    fn matches(self, action: &str) -> bool {
        match self {
            Self::Any => true,
            Self::CreateToken => action.eq_ignore_ascii_case(CREATE_TOKEN_ACTION),
        }
    }
}
