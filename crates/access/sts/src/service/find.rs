//! From an access key and its token to a caller.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::Secret;
use iam::KeyOwner;
use policy::{Document, DocumentKind, NamedPolicy};
use sigv4::{Credential, CredentialLookup, SigV4Error};

use super::Sts;
use crate::alive::{self, Ended};
use crate::caller::{Caller, CallerIdentity, Known, SealedCaller, micros};
use crate::session::Origin;
use crate::token;

impl CredentialLookup for Sts {
    type Caller = Caller;

    fn find(&self, access_key_id: &str, session_token: Option<&str>) -> Result<Credential<Caller>, SigV4Error> {
        match session_token {
            None => self.long_lived(access_key_id),
            Some(token) => self.temporary(access_key_id, token),
        }
    }
}

impl Sts {
    fn long_lived(&self, access_key_id: &str) -> Result<Credential<Caller>, SigV4Error> {
        let key = self.iam.access_key(access_key_id).ok_or(SigV4Error::InvalidClientTokenId)?;
        let own = Origin::Key { id: key.id.clone() };
        let (identity, origin) = match &key.owner {
            KeyOwner::Root => (CallerIdentity::Root, vec![own]),
            KeyOwner::User(id) => (CallerIdentity::User { id: id.clone() }, vec![own, Origin::User { id: id.clone() }]),
        };
        let access_key_id = key.id.clone();
        let sealed = SealedCaller { access_key_id, identity, life: None, origin, mfa: false, correlation: None };
        let caller = self.resume(&sealed).map_err(|_| SigV4Error::InvalidClientTokenId)?;
        Ok(Credential { secret: key.secret.clone(), caller })
    }

    fn temporary(&self, access_key_id: &str, session_token: &str) -> Result<Credential<Caller>, SigV4Error> {
        let (secret, sealed) = token::open(&self.sealer, session_token).ok_or(SigV4Error::InvalidClientTokenId)?;
        if !Secret::new(sealed.access_key_id.as_str()).matches(access_key_id.as_bytes()) {
            return Err(SigV4Error::InvalidClientTokenId);
        }
        let now = micros(self.clock.now());
        if sealed.life.as_ref().is_none_or(|life| life.expires <= now) {
            return Err(SigV4Error::ExpiredToken);
        }
        let caller = self.resume(&sealed).map_err(|_| SigV4Error::InvalidClientTokenId)?;
        Ok(Credential { secret, caller })
    }

    /// The caller that a credential was made for, if all that it comes from is alive. That it expired doesn't count here.
    ///
    /// # Errors
    /// [`Ended`].
    pub fn resume(&self, sealed: &SealedCaller) -> Result<Caller, Ended> {
        self.with_revocations(|revocations| alive::check(&self.iam, revocations, &sealed.origin))?;
        let gone = |what: &str| Ended { reason: format!("the {what} is deleted"), mend: String::new() };
        let (user, tags, inline) = match &sealed.identity {
            CallerIdentity::Root => (None, BTreeMap::new(), None),
            CallerIdentity::User { id } => {
                let user = self.iam.user_by_id(id).ok_or_else(|| gone("user"))?;
                let path_and_name = format!("{}{}", user.path.trim_start_matches('/'), user.name);
                (Some((user.name.clone(), path_and_name, user.arn.clone())), user.tags.to_map(), None)
            }
            CallerIdentity::Role(session) => {
                let role = self.iam.role_by_id(&session.role_id).ok_or_else(|| gone("role"))?;
                let inline = match &session.policies.inline {
                    None => None,
                    // It was checked when the session was made: what can't be read any more must allow nothing.
                    Some(text) => Some(inline_policy(text).ok_or_else(|| gone("session policy's language"))?),
                };
                (None, role.tags.to_map(), inline)
            }
        };
        let account = self.account().to_owned();
        Ok(Caller::new(sealed.clone(), Known { account, user, tags, inline }))
    }
}

fn inline_policy(text: &str) -> Option<NamedPolicy> {
    let document = Document::parse(text, DocumentKind::Identity).ok()?;
    Some(NamedPolicy { name: "the inline session policy".into(), document: Arc::new(document) })
}
