//! Lists: a page at any position, one resource by an index, or, where a filter leaves no other way, a bounded search.

use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{DirectoryGroup, DirectoryUser};
use scim::filter::{Filter, Lookup};
use scim::list::{self, Page, Query};
use scim::schema::{GROUPS, USERS};
use scim::{Object, ScimError, group, user};

use super::request::Call;
use super::respond::Reply;
use super::{ScimState, groups, users};

/// A filter without an indexed condition is evaluated on at most so many resources.
const SEARCHED: usize = 20_000;
/// So many are looked at before the search makes way for others.
const STRIDE: usize = 500;

fn too_many(kind: &str) -> ScimError {
    ScimError::TooMany(format!(
        "There are more than {SEARCHED} {kind}: the filter needs an eq on userName (of people), displayName (of groups), \
         externalId or id."
    ))
}

fn page_of<T: Clone>(found: &[T], page: Page) -> Vec<T> {
    found.iter().skip(page.start()).take(page.count).cloned().collect()
}

pub(super) async fn users(state: &ScimState, call: &Call) -> Result<Reply, ScimError> {
    let Query { filter, page, projection } = list::query(&call.parameters(), &USERS)?;
    let (found, total) = match filter {
        None => state.directory.users_at(page.start(), page.count),
        Some(filter) => {
            let found = find_users(state, filter.lookup(&USERS)).await?;
            (page_of(&found, page), found.len())
        }
    };
    let resources = found.iter().map(|one| users::render(state, one, &projection)).collect();
    Ok(Reply::ok(list::response(total, page, resources)))
}

pub(super) async fn groups(state: &ScimState, call: &Call) -> Result<Reply, ScimError> {
    let Query { filter, page, projection } = list::query(&call.parameters(), &GROUPS)?;
    let (found, total) = match filter {
        None => state.directory.groups_at(page.start(), page.count),
        Some(filter) => {
            let found = find_groups(state, filter.lookup(&GROUPS)).await?;
            (page_of(&found, page), found.len())
        }
    };
    let resources = found.iter().map(|one| groups::render(state, one, &projection)).collect();
    Ok(Reply::ok(list::response(total, page, resources)))
}

/// Ordered by id.
async fn find_users(state: &ScimState, lookup: Lookup) -> Result<Vec<Arc<DirectoryUser>>, ScimError> {
    let directory = &state.directory;
    let by_key = lookup.id.is_some() || lookup.user_name.is_some() || lookup.external_id.is_some();
    let in_group = lookup.in_group.as_deref().map(DirectoryGroupId::new);
    let candidates = match (&lookup.id, &lookup.user_name, &lookup.external_id, &in_group) {
        (Some(id), _, _, _) => directory.user(&DirectoryUserId::new(id.as_str())).into_iter().collect(),
        (None, Some(name), _, _) => directory.user_by_name(name).into_iter().collect(),
        (None, None, Some(external_id), _) => directory.user_by_external_id(external_id).into_iter().collect(),
        (None, None, None, Some(group)) => directory.members_of(group),
        (None, None, None, None) => return search_users(state, &lookup.residual).await,
    };
    let fits = |one: &Arc<DirectoryUser>| {
        lookup.user_name.as_ref().is_none_or(|name| one.user_name.to_lowercase() == name.to_lowercase())
            && lookup.external_id.as_ref().is_none_or(|id| one.external_id.as_ref() == Some(id))
            && (!by_key || in_group.as_ref().is_none_or(|group| directory.is_member(group, &one.id)))
            && user_fits(state, &lookup.residual, one)
    };
    Ok(candidates.into_iter().filter(fits).collect())
}

fn user_fits(state: &ScimState, filters: &[Filter], one: &DirectoryUser) -> bool {
    if filters.is_empty() {
        return true;
    }
    let with_groups = filters.iter().any(|filter| filter.mentions("groups"));
    let groups = if with_groups { state.directory.groups_of(&one.id) } else { Vec::new() };
    let resource: Object = user::resource(one, &groups, &state.base_url);
    filters.iter().all(|filter| filter.matches(&resource))
}

async fn search_users(state: &ScimState, filters: &[Filter]) -> Result<Vec<Arc<DirectoryUser>>, ScimError> {
    if state.directory.user_count() > SEARCHED {
        return Err(too_many("people"));
    }
    let mut found = Vec::new();
    let mut after: Option<DirectoryUserId> = None;
    loop {
        let some = state.directory.users(after.as_ref(), STRIDE);
        let Some(last) = some.last() else { return Ok(found) };
        after = Some(last.id.clone());
        found.extend(some.into_iter().filter(|one| user_fits(state, filters, one)));
        tokio::task::yield_now().await;
    }
}

/// Ordered by id.
async fn find_groups(state: &ScimState, lookup: Lookup) -> Result<Vec<Arc<DirectoryGroup>>, ScimError> {
    let directory = &state.directory;
    let member = lookup.has_member.as_deref().map(DirectoryUserId::new);
    let candidates = match (&lookup.id, &lookup.display_name, &lookup.external_id, &member) {
        (Some(id), _, _, _) => directory.group(&DirectoryGroupId::new(id.as_str())).into_iter().collect(),
        (None, Some(name), _, _) => directory.group_by_name(name).into_iter().collect(),
        (None, None, Some(external_id), _) => directory.group_by_external_id(external_id).into_iter().collect(),
        (None, None, None, Some(member)) => directory.groups_of(member),
        (None, None, None, None) => return search_groups(state, &lookup.residual).await,
    };
    let fits = |one: &Arc<DirectoryGroup>| {
        lookup.display_name.as_ref().is_none_or(|name| one.display_name.to_lowercase() == name.to_lowercase())
            && lookup.external_id.as_ref().is_none_or(|id| one.external_id.as_ref() == Some(id))
            && member.as_ref().is_none_or(|member| directory.is_member(&one.id, member))
            && group_fits(state, &lookup.residual, one)
    };
    Ok(candidates.into_iter().filter(fits).collect())
}

fn group_fits(state: &ScimState, filters: &[Filter], one: &DirectoryGroup) -> bool {
    if filters.is_empty() {
        return true;
    }
    let with_members = filters.iter().any(|filter| filter.mentions("members"));
    let members = with_members.then(|| state.directory.members_of(&one.id));
    let resource = group::resource(one, members.as_deref(), &state.base_url);
    filters.iter().all(|filter| filter.matches(&resource))
}

async fn search_groups(state: &ScimState, filters: &[Filter]) -> Result<Vec<Arc<DirectoryGroup>>, ScimError> {
    if state.directory.group_count() > SEARCHED {
        return Err(too_many("groups"));
    }
    let mut found = Vec::new();
    let mut after: Option<DirectoryGroupId> = None;
    loop {
        let some = state.directory.groups(after.as_ref(), STRIDE);
        let Some(last) = some.last() else { return Ok(found) };
        after = Some(last.id.clone());
        found.extend(some.into_iter().filter(|one| group_fits(state, filters, one)));
        tokio::task::yield_now().await;
    }
}
