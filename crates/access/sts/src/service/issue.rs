//! Making a temporary credential.

use base::{CorrelationId, Secret};
use time::{Duration, OffsetDateTime};

use super::Sts;
use crate::caller::{Caller, CallerIdentity, Life, SealedCaller, micros};
use crate::error::{StsCode, StsError};
use crate::session::Origin;
use crate::token;

/// A temporary credential, as its holder gets it.
#[derive(Debug, Clone)]
pub struct Issued {
    /// `ASIA` and 16 of `A-Z2-7`
    pub access_key_id: String,
    pub secret: Secret<String>,
    pub session_token: Secret<String>,
    pub expires: OffsetDateTime,
    pub caller: Caller,
    /// How much of what policies and tags may take is taken, in percent; `None` where there are none.
    pub packed_policy_size: Option<u32>,
}

/// What a credential is to be.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) identity: CallerIdentity,
    /// What it comes from, without itself.
    pub(crate) origin: Vec<Origin>,
    pub(crate) duration: Duration,
    /// When what it is made with ends: it never lasts longer.
    pub(crate) until: Option<OffsetDateTime>,
    pub(crate) mfa: bool,
    pub(crate) correlation: CorrelationId,
    pub(crate) packed_policy_size: Option<u32>,
}

impl Sts {
    pub(crate) fn issue(&self, draft: Draft) -> Result<Issued, StsError> {
        let Draft { identity, mut origin, duration, until, mfa, correlation, packed_policy_size } = draft;
        let now = self.clock.now();
        let issued = micros(now);
        // Whole seconds, as the answer tells it.
        let expires = (now + duration).replace_nanosecond(0).unwrap_or(now + duration);
        let expires = until.map_or(expires, |until| until.min(expires));
        let access_key_id = format!("ASIA{}", base::random::upper_alphanumeric(16));
        if let CallerIdentity::Role(session) = &identity {
            origin.push(Origin::Role { id: session.role_id.clone(), issued });
        }
        origin.push(Origin::Session { access_key_id: access_key_id.clone() });
        let life = Some(Life { issued, expires: micros(expires) });
        let correlation = Some(correlation.to_string());
        let sealed = SealedCaller { access_key_id: access_key_id.clone(), identity, life, origin, mfa, correlation };
        let (secret, session_token) = token::seal(&self.sealer, &sealed)?;
        // What was deleted while it was being decided isn't issued for.
        let caller = self
            .resume(&sealed)
            .map_err(|ended| StsError::refused(StsCode::AccessDenied, "Access denied", ended.reason, ended.mend))?;
        Ok(Issued { access_key_id, secret, session_token, expires, caller, packed_policy_size })
    }
}
