//! The tokens of administration clients.

use std::sync::{Arc, PoisonError};

use base::Secret;
use time::{Duration, OffsetDateTime};

use super::{IdentityProvider, Plan};
use crate::api_token::{self, ApiClient, ApiToken, ApiTokenRefusal};
use crate::error::IdpError;
use crate::port::IdpWrite;
use crate::state::State;

fn put(token: ApiToken) -> Plan {
    Plan { writes: vec![IdpWrite::PutApiToken(Arc::new(token))], changes: Vec::new() }
}

impl IdentityProvider {
    /// A new token and its text, which is shown this once. `lifetime`: at most 366 days.
    ///
    /// # Errors
    /// `TooManyApiTokens`, `Invalid`, `Store`.
    pub async fn create_api_token(
        &self,
        name: &str,
        lifetime: Duration,
    ) -> Result<(ApiToken, Secret<String>), IdpError> {
        self.write(|state, now| {
            let live = state.api_tokens().filter(|token| token.is_live(now)).count();
            let (token, text) = api_token::generate(name, live, lifetime, now)?;
            Ok((put(token.clone()), (token, text)))
        })
        .await
    }

    /// Who presents this token. Found by the id in its text, compared in constant time. Its use is noted, to the minute.
    ///
    /// # Errors
    /// The refusal, which has one public wording.
    pub fn verify_api_token(&self, token: &Secret<String>) -> Result<ApiClient, ApiTokenRefusal> {
        let id = api_token::id_of(token).ok_or(ApiTokenRefusal::Malformed)?;
        let (state, now) = (self.state(), self.now());
        let kept = state.api_token(id);
        let client = api_token::decide(token, kept.map(Arc::as_ref), now)?;
        self.note_use(id, kept.and_then(|token| token.last_used), now);
        Ok(client)
    }

    /// Writes the use down in the background: a request must not wait for it, nor fail with it.
    fn note_use(&self, id: &str, stored: Option<OffsetDateTime>, now: OffsetDateTime) {
        {
            let mut uses = self.inner.token_uses.lock().unwrap_or_else(PoisonError::into_inner);
            if !api_token::writes_use(uses.get(id).copied().max(stored), now) {
                return;
            }
            uses.insert(id.to_owned(), now);
        }
        let (provider, id) = (Self { inner: Arc::clone(&self.inner) }, id.to_owned());
        base::task::spawn("API token use", async move {
            let plan = |state: &State, _| {
                let token = state.api_token(&id).ok_or_else(|| IdpError::UnknownApiToken(id.clone()))?;
                Ok::<_, IdpError>((put(ApiToken { last_used: Some(now), ..ApiToken::clone(token) }), ()))
            };
            if let Err(error) = provider.write(plan).await {
                tracing::warn!(%error, "the use of an API token can't be stored");
            }
        });
    }

    /// Ends a token. It stays listed as revoked, so that audit records that name it can be understood.
    ///
    /// # Errors
    /// `UnknownApiToken`, `Store`.
    pub async fn delete_api_token(&self, id: &str) -> Result<(), IdpError> {
        self.write(|state, now| {
            let token = state.api_token(id).ok_or_else(|| IdpError::UnknownApiToken(id.to_owned()))?;
            let plan = match token.revoked {
                Some(_) => Plan::default(),
                None => put(ApiToken { revoked: Some(now), ..ApiToken::clone(token) }),
            };
            Ok((plan, ()))
        })
        .await
    }

    /// All tokens, the revoked and expired ones too, ordered by id.
    #[must_use]
    pub fn api_tokens(&self) -> Vec<ApiToken> {
        self.state().api_tokens().map(|token| ApiToken::clone(token)).collect()
    }
}
