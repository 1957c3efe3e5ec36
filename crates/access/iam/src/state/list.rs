//! Lists, in parts.

use std::ops::Bound;
use std::sync::Arc;

use super::State;
use crate::{Entity, IamGroup, IamRole, IamUser, Listing, ManagedPolicy, Page, PolicyUse};

/// Entries that one part looks at, whether they fit or not.
const LOOKED_AT_MAX: usize = 1000;

impl State {
    pub(crate) fn list_users(&self, listing: &Listing<'_>) -> Page<Arc<IamUser>> {
        let following = self.users.range::<_, str>(following(listing.after));
        page(following, listing.limit, |user| user.path.starts_with(listing.path_prefix).then(|| Arc::clone(user)))
    }

    pub(crate) fn list_groups(&self, listing: &Listing<'_>) -> Page<Arc<IamGroup>> {
        let following = self.groups.range::<_, str>(following(listing.after));
        page(following, listing.limit, |group| group.path.starts_with(listing.path_prefix).then(|| Arc::clone(group)))
    }

    pub(crate) fn list_roles(&self, listing: &Listing<'_>) -> Page<Arc<IamRole>> {
        let following = self.roles.range::<_, str>(following(listing.after));
        page(following, listing.limit, |role| role.path.starts_with(listing.path_prefix).then(|| Arc::clone(role)))
    }

    pub(crate) fn list_policies(
        &self,
        listing: &Listing<'_>,
        fits: impl Fn(&ManagedPolicy) -> bool,
    ) -> Page<Arc<ManagedPolicy>> {
        let following = self.policies.range::<_, str>(following(listing.after));
        page(following, listing.limit, |policy| {
            (policy.path.starts_with(listing.path_prefix) && fits(policy)).then(|| Arc::clone(policy))
        })
    }

    pub(crate) fn members_of(&self, group_id: &str, after: Option<&str>, limit: usize) -> Page<Arc<IamUser>> {
        let members = self.members.get(group_id).into_iter();
        let following = members.flat_map(|members| members.range::<_, str>(following(after)));
        page(following, limit, |id| self.user_by_id(id).cloned())
    }

    pub(crate) fn entities_for(
        &self,
        policy_arn: &str,
        used_as: PolicyUse,
        after: Option<&str>,
        limit: usize,
    ) -> Page<Entity> {
        let entities = match used_as {
            PolicyUse::Permissions => self.attached_to.get(policy_arn),
            PolicyUse::Boundary => self.bounds.get(policy_arn),
        };
        let after = after.map(position);
        let bound = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let following =
            entities.into_iter().flat_map(|entities| entities.range::<_, Entity>((bound, Bound::Unbounded)));
        let mut following = following.cloned();
        let items: Vec<_> = following.by_ref().take(limit).collect();
        let next = following.next().and_then(|_| items.last().map(marker));
        Page { items, next }
    }
}

fn marker(entity: &Entity) -> String {
    match entity {
        Entity::User(id) | Entity::Group(id) | Entity::Role(id) => id.clone(),
    }
}

/// The place of an id among entities: its first letters say what it is.
fn position(id: &str) -> Entity {
    if id.starts_with("AIDA") {
        Entity::User(id.to_owned())
    } else if id.starts_with("AGPA") {
        Entity::Group(id.to_owned())
    } else {
        Entity::Role(id.to_owned())
    }
}

fn following(after: Option<&str>) -> (Bound<&str>, Bound<&str>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

fn page<'a, V: 'a, T>(
    entries: impl Iterator<Item = (&'a String, &'a V)>,
    limit: usize,
    pick: impl Fn(&'a V) -> Option<T>,
) -> Page<T> {
    let mut items = Vec::new();
    let mut last: Option<&String> = None;
    for (looked_at, (key, value)) in entries.enumerate() {
        if items.len() >= limit || looked_at >= LOOKED_AT_MAX {
            return Page { items, next: last.cloned() };
        }
        items.extend(pick(value));
        last = Some(key);
    }
    Page { items, next: None }
}
