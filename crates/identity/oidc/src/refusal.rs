//! Why a sign-in at the provider isn't taken: the check that failed, what was expected, what came.

use std::fmt;

use base::{Checks, ErrorKind, Fault, PublicMessage};

use crate::error::sentence;

/// What a verifier found: every check in order, and the outcome.
#[derive(Debug, Clone)]
pub struct Verdict<T> {
    pub checks: Checks,
    /// The token's `jti`, or the sign-in's nonce: what audit records call it by, also where it was refused.
    pub assertion: Option<String>,
    pub outcome: Result<T, OidcRefusal>,
}

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident $name:literal),* $(,)?) => {
        /// The checks, in the order in which they are made.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Check {
            $($(#[$doc])* $variant,)*
        }

        impl Check {
            /// As page, audit and `gatehouse explain login` call it. Stable.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

checks! {
    /// The query that the browser came back with.
    Answer "answer",
    State "state",
    /// RFC 9207.
    AnswerIssuer "issuer of the answer",
    /// `error=…` instead of a code.
    ProviderError "provider's answer",
    Discovery "discovery document",
    TokenEndpoint "token endpoint",
    /// A JSON Web Signature in compact form.
    Form "token form",
    Type "token type",
    Algorithm "algorithm",
    Keys "key set",
    Key "key",
    Signature "signature",
    Issuer "issuer",
    Audience "audience",
    AuthorisedParty "authorised party",
    Subject "subject",
    Expiry "expiry",
    IssuedAt "issue time",
    NotBefore "not before",
    Nonce "nonce",
    AuthenticationTime "authentication time",
    AccessTokenHash "access token hash",
    UserInfo "userinfo",
    /// Of a logout token.
    Events "events",
    TokenId "token id",
}

/// The first check that failed. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcRefusal {
    pub check: Check,
    /// As the end of "… was expected".
    pub expected: String,
    /// What came; for the checks of time, documents and requests a whole statement.
    pub found: String,
}

impl fmt::Display for OidcRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { check, expected, found } = self;
        match check {
            Check::Issuer => write!(f, "The token's issuer is {found}, not {expected}."),
            Check::Audience => write!(f, "The token's audience is {found}, not {expected}."),
            Check::AuthorisedParty => write!(f, "The token's authorised party is {found}, not {expected}."),
            Check::AnswerIssuer => write!(f, "The answer is of the issuer {found}, not of {expected}."),
            Check::Type => write!(f, "The token's type is {found}, not {expected}."),
            Check::Algorithm => write!(f, "The token is signed with {found}, not with {expected}."),
            Check::ProviderError
            | Check::Discovery
            | Check::TokenEndpoint
            | Check::Keys
            | Check::Expiry
            | Check::IssuedAt
            | Check::NotBefore
            | Check::AuthenticationTime => f.write_str(&sentence(found)),
            Check::Answer
            | Check::State
            | Check::Form
            | Check::Key
            | Check::Signature
            | Check::Subject
            | Check::Nonce
            | Check::AccessTokenHash
            | Check::UserInfo
            | Check::Events
            | Check::TokenId => {
                write!(f, "The check of the {} failed: {expected} was expected, and {found} came.", check.name())
            }
        }
    }
}

impl std::error::Error for OidcRefusal {}

impl OidcRefusal {
    /// The likely mend, for the administrator: full sentences.
    #[must_use]
    pub fn mend(&self) -> String {
        let mend = match self.check {
            Check::Answer => "Start again from the sign-in page. If it comes again, the provider's answer is at fault.",
            Check::State | Check::Nonce => {
                "Start again from the sign-in page, in one window. If nobody did that, somebody may have tried to slip in a \
                 sign-in of their own."
            }
            Check::AnswerIssuer | Check::Issuer => {
                "Configure the issuer to the letter as the provider has it. With several tenants, use the one of your own."
            }
            Check::ProviderError => {
                "The provider refused. Its own log says why; often the person isn't assigned to the application there, or the \
                 redirect URI isn't registered."
            }
            Check::Discovery => {
                "Check the source with its issuer: the provider's documents must be reachable from this machine."
            }
            Check::TokenEndpoint => {
                "Check the client id and the client secret of the source, and that its redirect URI is registered at the provider \
                 to the letter."
            }
            Check::Form => {
                "Turn the encryption of ID tokens off at the provider, if it is on: signed tokens are what is read."
            }
            Check::Type | Check::Events | Check::TokenId => {
                "This is the provider's to mend: the token isn't of the kind it was sent as."
            }
            Check::Algorithm => "Choose RS256 or ES256 as the signature algorithm of ID tokens at the provider.",
            Check::Keys | Check::Key => {
                "The provider signs with a key that its key set doesn't have, or has more than once. If it has just changed its \
                 keys, try again in a minute."
            }
            Check::Signature => {
                "The token was changed on its way, or isn't the provider's. If it comes again, compare the provider's key set with \
                 the key it signs with."
            }
            Check::Audience | Check::AuthorisedParty => {
                "Check the source's client id: it must be the one of this application at the provider."
            }
            Check::Subject | Check::UserInfo => {
                "This is the provider's to mend: its tokens don't say clearly who signed in."
            }
            Check::Expiry | Check::IssuedAt | Check::NotBefore => {
                "Set the clocks of both servers by NTP; up to three minutes of difference can be allowed for the source."
            }
            Check::AuthenticationTime => "Have the provider ask for the password again, and send auth_time.",
            Check::AccessTokenHash => {
                "The access token isn't the one that the ID token was issued with: this is the provider's to mend."
            }
        };
        mend.to_owned()
    }
}

impl Fault for OidcRefusal {
    fn kind(&self) -> ErrorKind {
        match self.check {
            Check::Discovery | Check::TokenEndpoint | Check::Keys => ErrorKind::Unavailable,
            Check::Answer
            | Check::State
            | Check::AnswerIssuer
            | Check::ProviderError
            | Check::Form
            | Check::Type
            | Check::Algorithm
            | Check::Key
            | Check::Signature
            | Check::Issuer
            | Check::Audience
            | Check::AuthorisedParty
            | Check::Subject
            | Check::Expiry
            | Check::IssuedAt
            | Check::NotBefore
            | Check::Nonce
            | Check::AuthenticationTime
            | Check::AccessTokenHash
            | Check::UserInfo
            | Check::Events
            | Check::TokenId => ErrorKind::Denied,
        }
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new("The sign-in at your identity provider wasn't taken.")
            .with_detail(self.to_string())
            .with_hint("Try again. If it fails again, give the reference to your administrator.")
    }
}

/// Writes checks down, and makes the refusal of the first that fails.
#[derive(Debug)]
pub(crate) struct Noted<'a>(pub(crate) &'a mut Checks);

impl Noted<'_> {
    pub(crate) fn check(&mut self, check: Check, expected: &str, found: &str, passed: bool) -> Result<(), OidcRefusal> {
        if passed {
            self.0.note(check.name(), expected, found, true);
            return Ok(());
        }
        Err(self.refusal(check, expected, found))
    }

    /// Notes that a check failed. The values are as the note has them: cut, and without control characters.
    pub(crate) fn refusal(&mut self, check: Check, expected: &str, found: &str) -> OidcRefusal {
        self.0.note(check.name(), expected, found, false);
        let noted = self.0.list().last();
        let (expected, found) = noted.map(|noted| (noted.expected.clone(), noted.found.clone())).unwrap_or_default();
        OidcRefusal { check, expected, found }
    }
}
