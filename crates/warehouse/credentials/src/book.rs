//! The credentials in memory: found by warehouse and login name, bounded in both directions.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use base::id::WarehouseId;
use time::{Duration, OffsetDateTime};

use crate::credential::Credential;

/// So many are kept of one login name in one warehouse; each further one drops the oldest. Everybody who shares a role or a database
/// user shares the name (`IAMR:Analysts`), and drivers keep using what they got until it expires.
pub(crate) const PER_NAME_MAX: usize = 1_000;
/// So many are kept of all names together; a further one is refused.
pub(crate) const TOTAL_MAX: usize = 200_000;
/// An expired one is kept for so long, so that whoever proves it is told that it expired.
pub(crate) const REMEMBERED: Duration = Duration::minutes(15);

type Name = (WarehouseId, Arc<str>);

#[derive(Debug, Default)]
pub(crate) struct Book {
    by_name: HashMap<Name, VecDeque<Arc<Credential>>>,
    /// By when they are forgotten, and their number, so that forgetting looks at nothing else.
    by_expiry: BTreeMap<(OffsetDateTime, u64), (Name, Arc<Credential>)>,
    numbers: u64,
    /// Ids of what was dropped, which the store still has.
    dropped: Vec<String>,
}

impl Book {
    pub(crate) fn len(&self) -> usize {
        self.by_expiry.len()
    }

    /// Adds one; where its name has too many then, the oldest goes.
    pub(crate) fn insert(&mut self, credential: Arc<Credential>) {
        let name = (credential.warehouse.clone(), Arc::clone(&credential.login_name));
        self.numbers += 1;
        self.by_expiry.insert((credential.expires, self.numbers), (name.clone(), Arc::clone(&credential)));
        let of_name = self.by_name.entry(name).or_default();
        of_name.push_back(credential);
        if of_name.len() <= PER_NAME_MAX {
            return;
        }
        let Some(dropped) = of_name.pop_front() else { return };
        let due = (dropped.expires, 0)..=(dropped.expires, u64::MAX);
        let at = self.by_expiry.range(due).find(|(_, (_, kept))| Arc::ptr_eq(kept, &dropped)).map(|(at, _)| *at);
        if let Some(at) = at {
            self.by_expiry.remove(&at);
        }
        self.dropped.push(dropped.id.clone());
    }

    /// What was dropped since the last time, by id.
    pub(crate) fn take_dropped(&mut self) -> Vec<String> {
        std::mem::take(&mut self.dropped)
    }

    /// The newest first; expired ones are among them for a while.
    pub(crate) fn of_name(&self, warehouse: &WarehouseId, login_name: &str) -> Vec<Arc<Credential>> {
        let name = (warehouse.clone(), Arc::from(login_name));
        self.by_name.get(&name).into_iter().flatten().rev().cloned().collect()
    }

    /// Forgets those that expired before `moment`.
    pub(crate) fn forget_expired(&mut self, moment: OffsetDateTime) {
        while let Some(entry) = self.by_expiry.first_entry()
            && entry.key().0 < moment
        {
            let (name, credential) = entry.remove();
            if let Some(of_name) = self.by_name.get_mut(&name) {
                of_name.retain(|kept| !Arc::ptr_eq(kept, &credential));
                if of_name.is_empty() {
                    self.by_name.remove(&name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
