//! The built-in identity provider: second factors, sessions, SSO applications, and who may open them.
//!
//! Its people and groups are a [`directory::Directory`] of its own: it knows nothing of Identity Center's. Reads are answered from
//! memory; a write is one transaction in the store, then in memory, then announced. Rules are pure and take the time; an assertion
//! is made only for a live session, and only when a group of its person is authorised.

mod api_token;
mod application;
mod attributes;
pub mod aws_attribute;
mod change;
mod connector;
mod error;
mod factors;
mod key;
mod memory;
pub mod opening;
mod password_only;
mod port;
mod registry;
mod service;
mod session;
mod sign_in;
mod slug;
mod state;

pub use api_token::{ApiClient, ApiToken, ApiTokenRefusal};
pub use application::{
    Application, ApplicationEdit, Connector, ConstantAttribute, CreatedApplication, GroupAttribute, GroupsSent,
    NameIdFormat, NameIdSource, NewApplication, OidcApplication, OidcGrant, SamlApplication, UserAttribute, UserField,
};
pub use attributes::{AttributeProblem, SentAttribute};
pub use change::IdpChange;
pub use connector::{ConnectorKind, MOST_GROUPS, is_plain_redirect};
pub use error::IdpError;
pub use factors::{Factors, KeptPasskey, KeptTotp, MfaPolicy, NextStep, PasskeySummary, PersonFactors, next_step};
pub use key::{KeyOwner, KeyState, Rotation, RotationPlan, StoredKey, rotate};
pub use memory::MemoryStore;
pub use opening::{Decision, Denial};
pub use password_only::{FormPlugins, PasswordOnly, Proven};
pub use port::{IdpStore, IdpWrite, StoredIdp};
pub use service::{
    IdentityProvider, IdpMetadataFile, IdpParts, IdpUrls, IssuedAssertion, OidcKey, OidcSigningKey, OpenError,
    SigningKeyInfo, watch_directory,
};
pub use session::{
    ABSOLUTE, EndedSession, Factor, IDLE, IdpSession, Participant, SessionEnd, SessionId, SignedIn, StoredSession,
    Visit,
};
pub use sign_in::{
    EnrolOffers, Enrolled, FlowInfo, Offers, PasskeyChallenge, Progress, SignInError, Step, TotpEnrolment,
};
pub use slug::Slug;
