//! What is waiting to be pushed to one server, in which order, and when what failed is tried again.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::id::DirectoryUserId;
use time::{Duration, OffsetDateTime};

use crate::port::Object;
use crate::retry::Decision;

/// So many requests of the ordinary kind are under way at a time, and beside them so many that take something away.
const ORDINARY: usize = 6;
const URGENT: usize = 4;

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// Somebody loses something.
    Urgent,
    /// Somebody changed.
    Changed,
    /// Everybody is looked at.
    Sweep,
}

/// What the directory is compared with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// What was pushed.
    #[default]
    Ledger,
    /// What the server has now.
    Server,
}

/// Whose memberships of a group are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum People {
    Some(BTreeSet<DirectoryUserId>),
    All,
}

impl Default for People {
    fn default() -> Self {
        Self::Some(BTreeSet::new())
    }
}

/// How a person or a group is looked at. `people` is of groups only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) depth: Depth,
    pub(crate) people: People,
}

impl Task {
    fn merge(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        match (&mut self.people, other.people) {
            (People::Some(people), People::Some(more)) => people.extend(more),
            (People::All, _) => {}
            (People::Some(_), People::All) => self.people = People::All,
        }
    }
}

/// A look at all that the server has of it.
fn at_server(object: &Object) -> Task {
    let people = match object {
        Object::User(_) => People::default(),
        Object::Group(_) => People::All,
    };
    Task { depth: Depth::Server, people }
}

/// How often something failed, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempts {
    pub(crate) count: u32,
    pub(crate) since: OffsetDateTime,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    ready: BTreeMap<(Rank, Object), Task>,
    ranks: HashMap<Object, Rank>,
    /// What failed, by the time of the next attempt.
    waiting: BTreeMap<(OffsetDateTime, Object), (Rank, Task)>,
    waiting_at: HashMap<Object, OffsetDateTime>,
    under_way: HashMap<Object, Rank>,
    /// What was asked for while the same was under way.
    again: HashMap<Object, (Rank, Task)>,
    pub(crate) failed: HashMap<Object, Attempts>,
    pub(crate) hold_until: Option<OffsetDateTime>,
    /// The latest time that was seen: the clock may be set back.
    seen: Option<OffsetDateTime>,
    /// Failures of the server itself, without a success between.
    pub(crate) in_a_row: u32,
    /// Switched off, paused or ending: nothing is taken.
    pub(crate) is_closed: bool,
    sync: Option<Sync>,
}

/// A full sync that is running or has ended.
#[derive(Debug, Default)]
struct Sync {
    remaining: HashSet<Object>,
    /// Groups that were done, and are looked at again because of its people.
    late: HashSet<Object>,
    is_listed: bool,
    total: u64,
    done: u64,
    errors: u64,
}

impl Queue {
    pub(crate) fn new(is_closed: bool) -> Self {
        Self { is_closed, ..Self::default() }
    }

    /// Asks for a look at something. What waits for its next attempt is tried now.
    pub(crate) fn add(&mut self, rank: Rank, object: Object, task: Task) {
        if self.under_way.contains_key(&object) {
            let entry = self.again.entry(object).or_insert_with(|| (rank, Task::default()));
            entry.0 = entry.0.min(rank);
            entry.1.merge(task);
            return;
        }
        let (mut rank, mut task) = (rank, task);
        if let Some(at) = self.waiting_at.remove(&object)
            && let Some((was, earlier)) = self.waiting.remove(&(at, object.clone()))
        {
            rank = rank.min(was);
            task.merge(earlier);
        }
        if let Some(was) = self.ranks.get(&object).copied()
            && let Some(earlier) = self.ready.remove(&(was, object.clone()))
        {
            rank = rank.min(was);
            task.merge(earlier);
        }
        self.ranks.insert(object.clone(), rank);
        self.ready.insert((rank, object), task);
    }

    /// Waits for its time without having been tried: a failure that was kept.
    pub(crate) fn add_failed(&mut self, object: Object, attempts: Attempts, at: OffsetDateTime) {
        self.failed.insert(object.clone(), attempts);
        let task = at_server(&object);
        self.wait(at, object, Rank::Changed, task);
    }

    /// Was being created when the server ended: it may be there.
    pub(crate) fn add_begun(&mut self, object: Object) {
        let task = at_server(&object);
        self.add(Rank::Urgent, object, task);
    }

    fn wait(&mut self, at: OffsetDateTime, object: Object, rank: Rank, task: Task) {
        self.waiting_at.insert(object.clone(), at);
        self.waiting.insert((at, object), (rank, task));
    }

    /// What is to be done next, if anything may be.
    pub(crate) fn take(&mut self, now: OffsetDateTime) -> Option<(Object, Task)> {
        self.follow_clock(now);
        if self.is_closed || self.is_held(now) {
            return None;
        }
        self.wake_due(now);
        let (rank, object) = self.ready.first_key_value()?.0.clone();
        let urgent = self.under_way.values().filter(|rank| **rank == Rank::Urgent).count();
        let is_free = match rank {
            Rank::Urgent => urgent < URGENT,
            Rank::Changed | Rank::Sweep => self.under_way.len() - urgent < ORDINARY,
        };
        // A group waits for the people who are on their way: most of them are its members.
        let waits =
            matches!(object, Object::Group(_)) && self.under_way.keys().any(|object| matches!(object, Object::User(_)));
        if !is_free || waits {
            return None;
        }
        let task = self.ready.remove(&(rank, object.clone()))?;
        self.ranks.remove(&object);
        self.under_way.insert(object.clone(), rank);
        Some((object, task))
    }

    /// The server asked for a pause, or is away.
    pub(crate) fn is_held(&self, now: OffsetDateTime) -> bool {
        self.hold_until.is_some_and(|until| until > now)
    }

    /// A clock that was set back takes the times with it that were reckoned by it: nothing waits for longer than it would have.
    pub(crate) fn follow_clock(&mut self, now: OffsetDateTime) {
        let back = self.seen.map_or(Duration::ZERO, |seen| seen - now);
        self.seen = Some(now);
        if !back.is_positive() {
            return;
        }
        self.hold_until = self.hold_until.map(|until| until - back);
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting = waiting.into_iter().map(|((at, object), task)| ((at - back, object), task)).collect();
        self.waiting_at.values_mut().for_each(|at| *at -= back);
    }

    fn wake_due(&mut self, now: OffsetDateTime) {
        while let Some(entry) = self.waiting.first_entry()
            && entry.key().0 <= now
        {
            let ((_, object), (rank, task)) = entry.remove_entry();
            self.waiting_at.remove(&object);
            self.add(rank, object, task);
        }
    }

    /// When there is something to do, if nothing is asked for before. Nothing: only when asked.
    pub(crate) fn next_at(&self) -> Option<OffsetDateTime> {
        if self.is_closed {
            return None;
        }
        let waiting = self.waiting.first_key_value().map(|((at, _), _)| *at);
        match (self.ready.is_empty(), self.hold_until) {
            (false, Some(until)) => Some(until),
            (false, None) => waiting,
            (true, hold) => waiting.map(|at| hold.map_or(at, |until| until.max(at))),
        }
    }

    /// It worked. `after` are looked at because of it. Says whether it had failed before.
    pub(crate) fn succeeded(&mut self, object: &Object, after: Vec<(Object, Task)>) -> bool {
        self.in_a_row = 0;
        let rank = self.under_way.get(object).copied().unwrap_or(Rank::Changed);
        let is_of_sync = self.sync.as_ref().is_some_and(|sync| sync.remaining.contains(object));
        for (other, task) in after {
            if let Some(sync) = self.sync.as_mut().filter(|sync| is_of_sync && !sync.remaining.contains(&other)) {
                sync.late.insert(other.clone());
            }
            self.add(rank, other, task);
        }
        // Who is asked for again isn't done yet.
        if !self.again.contains_key(object) {
            self.count(object, false);
        }
        self.ended(object);
        self.failed.remove(object).is_some()
    }

    /// It didn't. `task` is done anew, and looks at what the server has.
    pub(crate) fn failed(&mut self, object: &Object, mut task: Task, attempts: Attempts, decision: &Decision) {
        let rank = self.under_way.get(object).copied().unwrap_or(Rank::Changed);
        task.depth = Depth::Server;
        self.failed.insert(object.clone(), attempts);
        if let Some(until) = decision.hold_until {
            self.hold_until = self.hold_until.max(Some(until));
        }
        let asked_again = self.again.remove(object);
        self.under_way.remove(object);
        if asked_again.is_none() {
            self.count(object, true);
        }
        match asked_again {
            Some((again, more)) => {
                task.merge(more);
                self.add(rank.min(again), object.clone(), task);
            }
            None => self.wait(decision.object_at, object.clone(), rank, task),
        }
    }

    /// It wasn't tried to the end, through no fault of its own.
    pub(crate) fn put_back(&mut self, object: Object, task: Task) {
        let rank = self.under_way.get(&object).copied().unwrap_or(Rank::Changed);
        self.ended(&object);
        self.add(rank, object, task);
    }

    /// Whether somebody loses something by what is under way.
    pub(crate) fn is_urgent(&self, object: &Object) -> bool {
        self.under_way.get(object) == Some(&Rank::Urgent)
    }

    fn ended(&mut self, object: &Object) {
        self.under_way.remove(object);
        if let Some((rank, task)) = self.again.remove(object) {
            self.add(rank, object.clone(), task);
        }
    }

    /// Everything that failed is tried now, whatever the server asked for.
    pub(crate) fn retry_now(&mut self) {
        self.hold_until = None;
        self.in_a_row = 0;
        for ((_, object), (rank, task)) in std::mem::take(&mut self.waiting) {
            self.waiting_at.remove(&object);
            self.add(rank, object, task);
        }
    }

    /// Nothing of before counts: the server is another one. What is under way ends by itself.
    pub(crate) fn forget(&mut self) {
        let under_way = std::mem::take(&mut self.under_way);
        *self = Self { under_way, is_closed: self.is_closed, ..Self::default() };
    }

    /// What isn't done yet.
    pub(crate) fn len(&self) -> usize {
        self.ready.len() + self.waiting.len() + self.under_way.len()
    }

    pub(crate) fn begin_sync(&mut self) {
        self.sync = Some(Sync::default());
    }

    /// This belongs to the sync that is running.
    pub(crate) fn add_to_sync(&mut self, object: &Object) {
        if let Some(sync) = self.sync.as_mut().filter(|sync| !sync.is_listed)
            && sync.remaining.insert(object.clone())
        {
            sync.total += 1;
        }
    }

    /// Everybody was listed.
    pub(crate) fn sync_listed(&mut self) {
        if let Some(sync) = &mut self.sync {
            sync.is_listed = true;
        }
    }

    fn count(&mut self, object: &Object, is_error: bool) {
        let Some(sync) = &mut self.sync else { return };
        // Who was late may have been listed since.
        let was_late = sync.late.remove(object);
        if sync.remaining.remove(object) {
            sync.done += 1;
            sync.errors += u64::from(is_error);
        } else if was_late {
            sync.errors += u64::from(is_error);
        }
    }

    /// Total, done, errors, and whether the sync is running.
    pub(crate) fn sync(&self) -> (u64, u64, u64, bool) {
        self.sync.as_ref().map_or((0, 0, 0, false), |sync| {
            let is_done = sync.is_listed && sync.remaining.is_empty() && sync.late.is_empty();
            (sync.total, sync.done, sync.errors, !is_done)
        })
    }
}
