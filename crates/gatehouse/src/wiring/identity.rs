//! Where people sign in: the identity sources of Identity Center, and the built-in identity provider with a file of its own.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use base::id::{DirectoryGroupId, SsoApplicationId};
use base::{AuditLog, Clock, Sealer, Secret};
use directory::Directory;
use idp::{IdentityProvider, IdpChange, IdpParts, IdpUrls};
use mfa::Passkeys;
use oidc::{Fetch, RelyingParty};
use openid_provider::OpenIdProvider;
use push::{Ports, Pusher, Roster};
use source::{SourcePorts, SourceUrls, Sources};
use store::{SqliteDirectory, SqliteIdp, SqliteOpenId, SqlitePush, SqliteSources, Store};
use tokio::sync::broadcast::error::RecvError;

use super::outbound::{self, OutboundFetch, OutboundScim};
use crate::data_dir::DataDir;
use crate::settings::ORGANISATION;

const IDP_FILE: &str = "idp.sqlite";

/// The addresses that browsers, identity providers and applications know us by, without `/` at the end, and which we may ask.
#[derive(Debug, Clone)]
pub(crate) struct PublicUrls {
    pub(crate) center: String,
    pub(crate) idp: String,
    /// Where the OpenID providers may be that administrators name in IAM and in SQL.
    pub(crate) providers: oidc::Network,
}

/// What both sides of signing in share.
pub(crate) struct IdentityParts<'a> {
    pub(crate) data: &'a DataDir,
    pub(crate) control: &'a Store,
    pub(crate) directory: &'a Arc<Directory>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) urls: &'a PublicUrls,
}

/// The identity sources of Identity Center.
pub(crate) async fn open_sources(
    parts: &IdentityParts<'_>,
    sealer: &Arc<Sealer>,
    fetch: &Arc<dyn Fetch>,
) -> anyhow::Result<Arc<Sources>> {
    let ports = SourcePorts {
        store: Arc::new(SqliteSources::new(parts.control)),
        directory: Arc::clone(parts.directory),
        relying_party: Arc::new(RelyingParty::new(Arc::clone(fetch), Arc::clone(parts.clock))),
        fetch: Arc::clone(fetch),
        sealer: Arc::clone(sealer),
        clock: Arc::clone(parts.clock),
    };
    let urls = SourceUrls { center_url: parts.urls.center.clone() };
    Sources::open(ports, urls).await.context("the identity sources can't be opened")
}

/// The built-in identity provider: people, applications and keys in `idp.sqlite`, known to Identity Center by its protocols alone.
#[derive(Debug)]
pub(crate) struct BuiltIn {
    store: Store,
    pub(crate) provider: Arc<IdentityProvider>,
    pub(crate) openid: Arc<OpenIdProvider>,
    pub(crate) pusher: Arc<Pusher>,
}

impl BuiltIn {
    async fn open(
        parts: &IdentityParts<'_>,
        store: Store,
        sealer: &Arc<Sealer>,
        transport: OutboundScim,
    ) -> anyhow::Result<Self> {
        let people = Directory::open(Arc::new(SqliteDirectory::new(&store)), Arc::clone(parts.clock)).await?;
        let passkeys = match Passkeys::new(&parts.urls.idp, ORGANISATION) {
            Ok(passkeys) => Some(Arc::new(passkeys)),
            Err(cause) => {
                tracing::warn!(%cause, "passkeys are not available");
                None
            }
        };
        let provider = IdentityProvider::open(IdpParts {
            store: Arc::new(SqliteIdp::new(&store)),
            directory: Arc::clone(&people),
            sealer: Arc::clone(sealer),
            clock: Arc::clone(parts.clock),
            passkeys,
            urls: IdpUrls { idp_url: parts.urls.idp.clone() },
            organisation_name: ORGANISATION.to_owned(),
        })
        .await
        .context("the identity provider can't be opened")?;
        let openid = Arc::new(SqliteOpenId::new(&store));
        let openid = OpenIdProvider::open(openid, Arc::clone(&provider), Arc::clone(parts.clock))
            .await
            .context("the OpenID provider can't be opened")?;
        let pusher = Pusher::open(Ports {
            store: Arc::new(SqlitePush::new(&store)),
            directory: people,
            roster: Arc::new(AssignedGroups(Arc::clone(&provider))),
            transport: Arc::new(transport),
            sealer: Arc::clone(sealer),
            clock: Arc::clone(parts.clock),
        })
        .await
        .context("the SCIM push can't be opened")?;
        Ok(Self { store, provider, openid, pusher })
    }

    /// The tasks that end sessions and push changes.
    pub(super) fn watch(&self, audit: &Arc<dyn AuditLog>) {
        drop(idp::watch_directory(Arc::clone(&self.provider), Arc::clone(audit)));
        drop(openid_provider::watch(Arc::clone(&self.openid)));
        drop(base::task::spawn("push applications", follow(Arc::clone(&self.provider), Arc::clone(&self.pusher))));
        self.pusher.start();
    }

    pub(super) async fn close(&self) {
        self.pusher.stop().await;
        self.store.close().await;
    }
}

/// Both sides of signing in, and what the rest of the server shares with them.
pub(crate) struct Identity {
    pub(crate) sources: Arc<Sources>,
    pub(crate) built_in: BuiltIn,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) fetch: Arc<dyn Fetch>,
}

/// Both sides, with the key that seals what they keep and the client that they ask others with.
pub(crate) async fn open(parts: &IdentityParts<'_>, ca_file: &Path) -> anyhow::Result<Identity> {
    let key = sealing_key(parts.data)?;
    let file = parts.data.private_file(IDP_FILE)?;
    let store = Store::open_idp(&file).await.context("the identity provider's database can't be opened")?;
    let sealer = Arc::new(Sealer::new(&key)?);
    check_sealing_key(&store, &sealer).await?;
    let ca = fs::read_to_string(ca_file).with_context(|| format!("{} can't be read", ca_file.display()))?;
    let outbound = outbound::open(&ca, None)?;
    let fetch: Arc<dyn Fetch> = Arc::new(OutboundFetch(Arc::clone(&outbound)));
    let sources = open_sources(parts, &sealer, &fetch).await?;
    let built_in = BuiltIn::open(parts, store, &sealer, OutboundScim(outbound)).await?;
    Ok(Identity { sources, built_in, sealer, fetch })
}

/// 32 bytes, in hexadecimal digits in `secrets/sealing-key`. What it sealed can't be read without it: once there is something sealed, a
/// key that is missing isn't made anew.
fn sealing_key(data: &DataDir) -> anyhow::Result<Secret<Vec<u8>>> {
    if data.existing_secret("sealing-key")?.is_none() && data.file(IDP_FILE).exists() {
        bail!(
            "secrets/sealing-key is missing, and with it every signing key, second factor and SCIM token can't be read; \
             restore it from a backup of this data directory"
        );
    }
    let text = data.secret("sealing-key", || Secret::new(base::random::hex::<32>()))?;
    let key = hex::decode(text.expose()).ok().filter(|key| key.len() == 32);
    key.map(Secret::new).context("secrets/sealing-key doesn't hold 64 hexadecimal digits; restore it from a backup")
}

/// Whether it is the key that this data directory's secrets were sealed with. The first one leaves a proof of itself.
async fn check_sealing_key(store: &Store, sealer: &Sealer) -> anyhow::Result<()> {
    let proof = "sealing key";
    let Some(sealed) = store.sealing_proof().await? else {
        return Ok(store.put_sealing_proof(&sealer.seal_text(proof, proof.as_bytes())?).await?);
    };
    if sealer.open_text(proof, &sealed).is_none() {
        bail!(
            "secrets/sealing-key isn't the key that this data directory's secrets were sealed with; \
             restore it from the same backup as idp.sqlite and control.sqlite"
        );
    }
    Ok(())
}

/// Which groups an application is for now.
#[derive(Debug)]
struct AssignedGroups(Arc<IdentityProvider>);

impl Roster for AssignedGroups {
    fn groups(&self, application: &SsoApplicationId) -> Option<BTreeSet<DirectoryGroupId>> {
        // Deactivating its SSO stops the signing in, not the provisioning.
        Some(self.0.application(application)?.groups.clone())
    }
}

/// Tells the push whose groups have changed.
async fn follow(provider: Arc<IdentityProvider>, pusher: Arc<Pusher>) {
    let mut changes = provider.changes();
    loop {
        match changes.recv().await {
            Ok(IdpChange::ApplicationChanged(id) | IdpChange::ApplicationDeleted(id)) => {
                pusher.application_changed(&id);
            }
            Ok(IdpChange::SessionsEnded { .. } | IdpChange::FactorsChanged(_) | IdpChange::KeysChanged(_)) => {}
            Err(RecvError::Lagged(_)) => {
                for application in provider.applications() {
                    pusher.application_changed(&application.id);
                }
            }
            Err(RecvError::Closed) => return,
        }
    }
}
