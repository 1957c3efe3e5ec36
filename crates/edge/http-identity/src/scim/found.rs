//! A person or a group, where lists treat both alike.

use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{Directory, DirectoryGroup, DirectoryUser};
use scim::filter::{Filter, Lookup};
use scim::projection::Projection;
use scim::schema::{GROUPS, ResourceType, USERS};
use scim::{Object, Position, ScimError, group, user};

use super::route::Resource;
use super::{ScimState, groups, users};

/// A filter on the members of a group is evaluated on at most so many.
const MEMBERS_SEARCHED: usize = 10_000;

#[derive(Debug, Clone)]
pub(super) enum Found {
    User(Arc<DirectoryUser>),
    Group(Arc<DirectoryGroup>),
}

impl Resource {
    pub(super) fn of(resource_type: &ResourceType) -> Self {
        if resource_type.name == USERS.name { Self::User } else { Self::Group }
    }

    pub(super) const fn schema(self) -> &'static ResourceType {
        match self {
            Self::User => &USERS,
            Self::Group => &GROUPS,
        }
    }

    pub(super) fn count(self, directory: &Directory) -> usize {
        match self {
            Self::User => directory.user_count(),
            Self::Group => directory.group_count(),
        }
    }

    /// At most `limit` from the 0-based position on, ordered by id.
    pub(super) fn at(self, directory: &Directory, start: usize, limit: usize) -> Vec<Found> {
        match self {
            Self::User => directory.users_at(start, limit).0.into_iter().map(Found::User).collect(),
            Self::Group => directory.groups_at(start, limit).0.into_iter().map(Found::Group).collect(),
        }
    }

    pub(super) fn get(self, directory: &Directory, id: &str) -> Option<Found> {
        match self {
            Self::User => directory.user(&DirectoryUserId::new(id)).map(Found::User),
            Self::Group => directory.group(&DirectoryGroupId::new(id)).map(Found::Group),
        }
    }

    /// At most `limit` candidates behind `after`, ordered by id, by whatever index the lookup allows.
    pub(super) fn candidates(
        self,
        directory: &Directory,
        lookup: &Lookup,
        after: Option<&str>,
        limit: usize,
    ) -> Vec<Found> {
        let behind = |found: Option<Found>| {
            found.into_iter().filter(|found| after.is_none_or(|after| found.id() > after)).collect()
        };
        match self {
            Self::User => {
                if let Some(id) = &lookup.id {
                    return behind(self.get(directory, id));
                }
                if let Some(name) = &lookup.user_name {
                    return behind(directory.user_by_name(name).map(Found::User));
                }
                if let Some(external_id) = &lookup.external_id {
                    return behind(directory.user_by_external_id(external_id).map(Found::User));
                }
                let after = after.map(DirectoryUserId::new);
                let users = match &lookup.in_group {
                    Some(group) => {
                        directory.members_after(&DirectoryGroupId::new(group.as_str()), after.as_ref(), limit)
                    }
                    None => directory.users(after.as_ref(), limit),
                };
                users.into_iter().map(Found::User).collect()
            }
            Self::Group => {
                if let Some(id) = &lookup.id {
                    return behind(self.get(directory, id));
                }
                if let Some(name) = &lookup.display_name {
                    return behind(directory.group_by_name(name).map(Found::Group));
                }
                if let Some(external_id) = &lookup.external_id {
                    return behind(directory.group_by_external_id(external_id).map(Found::Group));
                }
                let after = after.map(DirectoryGroupId::new);
                let groups = match &lookup.has_member {
                    Some(user) => directory.groups_after(&DirectoryUserId::new(user.as_str()), after.as_ref(), limit),
                    None => directory.groups(after.as_ref(), limit),
                };
                groups.into_iter().map(Found::Group).collect()
            }
        }
    }
}

impl Found {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::User(user) => user.id.as_str(),
            Self::Group(group) => group.id.as_str(),
        }
    }

    pub(super) const fn resource(&self) -> Resource {
        match self {
            Self::User(_) => Resource::User,
            Self::Group(_) => Resource::Group,
        }
    }

    pub(super) fn position(&self) -> Position {
        Position { resource_type: self.resource().schema().name, id: self.id().to_owned() }
    }

    /// Whether it fulfils the conditions that an index could answer, whichever was used.
    pub(super) fn fits(&self, directory: &Directory, lookup: &Lookup) -> bool {
        let is = |wanted: &Option<String>, value: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| value == Some(wanted.as_str()))
        };
        let same = |wanted: &Option<String>, value: &str| {
            wanted.as_ref().is_none_or(|wanted| directory::fold(wanted) == directory::fold(value))
        };
        match self {
            Self::User(user) => {
                let in_group = lookup.in_group.as_deref().map(DirectoryGroupId::new);
                is(&lookup.id, Some(user.id.as_str()))
                    && same(&lookup.user_name, &user.user_name)
                    && is(&lookup.external_id, user.external_id.as_deref())
                    && in_group.is_none_or(|group| directory.is_member(&group, &user.id))
            }
            Self::Group(group) => {
                let has_member = lookup.has_member.as_deref().map(DirectoryUserId::new);
                is(&lookup.id, Some(group.id.as_str()))
                    && same(&lookup.display_name, &group.display_name)
                    && is(&lookup.external_id, group.external_id.as_deref())
                    && has_member.is_none_or(|user| directory.is_member(&group.id, &user))
            }
        }
    }

    /// What filters and sorting look at, and what it cost: 1, and 1 for each membership. `memberships`: whether they do look at
    /// them.
    pub(super) fn evaluated(&self, state: &ScimState, memberships: bool) -> Result<(Object, usize), ScimError> {
        let directory = &state.directory;
        match self {
            Self::User(one) => {
                let groups = if memberships { directory.groups_of(&one.id) } else { Vec::new() };
                Ok((user::resource(one, &groups, &state.base_url), 1 + groups.len()))
            }
            Self::Group(one) => {
                let mut members = Vec::new();
                if memberships {
                    let people = directory.members_after(&one.id, None, MEMBERS_SEARCHED + 1);
                    if people.len() > MEMBERS_SEARCHED {
                        return Err(ScimError::TooMany(format!(
                            "The group {} has more than {MEMBERS_SEARCHED} members: ask for a person's groups with members.value eq.",
                            one.id
                        )));
                    }
                    members.extend(people.iter().map(|member| group::member(member, true, &state.base_url)));
                }
                let cost = 1 + members.len();
                Ok((group::resource(one, memberships.then_some(members), &state.base_url), cost))
            }
        }
    }

    pub(super) async fn render(&self, state: &ScimState, projection: &Projection) -> Object {
        match self {
            Self::User(user) => users::render(state, user, projection),
            Self::Group(group) => groups::render(state, group, projection).await,
        }
    }
}

/// The name of the attribute that lists the memberships.
pub(super) const fn memberships(resource: Resource) -> &'static str {
    match resource {
        Resource::User => "groups",
        Resource::Group => "members",
    }
}

/// Whether a filter looks at memberships.
pub(super) fn looks_at_memberships(filters: &[Filter], resource: Resource) -> bool {
    filters.iter().any(|filter| filter.mentions(memberships(resource)))
}
