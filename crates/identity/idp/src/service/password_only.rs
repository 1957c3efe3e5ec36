//! One assertion for one password, without a session that stays.

use std::sync::{Arc, MutexGuard, PoisonError};

use base::id::{DirectoryUserId, SsoApplicationId};
use base::{CorrelationId, Secret, SecretHash};
use directory::SignInRefusal;
use time::{Duration, OffsetDateTime};

use super::kept_proofs::KeptProofs;
use super::{IdentityProvider, IssuedAssertion, OpenError, Plan};
use crate::application::Application;
use crate::error::IdpError;
use crate::factors::NextStep;
use crate::password_only::{FormPlugins, PasswordOnly, Proven};
use crate::port::IdpWrite;
use crate::session::{Factor, IdpSession, SessionEnd, Visit};
use crate::sign_in::{Flow, SignInError};

/// How long a proof waits for its use, as Okta's session tokens do.
const KEPT: Duration = Duration::minutes(5);

impl IdentityProvider {
    /// Whether the pages of the form plugins answer.
    #[must_use]
    pub fn form_plugins(&self) -> FormPlugins {
        self.state().form_plugins
    }

    /// Counts at once.
    ///
    /// # Errors
    /// `Store`.
    pub async fn set_form_plugins(&self, wanted: FormPlugins) -> Result<(), IdpError> {
        self.write(|state, _| {
            let same = state.form_plugins == wanted;
            let writes = if same { Vec::new() } else { vec![IdpWrite::PutFormPlugins(wanted)] };
            Ok((Plan { writes, changes: Vec::new() }, ()))
        })
        .await
    }

    /// Checks a password by the rules of the ordinary sign-in, and opens nothing.
    ///
    /// # Errors
    /// `Password` (wrong, unknown, disabled, too many attempts); `Changed`; `Idp`.
    pub async fn prove_by_password(
        &self,
        user_name: &str,
        password: &Secret<String>,
        visit: &Visit,
    ) -> Result<PasswordOnly, SignInError> {
        // A password that is changed from now on wasn't the one that was proven.
        let mut flow = Flow::begin(&visit.correlation, self.now());
        let user = match self.people().verify_password(user_name, password, visit.peer).await {
            Ok(user) => user,
            Err(SignInRefusal::MustChange { user }) => {
                let user = self.people().active_user(&user).ok_or(SignInError::Changed)?;
                return Ok(PasswordOnly::ChoosePassword(user));
            }
            Err(refusal) => return Err(refusal.into()),
        };
        flow.user = Some(user.id().as_str().to_owned());
        flow.proven.push(Factor::Password);
        Ok(match self.next(&flow, &user) {
            NextStep::In => PasswordOnly::In(Box::new(Proven { flow, user })),
            NextStep::SecondFactor => PasswordOnly::SecondFactor(user),
            NextStep::Enrol => PasswordOnly::Enrol(user),
        })
    }

    /// Keeps a proof for one use within five minutes; answers its token, and until when it counts.
    #[must_use]
    pub fn keep_proof(&self, proven: Proven) -> (Secret<String>, OffsetDateTime) {
        let (token, now) = (base::random::token(), self.now());
        self.kept_proofs().keep(SecretHash::of(&token), proven.flow, now + KEPT, now);
        (token, now + KEPT)
    }

    /// The proof of this token, once: whose person is still active, with the same password, and needs nothing else.
    ///
    /// # Errors
    /// `FlowInvalid` (unknown, or used already), `FlowExpired`, `Changed`.
    pub fn take_proof(&self, token: &Secret<String>) -> Result<Proven, SignInError> {
        let kept = self.kept_proofs().take(&SecretHash::of(token));
        let (flow, until) = kept.ok_or(SignInError::FlowInvalid)?;
        if self.now() >= until {
            return Err(SignInError::FlowExpired);
        }
        let id = DirectoryUserId::new(flow.user.as_deref().ok_or(SignInError::FlowInvalid)?);
        let user = self.unchanged(&id, &flow)?;
        match self.next(&flow, &user) {
            NextStep::In => Ok(Proven { flow, user }),
            NextStep::SecondFactor | NextStep::Enrol => Err(SignInError::Changed),
        }
    }

    /// Tells the application who somebody is, in a session that has ended when this returns. To be recorded before it is sent.
    ///
    /// # Errors
    /// `Changed`, `Idp`; within, what [`Self::assertion`] refuses.
    pub async fn assertion_once(
        &self,
        proven: Proven,
        application: &Application,
    ) -> Result<(IdpSession, Result<IssuedAssertion, OpenError>), SignInError> {
        let Proven { flow, user } = proven;
        let correlation = CorrelationId::resume(flow.correlation);
        let opened = self.open_session(&user, flow.proven, correlation, flow.started).await?;
        let (_, session) = opened.ok_or(SignInError::Changed)?;
        let issued = self.assertion(&session, application, None, None).await;
        if let Err(error) = self.end_session_by_id(session.id(), SessionEnd::SignedOut).await {
            // Ended in memory; what the store may still have of it expires, and nobody has its cookie.
            tracing::warn!(%error, "the end of a form plugin's session can't be stored");
        }
        Ok((session, issued))
    }

    /// The SAML applications that a name means: those of this service provider's entity id, else the one of this slug or id. At
    /// most as many as a page can name.
    #[must_use]
    pub fn saml_applications(&self, name: &str) -> Vec<Arc<Application>> {
        const NAMED: usize = 20;
        let state = self.state();
        let of_provider: Vec<_> = state.applications_of_entity(name).take(NAMED).cloned().collect();
        if !of_provider.is_empty() {
            return of_provider;
        }
        let one = state.application_by_slug(name).or_else(|| state.application(&SsoApplicationId::new(name)));
        one.filter(|application| application.saml().is_some()).into_iter().cloned().collect()
    }

    fn kept_proofs(&self) -> MutexGuard<'_, KeptProofs> {
        self.inner.kept_proofs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
