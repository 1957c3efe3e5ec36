//! GetSessionToken: a temporary credential of the caller's own.

use base::CorrelationId;
use time::Duration;

use crate::caller::{Caller, CallerIdentity};
use crate::error::{StsCode, StsError};
use crate::parameters;
use crate::service::{Draft, Issued, Sts};

/// Seconds. Root's are capped at an hour.
const USUAL: i64 = 43_200;
const LONGEST: i64 = 129_600;
const ROOT_LONGEST: i64 = 3600;

impl Sts {
    /// A temporary credential with the caller's permissions, for 12 hours where `duration_seconds` isn't given; it can't be used for IAM, and of
    /// STS only for AssumeRole and GetCallerIdentity.
    ///
    /// # Errors
    /// [`StsError`]: a duration that isn't 900 to 129600 s, or a caller with a temporary credential.
    pub fn get_session_token(
        &self,
        caller: &Caller,
        duration_seconds: Option<i64>,
        correlation: &CorrelationId,
    ) -> Result<Issued, StsError> {
        let duration = parameters::duration(duration_seconds, USUAL, LONGEST)?;
        let duration = match caller.identity() {
            CallerIdentity::Root => duration.min(Duration::seconds(ROOT_LONGEST)),
            CallerIdentity::User { .. } | CallerIdentity::Role(_) => duration,
        };
        if caller.issued_at().is_some() {
            let text = "Cannot call GetSessionToken with session credentials";
            let mend = "Call it with a long-lived access key; a role's session is temporary already.";
            return Err(StsError::refused(StsCode::AccessDenied, text, text, mend));
        }
        self.issue(Draft {
            identity: caller.identity().clone(),
            origin: caller.origins().to_vec(),
            duration,
            until: None,
            mfa: false,
            correlation: correlation.clone(),
            packed_policy_size: None,
        })
    }
}
