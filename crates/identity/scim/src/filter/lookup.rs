//! What of a filter the directory's indexes answer, so that nothing is scanned.

use super::{Filter, Literal, Operator};
use crate::path::AttrPath;
use crate::schema::ResourceType;

/// The conditions that all must hold: those with an index by name, the others in `residual`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lookup {
    /// `id eq`, to the letter.
    pub id: Option<String>,
    /// `userName eq`, without regard to case. Only for people.
    pub user_name: Option<String>,
    /// `externalId eq`, to the letter.
    pub external_id: Option<String>,
    /// `displayName eq`, without regard to case. Only for groups.
    pub display_name: Option<String>,
    /// `groups.value eq`: people who are in this group.
    pub in_group: Option<String>,
    /// `members.value eq`: groups that this person is in.
    pub has_member: Option<String>,
    /// What has to be evaluated on the resource.
    pub residual: Vec<Filter>,
}

impl Lookup {
    /// Whether an index names the candidates. Otherwise every resource is one.
    #[must_use]
    pub const fn is_indexed(&self) -> bool {
        self.id.is_some()
            || self.user_name.is_some()
            || self.external_id.is_some()
            || self.display_name.is_some()
            || self.in_group.is_some()
            || self.has_member.is_some()
    }
}

pub(super) fn narrow(filter: &Filter, resource_type: &ResourceType) -> Lookup {
    let mut lookup = Lookup::default();
    let parts = match filter {
        Filter::And(parts) => parts.as_slice(),
        Filter::Present(_) | Filter::Compare { .. } | Filter::Or(_) | Filter::Not(_) | Filter::Entry { .. } => {
            std::slice::from_ref(filter)
        }
    };
    for part in parts {
        let taken = indexed(part).is_some_and(|(path, value)| take(&mut lookup, path, value, resource_type));
        if !taken {
            lookup.residual.push(part.clone());
        }
    }
    lookup
}

/// `path eq "text"`, or `path[value eq "text"]`.
fn indexed(filter: &Filter) -> Option<(&AttrPath, &str)> {
    match filter {
        Filter::Compare { path, operator: Operator::Eq, value: Literal::Text(text) } => Some((path, text)),
        Filter::Entry { path, filter } if path.extension.is_none() => match filter.as_ref() {
            Filter::Compare { path: part, operator: Operator::Eq, value: Literal::Text(text) }
                if part.name == "value" =>
            {
                Some((path, text))
            }
            Filter::Present(_)
            | Filter::Compare { .. }
            | Filter::And(_)
            | Filter::Or(_)
            | Filter::Not(_)
            | Filter::Entry { .. } => None,
        },
        Filter::Present(_)
        | Filter::Compare { .. }
        | Filter::And(_)
        | Filter::Or(_)
        | Filter::Not(_)
        | Filter::Entry { .. } => None,
    }
}

fn take(lookup: &mut Lookup, path: &AttrPath, value: &str, resource_type: &ResourceType) -> bool {
    let people = resource_type.name == "User";
    let of_values = |name: &str| path.is(name, None) || path.is(name, Some("value"));
    let slot = if path.is("id", None) {
        &mut lookup.id
    } else if path.is("externalId", None) {
        &mut lookup.external_id
    } else if people && path.is("userName", None) {
        &mut lookup.user_name
    } else if people && of_values("groups") {
        &mut lookup.in_group
    } else if !people && path.is("displayName", None) {
        &mut lookup.display_name
    } else if !people && of_values("members") {
        &mut lookup.has_member
    } else {
        return false;
    };
    // a second condition on the same attribute is evaluated like any other
    if slot.is_some() {
        return false;
    }
    *slot = Some(value.to_owned());
    true
}
