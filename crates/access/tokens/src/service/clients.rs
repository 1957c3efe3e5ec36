//! Registering clients, and knowing them again.

use std::sync::Arc;

use base::id::ClientId;
use base::{Secret, SecretHash};
use time::OffsetDateTime;

use crate::client::{self, Client, ClientRegistration, NewClient};
use crate::error::{OAuthCode, TokenError};
use crate::format::{self, Kind};
use crate::port::TokenWrite;
use crate::service::Tokens;

/// Anybody may register, so the room is bounded; the oldest registration that nobody ever authorised makes place.
const MOST_CLIENTS: usize = 20_000;

impl Tokens {
    /// Registers a public client (sso-oidc RegisterClient).
    ///
    /// # Errors
    /// [`TokenError::Refused`] naming the member that isn't accepted, `slow_down` when there is no room, or
    /// [`TokenError::Unavailable`].
    pub async fn register_client(&self, asked: &ClientRegistration) -> Result<NewClient, TokenError> {
        let valid = client::validate(asked, &self.settings.issuer_urls, |uri| self.access.lists_redirect(uri))?;
        let secret = format::mint(Kind::ClientSecret);
        let issued = self.now();
        let client = Client {
            id: ClientId::new(base::random::hex::<16>()),
            name: valid.name,
            secret: SecretHash::of(&secret),
            scopes: valid.scopes,
            redirect_uris: valid.redirect_uris,
            refreshes: valid.refreshes,
            issued,
            expires: issued + self.settings.lifetimes.client,
            used: false,
        };
        let turn = self.turn().await;
        let mut writes = vec![TokenWrite::PutClient(client.clone())];
        writes.extend(self.room_for_a_client()?);
        self.write_through(turn, writes).await?;
        Ok(NewClient { client: Arc::new(client), secret })
    }

    fn room_for_a_client(&self) -> Result<Option<TokenWrite>, TokenError> {
        let state = self.read();
        if state.client_count() < MOST_CLIENTS {
            return Ok(None);
        }
        let full = || TokenError::refused(OAuthCode::SlowDown, "Too many clients are registered; try again later.");
        state.oldest_unused_client().map(TokenWrite::DeleteClient).map(Some).ok_or_else(full)
    }

    /// The client with this id and secret.
    pub(super) fn authenticate(
        &self,
        id: &ClientId,
        secret: &Secret<String>,
        now: OffsetDateTime,
    ) -> Result<Arc<Client>, TokenError> {
        let client = self.client(id).filter(|client| client.secret.matches(&SecretHash::of(secret)));
        let unknown = || {
            TokenError::refused(
                OAuthCode::InvalidClient,
                "clientId or clientSecret is wrong; register the client again.",
            )
        };
        let client = client.ok_or_else(unknown)?;
        if now >= client.expires {
            let text = "The client's registration has expired; register it again.";
            return Err(TokenError::refused(OAuthCode::InvalidClient, text));
        }
        Ok(client)
    }
}
