//! What became of an attempt to assume a role by an identity provider's word, for its record.

use base::Checks;

use crate::error::StsError;
use crate::service::Issued;

/// Every check in order, who it was about as far as it is proven, and the outcome.
#[derive(Debug)]
pub struct Attempt {
    pub checks: Checks,
    /// The id of the assertion or token, once its signature counts.
    pub assertion: Option<String>,
    /// Its subject, once it is proven.
    pub person: Option<String>,
    pub outcome: Result<Issued, StsError>,
}

/// An attempt while it is made.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) checks: Checks,
    pub(crate) assertion: Option<String>,
    pub(crate) person: Option<String>,
}

impl Story {
    /// Notes a check that fails with this error.
    pub(crate) fn check(
        &mut self,
        check: &str,
        expected: &str,
        found: &str,
        passed: bool,
        error: impl FnOnce() -> StsError,
    ) -> Result<(), StsError> {
        if self.checks.note(check, expected, found, passed) { Ok(()) } else { Err(error()) }
    }

    pub(crate) fn attempt(self, outcome: Result<Issued, StsError>) -> Attempt {
        let Self { checks, assertion, person } = self;
        Attempt { checks, assertion, person, outcome }
    }
}
