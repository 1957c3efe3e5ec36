//! A denial in words. The first line is Redshift's to the letter; DETAIL says what is missing and what the session has; HINT
//! is the statement that would allow it, and who can run it (sql.md 3.5, G3).

mod hint;

use base::{ErrorKind, Fault, PublicMessage};
use catalog::{Catalog, ObjectId};
pub use hint::unmapped_group;

use crate::decide::sources;
use crate::membership::EffectivePrincipals;
use crate::requirement::{Requirement, SuperuserAction};

/// Every requirement that doesn't hold, the decisive one first, and the text for the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", message.message)]
pub struct Denial {
    missing: Vec<Requirement>,
    message: PublicMessage,
}

impl Denial {
    /// Never empty.
    #[must_use]
    pub fn missing(&self) -> &[Requirement] {
        &self.missing
    }

    /// 42501 insufficient_privilege
    #[must_use]
    pub const fn sqlstate(&self) -> &'static str {
        "42501"
    }
}

impl Fault for Denial {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Denied
    }

    fn public(&self) -> PublicMessage {
        self.message.clone()
    }
}

/// What the client is told, and the SQLSTATE.
#[must_use]
pub fn text(denial: &Denial) -> (PublicMessage, &'static str) {
    (denial.message.clone(), denial.sqlstate())
}

pub(crate) fn build(missing: Vec<Requirement>, catalog: &Catalog, principals: &EffectivePrincipals) -> Denial {
    let mut message = PublicMessage::new(
        missing.first().map_or_else(|| "permission denied".to_owned(), |requirement| first_line(requirement, catalog)),
    );
    message.detail = Some(detail(&missing, catalog, principals));
    message.hint = hint::hint(&missing, catalog, principals);
    Denial { missing, message }
}

fn first_line(requirement: &Requirement, catalog: &Catalog) -> String {
    match requirement {
        Requirement::Superuser(action) => superuser_line(action),
        Requirement::SchemaUsage(schema) | Requirement::SchemaCreate(schema) => {
            permission_denied(ObjectId::Schema(*schema), catalog)
        }
        Requirement::SchemaControl { schema, or: _ } => {
            format!("must be owner of schema {}", bare(ObjectId::Schema(*schema), catalog))
        }
        Requirement::DatabaseCreate => permission_denied(ObjectId::Database, catalog),
        Requirement::RelationPrivilege { relation, privilege: _ } | Requirement::SystemViewWrite { view: relation } => {
            permission_denied(ObjectId::Relation(*relation), catalog)
        }
        Requirement::RelationControl { relation, or: _, or_schema_owner: _ } => {
            format!("must be owner of relation {}", bare(ObjectId::Relation(*relation), catalog))
        }
        Requirement::RoleAdmin { role } => format!("must have admin option on role \"{}\"", catalog.role_name(*role)),
        Requirement::MayGrant { object, privileges: _ } => permission_denied(*object, catalog),
        Requirement::OwnAccount { user: _ } => superuser_line(&SuperuserAction::AlterUser),
        Requirement::SetSessionAuthorization { to: _ } => "permission denied to set session authorization".to_owned(),
        Requirement::Unresolved => "permission denied".to_owned(),
    }
}

fn superuser_line(action: &SuperuserAction) -> String {
    match action {
        SuperuserAction::CreateIdentityProvider => "must be superuser to create identity providers",
        SuperuserAction::AlterIdentityProvider => "must be superuser to alter identity providers",
        SuperuserAction::DropIdentityProvider => "must be superuser to drop identity providers",
        SuperuserAction::DescribeIdentityProvider => "must be superuser to describe identity providers",
        SuperuserAction::CreateUser => "must be superuser to create users",
        SuperuserAction::AlterUser => "must be superuser to alter users",
        SuperuserAction::DropUser => "must be superuser to drop users",
        SuperuserAction::CreateGroup => "must be superuser to create groups",
        SuperuserAction::AlterGroup => "must be superuser to alter groups",
        SuperuserAction::DropGroup => "must be superuser to drop groups",
        SuperuserAction::CreateRole => "permission denied to create role",
        SuperuserAction::CreateSchemaFor { user: _ } => "permission denied",
    }
    .to_owned()
}

/// `permission denied for relation revenue`: the bare name, no schema, no quotes.
fn permission_denied(object: ObjectId, catalog: &Catalog) -> String {
    let kind = match object {
        ObjectId::Database => "database",
        ObjectId::Schema(_) => "schema",
        ObjectId::Relation(_) => "relation",
    };
    format!("permission denied for {kind} {}", bare(object, catalog))
}

fn bare(object: ObjectId, catalog: &Catalog) -> String {
    match object {
        ObjectId::Database => catalog.database().name.clone(),
        ObjectId::Schema(id) => catalog.schema(id).map_or_else(|| id.to_string(), |schema| schema.name.clone()),
        ObjectId::Relation(id) => match (catalog.relation(id), catalog::system_views::by_id(id)) {
            (Some(relation), _) => relation.name.clone(),
            (None, Some(view)) => view.name.to_owned(),
            (None, None) => id.to_string(),
        },
    }
}

/// A requirement in a few words: `SELECT on table finance_schema.revenue`.
pub(crate) fn what(requirement: &Requirement, catalog: &Catalog) -> String {
    let on = |privilege: &str, object| format!("{privilege} on {}", catalog.describe(object));
    match requirement {
        Requirement::Superuser(_) => "superuser".to_owned(),
        Requirement::SchemaUsage(id) => on("USAGE", ObjectId::Schema(*id)),
        Requirement::SchemaCreate(id) => on("CREATE", ObjectId::Schema(*id)),
        Requirement::DatabaseCreate => on("CREATE", ObjectId::Database),
        Requirement::RelationPrivilege { relation, privilege } => on(privilege.name(), ObjectId::Relation(*relation)),
        Requirement::SystemViewWrite { view } => format!("writing to {}", catalog.describe(ObjectId::Relation(*view))),
        Requirement::SchemaControl { schema, or } => owner_or(ObjectId::Schema(*schema), *or, catalog),
        Requirement::RelationControl { relation, or, or_schema_owner: _ } => {
            owner_or(ObjectId::Relation(*relation), *or, catalog)
        }
        Requirement::RoleAdmin { role } => format!("administration of role \"{}\"", catalog.role_name(*role)),
        Requirement::MayGrant { object, privileges } => {
            let names: Vec<&str> = privileges.iter().map(|privilege| privilege.name()).collect();
            format!("the right to grant {} on {}", names.join(", "), catalog.describe(*object))
        }
        Requirement::OwnAccount { user } => format!("account \"{}\"", catalog.user_name(*user)),
        Requirement::SetSessionAuthorization { to } => format!("session authorization of user \"{to}\""),
        Requirement::Unresolved => "names that are resolved".to_owned(),
    }
}

fn owner_or(object: ObjectId, or: Option<sql::Privilege>, catalog: &Catalog) -> String {
    match or {
        Some(privilege) => format!("ownership of, or {} on, {}", privilege.name(), catalog.describe(object)),
        None => format!("ownership of {}", catalog.describe(object)),
    }
}

fn detail(missing: &[Requirement], catalog: &Catalog, principals: &EffectivePrincipals) -> String {
    if missing.contains(&Requirement::Unresolved) {
        return "The statement's tables could not be determined, and what isn't understood is denied.".to_owned();
    }
    let superuser_only = missing.iter().all(|requirement| {
        matches!(
            requirement,
            Requirement::Superuser(_) | Requirement::SetSessionAuthorization { .. } | Requirement::OwnAccount { .. }
        )
    });
    let user = catalog.user_name(principals.user);
    if superuser_only {
        return match missing.first() {
            Some(Requirement::Superuser(SuperuserAction::CreateSchemaFor { user: other })) => {
                format!("\"{user}\" is not a superuser, so cannot create a schema for \"{other}\".")
            }
            Some(Requirement::SetSessionAuthorization { .. }) => {
                format!("User \"{}\" is not a superuser.", catalog.user_name(principals.authenticated))
            }
            Some(_) | None => format!("User \"{user}\" is not a superuser."),
        };
    }
    let whats: Vec<String> = missing.iter().map(|requirement| what(requirement, catalog)).collect();
    let verb = if whats.len() == 1 { "is" } else { "are" };
    format!("Missing {verb}: {}. User \"{user}\" {}.", whats.join("; "), holdings(catalog, principals))
}

/// `has the roles "ns:a" (from group "a"), …`, or that there are none.
fn holdings(catalog: &Catalog, principals: &EffectivePrincipals) -> String {
    let roles: Vec<String> = principals
        .roles
        .keys()
        .map(|role| format!("\"{}\"{}", catalog.role_name(*role), sources(catalog, principals, *role)))
        .collect();
    let mut out = match roles.len() {
        0 => "has no role".to_owned(),
        1 => format!("has the role {}", roles.join(", ")),
        _ => format!("has the roles {}", roles.join(", ")),
    };
    let groups: Vec<String> = principals
        .groups
        .iter()
        .filter_map(|group| catalog.group(*group))
        .map(|group| format!("\"{}\"", group.name))
        .collect();
    match groups.len() {
        0 => {}
        1 => out.push_str(&format!(" and is in the group {}", groups.join(", "))),
        _ => out.push_str(&format!(" and is in the groups {}", groups.join(", "))),
    }
    out
}

#[cfg(test)]
mod tests;
