//! GRANT and REVOKE on objects (sql.md 3.1, 3.3).

use std::collections::BTreeSet;

use base::id::DbUserId;
use sql::Privilege;
use sql::statement::{GrantTarget, Grantee, PrivilegeChange, Privileges};

use super::{NoticeSeverity, Planner, list, role};
use crate::catalog::Catalog;
use crate::error::{CatalogError, CatalogState};
use crate::grants;
use crate::model::{Grant, GranteeId, ObjectId};
use crate::op::CatalogOp;
use crate::{resolve, system_views};

const ON_TABLE: &[Privilege] = &[
    Privilege::Select,
    Privilege::Insert,
    Privilege::Update,
    Privilege::Delete,
    Privilege::Drop,
    Privilege::References,
    Privilege::Alter,
    Privilege::Truncate,
];
const ON_SYSTEM_VIEW: &[Privilege] = &[Privilege::Select];
const ON_SCHEMA: &[Privilege] = &[Privilege::Drop, Privilege::Create, Privilege::Usage];
const ON_DATABASE: &[Privilege] = &[Privilege::Create];

/// The privileges that can be granted on an object, in order; what ALL stands for.
#[must_use]
pub fn privileges_on(catalog: &Catalog, object: ObjectId) -> &'static [Privilege] {
    match object {
        ObjectId::Database => ON_DATABASE,
        ObjectId::Schema(_) => ON_SCHEMA,
        ObjectId::Relation(id) if catalog.relation(id).is_none() && system_views::by_id(id).is_some() => ON_SYSTEM_VIEW,
        ObjectId::Relation(_) => ON_TABLE,
    }
}

/// The objects that a GRANT or REVOKE names, each once, in the order of the text.
///
/// # Errors
/// 42P01, 3F000, 3D000, 0A000
pub fn objects(catalog: &Catalog, on: &GrantTarget, path: &sql::SearchPath) -> Result<Vec<ObjectId>, CatalogError> {
    let mut out = Vec::new();
    match on {
        GrantTarget::Tables(names) => {
            for name in names {
                out.push(ObjectId::Relation(resolve::relation(catalog, name, path)?.id()));
            }
        }
        GrantTarget::AllTablesInSchema(names) => {
            for name in names {
                let schema = resolve::schema(catalog, name)?.id;
                if super::is_system_schema(schema) {
                    return Err(CatalogError::unsupported("ALL TABLES IN SCHEMA pg_catalog").hint("Name the views."));
                }
                out.extend(catalog.relations_in(schema).map(|relation| ObjectId::Relation(relation.id)));
            }
        }
        GrantTarget::Schemas(names) => {
            for name in names {
                out.push(ObjectId::Schema(resolve::schema(catalog, name)?.id));
            }
        }
        GrantTarget::Databases(names) => {
            for name in names {
                if *name != catalog.database().name {
                    return Err(CatalogError::new(
                        CatalogState::UndefinedDatabase,
                        format!("database \"{name}\" does not exist"),
                    ));
                }
                out.push(ObjectId::Database);
            }
        }
    }
    let mut seen = BTreeSet::new();
    out.retain(|object| seen.insert(*object));
    Ok(out)
}

/// The privileges of a statement on one object.
///
/// # Errors
/// 0LP01 where one doesn't fit; 0A000 where it fits in Redshift and isn't carried out here.
pub fn fitting(catalog: &Catalog, privileges: &Privileges, object: ObjectId) -> Result<Vec<Privilege>, CatalogError> {
    let all = privileges_on(catalog, object);
    let named = match privileges {
        Privileges::All => return Ok(all.to_vec()),
        Privileges::Some(named) => named,
    };
    for privilege in named {
        if all.contains(privilege) {
            continue;
        }
        let kind = match object {
            ObjectId::Database => "database",
            ObjectId::Schema(_) => "schema",
            ObjectId::Relation(_) => "relation",
        };
        return Err(match (object, privilege) {
            (ObjectId::Database, Privilege::Temporary | Privilege::Usage | Privilege::Alter)
            | (ObjectId::Schema(_), Privilege::Alter) => {
                CatalogError::unsupported(format!("privilege {} on a {kind}", privilege.name()))
            }
            (ObjectId::Database | ObjectId::Schema(_) | ObjectId::Relation(_), _) => CatalogError::new(
                CatalogState::InvalidGrant,
                format!("invalid privilege type {} for {kind}", privilege.name()),
            ),
        });
    }
    Ok(named.clone())
}

pub(super) fn grant(p: &mut Planner<'_>, change: &PrivilegeChange) -> Result<(), CatalogError> {
    for object in targets(p, change)? {
        let privileges = fitting(&p.catalog, &change.privileges, object)?;
        let owner = owner(p, object)?;
        let grantor = acting_grantor(p, owner);
        for grantee in &change.grantees {
            let (grantee, grant_option) = grantee_id(p, grantee)?;
            if grantee == GranteeId::User(owner) {
                let message = format!(
                    "{} owns {} and needs no grant",
                    p.catalog.describe_grantee(grantee),
                    p.catalog.describe(object)
                );
                p.notice(NoticeSeverity::Notice, "00000", message);
                continue;
            }
            let mut next = p.catalog.grants(object, grantee).to_vec();
            for privilege in &privileges {
                next = grants::with(&next, Grant { privilege: *privilege, grantor, grant_option });
            }
            set(p, object, grantee, next)?;
        }
    }
    Ok(())
}

/// The owner and a superuser take a privilege back whoever granted it; others only what they granted themselves.
pub(super) fn revoke(
    p: &mut Planner<'_>,
    grant_option_only: bool,
    change: &PrivilegeChange,
) -> Result<(), CatalogError> {
    for object in targets(p, change)? {
        let privileges = fitting(&p.catalog, &change.privileges, object)?;
        let owner = owner(p, object)?;
        let grantor = acting_grantor(p, owner);
        for grantee in &change.grantees {
            let (grantee, _) = grantee_id(p, grantee)?;
            if grantee == GranteeId::User(owner) {
                return Err(CatalogError::unsupported("revoking an owner's own privileges")
                    .hint(format!("Give {} to another owner with ALTER … OWNER TO.", p.catalog.describe(object))));
            }
            let touched =
                |grant: &Grant| privileges.contains(&grant.privilege) && (grantor == owner || grant.grantor == grantor);
            let mut next = p.catalog.grants(object, grantee).to_vec();
            if grant_option_only {
                for grant in next.iter_mut().filter(|grant| touched(grant)) {
                    grant.grant_option = false;
                }
            } else {
                next.retain(|grant| !touched(grant));
            }
            set(p, object, grantee, next)?;
        }
        refuse_orphans(p, object)?;
    }
    Ok(())
}

fn refuse_orphans(p: &Planner<'_>, object: ObjectId) -> Result<(), CatalogError> {
    let orphans = grants::orphans(&p.catalog, object);
    if orphans.is_empty() {
        return Ok(());
    }
    let described = orphans.iter().map(|(grantee, grant)| {
        format!(
            "{} of {}, granted by user \"{}\"",
            grant.privilege.name(),
            p.catalog.describe_grantee(*grantee),
            p.catalog.user_name(grant.grantor)
        )
    });
    Err(CatalogError::new(CatalogState::DependentObjects, "dependent privileges exist")
        .detail(format!("On {}: {}.", p.catalog.describe(object), list(described)))
        .hint("Revoke these privileges first, or in the same statement."))
}

fn targets(p: &Planner<'_>, change: &PrivilegeChange) -> Result<Vec<ObjectId>, CatalogError> {
    let targets = objects(&p.catalog, &change.on, p.context.search_path)?;
    if targets.contains(&ObjectId::Schema(crate::catalog::PG_CATALOG_SCHEMA)) {
        return Err(CatalogError::unsupported("GRANT and REVOKE on schema pg_catalog"));
    }
    Ok(targets)
}

fn owner(p: &Planner<'_>, object: ObjectId) -> Result<DbUserId, CatalogError> {
    p.catalog.owner(object).ok_or_else(|| CatalogError::integrity("a name leads to no object"))
}

/// A superuser grants in the owner's name (PostgreSQL).
fn acting_grantor(p: &Planner<'_>, owner: DbUserId) -> DbUserId {
    let superuser = p.catalog.user(p.context.user).is_some_and(|user| user.superuser);
    if superuser { owner } else { p.context.user }
}

fn grantee_id(p: &Planner<'_>, grantee: &Grantee) -> Result<(GranteeId, bool), CatalogError> {
    match grantee {
        Grantee::User { name, grant_option } => Ok((GranteeId::User(p.user(name)?.id), *grant_option)),
        Grantee::Role(name) => Ok((GranteeId::Role(role::find(p, name)?.id), false)),
        Grantee::Group(name) => p
            .catalog
            .group_by_name(name)
            .map(|group| (GranteeId::Group(group.id), false))
            .ok_or_else(|| CatalogError::undefined("group", name)),
        Grantee::Public => Ok((GranteeId::Public, false)),
    }
}

fn set(p: &mut Planner<'_>, object: ObjectId, grantee: GranteeId, grants: Vec<Grant>) -> Result<(), CatalogError> {
    if p.catalog.grants(object, grantee) == grants {
        return Ok(());
    }
    p.push(CatalogOp::SetGrants { object, grantee, grants })
}
