//! Devices without a browser (RFC 8628).

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use base::{Secret, SecretHash};
use directory::attempts::{Attempt, AttemptDecision};
use idp::{Application, IdpSession, OidcGrant};
use time::{Duration, OffsetDateTime};

use crate::authorize;
use crate::device::{self, DeviceDecision, DeviceState, Pace, StoredDevice};
use crate::error::{OAuthError, OpenIdError, Refusal};
use crate::format::{self, Kind};
use crate::grant::Grant;
use crate::port::OpenIdWrite;
use crate::scope::Scope;
use crate::service::OpenIdProvider;
use crate::service::authorize::new_grant;
use crate::service::token::DeviceExchange;

/// What a device is told that begins (RFC 8628 3.2).
#[derive(Debug, Clone)]
pub struct StartedDevice {
    pub device_code: Secret<String>,
    /// `BCDF-GHJK`.
    pub user_code: Secret<String>,
    pub expires_in: Duration,
    pub interval: Duration,
}

/// What the person is asked who typed a user code.
#[derive(Debug, Clone)]
pub struct DeviceQuestion {
    pub application: Arc<Application>,
    pub scopes: BTreeSet<Scope>,
    pub created: OffsetDateTime,
    device: StoredDevice,
}

/// Why a user code leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceRefusal {
    /// Not a code that waits: mistyped, expired, or answered before. Which one isn't told.
    #[error("the user code isn't one that waits")]
    Unknown,
    #[error("too many user codes were tried")]
    TooManyAttempts { retry_after_seconds: u64 },
}

/// When each address began its devices that may still wait. Forgotten at a restart.
pub(super) type Sources = HashMap<IpAddr, VecDeque<OffsetDateTime>>;

impl OpenIdProvider {
    /// Begins for a device of an application that has proven itself.
    ///
    /// # Errors
    /// `unauthorized_client`, `invalid_scope`, `slow_down` when too many wait, or [`OpenIdError::Unavailable`].
    pub async fn start_device(
        &self,
        application: &Application,
        scope: Option<&str>,
        source: IpAddr,
    ) -> Result<StartedDevice, OpenIdError> {
        let unfit = |text: &str| Refusal::new(OAuthError::UnauthorizedClient, text);
        let oidc = application.oidc().ok_or_else(|| unfit("The application doesn't use OpenID Connect."))?;
        if !oidc.grants.contains(&OidcGrant::DeviceCode) {
            return Err(
                unfit("The application doesn't have the grant device_code; an administrator can add it.").into()
            );
        }
        if !application.active {
            return Err(unfit("Single sign-on of the application is deactivated.").into());
        }
        let scopes = authorize::scopes(oidc, scope)?;
        let turn = self.turn().await;
        let created = self.now();
        if self.read().device_count() >= self.limits.devices || !self.admit(source, created) {
            let text = "Too many devices wait at the moment; try again in some minutes.";
            return Err(Refusal::new(OAuthError::SlowDown, text).into());
        }
        let device_code = format::mint(Kind::Device);
        let (user_code, looked_up) = self.fresh_user_code();
        let stored = StoredDevice {
            hash: SecretHash::of(&device_code),
            user_code: looked_up,
            application: application.id.clone(),
            scopes,
            created,
            expires: created + self.limits.device,
            state: DeviceState::Pending,
        };
        self.write_through(turn, vec![OpenIdWrite::PutDevice(stored)]).await?;
        Ok(StartedDevice { device_code, user_code, expires_in: self.limits.device, interval: self.limits.interval })
    }

    /// One that no other device waits with.
    fn fresh_user_code(&self) -> (Secret<String>, SecretHash) {
        loop {
            let code = device::user_code();
            let hash = SecretHash::of_text(&device::normalised(code.expose()).unwrap_or_default());
            if self.read().by_user_code(&hash).is_none() {
                return (code, hash);
            }
        }
    }

    /// Counts a device that begins, unless its address has too many that wait.
    fn admit(&self, source: IpAddr, now: OffsetDateTime) -> bool {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = now - self.limits.device;
        if sources.len() >= self.limits.devices {
            sources.retain(|_, began| began.back().is_some_and(|last| *last > forgotten));
        }
        let began = sources.entry(source.to_canonical()).or_default();
        while began.front().is_some_and(|first| *first <= forgotten) {
            began.pop_front();
        }
        let admitted = began.len() < self.limits.devices_of_source;
        if admitted {
            began.push_back(now);
        }
        admitted
    }

    /// Finds the device whose user code somebody typed. Each try counts, per person and per address.
    ///
    /// # Errors
    /// See [`DeviceRefusal`].
    pub fn find_device(
        &self,
        typed: &Secret<String>,
        session: &IdpSession,
        source: IpAddr,
    ) -> Result<DeviceQuestion, DeviceRefusal> {
        let now = self.now();
        let attempt = Attempt::new(session.user().id().as_str(), source);
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if let AttemptDecision::Wait { retry_after_seconds } = attempts.admit(&attempt, now) {
            return Err(DeviceRefusal::TooManyAttempts { retry_after_seconds });
        }
        let question = device::normalised(typed.expose()).and_then(|code| self.question(&code, now));
        if question.is_some() {
            // Not forgotten but taken back: somebody who knows one code can't clear what was counted.
            attempts.abandoned(&attempt);
        }
        question.ok_or(DeviceRefusal::Unknown)
    }

    fn question(&self, code: &str, now: OffsetDateTime) -> Option<DeviceQuestion> {
        let device = self.read().by_user_code(&SecretHash::of_text(code)).cloned()?;
        let waits = device.state == DeviceState::Pending && now < device.expires;
        let application = self.idp.application(&device.application).filter(|_| waits)?;
        Some(DeviceQuestion { application, scopes: device.scopes.clone(), created: device.created, device })
    }

    /// Keeps the person's answer. Whether they may open the application is decided here.
    ///
    /// # Errors
    /// `access_denied` with the reason, `expired_token` when it was answered or expired meanwhile, or
    /// [`OpenIdError::Unavailable`].
    pub async fn answer_device(
        &self,
        question: &DeviceQuestion,
        session: &IdpSession,
        allow: bool,
    ) -> Result<(), OpenIdError> {
        let turn = self.turn().await;
        let now = self.now();
        let waits =
            self.read().device(&question.device.hash).filter(|device| device.state == DeviceState::Pending).cloned();
        let device = waits.filter(|device| now < device.expires).ok_or_else(|| {
            Refusal::new(
                OAuthError::ExpiredToken,
                "The code was answered before, or has expired; begin again on the device.",
            )
        })?;
        let writes = if allow {
            self.may_issue(session, &question.application)?;
            let grant = Grant {
                scopes: device.scopes.clone(),
                ..new_grant(session, &question.application, now, device.expires)
            };
            let approved = StoredDevice { state: DeviceState::Approved(grant.id.clone()), ..device };
            let mut writes = self.put(grant);
            writes.push(OpenIdWrite::PutDevice(approved));
            writes
        } else {
            vec![OpenIdWrite::PutDevice(StoredDevice { state: DeviceState::Denied, ..device })]
        };
        self.write_through(turn, writes).await
    }

    /// Decides about one request of a device, and remembers its pace.
    pub(super) fn poll(&self, asked: &DeviceExchange) -> Result<DeviceDecision, Refusal> {
        let hash = SecretHash::of(&asked.device_code);
        let device = self.read().device(&hash).cloned();
        let unknown = || Refusal::new(OAuthError::InvalidGrant, "The device code is not known; begin again.");
        let device = device.ok_or_else(unknown)?;
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = paces.get(&hash).copied().unwrap_or(Pace { interval: self.limits.interval, last: None });
        let (decision, next) = device::decide(&device, pace, &asked.application.id, self.now());
        paces.insert(hash, next);
        Ok(decision)
    }

    pub(super) fn forget_paces(&self) {
        let state = self.read();
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        paces.retain(|hash, _| state.device(hash).is_some());
    }
}
