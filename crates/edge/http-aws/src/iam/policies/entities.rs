//! ListEntitiesForPolicy.

use ::iam::{Entity, Iam, PolicyUse};
use ::sts::Ask;

use super::list::USES;
use crate::error::ApiError;
use crate::iam::call::{IamCall, invalid_input};
use crate::iam::fields::{self, PageRequest};
use crate::iam::target::Target;
use crate::iam::write;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

/// Which entities; kinds of policies are among the model's values, and name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    User,
    Group,
    Role,
    NoEntity,
}

#[derive(Debug)]
pub(super) struct ListEntitiesForPolicy {
    arn: String,
    kind: Option<Kind>,
    used_as: Option<PolicyUse>,
    path_prefix: String,
    page: PageRequest,
}

impl IamCall for ListEntitiesForPolicy {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        let kinds = [
            ("User", Kind::User),
            ("Group", Kind::Group),
            ("Role", Kind::Role),
            ("LocalManagedPolicy", Kind::NoEntity),
            ("AWSManagedPolicy", Kind::NoEntity),
        ];
        Ok(Self {
            arn: fields.required("PolicyArn")?,
            kind: fields::one_of(fields, "EntityFilter", &kinds)?,
            used_as: fields::one_of(fields, "PolicyUsageFilter", &USES)?,
            path_prefix: fields::path_prefix(fields)?,
            page: PageRequest::read(fields)?,
        })
    }
}

impl Operation for ListEntitiesForPolicy {
    const NAME: &'static str = "ListEntitiesForPolicy";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::policy(state, &self.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        iam.find_policy(&self.arn)?;
        let (used_as, after) = self.place()?;
        let found = iam.entities_for_policy(&self.arn, used_as, after, self.page.items);
        let mut shown = Shown::default();
        for entity in &found.items {
            self.show(iam, used_as, entity, &mut shown);
        }
        let next = match (found.next, used_as, self.used_as) {
            (Some(next), _, _) => Some(format!("{}{next}", begin_of(used_as))),
            // Those that have it as their boundary follow.
            (None, PolicyUse::Permissions, None) if iam.boundary_count(&self.arn) > 0 => {
                Some(begin_of(PolicyUse::Boundary).to_owned())
            }
            (None, PolicyUse::Permissions | PolicyUse::Boundary, _) => None,
        };
        Ok(write::result(|xml| {
            for (list, kind, names) in [
                ("PolicyGroups", "Group", &shown.groups),
                ("PolicyUsers", "User", &shown.users),
                ("PolicyRoles", "Role", &shown.roles),
            ] {
                write::members(xml, list, names, |xml, (name, id)| {
                    xml.text(&format!("{kind}Name"), name);
                    xml.text(&format!("{kind}Id"), id);
                });
            }
            write::end_of_page(xml, next.as_deref());
        }))
    }
}

/// Names and ids.
#[derive(Debug, Default)]
struct Shown {
    users: Vec<(String, String)>,
    groups: Vec<(String, String)>,
    roles: Vec<(String, String)>,
}

/// What markers of pages of one use begin with.
const fn begin_of(used_as: PolicyUse) -> &'static str {
    match used_as {
        PolicyUse::Permissions => "permissions:",
        PolicyUse::Boundary => "boundary:",
    }
}

impl ListEntitiesForPolicy {
    /// Where this page begins.
    fn place(&self) -> Result<(PolicyUse, Option<&str>), ApiError> {
        let Some(marker) = &self.page.after else {
            return Ok((self.used_as.unwrap_or(PolicyUse::Permissions), None));
        };
        let of = |used_as| Some((used_as, marker.strip_prefix(begin_of(used_as))?));
        let (used_as, after) = of(PolicyUse::Permissions)
            .or_else(|| of(PolicyUse::Boundary))
            .ok_or_else(|| invalid_input("Marker is not one that this operation gave.".to_owned()))?;
        Ok((used_as, Some(after).filter(|after| !after.is_empty())))
    }

    /// Adds an entity to what is shown, unless it isn't asked for.
    fn show(&self, iam: &Iam, used_as: PolicyUse, entity: &Entity, shown: &mut Shown) {
        // Who has it both ways was in the pages before.
        let was_shown = |is_attached: bool| used_as == PolicyUse::Boundary && self.used_as.is_none() && is_attached;
        let is_asked_for =
            |kind, path: &str| self.kind.is_none_or(|only| only == kind) && path.starts_with(&self.path_prefix);
        match entity {
            Entity::User(id) => {
                let user = iam.user_by_id(id).filter(|user| is_asked_for(Kind::User, &user.path));
                let user = user.filter(|user| !was_shown(user.attached.contains(&self.arn)));
                shown.users.extend(user.map(|user| (user.name.clone(), user.id.clone())));
            }
            Entity::Group(id) => {
                let group = iam.group_by_id(id).filter(|group| is_asked_for(Kind::Group, &group.path));
                shown.groups.extend(group.map(|group| (group.name.clone(), group.id.clone())));
            }
            Entity::Role(id) => {
                let role = iam.role_by_id(id).filter(|role| is_asked_for(Kind::Role, &role.path));
                let role = role.filter(|role| !was_shown(role.attached.contains(&self.arn)));
                shown.roles.extend(role.map(|role| (role.name.clone(), role.id.clone())));
            }
        }
    }
}
