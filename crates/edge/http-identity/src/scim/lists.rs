//! Lists and searches: a page at any position of everything, a page behind a cursor, or, where a filter without an index or a
//! sort leaves no other way, a bounded walk over everything.

use std::collections::BTreeMap;

use scim::list::{self, Page, Paging, Parameters, Query};
use scim::schema::ResourceType;
use scim::sort::SortKey;
use scim::{Object, Position, ScimError};
use serde_json::Value;

use super::ScimState;
use super::found::Found;
use super::request::Call;
use super::respond::Reply;
use super::route::Resource;
use super::scan::Scan;

/// A list that has to be looked through whole (sorted, or counted under a filter without an index) has at most so many resources.
/// Measured: 100,000 people take 0.7 s, in turns of at most 10 ms with everybody else.
const SEARCHED: usize = 200_000;
/// A page by cursor looks at so many before it is answered with what was found; the next page goes on from there.
const LOOKED_AT: usize = 20_000;

/// GET /Users and GET /Groups
pub(super) async fn get(state: &ScimState, resource: Resource, call: &Call) -> Result<Reply, ScimError> {
    list(state, &call.parameters(), &[resource.schema()]).await
}

/// POST /.search, /Users/.search and /Groups/.search (RFC 7644 3.4.3). None: over both types.
pub(super) async fn search(state: &ScimState, resource: Option<Resource>, call: &Call) -> Result<Reply, ScimError> {
    let parameters = Parameters::from_search(call.object()?)?;
    let types = match resource {
        Some(resource) => vec![resource.schema()],
        None => vec![Resource::User.schema(), Resource::Group.schema()],
    };
    list(state, &parameters, &types).await
}

async fn list(state: &ScimState, parameters: &Parameters, types: &[&'static ResourceType]) -> Result<Reply, ScimError> {
    let query = Query::new(parameters, types, state.profile)?;
    let is_sorted = query.parts.iter().any(|part| part.sort.is_some());
    let is_filtered = query.parts.iter().any(|part| part.filter.is_some());
    let body = match &query.paging {
        Paging::Index(page) if !is_sorted && !is_filtered => at(state, &query, *page).await,
        Paging::Index(page) => {
            let (found, total) = select(state, &query, None, page.start(), page.count).await?;
            list::response(total, *page, render(state, &query, &found).await)
        }
        Paging::Cursor { after, count } if is_sorted => sorted_behind(state, &query, after.as_ref(), *count).await?,
        Paging::Cursor { after, count } => {
            let total = (!is_filtered).then(|| total(state, &query));
            behind(state, &query, after.as_ref(), *count, total).await?
        }
    };
    Ok(Reply::ok(body))
}

fn total(state: &ScimState, query: &Query) -> usize {
    query.parts.iter().map(|part| Resource::of(part.resource_type).count(&state.directory)).sum()
}

async fn render(state: &ScimState, query: &Query, found: &[Found]) -> Vec<Object> {
    let mut resources = Vec::with_capacity(found.len());
    for one in found {
        let name = one.resource().schema().name;
        if let Some(part) = query.parts.iter().find(|part| part.resource_type.name == name) {
            resources.push(one.render(state, &part.projection).await);
        }
    }
    resources
}

/// A page of everything: nothing is looked at but what is on it.
async fn at(state: &ScimState, query: &Query, page: Page) -> Value {
    let mut found = Vec::new();
    let mut skipped = 0_usize;
    for part in &query.parts {
        let resource = Resource::of(part.resource_type);
        let start = page.start().saturating_sub(skipped);
        found.extend(resource.at(&state.directory, start, page.count.saturating_sub(found.len())));
        skipped = skipped.saturating_add(resource.count(&state.directory));
    }
    list::response(total(state, query), page, render(state, query, &found).await)
}

/// A page behind a cursor in the order of the ids. The answer comes after a bounded part of the way: perhaps with fewer resources
/// than asked for, and with a cursor that says how far it got (RFC 9865 2).
async fn behind(
    state: &ScimState,
    query: &Query,
    after: Option<&Position>,
    count: usize,
    total: Option<usize>,
) -> Result<Value, ScimError> {
    let mut scan = Scan::new(state, query, after);
    let mut found = Vec::new();
    while found.len() < count
        && let Some(one) = scan.next(LOOKED_AT).await?
    {
        found.push(one.found);
    }
    let position = scan.position();
    let next = if scan.is_done() { None } else { position.map(|position| query.cursor(&position)) };
    // under the profile, a page by cursor has no total
    let total = total.filter(|_| state.profile == scim::Profile::Rfc);
    Ok(list::cursor_response(total, next, render(state, query, &found).await))
}

/// In which order the matches stand: as sorted, then by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    key: Option<SortKey>,
    resource: Resource,
    id: String,
}

impl Rank {
    fn of(found: &Found, key: Option<SortKey>) -> Self {
        Self { key, resource: found.resource(), id: found.id().to_owned() }
    }
}

/// `count` matches from the 0-based position `start` behind `after` on, and how many matches there are in all.
async fn select(
    state: &ScimState,
    query: &Query,
    after: Option<&Rank>,
    start: usize,
    count: usize,
) -> Result<(Vec<Found>, usize), ScimError> {
    let mut scan = Scan::new(state, query, None);
    if scan.size() > SEARCHED {
        return Err(too_many());
    }
    let kept = if count == 0 { 0 } else { start.saturating_add(count) };
    let mut total = 0_usize;
    let mut best: BTreeMap<Rank, Found> = BTreeMap::new();
    while let Some(one) = scan.next(SEARCHED).await? {
        total += 1;
        let rank = Rank::of(&one.found, one.key);
        if after.is_some_and(|after| rank <= *after) {
            continue;
        }
        if best.len() < kept || best.last_key_value().is_some_and(|(last, _)| rank < *last) {
            best.insert(rank, one.found);
        }
        if best.len() > kept {
            best.pop_last();
        }
    }
    if scan.looked_at() >= SEARCHED && !scan.is_done() {
        return Err(too_many());
    }
    Ok((best.into_values().skip(start).collect(), total))
}

fn too_many() -> ScimError {
    ScimError::TooMany(format!(
        "More than {SEARCHED} resources would have to be looked through. Filter with eq on userName, displayName (of groups), \
         externalId, id, groups.value or members.value, or page by cursor, unsorted."
    ))
}

/// A page behind a cursor of a sorted list.
async fn sorted_behind(
    state: &ScimState,
    query: &Query,
    after: Option<&Position>,
    count: usize,
) -> Result<Value, ScimError> {
    let after = after.map(|after| rank_of(state, query, after)).transpose()?;
    let (mut found, total) = select(state, query, after.as_ref(), 0, count.saturating_add(1)).await?;
    let more = found.len() > count;
    found.truncate(count);
    let next = found.last().filter(|_| more).map(|last| query.cursor(&last.position()));
    Ok(list::cursor_response(Some(total), next, render(state, query, &found).await))
}

/// Where the resource that the page before ended with stands now.
fn rank_of(state: &ScimState, query: &Query, after: &Position) -> Result<Rank, ScimError> {
    let part = query.parts.iter().find(|part| part.resource_type.name == after.resource_type);
    let found = part.and_then(|part| Resource::of(part.resource_type).get(&state.directory, &after.id));
    let (Some(part), Some(found)) = (part, found) else {
        return Err(ScimError::ExpiredCursor(
            "The resource that the page before ended with was deleted. Begin again with an empty cursor.".to_owned(),
        ));
    };
    let (resource, _) = found.evaluated(state, false)?;
    Ok(Rank::of(&found, part.sort.as_ref().map(|sort| sort.key(&resource))))
}
