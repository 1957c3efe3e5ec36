//! AuthnRequest, as it is sent (SAML core 3.4.1).

use time::OffsetDateTime;

use crate::binding::{Binding, Endpoint, Field, Outgoing, form, location, may_go};
use crate::error::SamlError;
use crate::instant;
use crate::key::SigningKey;
use crate::signature::{Part, checked, enveloped};
use crate::xml::{self, Element, ns};

/// A request that somebody be signed in.
#[derive(Debug, Clone, Copy)]
pub struct AuthnRequest<'a> {
    /// From [`crate::message_id`]; the answer must name it.
    pub id: &'a str,
    /// Our entity ID.
    pub issuer: &'a str,
    pub destination: &'a Endpoint,
    /// Where the answer is posted.
    pub acs_url: &'a str,
    pub name_id_format: Option<&'a str>,
    /// Whether the person must prove who they are even within a session.
    pub force_authn: bool,
    pub now: OffsetDateTime,
}

/// The request on its way, signed if there is a key.
///
/// # Errors
/// [`SamlError`] if an address, the relay state or a value can't be sent, or signing fails.
pub fn send(
    request: &AuthnRequest<'_>,
    key: Option<&SigningKey>,
    relay_state: Option<&str>,
) -> Result<Outgoing, SamlError> {
    let to = &request.destination.location;
    may_go(to, relay_state)?;
    let message = element(request);
    match request.destination.binding {
        Binding::Redirect => {
            Ok(Outgoing::Redirect(location(to, Field::Request, &checked(&message)?, relay_state, key)?))
        }
        Binding::Post => {
            let xml = match key {
                Some(key) => enveloped(&message, &[Part::Message], key)?,
                None => checked(&message)?,
            };
            Ok(form(to, Field::Request, &xml, relay_state))
        }
    }
}

fn element(request: &AuthnRequest<'_>) -> Element {
    let policy = request
        .name_id_format
        .map(|format| xml::protocol("NameIDPolicy").with("Format", format).with("AllowCreate", "true"));
    xml::protocol("AuthnRequest")
        .declaring(&[ns::PROTOCOL, ns::ASSERTION])
        .with("ID", request.id)
        .with("Version", "2.0")
        .with("IssueInstant", &instant::format(request.now))
        .with("Destination", &request.destination.location)
        .with_some("ForceAuthn", request.force_authn.then_some("true"))
        .with("ProtocolBinding", Binding::Post.uri())
        .with("AssertionConsumerServiceURL", request.acs_url)
        .child(xml::assertion("Issuer").holding(request.issuer))
        .child_some(policy)
}
