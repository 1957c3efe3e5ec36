//! The directory in memory: an immutable snapshot with an index for every question that is asked per request.
//!
//! Each id has one text in memory, the one of its person or group: all indexes and memberships point to it.

mod read;

use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use imbl::{HashMap, OrdMap, OrdSet};

use crate::id_list::IdList;
use crate::model::{DirectoryGroup, DirectoryUser};
use crate::port::{DirectoryWrite, StoredDirectory, StoredPassword};
use crate::reset_link::ResetLink;
use crate::scim_token::ScimToken;

/// How names are compared: without regard to case. Letter by letter, so that a letter's neighbours don't matter: the Greek final
/// sigma is the same letter as the one in the middle of a word.
#[must_use]
pub fn fold(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).map(|letter| if letter == 'ς' { 'σ' } else { letter }).collect()
}

type Index<T> = HashMap<Box<str>, T>;

/// Persistent maps: cloning is cheap, and a reader's snapshot never changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) version: u64,
    users: HashMap<DirectoryUserId, Arc<DirectoryUser>>,
    user_order: IdList<DirectoryUserId>,
    users_by_name: Index<DirectoryUserId>,
    users_by_external_id: Index<DirectoryUserId>,
    users_by_email: Index<Holders>,
    groups: HashMap<DirectoryGroupId, Arc<DirectoryGroup>>,
    group_order: IdList<DirectoryGroupId>,
    groups_by_name: Index<DirectoryGroupId>,
    groups_by_external_id: Index<DirectoryGroupId>,
    members: HashMap<DirectoryGroupId, IdList<DirectoryUserId>>,
    groups_of: HashMap<DirectoryUserId, IdList<DirectoryGroupId>>,
    passwords: HashMap<DirectoryUserId, StoredPassword>,
    reset_links: HashMap<DirectoryUserId, ResetLink>,
    users_by_reset_hash: Index<DirectoryUserId>,
    scim_tokens: OrdMap<String, ScimToken>,
}

/// Who has an e-mail address. Nearly always one; addresses aren't unique.
#[derive(Debug, Clone)]
enum Holders {
    One(DirectoryUserId),
    Several(OrdSet<DirectoryUserId>),
}

/// Forgets `key` if it names `id`: another one may have taken it in the same transaction.
fn forget<T: PartialEq + Clone>(index: &mut Index<T>, key: &str, id: &T) {
    if index.get(key) == Some(id) {
        index.remove(key);
    }
}

impl State {
    pub(crate) fn load(mut stored: StoredDirectory) -> Self {
        stored.users.sort_by(|a, b| a.id.cmp(&b.id));
        stored.groups.sort_by(|a, b| a.id.cmp(&b.id));
        let mut state = Self {
            user_order: IdList::from_sorted(stored.users.iter().map(|user| user.id.clone()).collect()),
            group_order: IdList::from_sorted(stored.groups.iter().map(|group| group.id.clone()).collect()),
            ..Self::default()
        };
        for user in stored.users {
            state.index_user(Arc::new(user));
        }
        for group in stored.groups {
            state.index_group(Arc::new(group));
        }
        state.load_members(stored.members);
        for password in stored.passwords {
            state.put_password(password);
        }
        for link in stored.reset_links {
            state.put_reset_link(link);
        }
        state.scim_tokens = stored.scim_tokens.into_iter().map(|token| (token.id.clone(), token)).collect();
        state
    }

    fn load_members(&mut self, mut members: Vec<(DirectoryGroupId, DirectoryUserId)>) {
        members.sort();
        members.dedup();
        let mut groups_of: std::collections::HashMap<DirectoryUserId, Vec<DirectoryGroupId>> = Default::default();
        for run in members.chunk_by(|(a, _), (b, _)| a == b) {
            let Some(group) = run.first().and_then(|(group, _)| self.groups.get(group)) else { continue };
            let users = run.iter().filter_map(|(_, user)| self.users.get(user));
            let users: Vec<DirectoryUserId> = users.map(|user| user.id.clone()).collect();
            for user in &users {
                groups_of.entry(user.clone()).or_default().push(group.id.clone());
            }
            self.members.insert(group.id.clone(), IdList::from_sorted(users));
        }
        self.groups_of = groups_of.into_iter().map(|(user, groups)| (user, IdList::from_sorted(groups))).collect();
    }

    /// Does in memory what the store did with the same write.
    pub(crate) fn apply(&mut self, write: &DirectoryWrite) {
        match write {
            DirectoryWrite::PutUser(user) => self.put_user(Arc::clone(user)),
            DirectoryWrite::DeleteUser(id) => self.delete_user(id),
            DirectoryWrite::PutGroup(group) => self.put_group(Arc::clone(group)),
            DirectoryWrite::DeleteGroup(id) => self.delete_group(id),
            DirectoryWrite::AddMembers { group, users } => self.add_members(group, users),
            DirectoryWrite::RemoveMembers { group, users } => self.remove_members(group, users),
            DirectoryWrite::PutPassword(password) => self.put_password(password.clone()),
            DirectoryWrite::PutResetLink(link) => self.put_reset_link(link.clone()),
            DirectoryWrite::PutScimToken(token) => {
                self.scim_tokens.insert(token.id.clone(), token.clone());
            }
        }
    }

    fn put_user(&mut self, user: Arc<DirectoryUser>) {
        self.user_order.insert(user.id.clone());
        self.index_user(user);
    }

    fn index_user(&mut self, user: Arc<DirectoryUser>) {
        let id = user.id.clone();
        if let Some(old) = self.users.insert(id.clone(), Arc::clone(&user)) {
            self.forget_user_keys(&old);
        }
        self.users_by_name.insert(fold(&user.user_name).into(), id.clone());
        if let Some(external_id) = &user.external_id {
            self.users_by_external_id.insert(external_id.as_str().into(), id.clone());
        }
        if let Some(email) = &user.email {
            self.add_email(email, id);
        }
    }

    fn forget_user_keys(&mut self, old: &DirectoryUser) {
        forget(&mut self.users_by_name, &fold(&old.user_name), &old.id);
        if let Some(external_id) = &old.external_id {
            forget(&mut self.users_by_external_id, external_id, &old.id);
        }
        if let Some(email) = &old.email {
            self.remove_email(email, &old.id);
        }
    }

    fn add_email(&mut self, email: &str, id: DirectoryUserId) {
        let key = fold(email).into_boxed_str();
        let holders = match self.users_by_email.remove(&key) {
            None => Holders::One(id),
            Some(Holders::One(other)) => Holders::Several([other, id].into_iter().collect()),
            Some(Holders::Several(mut others)) => {
                others.insert(id);
                Holders::Several(others)
            }
        };
        self.users_by_email.insert(key, holders);
    }

    fn remove_email(&mut self, email: &str, id: &DirectoryUserId) {
        let key = fold(email).into_boxed_str();
        let holders = match self.users_by_email.remove(&key) {
            None | Some(Holders::One(_)) => None,
            Some(Holders::Several(mut others)) => {
                others.remove(id);
                match others.get_min().filter(|_| others.len() == 1) {
                    Some(last) => Some(Holders::One(last.clone())),
                    None => Some(Holders::Several(others)),
                }
            }
        };
        if let Some(holders) = holders {
            self.users_by_email.insert(key, holders);
        }
    }

    fn delete_user(&mut self, id: &DirectoryUserId) {
        let Some(old) = self.users.remove(id) else { return };
        self.user_order.remove(id);
        self.forget_user_keys(&old);
        self.passwords.remove(id);
        if let Some(link) = self.reset_links.remove(id) {
            self.users_by_reset_hash.remove(link.hash.expose().as_str());
        }
        for group in self.groups_of.remove(id).unwrap_or_default().iter() {
            if let Some(members) = self.members.get_mut(group) {
                members.remove(id);
            }
        }
    }

    fn put_group(&mut self, group: Arc<DirectoryGroup>) {
        self.group_order.insert(group.id.clone());
        self.index_group(group);
    }

    fn index_group(&mut self, group: Arc<DirectoryGroup>) {
        let id = group.id.clone();
        if let Some(old) = self.groups.insert(id.clone(), Arc::clone(&group)) {
            self.forget_group_keys(&old);
        }
        self.groups_by_name.insert(fold(&group.display_name).into(), id.clone());
        if let Some(external_id) = &group.external_id {
            self.groups_by_external_id.insert(external_id.as_str().into(), id);
        }
    }

    fn forget_group_keys(&mut self, old: &DirectoryGroup) {
        forget(&mut self.groups_by_name, &fold(&old.display_name), &old.id);
        if let Some(external_id) = &old.external_id {
            forget(&mut self.groups_by_external_id, external_id, &old.id);
        }
    }

    fn delete_group(&mut self, id: &DirectoryGroupId) {
        let Some(old) = self.groups.remove(id) else { return };
        self.group_order.remove(id);
        self.forget_group_keys(&old);
        for user in self.members.remove(id).unwrap_or_default().iter() {
            self.leave(user, id);
        }
    }

    fn add_members(&mut self, group: &DirectoryGroupId, users: &[DirectoryUserId]) {
        let Some(group) = self.groups.get(group).map(|group| group.id.clone()) else { return };
        let known = users.iter().filter_map(|user| self.users.get(user));
        let mut joining: Vec<DirectoryUserId> = known.map(|user| user.id.clone()).collect();
        joining.sort();
        joining.dedup();
        self.members.entry(group.clone()).or_default().change(&joining, &[]);
        for user in joining {
            self.groups_of.entry(user).or_default().insert(group.clone());
        }
    }

    fn remove_members(&mut self, group: &DirectoryGroupId, users: &[DirectoryUserId]) {
        let mut leaving = users.to_vec();
        leaving.sort();
        if let Some(members) = self.members.get_mut(group) {
            members.change(&[], &leaving);
        }
        for user in &leaving {
            self.leave(user, group);
        }
    }

    fn leave(&mut self, user: &DirectoryUserId, group: &DirectoryGroupId) {
        let Some(groups) = self.groups_of.get_mut(user) else { return };
        groups.remove(group);
        if groups.is_empty() {
            self.groups_of.remove(user);
        }
    }

    fn put_password(&mut self, password: StoredPassword) {
        if let Some(user) = self.users.get(&password.user).map(|user| user.id.clone()) {
            self.passwords.insert(user.clone(), StoredPassword { user, ..password });
        }
    }

    fn put_reset_link(&mut self, link: ResetLink) {
        let Some(user) = self.users.get(&link.user).map(|user| user.id.clone()) else { return };
        if let Some(old) = self.reset_links.get(&user) {
            self.users_by_reset_hash.remove(old.hash.expose().as_str());
        }
        self.users_by_reset_hash.insert(link.hash.expose().as_str().into(), user.clone());
        self.reset_links.insert(user.clone(), ResetLink { user, ..link });
    }
}
