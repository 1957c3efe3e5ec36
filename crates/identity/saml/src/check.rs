//! The closed list of what is checked, and how a failed check is told.

mod words;

use std::fmt;

use base::Checks;

/// A check of a received message. The order is the one in which a Response is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// The binding: base64, DEFLATE, the parameters of the query.
    Encoding,
    Document,
    DocumentType,
    Comments,
    Namespaces,
    UniqueIds,
    /// The root is the message that was asked for.
    Message,
    Version,
    Status,
    Encryption,
    /// Exactly one, as a child of the Response, and none anywhere else.
    OneAssertion,
    Signed,
    SignatureForm,
    SignatureReference,
    SignatureAlgorithm,
    /// The bytes are what one of the trusted keys signed.
    Signature,
    CertificateValidity,
    ResponseSignature,
    ResponseIssuer,
    Issuer,
    Destination,
    IssueInstant,
    Conditions,
    NotBefore,
    NotOnOrAfter,
    Audience,
    Subject,
    Confirmation,
    Recipient,
    ConfirmationNotBefore,
    ConfirmationNotOnOrAfter,
    ResponseInResponseTo,
    InResponseTo,
    Statement,
    AuthnInstant,
    FreshSignIn,
    SessionNotOnOrAfter,
    NameId,
    Attributes,
    /// Of a request: a part that isn't carried out.
    RequestContent,
    /// Of a request: where the answer may be sent.
    AssertionConsumer,
}

impl Check {
    /// All of them, in order.
    pub const ALL: [Self; 41] = [
        Self::Encoding,
        Self::Document,
        Self::DocumentType,
        Self::Comments,
        Self::Namespaces,
        Self::UniqueIds,
        Self::Message,
        Self::Version,
        Self::Status,
        Self::Encryption,
        Self::OneAssertion,
        Self::Signed,
        Self::SignatureForm,
        Self::SignatureReference,
        Self::SignatureAlgorithm,
        Self::Signature,
        Self::CertificateValidity,
        Self::ResponseSignature,
        Self::ResponseIssuer,
        Self::Issuer,
        Self::Destination,
        Self::IssueInstant,
        Self::Conditions,
        Self::NotBefore,
        Self::NotOnOrAfter,
        Self::Audience,
        Self::Subject,
        Self::Confirmation,
        Self::Recipient,
        Self::ConfirmationNotBefore,
        Self::ConfirmationNotOnOrAfter,
        Self::ResponseInResponseTo,
        Self::InResponseTo,
        Self::Statement,
        Self::AuthnInstant,
        Self::FreshSignIn,
        Self::SessionNotOnOrAfter,
        Self::NameId,
        Self::Attributes,
        Self::RequestContent,
        Self::AssertionConsumer,
    ];

    /// The stable name, as the audit trail has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::Document => "document",
            Self::DocumentType => "document type",
            Self::Comments => "comments",
            Self::Namespaces => "namespaces",
            Self::UniqueIds => "unique ids",
            Self::Message => "message",
            Self::Version => "version",
            Self::Status => "status",
            Self::Encryption => "encryption",
            Self::OneAssertion => "one assertion",
            Self::Signed => "signed",
            Self::SignatureForm => "signature form",
            Self::SignatureReference => "signature reference",
            Self::SignatureAlgorithm => "signature algorithm",
            Self::Signature => "signature",
            Self::CertificateValidity => "certificate validity",
            Self::ResponseSignature => "response signature",
            Self::ResponseIssuer => "response issuer",
            Self::Issuer => "issuer",
            Self::Destination => "destination",
            Self::IssueInstant => "issue instant",
            Self::Conditions => "conditions",
            Self::NotBefore => "not before",
            Self::NotOnOrAfter => "not on or after",
            Self::Audience => "audience",
            Self::Subject => "subject",
            Self::Confirmation => "confirmation",
            Self::Recipient => "recipient",
            Self::ConfirmationNotBefore => "confirmation without NotBefore",
            Self::ConfirmationNotOnOrAfter => "confirmation not on or after",
            Self::ResponseInResponseTo => "response in response to",
            Self::InResponseTo => "in response to",
            Self::Statement => "authentication statement",
            Self::AuthnInstant => "authentication instant",
            Self::FreshSignIn => "fresh sign-in",
            Self::SessionNotOnOrAfter => "session not on or after",
            Self::NameId => "name id",
            Self::Attributes => "attributes",
            Self::RequestContent => "request content",
            Self::AssertionConsumer => "assertion consumer",
        }
    }
}

/// The first check that failed. `Display` is a full sentence for the person who signs in; nothing in it is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub check: Check,
    pub expected: String,
    pub found: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words::sentence(self))
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// What the administrator of which side can do about it: full sentences.
    #[must_use]
    pub const fn mend(&self) -> &'static str {
        words::mend(self.check)
    }
}

/// What a verifier found: every check in order, up to and including the first that failed.
#[derive(Debug, Clone)]
pub struct Verdict<T> {
    pub checks: Checks,
    pub outcome: Result<T, Refusal>,
}

/// The checks while they are made.
#[derive(Debug, Default)]
pub(crate) struct Story {
    checks: Checks,
}

/// The longest value of a message that is repeated in a refusal, in characters.
const LONGEST_FOUND: usize = 300;

impl Story {
    /// Notes a check; a failed one ends the verification.
    pub(crate) fn note(
        &mut self,
        check: Check,
        expected: impl AsRef<str>,
        found: impl AsRef<str>,
        passed: bool,
    ) -> Result<(), Refusal> {
        let (expected, found) = (expected.as_ref(), found.as_ref());
        if self.checks.note(check.name(), expected, found, passed) {
            return Ok(());
        }
        Err(Refusal { check, expected: shown(expected), found: shown(found) })
    }

    pub(crate) fn passed(&mut self, check: Check, expected: &str, found: &str) {
        self.checks.note(check.name(), expected, found, true);
    }

    pub(crate) fn failed<T>(
        &mut self,
        check: Check,
        expected: impl AsRef<str>,
        found: impl AsRef<str>,
    ) -> Result<T, Refusal> {
        let (expected, found) = (expected.as_ref(), found.as_ref());
        self.checks.note(check.name(), expected, found, false);
        Err(Refusal { check, expected: shown(expected), found: shown(found) })
    }

    pub(crate) fn verdict<T>(self, outcome: Result<T, Refusal>) -> Verdict<T> {
        Verdict { checks: self.checks, outcome }
    }
}

/// Without control characters and not too long: the values are a stranger's.
fn shown(text: &str) -> String {
    let mut characters = text.chars().map(|one| if one.is_control() { ' ' } else { one });
    let mut short: String = characters.by_ref().take(LONGEST_FOUND).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
