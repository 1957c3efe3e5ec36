//! What is held in memory: the same writes as the store's, applied to maps. Nothing is found by scanning.

use base::SecretHash;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use base::id::{DirectoryUserId, SsoApplicationId};
use time::OffsetDateTime;

use crate::device::StoredDevice;
use crate::grant::{Grant, GrantId, Revocation, StoredAccess};
use crate::port::{OpenIdWrite, StoredOpenId};

/// A grant and the keys of its access tokens, oldest first.
#[derive(Debug)]
struct Held {
    grant: Grant,
    access: VecDeque<SecretHash>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    grants: HashMap<GrantId, Held>,
    by_user: HashMap<DirectoryUserId, HashSet<GrantId>>,
    /// Of one person for one application, oldest first.
    by_holder: HashMap<(DirectoryUserId, SsoApplicationId), BTreeSet<(OffsetDateTime, GrantId)>>,
    codes: HashMap<SecretHash, GrantId>,
    families: HashMap<SecretHash, GrantId>,
    access: HashMap<SecretHash, StoredAccess>,
    devices: HashMap<SecretHash, StoredDevice>,
    user_codes: HashMap<SecretHash, SecretHash>,
}

impl State {
    pub(crate) fn loaded(stored: StoredOpenId) -> Self {
        let mut state = Self::default();
        let grants = stored.grants.into_iter().map(|grant| OpenIdWrite::PutGrant(Box::new(grant)));
        let mut access = stored.access;
        access.sort_by_key(|token| token.issued);
        let access = access.into_iter().map(OpenIdWrite::PutAccess);
        let devices = stored.devices.into_iter().map(OpenIdWrite::PutDevice);
        for write in grants.chain(access).chain(devices) {
            state.apply(write);
        }
        state
    }

    pub(crate) fn apply(&mut self, write: OpenIdWrite) {
        match write {
            OpenIdWrite::PutGrant(grant) => self.put_grant(*grant),
            OpenIdWrite::UseCode { grant, at } => {
                if let Some(code) = self.grants.get_mut(&grant).and_then(|held| held.grant.code.as_mut()) {
                    code.used.get_or_insert(at);
                }
            }
            OpenIdWrite::Renew { grant, refresh, ends } => {
                if let Some(held) = self.grants.get_mut(&grant) {
                    if let Some(family) = refresh.as_ref().map(|refresh| refresh.family) {
                        self.families.insert(family, grant);
                    }
                    held.grant.refresh = refresh;
                    held.grant.ends = ends;
                }
            }
            OpenIdWrite::RevokeGrant { grant, revocation } => {
                self.revoke(&grant, revocation);
            }
            OpenIdWrite::DeleteGrant(id) => self.delete_grant(&id),
            OpenIdWrite::PutAccess(token) => {
                if let Some(held) = self.grants.get_mut(&token.grant) {
                    held.access.push_back(token.hash);
                    self.access.insert(token.hash, token);
                }
            }
            OpenIdWrite::DeleteAccess(hash) => self.delete_access(&hash),
            OpenIdWrite::PutDevice(device) => {
                self.user_codes.insert(device.user_code, device.hash);
                self.devices.insert(device.hash, device);
            }
            OpenIdWrite::DeleteDevice(hash) => {
                if let Some(device) = self.devices.remove(&hash) {
                    self.user_codes.remove(&device.user_code);
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

    pub(crate) fn grant(&self, id: &GrantId) -> Option<&Grant> {
        self.grants.get(id).map(|held| &held.grant)
    }

    pub(crate) fn by_code(&self, code: &SecretHash) -> Option<&Grant> {
        self.grant(self.codes.get(code)?)
    }

    pub(crate) fn by_family(&self, family: &SecretHash) -> Option<&Grant> {
        self.grant(self.families.get(family)?)
    }

    pub(crate) fn access(&self, hash: &SecretHash) -> Option<(&StoredAccess, &Grant)> {
        let token = self.access.get(hash)?;
        Some((token, self.grant(&token.grant)?))
    }

    /// The access tokens of a grant, oldest first.
    pub(crate) fn access_of(&self, id: &GrantId) -> impl ExactSizeIterator<Item = &SecretHash> {
        const NONE: &VecDeque<SecretHash> = &VecDeque::new();
        self.grants.get(id).map_or(NONE, |held| &held.access).iter()
    }

    pub(crate) fn device(&self, hash: &SecretHash) -> Option<&StoredDevice> {
        self.devices.get(hash)
    }

    pub(crate) fn by_user_code(&self, user_code: &SecretHash) -> Option<&StoredDevice> {
        self.devices.get(self.user_codes.get(user_code)?)
    }

    pub(crate) fn device_count(&self) -> usize {
        self.devices.len()
    }

    pub(crate) fn live_grants_of(&self, user: &DirectoryUserId) -> impl Iterator<Item = &Grant> {
        let ids = self.by_user.get(user).into_iter().flatten();
        ids.filter_map(|id| self.grant(id)).filter(|grant| grant.revoked.is_none())
    }

    /// The oldest of a person's grants for an application that have to go, so that there are `limit` with one more.
    pub(crate) fn pushed_out(
        &self,
        user: &DirectoryUserId,
        application: &SsoApplicationId,
        limit: usize,
    ) -> Vec<OpenIdWrite> {
        let Some(held) = self.by_holder.get(&(user.clone(), application.clone())) else { return Vec::new() };
        let surplus = (held.len() + 1).saturating_sub(limit);
        held.iter().take(surplus).map(|(_, id)| OpenIdWrite::DeleteGrant(id.clone())).collect()
    }

    pub(crate) fn people(&self) -> Vec<DirectoryUserId> {
        self.by_user.keys().cloned().collect()
    }

    /// What can be forgotten: what ended before `forget`. Until then the refusal can say why.
    pub(crate) fn expired(&self, forget: OffsetDateTime) -> Vec<OpenIdWrite> {
        let devices = self.devices.values().filter(|device| device.expires <= forget);
        let devices = devices.map(|device| OpenIdWrite::DeleteDevice(device.hash));
        let grants = self.grants.values().filter(|held| held.grant.ends <= forget);
        devices.chain(grants.map(|held| OpenIdWrite::DeleteGrant(held.grant.id.clone()))).collect()
    }

    fn put_grant(&mut self, grant: Grant) {
        self.by_user.entry(grant.user.clone()).or_default().insert(grant.id.clone());
        let holder = (grant.user.clone(), grant.application.clone());
        self.by_holder.entry(holder).or_default().insert((grant.created, grant.id.clone()));
        if let Some(code) = &grant.code {
            self.codes.insert(code.hash, grant.id.clone());
        }
        if let Some(refresh) = &grant.refresh {
            self.families.insert(refresh.family, grant.id.clone());
        }
        self.grants.insert(grant.id.clone(), Held { grant, access: VecDeque::new() });
    }

    fn delete_access(&mut self, hash: &SecretHash) {
        if let Some(token) = self.access.remove(hash)
            && let Some(held) = self.grants.get_mut(&token.grant)
        {
            held.access.retain(|known| known != hash);
        }
    }

    fn delete_grant(&mut self, id: &GrantId) {
        let Some(held) = self.grants.remove(id) else { return };
        for hash in &held.access {
            self.access.remove(hash);
        }
        if let Some(code) = &held.grant.code {
            self.codes.remove(&code.hash);
        }
        if let Some(refresh) = &held.grant.refresh {
            self.families.remove(&refresh.family);
        }
        let Grant { user, application, created, .. } = held.grant;
        if let Some(ids) = self.by_user.get_mut(&user) {
            ids.remove(id);
            if ids.is_empty() {
                self.by_user.remove(&user);
            }
        }
        let holder = (user, application);
        if let Some(ids) = self.by_holder.get_mut(&holder) {
            ids.remove(&(created, id.clone()));
            if ids.is_empty() {
                self.by_holder.remove(&holder);
            }
        }
    }
}
