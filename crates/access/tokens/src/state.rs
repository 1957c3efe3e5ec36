//! What is held in memory: the same writes as the store's, applied to maps. Nothing is found by scanning.

use base::SecretHash;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use base::id::{ApplicationArn, ClientId, DirectoryUserId};
use time::OffsetDateTime;

use crate::claims::GrantId;
use crate::client::Client;
use crate::grant::{Grant, Revocation, RevokeReason, StoredAccess, StoredCode, StoredRefresh};
use crate::port::{StoredTokens, TokenWrite};

/// A grant and the keys of what was issued from it.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) grant: Grant,
    codes: Vec<SecretHash>,
    access: Vec<SecretHash>,
    /// Its length is also the number of refreshes.
    pub(crate) refresh: Vec<SecretHash>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    clients: HashMap<ClientId, Arc<Client>>,
    /// Clients that nobody authorised yet, oldest first.
    unused: BTreeSet<(OffsetDateTime, ClientId)>,
    grants: HashMap<GrantId, Held>,
    by_user: HashMap<DirectoryUserId, HashSet<GrantId>>,
    by_application: HashMap<ApplicationArn, HashSet<GrantId>>,
    /// What was exchanged from a grant.
    children: HashMap<GrantId, HashSet<GrantId>>,
    codes: HashMap<SecretHash, StoredCode>,
    access: HashMap<SecretHash, StoredAccess>,
    refresh: HashMap<SecretHash, StoredRefresh>,
}

impl State {
    pub(crate) fn loaded(stored: StoredTokens) -> Self {
        let mut state = Self::default();
        let clients = stored.clients.into_iter().map(TokenWrite::PutClient);
        let grants = stored.grants.into_iter().map(TokenWrite::PutGrant);
        let codes = stored.codes.into_iter().map(TokenWrite::PutCode);
        let access = stored.access.into_iter().map(TokenWrite::PutAccess);
        let refresh = stored.refresh.into_iter().map(TokenWrite::PutRefresh);
        for write in clients.chain(grants).chain(codes).chain(access).chain(refresh) {
            state.apply(write);
        }
        state
    }

    pub(crate) fn apply(&mut self, write: TokenWrite) {
        match write {
            TokenWrite::PutClient(client) => self.put_client(client),
            TokenWrite::DeleteClient(id) => self.delete_client(&id),
            TokenWrite::PutGrant(grant) => {
                self.by_user.entry(grant.user.clone()).or_default().insert(grant.id.clone());
                self.by_application.entry(grant.application.clone()).or_default().insert(grant.id.clone());
                if let Some(parent) = &grant.parent {
                    self.children.entry(parent.clone()).or_default().insert(grant.id.clone());
                }
                let held = Held { codes: Vec::new(), access: Vec::new(), refresh: Vec::new(), grant };
                self.grants.insert(held.grant.id.clone(), held);
            }
            TokenWrite::ExtendGrant { grant, ends } => {
                if let Some(held) = self.grants.get_mut(&grant) {
                    held.grant.ends = ends;
                }
            }
            TokenWrite::RevokeGrant { grant, revocation } => {
                self.revoke(&grant, revocation);
            }
            TokenWrite::DeleteGrant(id) => self.delete_grant(&id),
            TokenWrite::PutCode(code) => {
                if let Some(held) = self.grants.get_mut(&code.grant)
                    && self.codes.insert(code.hash, code.clone()).is_none()
                {
                    held.codes.push(code.hash);
                }
            }
            TokenWrite::PutAccess(token) => {
                if let Some(held) = self.grants.get_mut(&token.grant)
                    && self.access.insert(token.hash, token.clone()).is_none()
                {
                    held.access.push(token.hash);
                }
            }
            TokenWrite::PutRefresh(token) => {
                if let Some(held) = self.grants.get_mut(&token.grant)
                    && self.refresh.insert(token.hash, token.clone()).is_none()
                {
                    held.refresh.push(token.hash);
                }
            }
        }
    }

    /// Marks a grant; answers whether it was not revoked before.
    pub(crate) fn revoke(&mut self, id: &GrantId, revocation: Revocation) -> bool {
        match self.grants.get_mut(id) {
            Some(held) if held.grant.revoked.is_none() => {
                held.grant.revoked = Some(revocation);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Marks a grant and everything that was exchanged from it. Answers what was not revoked before.
    pub(crate) fn revoke_family(&mut self, id: &GrantId, revocation: Revocation) -> Vec<(GrantId, Revocation)> {
        let mut revoked = Vec::new();
        let mut pending = vec![(id.clone(), revocation)];
        while let Some((id, revocation)) = pending.pop() {
            if self.revoke(&id, revocation) {
                let inherited = Revocation { at: revocation.at, reason: RevokeReason::ParentRevoked };
                pending.extend(self.children.get(&id).into_iter().flatten().map(|child| (child.clone(), inherited)));
                revoked.push((id, revocation));
            }
        }
        revoked
    }

    pub(crate) fn client(&self, id: &ClientId) -> Option<&Arc<Client>> {
        self.clients.get(id)
    }

    pub(crate) fn client_count(&self) -> usize {
        self.clients.len()
    }

    pub(crate) fn oldest_unused_client(&self) -> Option<ClientId> {
        self.unused.first().map(|(_, id)| id.clone())
    }

    pub(crate) fn held(&self, id: &GrantId) -> Option<&Held> {
        self.grants.get(id)
    }

    pub(crate) fn code(&self, hash: &SecretHash) -> Option<(&StoredCode, &Held)> {
        let code = self.codes.get(hash)?;
        Some((code, self.grants.get(&code.grant)?))
    }

    pub(crate) fn access(&self, hash: &SecretHash) -> Option<(&StoredAccess, &Held)> {
        let token = self.access.get(hash)?;
        Some((token, self.grants.get(&token.grant)?))
    }

    pub(crate) fn refresh(&self, hash: &SecretHash) -> Option<(&StoredRefresh, &Held)> {
        let token = self.refresh.get(hash)?;
        Some((token, self.grants.get(&token.grant)?))
    }

    pub(crate) fn grants_of(&self, user: &DirectoryUserId) -> impl Iterator<Item = &Grant> {
        self.by_user.get(user).into_iter().flatten().filter_map(|id| self.grants.get(id)).map(|held| &held.grant)
    }

    pub(crate) fn grants_for(&self, application: &ApplicationArn) -> impl Iterator<Item = &Grant> {
        let ids = self.by_application.get(application).into_iter().flatten();
        ids.filter_map(|id| self.grants.get(id)).map(|held| &held.grant)
    }

    pub(crate) fn grant_count_of(&self, user: &DirectoryUserId) -> usize {
        self.by_user.get(user).map_or(0, HashSet::len)
    }

    pub(crate) fn people(&self) -> Vec<DirectoryUserId> {
        self.by_user.keys().cloned().collect()
    }

    /// What can be forgotten: clients that expired, and grants whose last token expired before `forget`.
    pub(crate) fn expired(&self, now: OffsetDateTime, forget: OffsetDateTime) -> Vec<TokenWrite> {
        let clients = self.clients.values().filter(|client| client.expires <= now);
        let grants = self.grants.values().filter(|held| held.grant.ends <= forget);
        let grants = grants.map(|held| TokenWrite::DeleteGrant(held.grant.id.clone()));
        clients.map(|client| TokenWrite::DeleteClient(client.id.clone())).chain(grants).collect()
    }

    fn put_client(&mut self, client: Client) {
        let key = (client.issued, client.id.clone());
        if client.used {
            self.unused.remove(&key);
        } else {
            self.unused.insert(key);
        }
        self.clients.insert(client.id.clone(), Arc::new(client));
    }

    fn delete_client(&mut self, id: &ClientId) {
        if let Some(client) = self.clients.remove(id) {
            self.unused.remove(&(client.issued, client.id.clone()));
        }
    }

    fn delete_grant(&mut self, id: &GrantId) {
        let Some(held) = self.grants.remove(id) else { return };
        for hash in &held.codes {
            self.codes.remove(hash);
        }
        for hash in &held.access {
            self.access.remove(hash);
        }
        for hash in &held.refresh {
            self.refresh.remove(hash);
        }
        forget(&mut self.by_user, &held.grant.user, id);
        forget(&mut self.by_application, &held.grant.application, id);
        if let Some(parent) = &held.grant.parent {
            forget(&mut self.children, parent, id);
        }
    }
}

fn forget<K: Eq + Hash>(index: &mut HashMap<K, HashSet<GrantId>>, key: &K, id: &GrantId) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
