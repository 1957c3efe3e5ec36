//! The proof.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::certificate::SigningCertificate;
use crate::name_id::NameId;

/// An assertion that passed every check; made only by [`super::validate`]. All that it holds stood in the signed element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidatedAssertion {
    pub(super) issuer: String,
    pub(super) id: String,
    pub(super) name_id: NameId,
    pub(super) attributes: BTreeMap<String, Vec<String>>,
    pub(super) session_index: Option<String>,
    pub(super) session_not_on_or_after: Option<OffsetDateTime>,
    pub(super) authn_instant: OffsetDateTime,
    pub(super) authn_context: Option<String>,
    pub(super) in_response_to: Option<String>,
    pub(super) replay_until: OffsetDateTime,
    pub(super) recipient: String,
    pub(super) audiences: Vec<String>,
    pub(super) certificate: SigningCertificate,
}

impl ValidatedAssertion {
    /// The identity provider's entity ID.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Must be taken once only, until [`Self::replay_until`].
    #[must_use]
    pub fn assertion_id(&self) -> &str {
        &self.id
    }

    #[must_use]
    pub const fn name_id(&self) -> &NameId {
        &self.name_id
    }

    /// The values of an attribute; none if it isn't there. Names are compared exactly.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &[String] {
        self.attributes.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    #[must_use]
    pub const fn attributes(&self) -> &BTreeMap<String, Vec<String>> {
        &self.attributes
    }

    /// What a logout names the session by.
    #[must_use]
    pub fn session_index(&self) -> Option<&str> {
        self.session_index.as_deref()
    }

    /// When the identity provider wants the session to end.
    #[must_use]
    pub const fn session_not_on_or_after(&self) -> Option<OffsetDateTime> {
        self.session_not_on_or_after
    }

    #[must_use]
    pub const fn authn_instant(&self) -> OffsetDateTime {
        self.authn_instant
    }

    /// How the person signed in there (AuthnContextClassRef).
    #[must_use]
    pub fn authn_context(&self) -> Option<&str> {
        self.authn_context.as_deref()
    }

    /// The request that it answers; `None` if it was begun at the identity provider.
    #[must_use]
    pub fn in_response_to(&self) -> Option<&str> {
        self.in_response_to.as_deref()
    }

    /// After this instant the assertion is refused by itself, the skew included.
    #[must_use]
    pub const fn replay_until(&self) -> OffsetDateTime {
        self.replay_until
    }

    #[must_use]
    pub fn recipient(&self) -> &str {
        &self.recipient
    }

    #[must_use]
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// The one whose key signed it.
    #[must_use]
    pub const fn certificate(&self) -> &SigningCertificate {
        &self.certificate
    }
}
