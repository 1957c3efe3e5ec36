//! What a sign-in or an enrolment remembers between two requests: in the browser, sealed. The server keeps nothing of it.

use base::{CorrelationId, Sealer, Secret};
use mfa::TotpSecret;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::SignInError;
use crate::error::IdpError;
use crate::session::Factor;

/// For [`Sealer`].
const PURPOSE: &str = "idp sign-in";

/// From the first proof to the last.
const LIFETIME: Duration = Duration::minutes(10);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Flow {
    /// It leads in once.
    pub(crate) id: String,
    pub(crate) user: Option<String>,
    pub(crate) proven: Vec<Factor>,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) started: OffsetDateTime,
    pub(crate) correlation: String,
    /// What a passkey was asked.
    pub(crate) challenge: Option<String>,
    pub(crate) enrolment: Option<Enrolment>,
}

/// What is being enrolled.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Enrolment {
    /// The secret, hex.
    Totp(String),
    Passkey,
}

impl Enrolment {
    /// The authenticator app's secret, if it is one that is being enrolled.
    pub(crate) fn totp(&self) -> Option<TotpSecret> {
        match self {
            Self::Totp(secret) => TotpSecret::from_bytes(&hex::decode(secret).ok()?),
            Self::Passkey => None,
        }
    }
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Totp(_) => "Totp(…)",
            Self::Passkey => "Passkey",
        })
    }
}

impl Flow {
    pub(crate) fn begin(correlation: &CorrelationId, now: OffsetDateTime) -> Self {
        Self {
            id: base::random::hex::<16>(),
            user: None,
            proven: Vec::new(),
            started: now,
            correlation: correlation.as_str().to_owned(),
            challenge: None,
            enrolment: None,
        }
    }

    pub(crate) fn expires(&self) -> OffsetDateTime {
        self.started + LIFETIME
    }

    pub(crate) fn seal(&self, sealer: &Sealer) -> Result<Secret<String>, IdpError> {
        let plain = serde_json::to_vec(self).map_err(|error| IdpError::Internal(error.to_string()))?;
        let sealed = sealer.seal_text(PURPOSE, &plain).map_err(|error| IdpError::Internal(error.to_string()))?;
        Ok(Secret::new(sealed))
    }

    /// Opens what [`Self::seal`] made, while it counts.
    pub(crate) fn open(sealer: &Sealer, sealed: &Secret<String>, now: OffsetDateTime) -> Result<Self, SignInError> {
        let plain = sealer.open_text(PURPOSE, sealed.expose()).ok_or(SignInError::FlowInvalid)?;
        let flow: Self = serde_json::from_slice(plain.expose()).map_err(|_| SignInError::FlowInvalid)?;
        if now >= flow.expires() {
            return Err(SignInError::FlowExpired);
        }
        Ok(flow)
    }
}
