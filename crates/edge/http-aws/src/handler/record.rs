//! The audit record of a call.

use ::sts::{Caller, CallerIdentity, Peer};
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal};
use time::format_description::well_known::Rfc3339;

use crate::error::ApiError;
use crate::operation::{Answer, Performed};
use crate::service::Service;

/// Characters of a header or a name from the client that an audit record keeps.
const RECORDED_CHARACTERS_MAX: usize = 256;
/// Characters of a refusal's reason that an audit record keeps: it may repeat what a stranger sent.
const REASON_CHARACTERS_MAX: usize = 1024;

/// What is known of a call beside what became of it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) principal: Principal,
    pub(super) correlation: CorrelationId,
    pub(super) fields: Vec<(&'static str, String)>,
}

impl Known {
    /// Of somebody whose signature doesn't count, or who needs none.
    pub(super) fn stranger(id: &CorrelationId) -> Self {
        Self { principal: Principal::Anonymous, correlation: id.clone(), fields: Vec::new() }
    }

    /// Of a verified caller: who they are, what they signed with, and who is behind it.
    pub(super) fn of(caller: &Caller, id: &CorrelationId, parameters: String) -> Self {
        let mut fields = vec![
            ("access_key_id", caller.access_key_id().to_owned()),
            ("principal_id", caller.user_id()),
            ("request_parameters", parameters),
        ];
        match caller.identity() {
            CallerIdentity::Root | CallerIdentity::User { .. } => {}
            CallerIdentity::Role(session) => {
                fields.push(("role_arn", session.role_arn.clone()));
                fields.extend(session.source_identity.clone().map(|identity| ("source_identity", identity)));
                fields.extend(session.federated.as_ref().map(|who| ("federated_provider", who.provider.clone())));
            }
        }
        fields.extend(caller.person().map(|person| ("person", person.to_owned())));
        let issued = caller.issued_at().and_then(|issued| issued.replace_nanosecond(0).ok()?.format(&Rfc3339).ok());
        fields.extend(issued.map(|issued| ("session_issued", issued)));
        let correlation = caller.correlation().unwrap_or(id).clone();
        Self { principal: caller.principal().clone(), correlation, fields }
    }
}

/// The record of a call.
pub(super) fn event(
    service: Service,
    named: &str,
    (peer, user_agent): (Peer, &str),
    id: &CorrelationId,
    known: Known,
    performed: &Performed,
) -> AuditEvent {
    let Known { principal, correlation, fields } = known;
    let referred = correlation != *id;
    let mut event = AuditEvent::new(AuditStep::ApiCall, outcome(&performed.result), correlation, principal)
        .action(format!("{}:{}", service.action_prefix(), cut(named)))
        .target(cut(&performed.resource))
        .field("source_ip", peer.address.map_or_else(|| "unknown".to_owned(), |address| address.to_string()))
        .field("user_agent", cut(user_agent));
    if referred {
        event = event.field("request_id", id.as_str());
    }
    for (name, value) in fields {
        event = event.field(name, value);
    }
    let Err(error) = &performed.result else { return event };
    event = event
        .field("error_code", error.shown(service.protocol()).code)
        .field("reason", cut_to(REASON_CHARACTERS_MAX, &error.to_string()));
    let mend = match error {
        ApiError::AccessDenied(denial) => denial.mend.as_str(),
        ApiError::Sts(error) => error.mend(),
        ApiError::Signature(_)
        | ApiError::MissingAction
        | ApiError::UnknownTarget(_)
        | ApiError::UnknownVersion { .. }
        | ApiError::UnsupportedOperation { .. }
        | ApiError::UnsupportedParameter { .. }
        | ApiError::MissingParameter { .. }
        | ApiError::InvalidParameter { .. }
        | ApiError::ParameterCombination { .. }
        | ApiError::Malformed(_)
        | ApiError::BodyTooLarge
        | ApiError::IdentityNotFound { .. }
        | ApiError::Named { .. }
        | ApiError::Center(_)
        | ApiError::Control(_)
        | ApiError::AuditUnavailable
        | ApiError::Interrupted => "",
    };
    if mend.is_empty() { event } else { event.field("mend", cut_to(REASON_CHARACTERS_MAX, mend)) }
}

fn outcome(result: &Result<Answer, ApiError>) -> Outcome {
    use base::{ErrorKind, Fault as _};
    match result {
        Ok(_) => Outcome::Allowed,
        Err(ApiError::Signature(_) | ApiError::AccessDenied(_)) => Outcome::Denied,
        Err(ApiError::Sts(error)) if [ErrorKind::Denied, ErrorKind::Unauthenticated].contains(&error.kind()) => {
            Outcome::Denied
        }
        Err(_) => Outcome::Failed,
    }
}

/// A text of the client's as an audit record keeps it.
pub(super) fn cut(text: &str) -> String {
    cut_to(RECORDED_CHARACTERS_MAX, text)
}

fn cut_to(most: usize, text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(most).collect()
}
