//! The decision, with its reasons. Deny by default: what no rule allows is denied.

use base::id::{DbRoleId, DbUserId};
use catalog::{Catalog, GranteeId, ObjectId};
use sql::Privilege;

use crate::denial::{self, Denial};
use crate::membership::{EffectivePrincipals, RoleSource};
use crate::requirement::Requirement;

/// Whether a statement may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// One reason for each requirement, in their order.
    Allowed(Vec<Because>),
    Denied(Box<Denial>),
}

/// Why a requirement holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    pub requirement: Requirement,
    pub reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Superuser,
    /// The session's user owns the object or role.
    Owner,
    /// DROP TABLE by the owner of the schema.
    SchemaOwner,
    /// This grantee, whom the session has, holds the privilege. For a role, [`EffectivePrincipals::roles`] says whence.
    Granted(GranteeId),
    GrantOption,
    AdminOption,
    /// A system view that everybody reads (their own rows).
    Everybody,
    /// It is their own account, or the user that they authenticated as.
    Self_,
}

/// Decides all of `requirements` for a session with these principals. Nothing required is allowed.
#[must_use]
pub fn decide(requirements: &[Requirement], catalog: &Catalog, principals: &EffectivePrincipals) -> Decision {
    let mut because = Vec::new();
    let mut missing = Vec::new();
    for requirement in requirements {
        match reason(requirement, catalog, principals) {
            Some(reason) => because.push(Because { requirement: requirement.clone(), reason }),
            None => missing.push(requirement.clone()),
        }
    }
    if missing.is_empty() {
        Decision::Allowed(because)
    } else {
        Decision::Denied(Box::new(denial::build(missing, catalog, principals)))
    }
}

/// Why one requirement holds; `None`: it doesn't.
fn reason(requirement: &Requirement, catalog: &Catalog, principals: &EffectivePrincipals) -> Option<Reason> {
    match requirement {
        Requirement::Unresolved | Requirement::SystemViewWrite { view: _ } => return None,
        Requirement::SetSessionAuthorization { to } => {
            if principals.authenticated_superuser {
                return Some(Reason::Superuser);
            }
            let own = catalog.user_by_name(to).is_some_and(|user| user.id == principals.authenticated);
            return own.then_some(Reason::Self_);
        }
        Requirement::Superuser(_)
        | Requirement::SchemaUsage(_)
        | Requirement::SchemaCreate(_)
        | Requirement::SchemaControl { .. }
        | Requirement::DatabaseCreate
        | Requirement::RelationPrivilege { .. }
        | Requirement::RelationControl { .. }
        | Requirement::RoleAdmin { .. }
        | Requirement::MayGrant { .. }
        | Requirement::OwnAccount { .. } => {}
    }
    if principals.superuser {
        return Some(Reason::Superuser);
    }
    let held = Held { catalog, principals };
    match requirement {
        Requirement::SchemaUsage(schema) => held.privilege(ObjectId::Schema(*schema), Privilege::Usage),
        Requirement::SchemaCreate(schema) => held.privilege(ObjectId::Schema(*schema), Privilege::Create),
        Requirement::DatabaseCreate => held.privilege(ObjectId::Database, Privilege::Create),
        Requirement::SchemaControl { schema, or } => held.control(ObjectId::Schema(*schema), *or),
        Requirement::RelationPrivilege { relation, privilege } => {
            held.everybody(*relation, *privilege).or_else(|| held.privilege(ObjectId::Relation(*relation), *privilege))
        }
        Requirement::RelationControl { relation, or, or_schema_owner } => {
            held.control(ObjectId::Relation(*relation), *or).or_else(|| {
                let schema = catalog.relation(*relation)?.schema;
                (*or_schema_owner && held.owns(ObjectId::Schema(schema))).then_some(Reason::SchemaOwner)
            })
        }
        Requirement::RoleAdmin { role } => held.role_admin(*role),
        Requirement::MayGrant { object, privileges } => held.may_grant(*object, privileges),
        Requirement::OwnAccount { user } => (*user == principals.user).then_some(Reason::Self_),
        Requirement::Superuser(_)
        | Requirement::SystemViewWrite { .. }
        | Requirement::SetSessionAuthorization { .. }
        | Requirement::Unresolved => None,
    }
}

struct Held<'a> {
    catalog: &'a Catalog,
    principals: &'a EffectivePrincipals,
}

impl Held<'_> {
    fn owns(&self, object: ObjectId) -> bool {
        self.catalog.owner(object) == Some(self.principals.user)
    }

    fn granted(&self, object: ObjectId, privilege: Privilege) -> Option<Reason> {
        self.principals
            .grantees()
            .find(|grantee| self.catalog.grants(object, *grantee).iter().any(|grant| grant.privilege == privilege))
            .map(Reason::Granted)
    }

    fn privilege(&self, object: ObjectId, privilege: Privilege) -> Option<Reason> {
        if self.owns(object) { Some(Reason::Owner) } else { self.granted(object, privilege) }
    }

    fn control(&self, object: ObjectId, or: Option<Privilege>) -> Option<Reason> {
        if self.owns(object) { Some(Reason::Owner) } else { or.and_then(|privilege| self.granted(object, privilege)) }
    }

    fn everybody(&self, relation: base::id::RelationId, privilege: Privilege) -> Option<Reason> {
        let view = catalog::system_views::by_id(relation).filter(|_| self.catalog.relation(relation).is_none())?;
        (!view.superuser_only && privilege == Privilege::Select).then_some(Reason::Everybody)
    }

    fn role_admin(&self, role: DbRoleId) -> Option<Reason> {
        let user: DbUserId = self.principals.user;
        if self.catalog.role(role)?.owner == user {
            return Some(Reason::Owner);
        }
        (self.catalog.role_grant(role, user) == Some(true)).then_some(Reason::AdminOption)
    }

    /// The grant option is held by users only, so roles and groups don't count.
    fn may_grant(&self, object: ObjectId, privileges: &[Privilege]) -> Option<Reason> {
        if self.owns(object) {
            return Some(Reason::Owner);
        }
        let grants = self.catalog.grants(object, GranteeId::User(self.principals.user));
        let all = privileges
            .iter()
            .all(|privilege| grants.iter().any(|grant| grant.privilege == *privilege && grant.grant_option));
        (all && !privileges.is_empty()).then_some(Reason::GrantOption)
    }
}

impl Because {
    /// One line for EXPLAIN and `gatehouse explain`: `SELECT on table s.t: granted to role "ns:g" (from group "g")`.
    #[must_use]
    pub fn text(&self, catalog: &Catalog, principals: &EffectivePrincipals) -> String {
        let why = match self.reason {
            Reason::Superuser => "superuser".to_owned(),
            Reason::Owner => "owner".to_owned(),
            Reason::SchemaOwner => "owner of the schema".to_owned(),
            Reason::GrantOption => "held with grant option".to_owned(),
            Reason::AdminOption => "held with admin option".to_owned(),
            Reason::Everybody => "readable by everybody".to_owned(),
            Reason::Self_ => "their own account".to_owned(),
            Reason::Granted(grantee) => {
                let sources = match grantee {
                    GranteeId::Role(role) => sources(catalog, principals, role),
                    GranteeId::Public | GranteeId::User(_) | GranteeId::Group(_) => String::new(),
                };
                format!("granted to {}{sources}", catalog.describe_grantee(grantee))
            }
        };
        format!("{}: {why}", denial::what(&self.requirement, catalog))
    }
}

/// ` (from group "g")`, ` (granted to the user)`, ` (through role "r")`; all of them.
pub(crate) fn sources(catalog: &Catalog, principals: &EffectivePrincipals, role: DbRoleId) -> String {
    let Some(sources) = principals.roles.get(&role) else { return String::new() };
    let sources: Vec<String> = sources
        .iter()
        .map(|source| match source {
            RoleSource::DirectoryGroup(group) => format!("from group \"{group}\""),
            RoleSource::PrincipalTag => "from the principal tag RedshiftDbRoles".to_owned(),
            RoleSource::Granted => "granted to the user".to_owned(),
            RoleSource::ViaRole(holder) => format!("through role \"{}\"", catalog.role_name(*holder)),
        })
        .collect();
    format!(" ({})", sources.join(", "))
}

#[cfg(test)]
mod tests;
