//! Who made a call whose signature is verified.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{CorrelationId, Principal};
use policy::{NamedPolicy, Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::parameters;
use crate::session::{Origin, RoleSession, SessionPolicies};

/// Cheap to clone. Made by [`crate::Sts::find`] and [`crate::Sts::resume`] only, so whoever has one knows that the credential was alive.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sealed: SealedCaller,
    principal: Principal,
    subject: Subject,
    account: String,
    /// A user's name and path now.
    user_name: Option<String>,
    tags: BTreeMap<String, String>,
    /// The inline session policy, read.
    inline: Option<NamedPolicy>,
    correlation: Option<CorrelationId>,
}

/// What kind of principal it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerIdentity {
    Root,
    /// A user of IAM, by unique id.
    User {
        id: String,
    },
    Role(Box<RoleSession>),
}

/// How long a temporary credential lives. Times are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    pub issued: i64,
    pub expires: i64,
}

/// What is kept of a caller who isn't there any more: all but secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedCaller {
    pub access_key_id: String,
    pub identity: CallerIdentity,
    /// `None`: a long-lived key.
    pub life: Option<Life>,
    /// All of them must be alive.
    pub origin: Vec<Origin>,
    /// Whether a second factor was shown when the credential was made.
    pub mfa: bool,
    /// What the calls of a temporary credential are recorded under.
    pub correlation: Option<String>,
}

/// What IAM knows of a caller now.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) account: String,
    /// Name and ARN of the user.
    pub(crate) user: Option<(String, String, String)>,
    /// Of the user or the role.
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) inline: Option<NamedPolicy>,
}

impl Caller {
    pub(crate) fn new(sealed: SealedCaller, known: Known) -> Self {
        let Known { account, user, mut tags, inline } = known;
        let owner = || Principal::Root { account: account.clone() };
        let (principal, kind) = match &sealed.identity {
            CallerIdentity::Root => (owner(), SubjectKind::Root),
            CallerIdentity::User { id } => {
                let (_, path_and_name, arn) = user.clone().unwrap_or_default();
                let principal = Principal::IamUser { account: account.clone(), path_and_name };
                (principal, SubjectKind::User { arn, id: id.clone() })
            }
            CallerIdentity::Role(session) => {
                for (key, value) in &session.tags {
                    // A session's tag takes the place of the role's, whatever its case (IAM tags "case sensitivity").
                    tags.retain(|other, _| !parameters::same_key(other, key));
                    tags.insert(key.clone(), value.clone());
                }
                let principal = Principal::RoleSession {
                    account: account.clone(),
                    role_name: session.role_name.clone(),
                    session_name: session.session_name.clone(),
                };
                let kind = SubjectKind::Role {
                    role_arn: session.role_arn.clone(),
                    role_id: session.role_id.clone(),
                    session_arn: session.arn(&account),
                    session_name: session.session_name.clone(),
                };
                (principal, kind)
            }
        };
        let subject = Subject { account: account.clone(), kind };
        let correlation = sealed.correlation.clone().map(CorrelationId::resume);
        let user_name = user.map(|(name, _, _)| name);
        Self(Arc::new(Inner { sealed, principal, subject, account, user_name, tags, inline, correlation }))
    }

    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// Twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.0.account
    }

    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.0.sealed.access_key_id
    }

    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    #[must_use]
    pub fn identity(&self) -> &CallerIdentity {
        &self.0.sealed.identity
    }

    /// The session, if it is one of a role.
    #[must_use]
    pub fn role_session(&self) -> Option<&RoleSession> {
        match self.identity() {
            CallerIdentity::Role(session) => Some(session),
            CallerIdentity::Root | CallerIdentity::User { .. } => None,
        }
    }

    /// The name of the user, if it is one.
    #[must_use]
    pub fn user_name(&self) -> Option<&str> {
        self.0.user_name.as_deref()
    }

    /// `aws:userid`: the account, `AIDA…`, or `AROA…:SESSION`.
    #[must_use]
    pub fn user_id(&self) -> String {
        match self.identity() {
            CallerIdentity::Root => self.account().to_owned(),
            CallerIdentity::User { id } => id.clone(),
            CallerIdentity::Role(session) => session.user_id(),
        }
    }

    /// When the temporary credential was made; `None` for a long-lived key.
    #[must_use]
    pub fn issued_at(&self) -> Option<OffsetDateTime> {
        self.0.sealed.life.as_ref().and_then(|life| from_micros(life.issued))
    }

    /// When the temporary credential ends.
    #[must_use]
    pub fn expires(&self) -> Option<OffsetDateTime> {
        self.0.sealed.life.as_ref().and_then(|life| from_micros(life.expires))
    }

    /// What the calls of a temporary credential are recorded under.
    #[must_use]
    pub fn correlation(&self) -> Option<&CorrelationId> {
        self.0.correlation.as_ref()
    }

    /// Who is behind a session, where an identity provider or a source identity tells: for records, never for decisions.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        let session = self.role_session()?;
        let federated = session.federated.as_ref();
        let told = federated.map(|federated| federated.email.as_deref().unwrap_or(&federated.subject));
        told.or(session.behind.as_deref()).or(session.source_identity.as_deref())
    }

    #[must_use]
    pub fn source_identity(&self) -> Option<&str> {
        self.role_session()?.source_identity.as_deref()
    }

    /// `aws:PrincipalTag/*`: the principal's own tags; a session's take their place.
    #[must_use]
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.0.tags
    }

    /// A tag by its key, without regard to case.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags().iter().find(|(other, _)| parameters::same_key(other, key)).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn shown_mfa(&self) -> bool {
        self.0.sealed.mfa
    }

    pub(crate) fn inline_policy(&self) -> Option<&NamedPolicy> {
        self.0.inline.as_ref()
    }

    pub(crate) fn session_policies(&self) -> Option<&SessionPolicies> {
        self.role_session().map(|session| &session.policies).filter(|policies| !policies.is_empty())
    }

    /// What the credential depends on.
    #[must_use]
    pub fn origins(&self) -> &[Origin] {
        &self.0.sealed.origin
    }

    /// What other credentials keep of the caller.
    #[must_use]
    pub fn to_sealed(&self) -> SealedCaller {
        self.0.sealed.clone()
    }
}

pub(crate) fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1000)).unwrap_or(i64::MAX)
}

pub(crate) fn from_micros(micros: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).ok()
}
