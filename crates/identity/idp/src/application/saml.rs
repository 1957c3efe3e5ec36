//! What a SAML service provider is told, and where.

use saml::{Endpoint, SigningCertificate};
use serde::{Deserialize, Serialize};
use time::Duration;

use super::field::UserField;
use super::{certificate, seconds};

/// The configuration of a SAML application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamlApplication {
    /// The audience of assertions, and the issuer of requests. `None` until it is known.
    pub sp_entity_id: Option<String>,
    /// Where responses are posted; the first is the default. `http` only on loopback.
    pub acs_urls: Vec<String>,
    /// What requests and logout messages are verified with; several while they change.
    #[serde(with = "certificate")]
    pub sp_certificates: Vec<SigningCertificate>,
    /// Requests without a signature are refused.
    pub requests_signed: bool,
    /// Where the service provider takes logout messages. Empty: it has no single logout.
    pub single_logout: Vec<Endpoint>,
    pub name_id: NameIdSource,
    pub user_attributes: Vec<UserAttribute>,
    /// The same for everybody. A name that stands here twice has two values.
    pub constant_attributes: Vec<ConstantAttribute>,
    pub group_attribute: Option<GroupAttribute>,
    /// What a sign-in from the console carries as RelayState.
    pub relay_state: Option<String>,
    /// How long an assertion may be presented (NotOnOrAfter of Conditions and SubjectConfirmationData): 60 s to 12 hours.
    #[serde(with = "seconds")]
    pub lifetime: Duration,
    /// The response is signed too; the assertion always is.
    pub sign_response: bool,
    /// SessionNotOnOrAfter is sent: the end of the person's session at the provider.
    pub session_end: bool,
}

/// The format of a NameID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameIdFormat {
    EmailAddress,
    Persistent,
    Unspecified,
}

impl NameIdFormat {
    /// SAML 2.0 core 8.3.
    #[must_use]
    pub const fn urn(self) -> &'static str {
        match self {
            Self::EmailAddress => saml::NAME_ID_EMAIL,
            Self::Persistent => saml::NAME_ID_PERSISTENT,
            Self::Unspecified => saml::NAME_ID_UNSPECIFIED,
        }
    }

    #[must_use]
    pub fn from_urn(urn: &str) -> Option<Self> {
        [Self::EmailAddress, Self::Persistent, Self::Unspecified].into_iter().find(|format| format.urn() == urn)
    }
}

/// Who the assertion is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameIdSource {
    pub format: NameIdFormat,
    pub from: UserField,
}

/// An attribute (or claim) with the person's own value; left out for who has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserAttribute {
    pub name: String,
    pub from: UserField,
}

/// An attribute with the same value for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConstantAttribute {
    pub name: String,
    pub value: String,
}

/// Which of the person's groups are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupsSent {
    /// Those that are authorised for the application.
    OfApplication,
    /// All of them.
    OfPerson,
}

/// An attribute (or claim) with the names of the person's groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupAttribute {
    pub name: String,
    pub which: GroupsSent,
    /// Only groups whose name begins with this.
    pub prefix: Option<String>,
}
