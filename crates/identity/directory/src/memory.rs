//! A store that forgets everything when it is dropped.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};

use crate::error::DirectoryError;
use crate::port::{DirectoryStore, DirectoryWrite, StoredDirectory};
use crate::state::State;

type Membership = (DirectoryGroupId, DirectoryUserId);

/// Keeps the directory in memory: for tests, and wherever a directory needn't outlive the process. It checks nothing: a conflict that
/// a database would refuse is the directory's to find.
#[derive(Debug)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
    salt: Secret<String>,
}

#[derive(Debug, Default)]
struct Kept {
    state: State,
    last_number: u64,
    numbers: BTreeMap<Membership, u64>,
    memberships: BTreeMap<u64, Membership>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self { kept: Mutex::default(), salt: base::random::token() }
    }
}

impl MemoryStore {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn apply(&mut self, write: &DirectoryWrite) {
        let gone: Vec<Membership> = match write {
            DirectoryWrite::DeleteUser(user) => {
                self.state.group_ids(user).iter().map(|group| (group.clone(), user.clone())).collect()
            }
            DirectoryWrite::DeleteGroup(group) => {
                self.state.member_ids(group).iter().map(|user| (group.clone(), user.clone())).collect()
            }
            DirectoryWrite::RemoveMembers { group, users } => {
                users.iter().map(|user| (group.clone(), user.clone())).collect()
            }
            DirectoryWrite::AddMembers { group, users } => {
                for user in users {
                    self.number(group.clone(), user.clone());
                }
                Vec::new()
            }
            DirectoryWrite::PutUser(_)
            | DirectoryWrite::PutGroup(_)
            | DirectoryWrite::PutPassword(_)
            | DirectoryWrite::PutResetLink(_)
            | DirectoryWrite::PutScimToken(_) => Vec::new(),
        };
        for membership in gone {
            if let Some(number) = self.numbers.remove(&membership) {
                self.memberships.remove(&number);
            }
        }
        self.state.apply(write);
    }

    fn number(&mut self, group: DirectoryGroupId, user: DirectoryUserId) {
        let membership = (group, user);
        if !self.numbers.contains_key(&membership) {
            self.last_number += 1;
            self.memberships.insert(self.last_number, membership.clone());
            self.numbers.insert(membership, self.last_number);
        }
    }
}

#[async_trait::async_trait]
impl DirectoryStore for MemoryStore {
    async fn load(&self) -> Result<StoredDirectory, DirectoryError> {
        let kept = self.kept();
        Ok(StoredDirectory {
            members: kept.numbers.keys().cloned().collect(),
            membership_salt: self.salt.clone(),
            ..kept.state.stored()
        })
    }

    async fn apply(&self, writes: &[DirectoryWrite]) -> Result<(), DirectoryError> {
        let mut kept = self.kept();
        for write in writes {
            kept.apply(write);
        }
        Ok(())
    }

    async fn membership_numbers(&self, memberships: &[Membership]) -> Result<Vec<Option<u64>>, DirectoryError> {
        let kept = self.kept();
        Ok(memberships.iter().map(|membership| kept.numbers.get(membership).copied()).collect())
    }

    async fn membership(&self, number: u64) -> Result<Option<Membership>, DirectoryError> {
        Ok(self.kept().memberships.get(&number).cloned())
    }
}
