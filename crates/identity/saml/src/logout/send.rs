//! Logout messages that are sent.

use time::{Duration, OffsetDateTime};

use super::LogoutStatus;
use crate::binding::{Binding, Endpoint, Field, Outgoing, form, location, may_go};
use crate::error::SamlError;
use crate::instant;
use crate::key::SigningKey;
use crate::name_id::NameId;
use crate::signature::{Part, checked, enveloped};
use crate::status;
use crate::xml::{self, Element, ns};

/// A request is worth something for this long.
const LIFETIME: Duration = Duration::minutes(5);

#[derive(Debug, Clone, Copy)]
pub struct SendRequest<'a> {
    /// From [`crate::message_id`]; the answer must name it.
    pub id: &'a str,
    /// Our entity ID.
    pub issuer: &'a str,
    pub destination: &'a Endpoint,
    /// As the other side knows the person: out of its assertion, or as it was in ours.
    pub name_id: &'a NameId,
    pub session_indexes: &'a [String],
    pub now: OffsetDateTime,
    pub relay_state: Option<&'a str>,
}

#[derive(Debug, Clone, Copy)]
pub struct SendResponse<'a> {
    pub id: &'a str,
    pub issuer: &'a str,
    pub destination: &'a Endpoint,
    pub in_response_to: &'a str,
    pub status: LogoutStatus,
    pub now: OffsetDateTime,
    pub relay_state: Option<&'a str>,
}

/// # Errors
/// [`SamlError`] if an address, the relay state or a value can't be sent, or signing fails.
pub fn send_request(request: &SendRequest<'_>, key: &SigningKey) -> Result<Outgoing, SamlError> {
    if !NameId::may_be_sent(&request.name_id.value) {
        return Err(SamlError::Value("the NameID is empty, too long, or has spaces around it".to_owned()));
    }
    let end = request.now.saturating_add(LIFETIME);
    let sessions = request.session_indexes.iter().map(|index| xml::protocol("SessionIndex").holding(index));
    let message = envelope("LogoutRequest", request.id, request.issuer, (request.destination, request.now))
        .with("NotOnOrAfter", &instant::format(end))
        .child(request.name_id.element())
        .all(sessions);
    send(&message, Field::Request, request.destination, request.relay_state, key)
}

/// # Errors
/// As [`send_request`].
pub fn send_response(response: &SendResponse<'_>, key: &SigningKey) -> Result<Outgoing, SamlError> {
    let codes: &[&str] = match response.status {
        LogoutStatus::Success => &["Success"],
        LogoutStatus::Partial => &["Responder", "PartialLogout"],
        LogoutStatus::Denied => &["Responder", "RequestDenied"],
    };
    let message = envelope("LogoutResponse", response.id, response.issuer, (response.destination, response.now))
        .with("InResponseTo", response.in_response_to)
        .child(status::element(codes, None));
    send(&message, Field::Response, response.destination, response.relay_state, key)
}

fn envelope(local: &str, id: &str, issuer: &str, (to, now): (&Endpoint, OffsetDateTime)) -> Element {
    xml::protocol(local)
        .declaring(&[ns::PROTOCOL, ns::ASSERTION])
        .with("ID", id)
        .with("Version", "2.0")
        .with("IssueInstant", &instant::format(now))
        .with("Destination", &to.location)
        .child(xml::assertion("Issuer").holding(issuer))
}

fn send(
    message: &Element,
    field: Field,
    to: &Endpoint,
    relay_state: Option<&str>,
    key: &SigningKey,
) -> Result<Outgoing, SamlError> {
    may_go(&to.location, relay_state)?;
    match to.binding {
        Binding::Redirect => {
            Ok(Outgoing::Redirect(location(&to.location, field, &checked(message)?, relay_state, Some(key))?))
        }
        Binding::Post => Ok(form(&to.location, field, &enveloped(message, &[Part::Message], key)?, relay_state)),
    }
}
