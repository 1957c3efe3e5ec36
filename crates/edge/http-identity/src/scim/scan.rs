//! Walking over people and groups in the order of their ids, from wherever a page ended, without holding others up.

use std::collections::VecDeque;

use scim::filter::Lookup;
use scim::list::Query;
use scim::sort::{Sort, SortKey};
use scim::{Position, ScimError};

use super::ScimState;
use super::found::{Found, looks_at_memberships};
use super::route::Resource;

/// So many are looked at before the walk makes way for others.
const STRIDE: usize = 250;

/// One type of resource in a query.
#[derive(Debug)]
struct Part {
    resource: Resource,
    lookup: Lookup,
    sort: Option<Sort>,
    memberships: bool,
}

/// A match, with its place where the query sorts.
#[derive(Debug)]
pub(super) struct Match {
    pub(super) found: Found,
    pub(super) key: Option<SortKey>,
}

#[derive(Debug)]
pub(super) struct Scan<'a> {
    state: &'a ScimState,
    parts: VecDeque<Part>,
    after: Option<String>,
    waiting: VecDeque<Found>,
    /// The last one that was looked at.
    position: Option<Position>,
    looked_at: usize,
    since_break: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(state: &'a ScimState, query: &Query, from: Option<&Position>) -> Self {
        let mut parts: VecDeque<Part> = query
            .parts
            .iter()
            .map(|part| {
                let resource = Resource::of(part.resource_type);
                let lookup = part.filter.as_ref().map(|filter| filter.lookup(part.resource_type)).unwrap_or_default();
                let memberships = looks_at_memberships(&lookup.residual, resource);
                Part { resource, lookup, sort: part.sort.clone(), memberships }
            })
            .collect();
        if let Some(from) = from {
            while parts.front().is_some_and(|part| part.resource.schema().name != from.resource_type) {
                parts.pop_front();
            }
        }
        Self {
            state,
            parts,
            after: from.map(|from| from.id.clone()),
            waiting: VecDeque::new(),
            position: from.cloned(),
            looked_at: 0,
            since_break: 0,
        }
    }

    /// How many resources it may have to look at, at least: those of the types that no index narrows.
    pub(super) fn size(&self) -> usize {
        let unindexed = self.parts.iter().filter(|part| !part.lookup.is_indexed());
        unindexed.map(|part| part.resource.count(&self.state.directory)).sum()
    }

    /// Resources and memberships, so far.
    pub(super) const fn looked_at(&self) -> usize {
        self.looked_at
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.position.clone()
    }

    /// The next match, or None when `budget` is used up or nothing is left; [`Self::is_done`] tells which.
    pub(super) async fn next(&mut self, budget: usize) -> Result<Option<Match>, ScimError> {
        while self.looked_at < budget {
            if self.since_break >= STRIDE {
                self.since_break = 0;
                tokio::task::yield_now().await;
            }
            if !self.fill() {
                return Ok(None);
            }
            let (Some(found), Some(part)) = (self.waiting.pop_front(), self.parts.front()) else { return Ok(None) };
            let (fits, key, cost) = judge(self.state, part, &found)?;
            self.looked_at += cost;
            self.since_break += cost;
            self.position = Some(found.position());
            if fits {
                return Ok(Some(Match { found, key }));
            }
        }
        Ok(None)
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&mut self) -> bool {
        !self.fill()
    }

    /// Whether somebody waits now.
    fn fill(&mut self) -> bool {
        while self.waiting.is_empty() {
            let Some(part) = self.parts.front() else { return false };
            let directory = &self.state.directory;
            let some = part.resource.candidates(directory, &part.lookup, self.after.as_deref(), STRIDE);
            if let Some(last) = some.last() {
                self.after = Some(last.id().to_owned());
                self.waiting.extend(some);
            } else {
                self.parts.pop_front();
                self.after = None;
            }
        }
        true
    }
}

/// Whether it is a match, where it stands, and what it cost to know.
fn judge(state: &ScimState, part: &Part, found: &Found) -> Result<(bool, Option<SortKey>, usize), ScimError> {
    if !found.fits(&state.directory, &part.lookup) {
        return Ok((false, None, 1));
    }
    if part.lookup.residual.is_empty() && part.sort.is_none() {
        return Ok((true, None, 1));
    }
    let (resource, cost) = found.evaluated(state, part.memberships)?;
    let fits = part.lookup.residual.iter().all(|filter| filter.matches(&resource));
    let key = part.sort.as_ref().filter(|_| fits).map(|sort| sort.key(&resource));
    Ok((fits, key, cost))
}
