//! The question that only the assignments can answer.

use base::id::ApplicationArn;
use directory::ActiveUser;

/// Why somebody has no way to a Redshift application. `reason` and `hint` are full sentences for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotAssigned {
    /// The application they would need, where it is known which.
    pub application: Option<ApplicationArn>,
    pub reason: String,
    /// What would change it, and whom to ask.
    pub hint: String,
}

/// Who may use which application: directly assigned or through a group. Answers from memory.
pub trait AccessDecision: Send + Sync + std::fmt::Debug {
    /// The Redshift application to issue a token for. Drivers don't name one.
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NotAssigned>;

    /// Whether this person may (still) use this application.
    fn may_use(&self, user: &ActiveUser, application: &ApplicationArn) -> Result<(), NotAssigned>;
}
