//! Why somebody isn't signed in, and how it is told to them.

pub(crate) mod mend;
#[cfg(test)]
mod tests;

use base::{Checks, ErrorKind, Fault as _, PublicMessage};
use oidc::OidcRefusal;

use crate::model::MatchBy;
use crate::subject::GROUPS_MAX;

/// The first check of a sign-in that failed. `Display` is the reason as the audit trail keeps it; it holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInDenial {
    #[error("there is no identity source {id}")]
    UnknownSource { id: String },
    #[error("the identity source is disabled")]
    SourceDisabled,
    /// Between the beginning and the answer.
    #[error("the identity source was set to another identity provider while the sign-in was under way")]
    SourceChanged,
    /// The answer is to a request, and the browser knows of none.
    #[error("this browser has no sign-in under way that the answer could belong to")]
    FlowMissing,
    #[error("the answer belongs to a sign-in of another browser or window")]
    FlowOfAnotherBrowser,
    /// `seconds` since the beginning; negative when the clock was set back meanwhile.
    #[error("the sign-in was begun {seconds} s ago, and may take ten minutes")]
    FlowExpired { seconds: i64 },
    #[error("the sign-in began at the identity provider, which this source doesn't allow")]
    UnsolicitedNotAllowed,
    #[error("{0}")]
    Assertion(saml::Refusal),
    #[error("{0}")]
    IdToken(OidcRefusal),
    #[error("the assertion was used before")]
    Replayed,
    #[error("the assertion doesn't have {wanted}, which names the person")]
    NoSubject { wanted: String },
    #[error("{wanted} names the person and has {count} values")]
    SeveralSubjects { wanted: String, count: usize },
    #[error("the NameID is transient: it is another one at each sign-in and names nobody")]
    TransientSubject,
    #[error("the identity provider hasn't verified the e-mail address {value}")]
    UnverifiedEmail { value: String },
    #[error("the domain {domain} belongs to the identity source \"{owner}\"")]
    ForeignDomain { domain: String, owner: String },
    #[error("nobody has the {} \"{value}\"", .by.attribute())]
    NotProvisioned { by: MatchBy, value: String },
    #[error("nobody could be made with the userName \"{value}\": {rule}")]
    NotCreatable { value: String, rule: String },
    #[error("several people have the {} \"{value}\"", .by.attribute())]
    Ambiguous { by: MatchBy, value: String },
    #[error("\"{user_name}\" belongs to another account of this identity provider")]
    LinkedToAnother { user_name: String },
    #[error("\"{user_name}\" is deactivated")]
    Inactive { user_name: String },
    #[error("the claim {claim} names {count} groups, and {GROUPS_MAX} are taken at most")]
    TooManyGroups { claim: String, count: usize },
    #[error("the claim {claim} doesn't name the groups, but an address where they could be asked for")]
    GroupsElsewhere { claim: String },
    /// Nothing is wrong with the sign-in.
    #[error("the sign-in could not be carried out: {0}")]
    Unavailable(String),
}

/// A page for the person. No internals beyond the failed check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonPage {
    pub title: &'static str,
    /// `hint` says what to do and whom to turn to.
    pub message: PublicMessage,
}

impl SignInDenial {
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownSource { .. } => ErrorKind::NotFound,
            Self::IdToken(refusal) => refusal.kind(),
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::SourceDisabled
            | Self::SourceChanged
            | Self::FlowMissing
            | Self::FlowOfAnotherBrowser
            | Self::FlowExpired { .. }
            | Self::UnsolicitedNotAllowed
            | Self::Assertion(_)
            | Self::Replayed
            | Self::NoSubject { .. }
            | Self::SeveralSubjects { .. }
            | Self::TransientSubject
            | Self::UnverifiedEmail { .. }
            | Self::ForeignDomain { .. }
            | Self::NotProvisioned { .. }
            | Self::NotCreatable { .. }
            | Self::Ambiguous { .. }
            | Self::LinkedToAnother { .. }
            | Self::Inactive { .. }
            | Self::TooManyGroups { .. }
            | Self::GroupsElsewhere { .. } => ErrorKind::Denied,
        }
    }

    /// Whether the person is known to the identity provider and not here: the page that says so is theirs.
    #[must_use]
    pub const fn is_not_provisioned(&self) -> bool {
        matches!(self, Self::NotProvisioned { .. })
    }

    /// Writes the failed check down. What a verifier refused, it has written down itself.
    pub(crate) fn note(&self, checks: &mut Checks) {
        let Some((check, expected)) = self.check() else { return };
        checks.note(check, &expected, &self.to_string(), false);
    }

    fn check(&self) -> Option<(&'static str, String)> {
        let (check, expected) = match self {
            Self::Assertion(_) | Self::IdToken(_) => return None,
            Self::UnknownSource { .. } | Self::SourceDisabled => ("identity source", "an enabled identity source"),
            Self::SourceChanged => ("identity source", "the identity provider that was asked"),
            Self::FlowMissing | Self::FlowOfAnotherBrowser => ("flow", "a sign-in that this browser began"),
            Self::FlowExpired { .. } => ("flow", "a sign-in begun at most ten minutes ago"),
            Self::UnsolicitedNotAllowed => ("flow", "a sign-in that began here"),
            Self::Replayed => ("one use", "an assertion that wasn't used before"),
            Self::NoSubject { wanted } | Self::SeveralSubjects { wanted, .. } => {
                return Some(("subject", format!("{wanted} with one value")));
            }
            Self::TransientSubject => ("subject", "a NameID that stays the same"),
            Self::UnverifiedEmail { .. } => ("subject", "an e-mail address with email_verified"),
            Self::ForeignDomain { .. } => ("domain", "an address that no other identity source has the domain of"),
            Self::NotProvisioned { by, value } => {
                return Some(("person", format!("a person with the {} \"{value}\"", by.attribute())));
            }
            Self::NotCreatable { .. } => ("person", "a name that a person can have"),
            Self::Ambiguous { by, .. } => return Some(("person", format!("one person with this {}", by.attribute()))),
            Self::LinkedToAnother { .. } => ("person", "a person who isn't linked to another account"),
            Self::Inactive { .. } => ("person", "an active person"),
            Self::TooManyGroups { .. } => ("groups", "at most 500 groups"),
            Self::GroupsElsewhere { .. } => ("groups", "the names of the groups"),
            Self::Unavailable(_) => ("store", "a record of this sign-in"),
        };
        Some((check, expected.to_owned()))
    }

    /// The page for the person: `source` is the source's name, `contact` whom to turn to.
    #[must_use]
    pub fn person_page(&self, source: &str, contact: Option<&str>) -> PersonPage {
        let turn_to = contact.map_or_else(|| "your administrator".to_owned(), str::to_owned);
        let ask = format!("Turn to {turn_to} and give the reference below.");
        let again =
            format!("Sign in again from the sign-in page, in one window. If it fails again, turn to {turn_to}.");
        let page = |title: &'static str, message: String, hint: &str| PersonPage {
            title,
            message: PublicMessage::new(message).with_hint(hint),
        };
        match self {
            Self::NotProvisioned { by, value } => page(
                "You aren't set up here yet",
                format!("You signed in at {source}, but nobody here has the {} \"{value}\".", by.attribute()),
                &format!("Turn to {turn_to} to be set up, and give the reference below. Then sign in again."),
            ),
            Self::Inactive { .. } => {
                page("Your account is deactivated", format!("You signed in at {source}, but your account here is deactivated."), &ask)
            }
            Self::UnknownSource { .. } | Self::SourceDisabled => {
                page("This way in is closed", format!("Nobody can sign in with {source} at the moment."), &ask)
            }
            Self::FlowMissing | Self::FlowOfAnotherBrowser => page(
                "This sign-in wasn't begun here",
                "The answer of the identity provider doesn't belong to a sign-in of this browser. Cookies must be allowed for this site."
                    .to_owned(),
                &again,
            ),
            Self::FlowExpired { .. } | Self::SourceChanged | Self::Replayed => {
                page("This sign-in is over", format!("It can't be used: {self}."), &again)
            }
            Self::UnsolicitedNotAllowed => page(
                "Begin the sign-in here",
                format!("A sign-in can't begin at {source}."),
                "Open the sign-in page here and choose it there.",
            ),
            Self::Assertion(_) | Self::IdToken(_) => {
                page("The sign-in was not accepted", self.to_string(), &ask)
            }
            Self::Unavailable(_) => page(
                "Not possible at the moment",
                "The server could not carry the sign-in out.".to_owned(),
                "Try again in a moment. If it lasts, give your administrator the reference below.",
            ),
            Self::NoSubject { .. }
            | Self::SeveralSubjects { .. }
            | Self::TransientSubject
            | Self::UnverifiedEmail { .. }
            | Self::ForeignDomain { .. }
            | Self::NotCreatable { .. }
            | Self::Ambiguous { .. }
            | Self::LinkedToAnother { .. }
            | Self::TooManyGroups { .. }
            | Self::GroupsElsewhere { .. } => page(
                "The sign-in was not accepted",
                format!("You signed in at {source}, but it isn't clear who you are here: {self}."),
                &ask,
            ),
        }
    }
}
