//! Encoded authorization messages: a denial told in full, sealed, so that whoever was denied may read it if they may.

use policy::Effect;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::decide::{AuthDecision, Denied};
use crate::error::{StsCode, StsError};
use crate::service::Sts;

const PURPOSE: &str = "sts authorization message";
/// Characters (STS "DecodeAuthorizationMessage").
const LONGEST: usize = 10_240;

impl Sts {
    /// The message of a denial; `None` where nothing is denied or it can't be sealed.
    #[must_use]
    pub fn encode_denial(&self, caller: &Caller, decision: &AuthDecision) -> Option<String> {
        let denied = decision.denied.as_ref()?;
        let text = message(caller, denied, &decision.explanation).to_string();
        self.sealer.seal_text(PURPOSE, text.as_bytes()).ok().filter(|encoded| encoded.len() <= LONGEST)
    }

    /// What a message says, as JSON. Messages of another account (there is one) or another server don't open.
    ///
    /// # Errors
    /// [`StsCode::InvalidAuthorizationMessage`].
    pub fn decode_message(&self, encoded: &str) -> Result<String, StsError> {
        let invalid = || {
            let text =
                "Message is not valid: it is not an encoded authorization message of this server, or it was changed.";
            StsError::plain(StsCode::InvalidAuthorizationMessage, text)
        };
        if !(1..=LONGEST).contains(&encoded.len()) {
            return Err(invalid());
        }
        let opened = self.sealer.open_text(PURPOSE, encoded).ok_or_else(invalid)?;
        String::from_utf8(opened.into_exposed()).map_err(|_| invalid())
    }
}

fn message(caller: &Caller, denied: &Denied, explanation: &[String]) -> Value {
    let decision = denied.decision.as_ref();
    let statements = decision.map(|decision| decision.statements.as_slice()).unwrap_or_default();
    let matched: Vec<Value> = statements
        .iter()
        .map(|counted| {
            let effect = match counted.effect {
                Effect::Allow => "ALLOW",
                Effect::Deny => "DENY",
            };
            json!({ "statementId": counted.statement, "effect": effect, "sourcePolicyId": *counted.policy, "sourcePolicyType": counted.class.name() })
        })
        .collect();
    let explicit = statements.iter().any(|counted| counted.effect == Effect::Deny);
    let conditions: Vec<Value> = denied
        .context
        .iter()
        .map(|(key, values)| {
            let values: Vec<Value> = values.iter().map(|value| json!({ "value": value })).collect();
            json!({ "key": key, "values": { "items": values } })
        })
        .collect();
    json!({
        "allowed": false,
        "explicitDeny": explicit,
        "matchedStatements": { "items": matched },
        "failures": { "items": explanation },
        "context": {
            "principal": { "id": caller.user_id(), "name": caller.user_name().or(caller.role_session().map(|session| session.session_name.as_str())), "arn": caller.principal().to_string() },
            "action": denied.ask.action,
            "resource": denied.ask.resource,
            "conditions": { "items": conditions },
        },
    })
}
