//! What counts once and was used: half-way states that led in, challenges that were answered.

use std::collections::HashMap;

use time::OffsetDateTime;

/// Ids with the time from which on they are refused anyway. As long as there are sign-ins in ten minutes.
#[derive(Debug, Default)]
pub(super) struct Spent {
    ids: HashMap<String, OffsetDateTime>,
    next_sweep: usize,
}

impl Spent {
    pub(super) fn is_spent(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    /// Whether the id is used for the first time. `until`: from when on it is refused anyway.
    pub(super) fn spend(&mut self, id: String, until: OffsetDateTime, now: OffsetDateTime) -> bool {
        if self.ids.len() >= self.next_sweep {
            self.ids.retain(|_, until| now < *until);
            // So that each id is looked at a bounded number of times.
            self.next_sweep = self.ids.len() * 2 + 1024;
        }
        self.ids.insert(id, until).is_none()
    }
}
