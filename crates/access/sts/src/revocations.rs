//! What was revoked, in memory.

use std::collections::HashMap;

use crate::port::Revocation;
use crate::session::Origin;

#[derive(Debug, Default)]
pub(crate) struct Revocations {
    /// By role id: sessions issued up to then are over.
    roles: HashMap<String, i64>,
    /// By temporary key: until when it must be remembered.
    sessions: HashMap<String, i64>,
}

impl Revocations {
    /// Takes a revocation, and forgets those that mean nothing any more.
    pub(crate) fn put(&mut self, revocation: &Revocation, now: i64) {
        match revocation {
            Revocation::Role { role_id, until } => {
                let known = self.roles.entry(role_id.clone()).or_insert(*until);
                *known = (*known).max(*until);
            }
            Revocation::Session { access_key_id, expires } => {
                self.sessions.retain(|_, expires| *expires > now);
                self.sessions.insert(access_key_id.clone(), *expires);
            }
        }
    }

    /// Whether what a credential comes from was revoked since.
    pub(crate) fn ended(&self, origin: &Origin) -> bool {
        match origin {
            Origin::Role { id, issued } => self.roles.get(id).is_some_and(|until| issued <= until),
            Origin::Session { access_key_id } => self.sessions.contains_key(access_key_id),
            Origin::Key { .. } | Origin::User { .. } | Origin::Provider { .. } => false,
        }
    }
}
