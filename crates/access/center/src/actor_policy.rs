//! The rule: may this program get tokens in an application's name?
//!
//! An actor policy is the resource policy of an application's IAM authentication method: the whole of IAM's language, as
//! [`policy`] carries it out. The application is the resource.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use policy::{Context, Counted, Document, DocumentKind, Effect, NamedPolicy, Policies, Request, Subject, evaluate};
use serde_json::Value;

use crate::CenterError;

/// The one action that an actor policy is asked about.
pub const CREATE_TOKEN_ACTION: &str = "sso-oauth:CreateTokenWithIAM";

const DOCUMENT_BYTES_MAX: usize = 20_480;
/// Characters of the document that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// A policy that was understood completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorPolicy {
    given: Value,
    policy: NamedPolicy,
}

/// Which statement decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActorReason {
    /// The statement with this `Sid`, or its number from 1.
    AllowedBy(String),
    DeniedBy(String),
    /// No statement allows it to the caller; what came nearest, if anything did.
    NoStatement {
        nearest: Option<String>,
    },
}

impl fmt::Display for ActorReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllowedBy(statement) => write!(f, "statement {statement:?} of the actor policy allows it"),
            Self::DeniedBy(statement) => write!(f, "statement {statement:?} of the actor policy denies it"),
            Self::NoStatement { nearest: None } => f.write_str("no statement of the actor policy allows it"),
            Self::NoStatement { nearest: Some(nearest) } => {
                write!(f, "no statement of the actor policy allows it: {nearest}")
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorDecision {
    pub allowed: bool,
    pub reason: ActorReason,
}

impl ActorPolicy {
    /// Reads a resource policy of at most 20,480 bytes as JSON, whose actions are of `sso-oauth`.
    ///
    /// # Errors
    /// [`CenterError::Invalid`] that names the first place that breaks a rule or would have no effect.
    pub fn parse(given: Value) -> Result<Self, CenterError> {
        let invalid = |rule: String| CenterError::invalid("ActorPolicy", rule);
        if !given.is_object() {
            return Err(invalid("it must be a JSON object".to_owned()));
        }
        let text = given.to_string();
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(invalid("it has at most 20480 bytes".to_owned()));
        }
        let document = Document::parse(&text, DocumentKind::Resource).map_err(|error| invalid(error.to_string()))?;
        if let Some(action) = actions(&given).find(|action| !has_meaning(action)) {
            let action: String = action.chars().take(SHOWN_CHARACTERS_MAX).collect();
            return Err(invalid(format!(
                "the Action \"{action}\" has no meaning in an actor policy; name {CREATE_TOKEN_ACTION}, sso-oauth:* or *"
            )));
        }
        Ok(Self { given, policy: NamedPolicy { name: "the actor policy".into(), document: Arc::new(document) } })
    }

    /// The policy as it was given.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.given
    }

    /// Decides whether a caller may call `action` for the application with this ARN. A statement that denies wins; what no statement
    /// allows is denied. What names the caller's account is enough: whether its own policies allow it is asked beside this.
    #[must_use]
    pub fn allows(&self, caller: &Subject, action: &str, application: &str, context: &Context) -> ActorDecision {
        let request = Request { subject: caller, action, resource: application, context };
        let policies = Policies { resource: Some(&self.policy), resource_must_allow: true, ..Policies::default() };
        let decision = evaluate(&request, &policies);
        let name = |effect: Effect| {
            let counted = decision.statements.iter().find(|counted| counted.effect == effect);
            counted.map(|Counted { statement, .. }| statement.clone())
        };
        if let Some(statement) = name(Effect::Deny) {
            return ActorDecision { allowed: false, reason: ActorReason::DeniedBy(statement) };
        }
        match name(Effect::Allow) {
            Some(statement) => ActorDecision { allowed: true, reason: ActorReason::AllowedBy(statement) },
            None => {
                let nearest = decision.explain().into_iter().next();
                ActorDecision { allowed: false, reason: ActorReason::NoStatement { nearest } }
            }
        }
    }
}

/// The texts of each `Action` of a policy.
fn actions(policy: &Value) -> impl Iterator<Item = &str> {
    let statements = policy.get("Statement").map(one_or_many).unwrap_or_default();
    let actions = statements.iter().filter_map(|statement| statement.get("Action"));
    actions.flat_map(one_or_many).filter_map(Value::as_str)
}

fn one_or_many(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn has_meaning(action: &str) -> bool {
    let service = action.split_once(':').map(|(service, _)| service);
    action == "*" || service.is_some_and(|service| service.eq_ignore_ascii_case("sso-oauth"))
}
