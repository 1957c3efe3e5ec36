//! Changes of the configuration.

use std::sync::Arc;

use base::Secret;
use base::id::{DirectoryGroupId, SourceId};
use oidc::Network;
use saml::SigningKey;
use time::{Duration, OffsetDateTime};

use super::{SECRET_PURPOSE, Sources, seal};
use crate::edit::{NewKind, NewOidc, NewSource, SourceEdit};
use crate::error::SourceError;
use crate::model::{IdentitySource, OidcSource, SamlSource, SourceKind};
use crate::plan::{self, Prepared, SourceChange};
use crate::rules;
use crate::state::StateChange;
use crate::stored;

/// How long the certificate of our signing key says that it is valid. Providers pin it; nobody renews it by itself.
const KEY_LIFETIME: Duration = Duration::days(3650);

impl Sources {
    /// Opens or closes the directory's passwords as a way in.
    ///
    /// # Errors
    /// `LastWayIn` when no source is enabled, `Store`.
    pub async fn set_directory_enabled(&self, enabled: bool) -> Result<(), SourceError> {
        let turn = self.turn().await?;
        if self.state().directory_enabled == enabled {
            return Ok(());
        }
        let announced = vec![SourceChange::Directory { enabled }];
        self.commit(turn, vec![StateChange::Directory(enabled)], announced).await
    }

    /// A new source, enabled. SAML metadata is read and an OpenID provider is asked for its documents first.
    ///
    /// # Errors
    /// `Invalid`, `Taken` (name, domain, provider), `TooMany`, what is wrong with metadata or provider, `Store`.
    pub async fn create(&self, new: NewSource) -> Result<Arc<IdentitySource>, SourceError> {
        let now = self.inner.ports.clock.now();
        let kind = match new.kind {
            NewKind::Saml(saml) => {
                let metadata = self.read_metadata(&saml.metadata, new.network).await?;
                let mut source = SamlSource {
                    entity_id: metadata.entity_id.clone(),
                    metadata_url: saml.metadata.url().map(str::to_owned),
                    network: new.network,
                    single_sign_on: Vec::new(),
                    single_logout: Vec::new(),
                    certificates: Vec::new(),
                    wants_signed_requests: false,
                    sign_requests: saml.sign_requests,
                    force_authn: saml.force_authn,
                    idp_initiated: saml.idp_initiated,
                };
                plan::take_metadata(&mut source, metadata, now)?;
                SourceKind::Saml(source)
            }
            NewKind::Oidc(oidc) => SourceKind::Oidc(self.new_oidc(oidc, new.network)?),
        };
        let source = IdentitySource {
            id: SourceId::new(format!("ids-{}", base::random::hex::<8>())),
            name: new.name,
            enabled: true,
            domains: rules::domains(&new.domains)?,
            kind,
            subject: new.subject,
            just_in_time: new.just_in_time,
            groups_claim: new.groups_claim,
            contact: new.contact,
            version: 1,
            sessions_since: now,
            created: now,
            modified: now,
        };
        plan::check(&source)?;
        self.check_provider(&source).await?;
        let source = Arc::new(source);
        let key = self.missing_key(&source, now).await?;
        let turn = self.turn().await?;
        plan::check_unique(&self.state(), &source)?;
        let mut changes = vec![StateChange::Put(Arc::clone(&source))];
        changes.extend(key.filter(|_| self.state().signing_key.is_none()));
        self.commit(turn, changes, vec![SourceChange::Created(source.id.clone())]).await?;
        Ok(source)
    }

    fn new_oidc(&self, new: NewOidc, network: Network) -> Result<OidcSource, SourceError> {
        Ok(OidcSource {
            issuer: new.issuer,
            client_id: new.client_id,
            client_secret: new.client_secret.as_ref().map(|secret| self.seal_secret(secret)).transpose()?,
            scopes: rules::scopes(&new.scopes)?,
            network,
        })
    }

    /// Changes a source. `expected_version`: refuses when it was changed since. Nothing given, or nothing new, changes no version.
    /// A mapping that is given forgets all permanent links, also when it is the one that is there.
    ///
    /// # Errors
    /// `Unknown`, `VersionMismatch`, `LastWayIn`, and as [`Self::create`].
    pub async fn update(
        &self,
        id: &SourceId,
        expected_version: Option<u64>,
        edit: SourceEdit,
    ) -> Result<Arc<IdentitySource>, SourceError> {
        let seen = self.source(id)?;
        let expected = expected_version.unwrap_or(seen.version);
        let network = edit.network.unwrap_or(match &seen.kind {
            SourceKind::Saml(saml) => saml.network,
            SourceKind::Oidc(oidc) => oidc.network,
        });
        let mut prepared = Prepared::default();
        if let (Some(from), SourceKind::Saml(_)) = (&edit.saml.metadata, &seen.kind) {
            prepared.metadata = Some(self.read_metadata(from, network).await?);
        }
        if let Some(secret) = &edit.oidc.client_secret {
            prepared.client_secret = Some(secret.as_ref().map(|secret| self.seal_secret(secret)).transpose()?);
        }
        let next = plan::edited(&seen, &edit, prepared, self.inner.ports.clock.now())?;
        if edit.network.is_some() || edit.oidc.given().is_some() {
            self.check_provider(&next).await?;
        }
        self.replace(expected, next, edit.subject.is_some()).await
    }

    /// Writes what was planned over the version `expected`.
    pub(super) async fn replace(
        &self,
        expected: u64,
        next: IdentitySource,
        mapping_given: bool,
    ) -> Result<Arc<IdentitySource>, SourceError> {
        let next = Arc::new(next);
        let turn = self.turn().await?;
        let state = self.state();
        let current = state.source(&next.id).ok_or_else(|| SourceError::Unknown(next.id.clone()))?;
        if current.version != expected {
            return Err(SourceError::VersionMismatch { expected, found: current.version });
        }
        if !mapping_given && stored::write(current)?.definition == stored::write(&next)?.definition {
            return Ok(Arc::clone(current));
        }
        plan::check_unique(&state, &next)?;
        let (changes, announced) = plan::replace(current, Arc::clone(&next), mapping_given);
        self.commit(turn, changes, announced).await?;
        Ok(next)
    }

    /// Deletes a source with its links. People and groups that its sign-ins made stay.
    ///
    /// # Errors
    /// `Unknown`, `LastWayIn`, `Store`.
    pub async fn delete(&self, id: &SourceId) -> Result<(), SourceError> {
        let turn = self.turn().await?;
        self.source(id)?;
        self.commit(turn, vec![StateChange::Remove(id.clone())], vec![SourceChange::Ended(id.clone())]).await
    }

    /// Notes that the groups are the source's.
    pub(super) async fn note_groups(
        &self,
        source: &IdentitySource,
        groups: impl Iterator<Item = DirectoryGroupId> + Send,
    ) -> Result<(), SourceError> {
        let noted = groups.map(|group| StateChange::Group { source: source.id.clone(), group }).collect();
        let turn = self.turn().await?;
        self.source(&source.id)?;
        self.commit(turn, noted, Vec::new()).await
    }

    /// Whether an OpenID provider answers as it is configured.
    async fn check_provider(&self, source: &IdentitySource) -> Result<(), SourceError> {
        let Some(oidc) = source.oidc() else { return Ok(()) };
        let provider = self.provider(source, oidc)?;
        self.inner.ports.relying_party.check(&provider).await?;
        Ok(())
    }

    fn seal_secret(&self, secret: &Secret<String>) -> Result<Secret<String>, SourceError> {
        rules::client_secret(secret.expose())?;
        let sealed = self.inner.ports.sealer.seal_text(SECRET_PURPOSE, secret.expose().as_bytes());
        sealed.map(Secret::new).map_err(|error| SourceError::Internal(error.to_string()))
    }

    /// The first SAML source brings the key that requests and logouts are signed with.
    async fn missing_key(
        &self,
        source: &IdentitySource,
        now: OffsetDateTime,
    ) -> Result<Option<StateChange>, SourceError> {
        if source.saml().is_none() || self.state().signing_key.is_some() {
            return Ok(None);
        }
        let generated = tokio::task::spawn_blocking(move || {
            SigningKey::generate("Gatehouse Identity Center", now - Duration::DAY, now + KEY_LIFETIME)
        });
        let key = generated.await.map_err(|error| SourceError::Internal(error.to_string()))??;
        let sealed = seal(&self.inner.ports.sealer, &key)?;
        Ok(Some(StateChange::SigningKey { sealed, key: Arc::new(key) }))
    }
}
