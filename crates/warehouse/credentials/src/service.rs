//! Minting, finding, and the profiles.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::id::WarehouseId;
use base::{Clock, Sealer};
use sts::Sts;
use time::OffsetDateTime;

use crate::book::{Book, REMEMBERED, TOTAL_MAX};
use crate::credential::{Content, Credential, KeptPrincipal, Minted, NewCredential};
use crate::error::CredentialError;
use crate::grounds::SessionGrounds;
use crate::port::{CredentialStore, CredentialWrite, StoredCredential};
use crate::profile::{self, AuthenticationProfile, PROFILES_MAX};
use crate::writer::Writer;

/// The temporary credentials of all warehouses, and the account's authentication profiles.
#[derive(Debug)]
pub struct Credentials {
    sts: Arc<Sts>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    writer: Writer,
    book: Mutex<Book>,
    profiles: Mutex<BTreeMap<String, Arc<AuthenticationProfile>>>,
    /// Changes of profiles, one after the other.
    profile_turn: tokio::sync::Mutex<()>,
}

impl Credentials {
    /// Reads what is stored. A credential that can't be unsealed is left out: its holder gets another one.
    ///
    /// # Errors
    /// [`CredentialError::Unavailable`]
    pub async fn open(
        store: Arc<dyn CredentialStore>,
        sts: Arc<Sts>,
        sealer: Arc<Sealer>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, CredentialError> {
        let forgotten = clock.now() - REMEMBERED;
        store.apply(&[CredentialWrite::DeleteExpired(forgotten)]).await?;
        let stored = store.load().await?;
        let mut book = Book::default();
        for credential in stored.credentials {
            match unseal(&sealer, &credential) {
                Some(credential) => book.insert(Arc::new(credential)),
                None => tracing::warn!(id = credential.id, "a database credential can't be unsealed; it is left out"),
            }
        }
        let profiles = stored.profiles.into_iter().map(|profile| (profile.name.clone(), Arc::new(profile))).collect();
        Ok(Arc::new(Self {
            sts,
            sealer,
            clock,
            writer: Writer::start(store),
            book: Mutex::new(book),
            profiles: Mutex::new(profiles),
            profile_turn: tokio::sync::Mutex::default(),
        }))
    }

    /// Makes a credential. It is stored when this returns; one of the same name too many drops the oldest.
    ///
    /// # Errors
    /// [`CredentialError::CallerExpired`], [`CredentialError::TooMany`], [`CredentialError::Unavailable`]
    pub async fn mint(&self, new: NewCredential<'_>) -> Result<Minted, CredentialError> {
        let now = self.clock.now();
        let credential = Arc::new(make(new, now)?);
        let sealed = seal(&self.sealer, &credential)?;
        let mut writes = self.tidy(now - REMEMBERED)?;
        writes.push(CredentialWrite::Put(sealed));
        self.writer.write(writes).await?;
        self.book().insert(Arc::clone(&credential));
        Ok(Minted {
            login_name: credential.login_name().to_owned(),
            password: credential.password().clone(),
            expires: credential.expires(),
        })
    }

    /// Forgets what has expired long enough. Answers what the store is to forget too.
    fn tidy(&self, moment: OffsetDateTime) -> Result<Vec<CredentialWrite>, CredentialError> {
        let mut book = self.book();
        let before = book.len();
        book.forget_expired(moment);
        if book.len() >= TOTAL_MAX {
            return Err(CredentialError::TooMany);
        }
        let mut writes: Vec<_> = book.take_dropped().into_iter().map(CredentialWrite::Delete).collect();
        if book.len() < before {
            writes.push(CredentialWrite::DeleteExpired(moment));
        }
        Ok(writes)
    }

    /// The credentials that a proof for `login_name` in this warehouse may be of, the newest first. Expired ones are among them for a
    /// while ([`Credential::expires`]).
    #[must_use]
    pub fn candidates(&self, warehouse: &WarehouseId, login_name: &str) -> Vec<Arc<Credential>> {
        self.book().of_name(warehouse, login_name)
    }

    /// What a session that is opened with this credential stands on.
    #[must_use]
    pub fn grounds(&self, credential: &Credential) -> Arc<dyn sessions::Grounds> {
        Arc::new(SessionGrounds::new(Arc::clone(&self.sts), credential))
    }

    /// # Errors
    /// [`CredentialError::InvalidProfile`], [`CredentialError::ProfileQuota`], [`CredentialError::ProfileExists`],
    /// [`CredentialError::Unavailable`]
    pub async fn create_profile(&self, profile: AuthenticationProfile) -> Result<(), CredentialError> {
        let _turn = self.profile_turn.lock().await;
        if self.profiles_map().contains_key(&profile.name) {
            return Err(CredentialError::ProfileExists(profile.name));
        }
        if self.profiles_map().len() >= PROFILES_MAX {
            return Err(CredentialError::too_many_profiles());
        }
        self.put_profile(profile).await
    }

    /// # Errors
    /// [`CredentialError::ProfileNotFound`], [`CredentialError::Unavailable`]
    pub async fn modify_profile(&self, profile: AuthenticationProfile) -> Result<(), CredentialError> {
        let _turn = self.profile_turn.lock().await;
        if !self.profiles_map().contains_key(&profile.name) {
            return Err(CredentialError::ProfileNotFound(profile.name));
        }
        self.put_profile(profile).await
    }

    /// # Errors
    /// [`CredentialError::InvalidProfile`], [`CredentialError::ProfileNotFound`], [`CredentialError::Unavailable`]
    pub async fn delete_profile(&self, name: &str) -> Result<(), CredentialError> {
        let _turn = self.profile_turn.lock().await;
        self.profile(name)?;
        self.writer.write(vec![CredentialWrite::DeleteProfile(name.to_owned())]).await?;
        self.profiles_map().remove(name);
        Ok(())
    }

    /// # Errors
    /// [`CredentialError::InvalidProfile`], [`CredentialError::ProfileNotFound`]
    pub fn profile(&self, name: &str) -> Result<Arc<AuthenticationProfile>, CredentialError> {
        profile::check_name(name)?;
        let found = self.profiles_map().get(name).cloned();
        found.ok_or_else(|| CredentialError::ProfileNotFound(name.to_owned()))
    }

    /// All, by name.
    #[must_use]
    pub fn profiles(&self) -> Vec<Arc<AuthenticationProfile>> {
        self.profiles_map().values().cloned().collect()
    }

    async fn put_profile(&self, profile: AuthenticationProfile) -> Result<(), CredentialError> {
        self.writer.write(vec![CredentialWrite::PutProfile(profile.clone())]).await?;
        self.profiles_map().insert(profile.name.clone(), Arc::new(profile));
        Ok(())
    }

    fn profiles_map(&self) -> MutexGuard<'_, BTreeMap<String, Arc<AuthenticationProfile>>> {
        self.profiles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make(new: NewCredential<'_>, now: OffsetDateTime) -> Result<Credential, CredentialError> {
    let NewCredential { warehouse, user, db_name, groups, roles, duration, caller, asks, tags, peer, request } = new;
    let expires = caller.expires().map_or(now + duration, |ends| ends.min(now + duration));
    // Whole seconds, as the store has them.
    let expires = expires.replace_nanosecond(0).unwrap_or(expires);
    if expires <= now {
        return Err(CredentialError::CallerExpired);
    }
    let tags = tags.iter().filter_map(|key| Some(((*key).to_owned(), caller.tag(key)?.to_owned()))).collect();
    let correlation = caller.correlation().unwrap_or(&request).as_str().to_owned();
    Ok(Credential {
        id: base::id::uuid(),
        warehouse,
        login_name: Arc::from(user.login_name()),
        expires,
        content: Content {
            user,
            db_name,
            groups,
            roles,
            password: base::random::token(),
            grounds: sts::Grounds::new(caller, asks, peer),
            tags,
            principal: KeptPrincipal::of(caller.principal()).ok_or(CredentialError::NoPrincipal)?,
            person: caller.person().map(str::to_owned),
            access_key_id: caller.access_key_id().to_owned(),
            correlation,
            request: request.as_str().to_owned(),
        },
    })
}

/// What it is sealed for: another row's content doesn't open in its place.
fn purpose(id: &str, warehouse: &WarehouseId, login_name: &str, expires: OffsetDateTime) -> String {
    format!("database credential {id} {warehouse} {login_name} {}", expires.unix_timestamp())
}

fn seal(sealer: &Sealer, credential: &Credential) -> Result<StoredCredential, CredentialError> {
    let Credential { id, warehouse, login_name, expires, content } = credential;
    let text = serde_json::to_vec(content).map_err(|_| CredentialError::Seal)?;
    let sealed = sealer.seal_text(&purpose(id, warehouse, login_name, *expires), &text);
    Ok(StoredCredential {
        id: id.clone(),
        warehouse: warehouse.clone(),
        login_name: login_name.as_ref().to_owned(),
        expires: *expires,
        sealed: sealed.map_err(|_| CredentialError::Seal)?,
    })
}

fn unseal(sealer: &Sealer, stored: &StoredCredential) -> Option<Credential> {
    let StoredCredential { id, warehouse, login_name, expires, sealed } = stored;
    let text = sealer.open_text(&purpose(id, warehouse, login_name, *expires), sealed)?;
    let content: Content = serde_json::from_slice(text.expose()).ok()?;
    Some(Credential {
        id: id.clone(),
        warehouse: warehouse.clone(),
        login_name: Arc::from(login_name.as_str()),
        expires: *expires,
        content,
    })
}

#[cfg(test)]
mod tests;
