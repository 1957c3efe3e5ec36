//! One record per step, with one correlation id from sign-in to statement.

use std::fmt;

use crate::Principal;

/// Ties the steps of one person's way together: sign-in, token, connection, statements.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CorrelationId(String);

impl CorrelationId {
    #[must_use]
    pub fn fresh() -> Self {
        Self(crate::id::uuid())
    }

    /// The id that an earlier step wrote down (in a token, for example).
    #[must_use]
    pub fn resume(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which step of the way a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditStep {
    ScimRequest,
    SignIn,
    ClientRegistration,
    Authorization,
    Token,
    ApiCall,
    Connection,
    Statement,
    SessionEnd,
    Administration,
}

impl AuditStep {
    const ALL: [Self; 10] = [
        Self::ScimRequest,
        Self::SignIn,
        Self::ClientRegistration,
        Self::Authorization,
        Self::Token,
        Self::ApiCall,
        Self::Connection,
        Self::Statement,
        Self::SessionEnd,
        Self::Administration,
    ];

    /// The step that [`Self::name`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScimRequest => "scim_request",
            Self::SignIn => "sign_in",
            Self::ClientRegistration => "client_registration",
            Self::Authorization => "authorization",
            Self::Token => "token",
            Self::ApiCall => "api_call",
            Self::Connection => "connection",
            Self::Statement => "statement",
            Self::SessionEnd => "session_end",
            Self::Administration => "administration",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    Allowed,
    Denied,
    Failed,
}

impl Outcome {
    /// The outcome that [`Self::name`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Allowed, Self::Denied, Self::Failed].into_iter().find(|outcome| outcome.name() == name)
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// What happened. `fields` holds what this step adds (client address, SQL text, the reason of a denial): never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    pub step: AuditStep,
    pub outcome: Outcome,
    pub correlation: CorrelationId,
    pub principal: Principal,
    /// The operation, e.g. `PATCH /Users`, `redshift:DescribeClusters`, `SELECT`.
    pub action: String,
    /// What it was done to: an ARN, a path, a relation.
    pub target: String,
    pub fields: Vec<(&'static str, String)>,
}

impl AuditEvent {
    #[must_use]
    pub fn new(step: AuditStep, outcome: Outcome, correlation: CorrelationId, principal: Principal) -> Self {
        Self { step, outcome, correlation, principal, action: String::new(), target: String::new(), fields: Vec::new() }
    }

    #[must_use]
    pub fn action(mut self, action: impl Into<String>) -> Self {
        self.action = action.into();
        self
    }

    #[must_use]
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }
}

/// The audit trail can't be written. What can't be recorded isn't done.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the audit trail can't be written: {0}")]
pub struct AuditUnavailable(pub String);

/// The port of the append-only, hash-chained trail. `record` returns when the record would survive a kill -9.
#[async_trait::async_trait]
pub trait AuditLog: Send + Sync + fmt::Debug {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable>;
}
