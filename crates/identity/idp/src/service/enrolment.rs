//! Enrolling second factors: by who is signed in, and by who must enrol one to get in.

use std::net::IpAddr;

use base::id::DirectoryUserId;
use base::{CorrelationId, Secret};
use directory::ActiveUser;
use mfa::{NewRecoveryCodes, PasskeyRefusal, PasskeyUser, StoredPasskey, TotpSecret};
use uuid::Uuid;

use super::IdentityProvider;
use super::sign_in::put_factors;
use crate::error::IdpError;
use crate::factors::{KeptPasskey, KeptTotp, MOST_PASSKEYS, NextStep, PersonFactors};
use crate::session::Factor;
use crate::sign_in::{Enrolled, Enrolment, Flow, PasskeyChallenge, Progress, SignInError, TotpEnrolment};

/// A factor that was proven and is about to be kept.
enum NewFactor {
    Totp(KeptTotp),
    Passkey(Box<StoredPasskey>),
}

/// What there may be already when a factor is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing: a password alone was proven, and beside a factor it adds none.
    First,
    BesideOthers,
}

/// Sealed for its person: moved to another row it opens nothing.
fn totp_purpose(user: &DirectoryUserId) -> String {
    format!("idp totp {user}")
}

fn internal(error: impl std::fmt::Display) -> IdpError {
    IdpError::Internal(error.to_string())
}

impl IdentityProvider {
    /// Begins to enrol an authenticator app for somebody who is signed in. One that is enrolled already is replaced in the end.
    ///
    /// # Errors
    /// `Totp`, `Idp`.
    pub fn begin_totp(&self, user: &ActiveUser) -> Result<TotpEnrolment, SignInError> {
        self.offer_totp(self.enrolment_flow(user), user)
    }

    /// Ends it with a code that the app shows.
    ///
    /// # Errors
    /// `Totp`, `TooManyAttempts`, `Changed`, `Flow…`, `Idp`.
    pub async fn confirm_totp(
        &self,
        user: &ActiveUser,
        flow: &Secret<String>,
        code: &str,
        peer: IpAddr,
    ) -> Result<Enrolled, SignInError> {
        let flow = self.enrolment_of(flow, user)?;
        let factor = self.proven_totp(&flow, user, code, peer)?;
        Ok(Enrolled { recovery_codes: self.keep_factor(user.id(), factor, Place::BesideOthers).await? })
    }

    /// Begins to enrol a passkey for somebody who is signed in.
    ///
    /// # Errors
    /// `Passkey`, `Idp` (`PasskeysUnavailable`, `Invalid` when there are too many).
    pub fn begin_passkey(&self, user: &ActiveUser) -> Result<PasskeyChallenge, SignInError> {
        self.offer_passkey(self.enrolment_flow(user), user)
    }

    /// Ends it with the authenticator's answer: JSON of the credential. `label`: what the person calls it.
    ///
    /// # Errors
    /// `Passkey`, `Changed`, `Flow…`, `Idp`.
    pub async fn confirm_passkey(
        &self,
        user: &ActiveUser,
        flow: &Secret<String>,
        response: &str,
        label: &str,
    ) -> Result<Enrolled, SignInError> {
        let flow = self.enrolment_of(flow, user)?;
        let factor = self.proven_passkey(&flow, user, response, label)?;
        Ok(Enrolled { recovery_codes: self.keep_factor(user.id(), factor, Place::BesideOthers).await? })
    }

    /// In a sign-in that asks for it: begins to enrol an authenticator app.
    ///
    /// # Errors
    /// `Totp`, `Changed`, `Flow…`, `Idp`.
    pub fn begin_enrol_totp(&self, flow: &Secret<String>) -> Result<TotpEnrolment, SignInError> {
        let (flow, user) = self.must_enrol(flow)?;
        self.offer_totp(flow, &user)
    }

    /// Ends it, and the sign-in.
    ///
    /// # Errors
    /// As [`Self::confirm_totp`].
    pub async fn finish_enrol_totp(
        &self,
        flow: &Secret<String>,
        code: &str,
        peer: IpAddr,
    ) -> Result<Progress, SignInError> {
        let (mut flow, user) = self.must_enrol(flow)?;
        let factor = self.proven_totp(&flow, &user, code, peer)?;
        let recovery_codes = self.keep_factor(user.id(), factor, Place::First).await?;
        flow.proven.push(Factor::Totp);
        self.let_in(flow, user, recovery_codes).await
    }

    /// In a sign-in that asks for it: begins to enrol a passkey.
    ///
    /// # Errors
    /// `Passkey`, `Changed`, `Flow…`, `Idp`.
    pub fn begin_enrol_passkey(&self, flow: &Secret<String>) -> Result<PasskeyChallenge, SignInError> {
        let (flow, user) = self.must_enrol(flow)?;
        self.offer_passkey(flow, &user)
    }

    /// Ends it, and the sign-in.
    ///
    /// # Errors
    /// As [`Self::confirm_passkey`].
    pub async fn finish_enrol_passkey(
        &self,
        flow: &Secret<String>,
        response: &str,
        label: &str,
    ) -> Result<Progress, SignInError> {
        let (mut flow, user) = self.must_enrol(flow)?;
        let factor = self.proven_passkey(&flow, &user, response, label)?;
        let recovery_codes = self.keep_factor(user.id(), factor, Place::First).await?;
        flow.proven.push(Factor::Passkey);
        self.let_in(flow, user, recovery_codes).await
    }

    fn enrolment_flow(&self, user: &ActiveUser) -> Flow {
        let mut flow = Flow::begin(&CorrelationId::fresh(), self.now());
        flow.user = Some(user.id().as_str().to_owned());
        flow
    }

    /// The enrolment that this person began.
    fn enrolment_of(&self, flow: &Secret<String>, user: &ActiveUser) -> Result<Flow, SignInError> {
        let (flow, whose) = self.resume(flow)?;
        if whose.id() != user.id() || !flow.proven.is_empty() {
            return Err(SignInError::FlowInvalid);
        }
        Ok(flow)
    }

    /// Only who has proven a password, has no second factor and must have one: else a stolen password would add a factor.
    fn must_enrol(&self, flow: &Secret<String>) -> Result<(Flow, ActiveUser), SignInError> {
        let (flow, user) = self.resume(flow)?;
        match self.next(&flow, &user) {
            NextStep::Enrol => Ok((flow, user)),
            NextStep::SecondFactor | NextStep::In => Err(SignInError::FlowInvalid),
        }
    }

    fn offer_totp(&self, mut flow: Flow, user: &ActiveUser) -> Result<TotpEnrolment, SignInError> {
        // After a wrong code the same secret is shown again: nobody scans twice.
        let begun = flow.enrolment.as_ref().and_then(Enrolment::totp);
        let secret = begun.unwrap_or_else(TotpSecret::generate);
        let (issuer, account) = (self.inner.parts.organisation_name.as_str(), user.user_name());
        flow.challenge = None;
        flow.enrolment = Some(Enrolment::Totp(hex::encode(secret.expose())));
        Ok(TotpEnrolment {
            uri: secret.otpauth_uri(issuer, account)?,
            qr_svg: secret.qr_svg(issuer, account)?,
            text: secret.in_words(),
            flow: flow.seal(self.sealer())?,
        })
    }

    fn proven_totp(&self, flow: &Flow, user: &ActiveUser, code: &str, peer: IpAddr) -> Result<NewFactor, SignInError> {
        let secret = flow.enrolment.as_ref().and_then(Enrolment::totp).ok_or(SignInError::FlowInvalid)?;
        let now = self.now();
        let step = self.limited(user.id(), peer, || Ok(mfa::verify_totp(&secret, code, now, None)?))?;
        let sealed = self.sealer().seal(&totp_purpose(user.id()), secret.expose()).map_err(internal)?;
        self.once(flow)?;
        Ok(NewFactor::Totp(KeptTotp { sealed, enrolled: now, last_step: Some(step) }))
    }

    /// An enrolment is confirmed once: its state comes back from the browser as often as somebody likes.
    fn once(&self, flow: &Flow) -> Result<(), SignInError> {
        if self.spend(format!("enrolment {}", flow.id), flow) { Ok(()) } else { Err(SignInError::FlowSpent) }
    }

    pub(super) fn open_totp(&self, user: &DirectoryUserId, sealed: &[u8]) -> Result<TotpSecret, SignInError> {
        let plain = self.sealer().open(&totp_purpose(user), sealed);
        let secret = plain.and_then(|plain| TotpSecret::from_bytes(plain.expose()));
        secret.ok_or_else(|| {
            let why = format!("the authenticator secret of {user} was sealed with another key of the data directory");
            SignInError::Idp(IdpError::Internal(why))
        })
    }

    fn offer_passkey(&self, mut flow: Flow, user: &ActiveUser) -> Result<PasskeyChallenge, SignInError> {
        let passkeys = self.passkeys()?;
        let kept = self.kept_passkeys(user.id());
        check_room(&kept)?;
        let existing: Vec<StoredPasskey> = kept.into_iter().map(|kept| kept.passkey).collect();
        let person = self.people().user(user.id());
        let display_name = person.as_ref().and_then(|person| person.display_name.as_deref());
        let challenge = passkeys.begin_registration(
            &PasskeyUser {
                handle: Uuid::try_parse(user.id().as_str()).map_err(internal)?,
                name: user.user_name(),
                display_name: display_name.unwrap_or_else(|| user.user_name()),
            },
            &existing,
        )?;
        flow.challenge = Some(challenge.state);
        flow.enrolment = Some(Enrolment::Passkey);
        Ok(PasskeyChallenge { options: challenge.options, flow: flow.seal(self.sealer())? })
    }

    fn proven_passkey(
        &self,
        flow: &Flow,
        user: &ActiveUser,
        response: &str,
        label: &str,
    ) -> Result<NewFactor, SignInError> {
        let Some(Enrolment::Passkey) = &flow.enrolment else { return Err(SignInError::FlowInvalid) };
        let challenge = flow.challenge.as_deref().ok_or(SignInError::FlowInvalid)?;
        let existing: Vec<StoredPasskey> = self.kept_passkeys(user.id()).into_iter().map(|kept| kept.passkey).collect();
        let passkey = self.passkeys()?.finish_registration(response, challenge, label, &existing)?;
        self.once(flow)?;
        Ok(NewFactor::Passkey(Box::new(passkey)))
    }

    /// Keeps the factor. With the first one come recovery codes.
    async fn keep_factor(
        &self,
        user: &DirectoryUserId,
        new: NewFactor,
        place: Place,
    ) -> Result<Option<Vec<Secret<String>>>, SignInError> {
        let first = self.state().factors(user).is_none_or(|factors| factors.recovery.is_none());
        let codes = if first { Some(generate_codes().await?) } else { None };
        self.write(|state, now| {
            let mut factors = state
                .factors(user)
                .map_or_else(|| PersonFactors::none(user.clone()), |factors| PersonFactors::clone(factors));
            // Another sign-in may have enrolled one since this one was asked to.
            if place == Place::First && factors.has_second() {
                return Err(SignInError::FlowInvalid);
            }
            match new {
                NewFactor::Totp(totp) => factors.totp = Some(totp),
                NewFactor::Passkey(passkey) => {
                    check_room(&factors.passkeys)?;
                    if state.holder_of_passkey(passkey.id()).is_some() {
                        return Err(SignInError::Passkey(PasskeyRefusal::AlreadyRegistered));
                    }
                    factors.passkeys.push(KeptPasskey { passkey: *passkey, created: now, last_used: None });
                }
            }
            // Another enrolment may have brought codes meanwhile, and those were shown.
            let shown = codes.filter(|_| factors.recovery.is_none()).map(|new| {
                factors.recovery = Some(new.stored);
                new.codes
            });
            Ok((put_factors(factors), shown))
        })
        .await
    }
}

fn check_room(passkeys: &[KeptPasskey]) -> Result<(), SignInError> {
    if passkeys.len() < MOST_PASSKEYS {
        return Ok(());
    }
    let rule = format!("There may be {MOST_PASSKEYS} at most. Remove one that isn't used any more.");
    Err(SignInError::Idp(IdpError::invalid("passkeys", rule)))
}

/// Ten argon2id hashes: off the async threads.
pub(super) async fn generate_codes() -> Result<NewRecoveryCodes, SignInError> {
    let made = tokio::task::spawn_blocking(mfa::generate_recovery_codes).await.map_err(internal)?;
    Ok(made?)
}
