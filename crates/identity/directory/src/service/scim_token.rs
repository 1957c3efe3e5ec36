//! The tokens of provisioning clients.

use std::sync::{Arc, PoisonError};

use base::Secret;
use time::{Duration, OffsetDateTime};

use super::Directory;
use crate::error::DirectoryError;
use crate::port::DirectoryWrite;
use crate::provision::Plan;
use crate::scim_token::{self, ScimClient, ScimToken, ScimTokenRefusal};
use crate::state::State;

fn put(token: ScimToken) -> Plan {
    Plan { writes: vec![DirectoryWrite::PutScimToken(token)], changes: Vec::new() }
}

impl Directory {
    /// A new token: its id and its text, which is shown this once. `lifetime`: at most 366 days.
    ///
    /// # Errors
    /// `TooManyScimTokens` when two are alive (it names them), `Invalid`, `Store`.
    pub async fn create_scim_token(&self, lifetime: Duration) -> Result<(String, Secret<String>), DirectoryError> {
        let mut made = None;
        self.write(|state, now| {
            let live: Vec<&ScimToken> = state.scim_tokens().filter(|token| token.is_live(now)).collect();
            let (token, text) = scim_token::generate(&live, lifetime, now)?;
            made = Some((token.id.clone(), text));
            Ok::<_, DirectoryError>(put(token))
        })
        .await?;
        made.ok_or_else(|| DirectoryError::Internal("a token was planned and is missing".to_owned()))
    }

    /// Who presents this token. Found by the id in its text, compared in constant time. Its use is noted, to the minute.
    ///
    /// # Errors
    /// The refusal, which has one public wording.
    pub fn verify_scim_token(&self, token: &Secret<String>) -> Result<ScimClient, ScimTokenRefusal> {
        let id = scim_token::id_of(token).ok_or(ScimTokenRefusal::Malformed)?;
        let now = self.inner.clock.now();
        let state = self.state();
        let kept = state.scim_token(id);
        let client = scim_token::decide(token, kept, now)?;
        self.note_use(id, kept.and_then(|token| token.last_used), now);
        Ok(client)
    }

    /// Writes the use down in the background: a request must not wait for it, nor fail with it.
    fn note_use(&self, id: &str, stored: Option<OffsetDateTime>, now: OffsetDateTime) {
        {
            let mut uses = self.inner.token_uses.lock().unwrap_or_else(PoisonError::into_inner);
            if !scim_token::writes_use(uses.get(id).copied().max(stored), now) {
                return;
            }
            uses.insert(id.to_owned(), now);
        }
        let (directory, id) = (Self { inner: Arc::clone(&self.inner) }, id.to_owned());
        base::task::spawn("SCIM token use", async move {
            let plan = |state: &State, _| {
                let token = state.scim_token(&id).ok_or_else(|| DirectoryError::UnknownScimToken(id.clone()))?;
                Ok::<_, DirectoryError>(put(ScimToken { last_used: Some(now), ..token.clone() }))
            };
            if let Err(error) = directory.write(plan).await {
                tracing::warn!(%error, "the use of a SCIM token can't be stored");
            }
        });
    }

    /// Ends a token. It stays listed as revoked, so that audit records that name it can be understood.
    ///
    /// # Errors
    /// `UnknownScimToken`, `Store`.
    pub async fn delete_scim_token(&self, id: &str) -> Result<(), DirectoryError> {
        self.write(|state, now| {
            let token = state.scim_token(id).ok_or_else(|| DirectoryError::UnknownScimToken(id.to_owned()))?;
            match token.revoked {
                Some(_) => Ok(Plan::default()),
                None => Ok::<_, DirectoryError>(put(ScimToken { revoked: Some(now), ..token.clone() })),
            }
        })
        .await
        .map(drop)
    }

    /// All tokens, the revoked and expired ones too, ordered by id.
    #[must_use]
    pub fn scim_tokens(&self) -> Vec<ScimToken> {
        self.state().scim_tokens().cloned().collect()
    }
}
