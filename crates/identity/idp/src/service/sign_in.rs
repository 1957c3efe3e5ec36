//! Signing in: a password, or a passkey alone, then what the policy and the person's factors ask for.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use base::id::DirectoryUserId;
use base::{CorrelationId, Secret};
use directory::attempts::{Attempt, AttemptDecision, Attempts};
use directory::{ActiveUser, SignInRefusal};
use mfa::{Passkeys, RecoveryRefusal, TotpRefusal};
use time::Duration;

use super::{IdentityProvider, Plan};
use crate::change::IdpChange;
use crate::error::IdpError;
use crate::factors::{KeptPasskey, NextStep, PersonFactors, next_step};
use crate::port::IdpWrite;
use crate::session::{Factor, SignedIn, Visit};
use crate::sign_in::{EnrolOffers, Flow, FlowInfo, Offers, PasskeyChallenge, Progress, SignInError, Step};

/// How long somebody with a one-time password has for choosing another one.
const CHOICE: Duration = Duration::minutes(10);

/// A change of factors, together with its announcement.
pub(super) fn put_factors(factors: PersonFactors) -> Plan {
    let user = factors.user.clone();
    Plan { writes: vec![IdpWrite::PutFactors(Arc::new(factors))], changes: vec![IdpChange::FactorsChanged(user)] }
}

/// The use of a factor: nothing that others need to know.
fn use_factors(factors: PersonFactors) -> Plan {
    Plan { writes: vec![IdpWrite::PutFactors(Arc::new(factors))], changes: Vec::new() }
}

/// The memory of failures is an account's by its id, so that nobody fills it with names.
struct Admitted {
    attempt: Attempt,
}

impl IdentityProvider {
    /// Begins with a password.
    ///
    /// # Errors
    /// `Password` (wrong, unknown, disabled, too many attempts); `Idp`.
    pub async fn sign_in_with_password(
        &self,
        user_name: &str,
        password: &Secret<String>,
        visit: &Visit,
    ) -> Result<Progress, SignInError> {
        // A password that is changed from now on wasn't the one that was proven.
        let mut flow = Flow::begin(&visit.correlation, self.now());
        match self.people().verify_password(user_name, password, visit.peer).await {
            Ok(user) => {
                flow.user = Some(user.id().as_str().to_owned());
                flow.proven.push(Factor::Password);
                self.advance(flow, user).await
            }
            Err(SignInRefusal::MustChange { user }) => {
                let token = self.people().create_reset_link(&user, CHOICE).await.map_err(IdpError::from)?;
                Ok(Progress { step: Step::ChoosePassword { token }, flow: None })
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Goes on with a code of the authenticator app.
    ///
    /// # Errors
    /// `Totp`, `TooManyAttempts`, `NotOffered`, `Changed`, `Flow…`, `Idp`.
    pub async fn sign_in_with_totp(
        &self,
        flow: &Secret<String>,
        code: &str,
        peer: IpAddr,
    ) -> Result<Progress, SignInError> {
        let (mut flow, user) = self.resume(flow)?;
        let admitted = self.admit(user.id(), peer)?;
        let used = self
            .write(|state, now| {
                // Under the writer's lock, so that one code doesn't count twice.
                let mut factors = state.factors(user.id()).map(|factors| PersonFactors::clone(factors));
                let kept = factors.as_mut().and_then(|factors| factors.totp.as_mut());
                let kept = kept.ok_or(SignInError::NotOffered(Factor::Totp))?;
                let secret = self.open_totp(user.id(), &kept.sealed)?;
                kept.last_step = Some(mfa::verify_totp(&secret, code, now, kept.last_step)?);
                let plan = factors.map(use_factors).unwrap_or_default();
                Ok::<_, SignInError>((plan, ()))
            })
            .await;
        self.settle(&admitted, &used);
        used?;
        flow.proven.push(Factor::Totp);
        self.advance(flow, user).await
    }

    /// Goes on with a recovery code, which counts once.
    ///
    /// # Errors
    /// `RecoveryCode`, `TooManyAttempts`, `Busy`, `NotOffered`, `Changed`, `Flow…`, `Idp`.
    pub async fn sign_in_with_recovery_code(
        &self,
        flow: &Secret<String>,
        code: &Secret<String>,
        peer: IpAddr,
    ) -> Result<Progress, SignInError> {
        let (mut flow, user) = self.resume(flow)?;
        let admitted = self.admit(user.id(), peer)?;
        let used = self.use_recovery_code(user.id(), code).await;
        self.settle(&admitted, &used);
        used?;
        flow.proven.push(Factor::RecoveryCode);
        self.advance(flow, user).await
    }

    async fn use_recovery_code(&self, user: &DirectoryUserId, code: &Secret<String>) -> Result<(), SignInError> {
        let kept = self.state().factors(user).and_then(|factors| factors.recovery.clone());
        let kept = kept.ok_or(SignInError::NotOffered(Factor::RecoveryCode))?;
        let permit = Arc::clone(&self.inner.recovery).try_acquire_owned().map_err(|_| SignInError::Busy)?;
        let (code, before) = (code.clone(), kept.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            mfa::use_recovery_code(&code, &before)
        });
        let left = checked.await.map_err(|error| IdpError::Internal(error.to_string()))??;
        self.write(|state, _| {
            let factors = state.factors(user).filter(|factors| factors.recovery.as_ref() == Some(&kept));
            // Another one was used, or they were renewed, while the hash was computed.
            let factors = factors.ok_or(RecoveryRefusal::Wrong)?;
            let factors = PersonFactors { recovery: Some(left), ..PersonFactors::clone(factors) };
            Ok((use_factors(factors), ()))
        })
        .await
    }

    /// What the passkeys of the person are asked.
    ///
    /// # Errors
    /// `NotOffered`, `Passkey`, `Changed`, `Flow…`, `Idp` (`PasskeysUnavailable`).
    pub fn begin_passkey_sign_in(&self, flow: &Secret<String>) -> Result<PasskeyChallenge, SignInError> {
        let (mut flow, user) = self.resume(flow)?;
        let passkeys = self.passkeys()?;
        let kept: Vec<_> = self.kept_passkeys(user.id()).into_iter().map(|kept| kept.passkey).collect();
        if kept.is_empty() {
            return Err(SignInError::NotOffered(Factor::Passkey));
        }
        let challenge = passkeys.begin_sign_in(&kept)?;
        flow.challenge = Some(challenge.state);
        flow.enrolment = None;
        Ok(PasskeyChallenge { options: challenge.options, flow: flow.seal(self.sealer())? })
    }

    /// What any passkey of this provider is asked: it says itself who it is of.
    ///
    /// # Errors
    /// `Passkey`, `Idp` (`PasskeysUnavailable`).
    pub fn begin_discoverable_sign_in(&self, correlation: &CorrelationId) -> Result<PasskeyChallenge, SignInError> {
        let challenge = self.passkeys()?.begin_discoverable()?;
        let mut flow = Flow::begin(correlation, self.now());
        flow.challenge = Some(challenge.state);
        Ok(PasskeyChallenge { options: challenge.options, flow: flow.seal(self.sealer())? })
    }

    /// Goes on, or begins, with a passkey's answer: JSON of the credential.
    ///
    /// # Errors
    /// `Passkey`, `TooManyAttempts`, `Changed`, `Flow…`, `Idp`.
    pub async fn finish_passkey_sign_in(
        &self,
        flow: &Secret<String>,
        response: &str,
        peer: IpAddr,
    ) -> Result<Progress, SignInError> {
        let now = self.now();
        let mut flow = Flow::open(self.sealer(), flow, now)?;
        let challenge = flow.challenge.take().filter(|_| flow.enrolment.is_none()).ok_or(SignInError::FlowInvalid)?;
        let passkeys = self.passkeys()?;
        let id = match &flow.user {
            Some(id) => DirectoryUserId::new(id.as_str()),
            None => {
                // Unproven: only whose passkeys the answer is compared with.
                let claimed = passkeys.identify(response)?;
                let handle = claimed.user_handle.map(|handle| handle.to_string()).unwrap_or_default();
                DirectoryUserId::new(handle)
            }
        };
        let admitted = self.admit(&id, peer)?;
        let used = self.use_passkey(&passkeys, &id, response, &challenge, &flow).await;
        self.settle(&admitted, &used);
        used?;
        let user = self.unchanged(&id, &flow)?;
        flow.user = Some(id.as_str().to_owned());
        flow.proven.push(Factor::Passkey);
        self.advance(flow, user).await
    }

    async fn use_passkey(
        &self,
        passkeys: &Passkeys,
        id: &DirectoryUserId,
        response: &str,
        challenge: &str,
        flow: &Flow,
    ) -> Result<(), SignInError> {
        self.write(|state, now| {
            let mut factors = state
                .factors(id)
                .map_or_else(|| PersonFactors::none(id.clone()), |factors| PersonFactors::clone(factors));
            let kept: Vec<_> = factors.passkeys.iter().map(|kept| kept.passkey.clone()).collect();
            let used = passkeys.finish_sign_in(response, challenge, &kept)?;
            if !self.spend(mfa::challenge_id(challenge).ok_or(SignInError::FlowInvalid)?, flow) {
                return Err(SignInError::FlowSpent);
            }
            if let Some(kept) = factors.passkeys.iter_mut().find(|kept| kept.passkey.id() == used.passkey.id()) {
                *kept = KeptPasskey { passkey: used.passkey, created: kept.created, last_used: Some(now) };
            }
            Ok((use_factors(factors), ()))
        })
        .await
    }

    /// Where a sign-in is, to show its page again.
    ///
    /// # Errors
    /// `Changed`, `Flow…`.
    pub fn step_of(&self, flow: &Secret<String>) -> Result<Step, SignInError> {
        let (flow, user) = self.resume(flow)?;
        match self.next(&flow, &user) {
            NextStep::SecondFactor => Ok(Step::SecondFactor { offers: self.offers(user.id())?, user }),
            NextStep::Enrol => Ok(Step::Enrol { user, offers: self.enrol_offers() }),
            NextStep::In => Err(SignInError::FlowInvalid),
        }
    }

    /// Whose half-way state this is.
    ///
    /// # Errors
    /// `FlowInvalid`, `FlowExpired`.
    pub fn flow_info(&self, flow: &Secret<String>) -> Result<FlowInfo, SignInError> {
        let flow = Flow::open(self.sealer(), flow, self.now())?;
        let user = flow.user.as_ref().and_then(|id| self.people().active_user(&DirectoryUserId::new(id.as_str())));
        Ok(FlowInfo { user, proven: flow.proven, correlation: CorrelationId::resume(flow.correlation) })
    }

    /// The half-way state and its person, who must be as they were at the first proof.
    pub(super) fn resume(&self, flow: &Secret<String>) -> Result<(Flow, ActiveUser), SignInError> {
        let flow = Flow::open(self.sealer(), flow, self.now())?;
        let id = DirectoryUserId::new(flow.user.as_deref().ok_or(SignInError::FlowInvalid)?);
        let user = self.unchanged(&id, &flow)?;
        if self.inner.spent.lock().unwrap_or_else(PoisonError::into_inner).is_spent(&flow.id) {
            return Err(SignInError::FlowSpent);
        }
        Ok((flow, user))
    }

    pub(super) fn unchanged(&self, id: &DirectoryUserId, flow: &Flow) -> Result<ActiveUser, SignInError> {
        let user = self.people().active_user(id).ok_or(SignInError::Changed)?;
        let changed = self.people().password_changed_at(id);
        if changed.is_some_and(|changed| changed > flow.started) {
            return Err(SignInError::Changed);
        }
        Ok(user)
    }

    pub(super) fn next(&self, flow: &Flow, user: &ActiveUser) -> NextStep {
        let state = self.state();
        let has_second = state.factors(user.id()).is_some_and(|factors| factors.has_second());
        next_step(state.policy, has_second, &flow.proven)
    }

    /// What comes after the factors that were proven.
    pub(super) async fn advance(&self, flow: Flow, user: ActiveUser) -> Result<Progress, SignInError> {
        let step = match self.next(&flow, &user) {
            NextStep::In => return self.let_in(flow, user, None).await,
            NextStep::SecondFactor => Step::SecondFactor { offers: self.offers(user.id())?, user },
            NextStep::Enrol => Step::Enrol { user, offers: self.enrol_offers() },
        };
        Ok(Progress { step, flow: Some(flow.seal(self.sealer())?) })
    }

    pub(super) async fn let_in(
        &self,
        flow: Flow,
        user: ActiveUser,
        recovery_codes: Option<Vec<Secret<String>>>,
    ) -> Result<Progress, SignInError> {
        if !self.spend(flow.id.clone(), &flow) {
            return Err(SignInError::FlowSpent);
        }
        let correlation = CorrelationId::resume(flow.correlation);
        let opened = self.open_session(&user, flow.proven, correlation, flow.started).await?;
        let (cookie, session) = opened.ok_or(SignInError::Changed)?;
        let step = Step::In(Box::new(SignedIn { cookie, session, recovery_codes }));
        Ok(Progress { step, flow: None })
    }

    /// Whether this is used for the first time; until the flow ends by itself.
    pub(super) fn spend(&self, id: String, flow: &Flow) -> bool {
        let mut spent = self.inner.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.spend(id, flow.expires(), self.now())
    }

    fn offers(&self, user: &DirectoryUserId) -> Result<Offers, SignInError> {
        let state = self.state();
        let factors = state.factors(user);
        let offers = Offers {
            totp: factors.is_some_and(|factors| factors.totp.is_some()),
            passkey: self.passkeys_available() && factors.is_some_and(|factors| !factors.passkeys.is_empty()),
            recovery_code: factors
                .and_then(|factors| factors.recovery.as_ref())
                .is_some_and(|recovery| recovery.remaining() > 0),
        };
        let any = offers.totp || offers.passkey || offers.recovery_code;
        if any { Ok(offers) } else { Err(SignInError::NoWayLeft) }
    }

    fn enrol_offers(&self) -> EnrolOffers {
        EnrolOffers { totp: true, passkey: self.passkeys_available() }
    }

    /// Whether passkeys can be enrolled and used at this address.
    #[must_use]
    pub fn passkeys_available(&self) -> bool {
        self.inner.parts.passkeys.is_some()
    }

    pub(super) fn passkeys(&self) -> Result<Arc<Passkeys>, SignInError> {
        self.inner.parts.passkeys.clone().ok_or(SignInError::Idp(IdpError::PasskeysUnavailable))
    }

    pub(super) fn kept_passkeys(&self, user: &DirectoryUserId) -> Vec<KeptPasskey> {
        self.state().factors(user).map(|factors| factors.passkeys.clone()).unwrap_or_default()
    }

    fn attempts<T>(&self, work: impl FnOnce(&mut Attempts) -> T) -> T {
        work(&mut self.inner.attempts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts the attempt as failed until it is known better, so that attempts sent at once don't slip through.
    fn admit(&self, user: &DirectoryUserId, peer: IpAddr) -> Result<Admitted, SignInError> {
        let attempt = Attempt::new(user.as_str(), peer);
        let now = self.now();
        match self.attempts(|attempts| attempts.admit(&attempt, now)) {
            AttemptDecision::Proceed => Ok(Admitted { attempt }),
            AttemptDecision::Wait { retry_after_seconds } => Err(SignInError::TooManyAttempts { retry_after_seconds }),
        }
    }

    fn settle<T>(&self, admitted: &Admitted, outcome: &Result<T, SignInError>) {
        match outcome {
            Ok(_) => self.attempts(|attempts| attempts.succeeded(&admitted.attempt)),
            // The factor wasn't looked at after all.
            Err(SignInError::Idp(_) | SignInError::Busy | SignInError::NotOffered(_)) => {
                self.attempts(|attempts| attempts.abandoned(&admitted.attempt));
            }
            // A right code that was used before is the person's own second click, not a guess.
            Err(SignInError::Totp(TotpRefusal::Replayed { .. })) => {
                self.attempts(|attempts| attempts.abandoned(&admitted.attempt));
            }
            Err(
                SignInError::Password(_)
                | SignInError::Totp(_)
                | SignInError::RecoveryCode(_)
                | SignInError::Passkey(_)
                | SignInError::TooManyAttempts { .. }
                | SignInError::FlowInvalid
                | SignInError::FlowExpired
                | SignInError::FlowSpent
                | SignInError::NoWayLeft
                | SignInError::Changed,
            ) => {}
        }
    }

    /// A code for an enrolment counts against the same limits.
    pub(super) fn limited<T>(
        &self,
        user: &DirectoryUserId,
        peer: IpAddr,
        work: impl FnOnce() -> Result<T, SignInError>,
    ) -> Result<T, SignInError> {
        let admitted = self.admit(user, peer)?;
        let outcome = work();
        self.settle(&admitted, &outcome);
        outcome
    }
}
