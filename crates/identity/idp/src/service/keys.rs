//! Signing keys: made, opened, rotated.

use std::sync::{Arc, PoisonError};

use base::Secret;
use base::id::SsoApplicationId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use saml::{SigningCertificate, SigningKey};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::{IdentityProvider, Plan};
use crate::change::IdpChange;
use crate::error::IdpError;
use crate::key::{self, KeyOwner, KeyState, Rotation, StoredKey};
use crate::port::IdpWrite;
use crate::state::State;

/// For [`base::Sealer`].
const PURPOSE: &str = "idp signing key";
/// As long as other identity providers' certificates count.
const LIFETIME: Duration = Duration::days(3650);
/// Service providers' clocks may be behind ours.
const BACKDATED: Duration = Duration::HOUR;

/// A signing key as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyInfo {
    pub id: String,
    pub owner: KeyOwner,
    pub state: KeyState,
    pub created: OffsetDateTime,
    /// When its certificate ends.
    pub not_after: OffsetDateTime,
    /// SHA-256 of the certificate, lower-case hex.
    pub sha256: String,
    /// The certificate, PEM.
    pub pem: String,
}

/// A key of OpenID Connect as clients see it.
#[derive(Debug, Clone, PartialEq)]
pub struct OidcKey {
    pub kid: String,
    pub state: KeyState,
    /// RFC 7517: `kty`, `use`, `alg`, `kid`, `n`, `e`.
    pub public_jwk: serde_json::Value,
}

/// The key that signs ID tokens (RS256).
#[derive(Debug, Clone)]
pub struct OidcSigningKey {
    pub kid: String,
    /// PKCS#8, DER.
    pub pkcs8: Secret<Vec<u8>>,
}

fn internal(error: impl std::fmt::Display) -> IdpError {
    IdpError::Internal(error.to_string())
}

fn certificate_of(key: &StoredKey) -> Result<SigningCertificate, IdpError> {
    SigningCertificate::from_der(&key.certificate).map_err(internal)
}

fn info(key: &StoredKey) -> Result<SigningKeyInfo, IdpError> {
    let certificate = certificate_of(key)?;
    Ok(SigningKeyInfo {
        id: key.id.clone(),
        owner: key.owner.clone(),
        state: key.state,
        created: key.created,
        not_after: certificate.not_after(),
        sha256: certificate.sha256().to_owned(),
        pem: certificate.pem(),
    })
}

/// RFC 7518 6.3.1.
fn public_jwk(key: &StoredKey) -> Result<serde_json::Value, IdpError> {
    let (_, certificate) = X509Certificate::from_der(&key.certificate).map_err(internal)?;
    let PublicKey::RSA(rsa) = certificate.public_key().parsed().map_err(internal)? else {
        return Err(IdpError::Internal(format!("signing key {} isn't an RSA key", key.id)));
    };
    let number = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        URL_SAFE_NO_PAD.encode(bytes.get(zeros..).unwrap_or_default())
    };
    Ok(serde_json::json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.id, "n": number(rsa.modulus), "e": number(rsa.exponent),
    }))
}

fn current<'a>(state: &'a State, owner: &KeyOwner) -> Result<&'a Arc<StoredKey>, IdpError> {
    let mut keys = state.keys(owner);
    keys.find(|key| key.state == KeyState::Current).ok_or_else(|| IdpError::NoKey(owner.name().to_owned()))
}

impl IdentityProvider {
    /// The owner's keys that are published, the next first, then the one in use, then former ones.
    ///
    /// # Errors
    /// `Internal` (a certificate that can't be read).
    pub fn keys(&self, owner: &KeyOwner) -> Result<Vec<SigningKeyInfo>, IdpError> {
        let now = self.now();
        let state = self.state();
        let mut keys: Vec<_> = state.keys(owner).filter(|key| key.state.is_published(now)).collect();
        keys.sort_by_key(|key| match key.state {
            KeyState::Next => (0, key.created),
            KeyState::Current => (1, key.created),
            KeyState::Retired { until } => (2, until),
        });
        keys.into_iter().map(|key| info(key)).collect()
    }

    /// The certificates that metadata shows; the one in use first.
    pub(super) fn published_certificates(&self, id: &SsoApplicationId) -> Result<Vec<SigningCertificate>, IdpError> {
        let now = self.now();
        let state = self.state();
        let owner = KeyOwner::Application(id.clone());
        let mut keys: Vec<_> = state.keys(&owner).filter(|key| key.state.is_published(now)).collect();
        keys.sort_by_key(|key| key.state != KeyState::Current);
        keys.into_iter().map(|key| certificate_of(key)).collect()
    }

    /// The key that signs for a SAML application.
    ///
    /// # Errors
    /// `NoKey`, `Internal` (it can't be opened).
    pub fn saml_key(&self, id: &SsoApplicationId) -> Result<Arc<SigningKey>, IdpError> {
        self.open_key(current(&self.state(), &KeyOwner::Application(id.clone()))?)
    }

    /// All published keys of OpenID Connect. Empty before the first OpenID Connect application.
    ///
    /// # Errors
    /// `Internal` (a certificate that can't be read).
    pub fn oidc_keys(&self) -> Result<Vec<OidcKey>, IdpError> {
        let now = self.now();
        let state = self.state();
        let published = state.keys(&KeyOwner::OpenId).filter(|key| key.state.is_published(now));
        published
            .map(|key| Ok(OidcKey { kid: key.id.clone(), state: key.state, public_jwk: public_jwk(key)? }))
            .collect()
    }

    /// The key that signs ID tokens.
    ///
    /// # Errors
    /// `NoKey` before the first OpenID Connect application; `Internal` (it can't be opened).
    pub fn oidc_signing_key(&self) -> Result<OidcSigningKey, IdpError> {
        let state = self.state();
        let key = current(&state, &KeyOwner::OpenId)?;
        Ok(OidcSigningKey { kid: key.id.clone(), pkcs8: self.open_key(key)?.pkcs8().clone() })
    }

    fn open_key(&self, key: &StoredKey) -> Result<Arc<SigningKey>, IdpError> {
        let mut opened = self.inner.opened_keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signing) = opened.get(&key.id) {
            return Ok(Arc::clone(signing));
        }
        let plain = self.sealer().open(PURPOSE, &key.sealed).ok_or_else(|| {
            IdpError::Internal(format!("signing key {} was sealed with another key of the data directory", key.id))
        })?;
        let signing = Arc::new(SigningKey::from_pkcs8(plain, certificate_of(key)?).map_err(internal)?);
        opened.insert(key.id.clone(), Arc::clone(&signing));
        Ok(signing)
    }

    /// Makes a key pair, off the async threads. `name`: the certificate's common name.
    pub(super) async fn generate_key(
        &self,
        owner: &KeyOwner,
        name: String,
        state: KeyState,
    ) -> Result<StoredKey, IdpError> {
        let now = self.now();
        let made = tokio::task::spawn_blocking(move || SigningKey::generate(&name, now - BACKDATED, now + LIFETIME));
        let signing = made.await.map_err(internal)?.map_err(internal)?;
        Ok(StoredKey {
            id: base::random::hex::<12>(),
            owner: owner.clone(),
            state,
            created: now,
            certificate: signing.certificate().der().to_vec(),
            sealed: self.sealer().seal(PURPOSE, signing.pkcs8().expose()).map_err(internal)?,
        })
    }

    /// What certificates of this owner name: the application's slug.
    fn common_name(state: &State, owner: &KeyOwner) -> Result<String, IdpError> {
        match owner {
            KeyOwner::OpenId => Ok(owner.name().to_owned()),
            KeyOwner::Application(id) => {
                let application = super::applications::known(state, id)?;
                application.saml().ok_or_else(|| IdpError::NotSaml(id.clone()))?;
                Ok(application.slug.as_str().to_owned())
            }
        }
    }

    /// Makes the next key. It is published at once, and signs from [`Self::promote_key`] on.
    ///
    /// # Errors
    /// `NextKeyExists`, `UnknownApplication`, `NotSaml`, `Store`.
    pub async fn prepare_key(&self, owner: &KeyOwner) -> Result<SigningKeyInfo, IdpError> {
        let name = Self::common_name(&self.state(), owner)?;
        let key = self.generate_key(owner, name, KeyState::Next).await?;
        let shown = info(&key)?;
        self.rotate_with(owner, Rotation::Prepare, Some(key)).await?;
        Ok(shown)
    }

    /// The next key signs from now on. The former one stays published: for 30 days (SAML), for 2 days (OpenID Connect).
    ///
    /// # Errors
    /// `NoNextKey`, `UnknownApplication`, `NotSaml`, `Store`.
    pub async fn promote_key(&self, owner: &KeyOwner) -> Result<(), IdpError> {
        self.rotate_with(owner, Rotation::Promote, None).await
    }

    /// A next or former key isn't published any more: what it signed can't be verified from now on.
    ///
    /// # Errors
    /// `UnknownKey`, `KeyInUse`, `UnknownApplication`, `NotSaml`, `Store`.
    pub async fn retire_key(&self, owner: &KeyOwner, id: &str) -> Result<(), IdpError> {
        self.rotate_with(owner, Rotation::Retire(id), None).await
    }

    async fn rotate_with(&self, owner: &KeyOwner, step: Rotation<'_>, new: Option<StoredKey>) -> Result<(), IdpError> {
        let gone = self
            .write(|state, now| {
                Self::common_name(state, owner)?;
                let keys: Vec<StoredKey> = state.keys(owner).map(|key| StoredKey::clone(key)).collect();
                let rotation = key::rotate(&keys, step, now)?;
                let mut plan = Plan { writes: Vec::new(), changes: vec![IdpChange::KeysChanged(owner.clone())] };
                for (id, state) in rotation.states {
                    let key = keys.iter().find(|key| key.id == id).ok_or_else(|| IdpError::UnknownKey(id.clone()))?;
                    plan.writes.push(IdpWrite::PutKey(Arc::new(StoredKey { state, ..key.clone() })));
                }
                plan.writes.extend(new.map(|key| IdpWrite::PutKey(Arc::new(key))));
                plan.writes.extend(rotation.gone.iter().cloned().map(IdpWrite::DeleteKey));
                Ok::<_, IdpError>((plan, rotation.gone))
            })
            .await?;
        let mut opened = self.inner.opened_keys.lock().unwrap_or_else(PoisonError::into_inner);
        opened.retain(|id, _| !gone.contains(id));
        Ok(())
    }
}
