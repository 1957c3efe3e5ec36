//! The sources at work: reads from a snapshot, writes one at a time.

mod admit;
mod begin;
mod configure;
mod finish;
mod logout;
mod metadata;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use base::id::SourceId;
use base::{Backing, Clock, Kept, Sealer, Secret, Turn};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use directory::Directory;
use oidc::{Fetch, Provider, RelyingParty};
use saml::{SigningCertificate, SigningKey};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::broadcast;

pub use self::begin::{Begun, FlowCookie};
pub(crate) use self::finish::SKEW;
pub use self::finish::{Admitted, Denied, SignIn};
pub use self::logout::{LoggedOut, SamlLogout};
pub use self::metadata::Refreshed;
use crate::choice::{Choice, Choices, for_email};
use crate::error::SourceError;
use crate::model::{IdentitySource, OidcSource, SubjectFrom};
use crate::plan::SourceChange;
use crate::port::{SourceStore, SourceWrite};
use crate::state::{State, StateChange};
use crate::stored;
use crate::urls::SourceUrls;

/// Announcements that a slow receiver may lag behind before it is told so.
const ANNOUNCEMENTS: usize = 1024;
const KEY_PURPOSE: &str = "source signing key";
const SECRET_PURPOSE: &str = "source client secret";

/// What the sources work with.
#[derive(Debug, Clone)]
pub struct SourcePorts {
    pub store: Arc<dyn SourceStore>,
    pub directory: Arc<Directory>,
    pub relying_party: Arc<RelyingParty>,
    /// For SAML metadata.
    pub fetch: Arc<dyn Fetch>,
    pub sealer: Arc<Sealer>,
    pub clock: Arc<dyn Clock>,
}

/// The identity sources of Identity Center.
#[derive(Debug)]
pub struct Sources {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    ports: SourcePorts,
    urls: SourceUrls,
    kept: Kept<Store>,
}

#[derive(Debug)]
struct Store {
    port: Arc<dyn SourceStore>,
    sealer: Arc<Sealer>,
}

#[async_trait::async_trait]
impl Backing for Store {
    const NAME: &'static str = "identity source write";
    type State = Arc<State>;
    type Write = (Vec<SourceWrite>, Arc<State>);
    type Change = SourceChange;
    type Error = SourceError;

    async fn load(&self) -> Result<Arc<State>, SourceError> {
        let loaded = self.port.load().await?;
        let sources = loaded.sources.into_iter().map(stored::read).collect::<Result<Vec<_>, _>>()?;
        let key = loaded.signing_key.map(|sealed| unseal(&self.sealer, &sealed)).transpose()?;
        Ok(Arc::new(State::new(sources, loaded.directory_enabled.unwrap_or(true), key, loaded.groups)))
    }

    async fn store(&self, (writes, _): &Self::Write) -> Result<(), SourceError> {
        Ok(self.port.apply(writes).await?)
    }

    fn show(state: &mut Arc<State>, (_, next): Self::Write) {
        *state = next;
    }

    fn lost(cause: String) -> SourceError {
        SourceError::Internal(cause)
    }
}

/// The key that we sign requests with, as it is sealed.
#[derive(Serialize, Deserialize)]
struct SealedKey {
    /// Base64.
    pkcs8: String,
    /// Base64 of DER.
    certificate: String,
}

impl Sources {
    /// Loads everything from the store.
    ///
    /// # Errors
    /// [`SourceError::Store`] when it can't be read, or when a source in it can't.
    pub async fn open(ports: SourcePorts, urls: SourceUrls) -> Result<Arc<Self>, SourceError> {
        let store = Store { port: Arc::clone(&ports.store), sealer: Arc::clone(&ports.sealer) };
        let state = store.load().await?;
        let kept = Kept::new(store, state, ANNOUNCEMENTS);
        let sources = Self { inner: Arc::new(Inner { ports, urls, kept }) };
        sources.forget_lost_groups().await?;
        Ok(Arc::new(sources))
    }

    #[must_use]
    pub fn urls(&self) -> &SourceUrls {
        &self.inner.urls
    }

    /// Every change from now on. A receiver that lags is told so and has to look at every source again.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<SourceChange> {
        self.inner.kept.subscribe()
    }

    /// Whether people of the directory sign in with passwords.
    #[must_use]
    pub fn directory_enabled(&self) -> bool {
        self.state().directory_enabled
    }

    /// Every source, ordered by id.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<IdentitySource>> {
        self.state().sources().cloned().collect()
    }

    #[must_use]
    pub fn get(&self, id: &SourceId) -> Option<Arc<IdentitySource>> {
        self.state().source(id).cloned()
    }

    /// Whether the source is there and enabled. A session that was opened through it is worth nothing otherwise.
    #[must_use]
    pub fn is_enabled(&self, id: &SourceId) -> bool {
        self.state().source(id).is_some_and(|source| source.enabled)
    }

    /// Whether what was opened through the source at this time is worth something still.
    #[must_use]
    pub fn is_open_to(&self, id: &SourceId, opened: OffsetDateTime) -> bool {
        self.state().source(id).is_some_and(|source| source.enabled && opened >= source.sessions_since)
    }

    /// What the sign-in page offers.
    #[must_use]
    pub fn choices(&self) -> Choices {
        let state = self.state();
        let enabled = || state.sources().filter(|source| source.enabled);
        let mut sources: Vec<Choice> =
            enabled().map(|source| Choice { id: source.id.clone(), name: source.name.clone() }).collect();
        sources.sort_by_cached_key(|choice| directory::fold(&choice.name));
        Choices {
            directory: state.directory_enabled,
            sources,
            by_domain: enabled().any(|source| !source.domains.is_empty()),
        }
    }

    /// Which source signs in who has this address. `None`: none of them, so the directory if it is enabled.
    #[must_use]
    pub fn for_email(&self, address: &str) -> Option<SourceId> {
        let state = self.state();
        for_email(address, |domain| state.owner(domain).map(|source| (source.id.clone(), source.enabled)))
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.inner.kept.read())
    }

    fn source(&self, id: &SourceId) -> Result<Arc<IdentitySource>, SourceError> {
        self.get(id).ok_or_else(|| SourceError::Unknown(id.clone()))
    }

    async fn turn(&self) -> Result<Turn<Store>, SourceError> {
        self.inner.kept.turn().await
    }

    async fn commit(
        &self,
        turn: Turn<Store>,
        changes: Vec<StateChange>,
        announced: Vec<SourceChange>,
    ) -> Result<(), SourceError> {
        let mut next = State::clone(&self.state());
        let had_way_in = next.has_way_in();
        for change in &changes {
            next.apply(change);
        }
        if had_way_in && !next.has_way_in() {
            return Err(SourceError::LastWayIn);
        }
        let writes = changes.iter().map(StateChange::write).collect::<Result<Vec<_>, _>>()?;
        turn.commit((writes, Arc::new(next)), announced).await
    }

    /// Groups that were deleted from the directory, or whose making a kill interrupted.
    async fn forget_lost_groups(&self) -> Result<(), SourceError> {
        let turn = self.turn().await?;
        let state = self.state();
        let lost = state.groups.keys().filter(|group| self.inner.ports.directory.group(group).is_none());
        let changes: Vec<_> = lost.cloned().map(StateChange::ForgetGroup).collect();
        if changes.is_empty() { Ok(()) } else { self.commit(turn, changes, Vec::new()).await }
    }

    /// How an OpenID provider is asked.
    fn provider(&self, source: &IdentitySource, oidc: &OidcSource) -> Result<Provider, SourceError> {
        let open = |sealed: &Secret<String>| {
            let plain = self.inner.ports.sealer.open_text(SECRET_PURPOSE, sealed.expose())?;
            String::from_utf8(plain.into_exposed()).ok().map(Secret::new)
        };
        let secret = oidc.client_secret.as_ref().map(|sealed| {
            open(sealed)
                .ok_or_else(|| SourceError::Internal(format!("the client secret of {} can't be unsealed", source.id)))
        });
        let mut provider = Provider::new(&oidc.issuer, &oidc.client_id, secret.transpose()?, oidc.network);
        if !oidc.scopes.is_empty() {
            provider.scopes.clone_from(&oidc.scopes);
        }
        if let SubjectFrom::Attribute(name) = &source.subject.from {
            provider.needed_claims.push(name.clone());
        }
        provider.needed_claims.extend(source.groups_claim.clone());
        Ok(provider)
    }
}

fn unseal(sealer: &Sealer, sealed: &str) -> Result<SigningKey, SourceError> {
    let broken =
        |cause: &str| SourceError::Store(format!("the key that requests are signed with can't be used: {cause}"));
    let plain = sealer.open_text(KEY_PURPOSE, sealed);
    let plain = plain.ok_or_else(|| broken("it was sealed with another key than the one of this data directory"))?;
    let key: SealedKey = serde_json::from_slice(plain.expose()).map_err(|error| broken(&error.to_string()))?;
    let pkcs8 = STANDARD.decode(&key.pkcs8).map_err(|error| broken(&error.to_string()))?;
    let certificate = SigningCertificate::from_base64(&key.certificate).map_err(|error| broken(&error.to_string()))?;
    SigningKey::from_pkcs8(Secret::new(pkcs8), certificate).map_err(|error| broken(&error.to_string()))
}

fn seal(sealer: &Sealer, key: &SigningKey) -> Result<String, SourceError> {
    let plain = SealedKey { pkcs8: STANDARD.encode(key.pkcs8().expose()), certificate: key.certificate().base64() };
    let plain = serde_json::to_vec(&plain).map_err(|error| SourceError::Internal(error.to_string()))?;
    sealer.seal_text(KEY_PURPOSE, &plain).map_err(|error| SourceError::Internal(error.to_string()))
}
