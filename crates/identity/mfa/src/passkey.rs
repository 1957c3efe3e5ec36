//! Passkeys (WebAuthn Level 3) with webauthn-rs: user verification always, counters kept, and no state but the caller's.

#[cfg(test)]
mod tests;

mod ceremony;
mod refusal;
mod response;
mod stored;

use serde_json::{Value, json};
use url::{Host, Url};
use uuid::Uuid;
use webauthn_rs::prelude::{Passkey, RegisterPublicKeyCredential, Webauthn, WebauthnBuilder};

pub use self::ceremony::challenge_id;
use self::ceremony::{Ceremony, Step};
pub use self::refusal::{PasskeyRefusal, PasskeysUnavailable};
use self::response::Response;
pub use self::stored::StoredPasskey;

/// What browsers call the user of a passkey.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyUser<'a> {
    /// Opaque: it is kept in the authenticator and comes back with a discoverable passkey.
    pub handle: Uuid,
    pub name: &'a str,
    pub display_name: &'a str,
}

/// What a browser is asked, and what the server must remember of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// JSON `{"publicKey":{…}}`, as `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` takes the
    /// value of `publicKey`. Whether a request is shown in a form field (`mediation`) is the page's choice.
    pub options: String,
    /// JSON of less than 1 KB, for `finish_…`. Nobody else may read or write it, and it counts once: [`challenge_id`].
    pub state: String,
}

/// Whom a response names. Proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Always there in responses to [`Passkeys::begin_discoverable`].
    pub user_handle: Option<Uuid>,
    /// [`StoredPasskey::id`].
    pub credential: String,
}

/// A passkey that has just proved itself.
#[derive(Debug, Clone)]
pub struct UsedPasskey {
    /// To be kept in place of the one with its id: its counter moved.
    pub passkey: StoredPasskey,
    /// Whether it differs from what was kept.
    pub changed: bool,
}

/// The relying party of one address.
#[derive(Debug, Clone)]
pub struct Passkeys {
    webauthn: Webauthn,
    address: Url,
}

impl Passkeys {
    /// `address` is where people open the provider: its host is the RP ID, which passkeys are bound to for ever.
    ///
    /// # Errors
    /// [`PasskeysUnavailable`] where browsers have no passkeys: under an IP address (WebAuthn 5.1.2), or without https.
    pub fn new(address: &str, organisation_name: &str) -> Result<Self, PasskeysUnavailable> {
        let malformed = || PasskeysUnavailable::Malformed { address: address.to_owned() };
        let url = Url::parse(address).map_err(|_| malformed())?;
        let host = match url.host() {
            Some(Host::Domain(host)) => host.to_owned(),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => {
                return Err(PasskeysUnavailable::IpAddress { address: address.to_owned() });
            }
            None => return Err(malformed()),
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && host == "localhost") {
            return Err(PasskeysUnavailable::NotHttps { address: address.to_owned() });
        }
        let webauthn = WebauthnBuilder::new(&host, &url)
            .and_then(|builder| builder.rp_name(organisation_name).build())
            .map_err(|_| malformed())?;
        Ok(Self { webauthn, address: url })
    }

    /// Asks for a new passkey, discoverable if the authenticator can. `existing` are the person's: none is enrolled twice.
    ///
    /// # Errors
    /// `Internal`.
    pub fn begin_registration(
        &self,
        user: &PasskeyUser<'_>,
        existing: &[StoredPasskey],
    ) -> Result<Challenge, PasskeyRefusal> {
        let (asked, state) = self
            .webauthn
            .start_passkey_registration(user.handle, user.name, user.display_name, None)
            .map_err(refusal::of)?;
        let mut options = serde_json::to_value(asked).map_err(refusal::internal)?;
        set(&mut options, "/publicKey/authenticatorSelection", "residentKey", json!("preferred"));
        set(&mut options, "/publicKey", "excludeCredentials", descriptors(existing));
        Ceremony { user: Some(user.handle), step: Step::Registration(state) }.challenge(&options)
    }

    /// The new passkey under a label of 1 to 64 characters. Its [`StoredPasskey::id`] must be unique over all people.
    ///
    /// # Errors
    /// The first check of WebAuthn 7.1 that failed; `AlreadyRegistered`; `Label`.
    pub fn finish_registration(
        &self,
        response: &str,
        state: &str,
        label: &str,
        existing: &[StoredPasskey],
    ) -> Result<StoredPasskey, PasskeyRefusal> {
        let label = stored::label(label)?;
        let (user, state) = Ceremony::read(state)?.registration()?;
        let response = Response::read(response)?;
        response.check_origin(&self.address)?;
        let credential: RegisterPublicKeyCredential = response.typed()?;
        let key = self.webauthn.finish_passkey_registration(&credential, &state).map_err(refusal::of)?;
        let passkey = StoredPasskey::new(key, user, label, &response);
        if existing.iter().any(|other| other.id() == passkey.id()) {
            return Err(PasskeyRefusal::AlreadyRegistered);
        }
        Ok(passkey)
    }

    /// Asks somebody who is known for one of their passkeys.
    ///
    /// # Errors
    /// `NoPasskeys`; `AnotherPerson` where they are of several people.
    pub fn begin_sign_in(&self, passkeys: &[StoredPasskey]) -> Result<Challenge, PasskeyRefusal> {
        let user = passkeys.first().ok_or(PasskeyRefusal::NoPasskeys)?.user_handle();
        if passkeys.iter().any(|passkey| passkey.user_handle() != user) {
            return Err(PasskeyRefusal::AnotherPerson);
        }
        self.ask(Some(user), passkeys)
    }

    /// Asks whoever is there for a discoverable passkey: the response names the person.
    ///
    /// # Errors
    /// `Internal`.
    pub fn begin_discoverable(&self) -> Result<Challenge, PasskeyRefusal> {
        self.ask(None, &[])
    }

    /// webauthn-rs is always asked for a discoverable one, since only then its state doesn't grow with the passkeys; who may answer
    /// is decided at the end, by the passkeys of then.
    fn ask(&self, user: Option<Uuid>, passkeys: &[StoredPasskey]) -> Result<Challenge, PasskeyRefusal> {
        let (mut asked, state) = self.webauthn.start_discoverable_authentication().map_err(refusal::of)?;
        asked.mediation = None;
        let mut options = serde_json::to_value(asked).map_err(refusal::internal)?;
        set(&mut options, "/publicKey", "allowCredentials", descriptors(passkeys));
        Ceremony { user, step: Step::SignIn(state) }.challenge(&options)
    }

    /// Whom a response names, to find that person's passkeys for [`Self::finish_sign_in`].
    ///
    /// # Errors
    /// `Malformed`.
    pub fn identify(&self, response: &str) -> Result<Claimed, PasskeyRefusal> {
        let response = Response::read(response)?;
        Ok(Claimed { user_handle: response.user_handle()?, credential: response.credential().to_owned() })
    }

    /// Whether a response to a challenge proves that one of these passkeys, which are the person's now, was used with its owner
    /// verified.
    ///
    /// # Errors
    /// The first check of WebAuthn 7.2 that failed; `Cloned` where the counter didn't grow.
    pub fn finish_sign_in(
        &self,
        response: &str,
        state: &str,
        passkeys: &[StoredPasskey],
    ) -> Result<UsedPasskey, PasskeyRefusal> {
        let (user, state) = Ceremony::read(state)?.sign_in()?;
        let response = Response::read(response)?;
        response.check_origin(&self.address)?;
        let passkey =
            passkeys.iter().find(|passkey| passkey.id() == response.credential()).ok_or(PasskeyRefusal::Unknown)?;
        check_person(passkey, user, response.user_handle()?)?;
        let key: &Passkey = passkey.key();
        let result =
            self.webauthn.finish_discoverable_authentication_v2(&response.typed()?, state, key).map_err(refusal::of)?;
        if !result.user_verified() {
            return Err(PasskeyRefusal::NotVerified);
        }
        let (passkey, changed) = passkey.used(&result)?;
        Ok(UsedPasskey { passkey, changed })
    }
}

/// Whether the passkey is of whom the ceremony is about, and of whom the authenticator says (WebAuthn 7.2, step 6).
fn check_person(passkey: &StoredPasskey, asked: Option<Uuid>, named: Option<Uuid>) -> Result<(), PasskeyRefusal> {
    let owner = passkey.user_handle();
    if asked.is_some_and(|asked| asked != owner) || named.is_some_and(|named| named != owner) {
        return Err(PasskeyRefusal::AnotherPerson);
    }
    match asked.or(named) {
        Some(_) => Ok(()),
        None => Err(PasskeyRefusal::Malformed("it names no user, which a discoverable passkey must".into())),
    }
}

fn descriptors(passkeys: &[StoredPasskey]) -> Value {
    passkeys.iter().map(StoredPasskey::descriptor).collect()
}

fn set(options: &mut Value, pointer: &str, name: &str, value: Value) {
    if let Some(object) = options.pointer_mut(pointer).and_then(Value::as_object_mut) {
        object.insert(name.to_owned(), value);
    }
}
