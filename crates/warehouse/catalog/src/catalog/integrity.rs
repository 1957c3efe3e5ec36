//! What must hold before an operation: names are unique, what is named exists, nothing refers to what goes.

use std::collections::BTreeSet;

use base::id::{DbGroupId, DbIdentityProviderId, DbRoleId, DbUserId, RelationId, SchemaId};

use super::Catalog;
use crate::error::{CatalogError, CatalogState};
use crate::model::{Constraint, DbIdentityProvider, Grant, GranteeId, ObjectId, PrincipalName, Relation};
use crate::op::CatalogOp;

type Check = Result<(), CatalogError>;

pub(super) fn check(catalog: &Catalog, op: &CatalogOp) -> Check {
    match op {
        CatalogOp::PutDatabase(database) => user(catalog, database.owner),
        CatalogOp::PutUser(value) => {
            let taken = match &value.name {
                PrincipalName::Local(name) => catalog.local_users.get(name),
                PrincipalName::Federated { provider: of, local_name } => {
                    provider(catalog, *of)?;
                    if let Some(external) = &value.external_id {
                        unique(
                            "external id of user",
                            external,
                            catalog.external_users.get(&(*of, external.clone())),
                            value.id,
                        )?;
                    }
                    catalog.federated_users.get(&(*of, local_name.clone()))
                }
            };
            unique("user", &catalog.display(&value.name), taken, value.id)
        }
        CatalogOp::RemoveUser(id) => user_is_free(catalog, *id),
        CatalogOp::PutGroup(value) => unique("group", &value.name, catalog.group_names.get(&value.name), value.id),
        CatalogOp::RemoveGroup(id) => group_is_free(catalog, *id),
        CatalogOp::AddMember { group: of, user: who } => group(catalog, *of).and_then(|()| user(catalog, *who)),
        CatalogOp::RemoveMember { group: of, user: who } => {
            held(catalog.members.get(of).is_some_and(|members| members.contains(who)), "the user isn't in the group")
        }
        CatalogOp::PutRole(value) => {
            user(catalog, value.owner)?;
            let taken = match &value.name {
                PrincipalName::Local(name) => catalog.local_roles.get(name),
                PrincipalName::Federated { provider: of, local_name } => {
                    provider(catalog, *of)?;
                    catalog.federated_roles.get(&(*of, local_name.clone()))
                }
            };
            unique("role", &catalog.display(&value.name), taken, value.id)
        }
        CatalogOp::RemoveRole(id) => role_is_free(catalog, *id),
        CatalogOp::GrantRoleToUser { role: of, user: who, admin_option: _ } => {
            role(catalog, *of).and_then(|()| user(catalog, *who))
        }
        CatalogOp::RevokeRoleFromUser { role: of, user: who } => {
            held(catalog.role_grant(*of, *who).is_some(), "the user doesn't hold the role")
        }
        CatalogOp::GrantRoleToRole { role: of, to } => {
            role(catalog, *of)?;
            role(catalog, *to)?;
            no_cycle(catalog, *of, *to)
        }
        CatalogOp::RevokeRoleFromRole { role: of, from } => {
            held(catalog.role_roles.get(from).is_some_and(|roles| roles.contains(of)), "the role doesn't hold the role")
        }
        CatalogOp::PutProvider(value) => provider_names(catalog, value),
        CatalogOp::RemoveProvider(id) => provider_is_free(catalog, *id),
        CatalogOp::PutSchema(value) => {
            user(catalog, value.owner)?;
            match catalog.schema_names.get(&value.name) {
                Some(other) if *other != value.id => Err(CatalogError::new(
                    CatalogState::DuplicateSchema,
                    format!("schema \"{}\" already exists", value.name),
                )),
                Some(_) | None => Ok(()),
            }
        }
        CatalogOp::RemoveSchema(id) => schema_is_free(catalog, *id),
        CatalogOp::PutRelation(value) => relation(catalog, value),
        CatalogOp::RemoveRelation(id) => relation_is_free(catalog, *id),
        CatalogOp::SetGrants { object, grantee, grants } => grant(catalog, *object, *grantee, grants),
    }
}

fn unique<I: PartialEq>(kind: &str, name: &str, taken: Option<&I>, id: I) -> Check {
    match taken {
        Some(other) if *other != id => Err(CatalogError::duplicate(kind, name)),
        Some(_) | None => Ok(()),
    }
}

fn held(holds: bool, what: &str) -> Check {
    if holds { Ok(()) } else { Err(CatalogError::integrity(what)) }
}

fn user(catalog: &Catalog, id: DbUserId) -> Check {
    held(catalog.users.contains_key(&id), "no such user")
}

fn group(catalog: &Catalog, id: DbGroupId) -> Check {
    held(catalog.groups.contains_key(&id), "no such group")
}

fn role(catalog: &Catalog, id: DbRoleId) -> Check {
    held(catalog.roles.contains_key(&id), "no such role")
}

fn provider(catalog: &Catalog, id: DbIdentityProviderId) -> Check {
    held(catalog.providers.contains_key(&id), "no such identity provider")
}

fn user_is_free(catalog: &Catalog, id: DbUserId) -> Check {
    user(catalog, id)?;
    held(!catalog.owned.contains_key(&id), "the user owns something")?;
    held(!catalog.user_groups.contains_key(&id), "the user is in a group")?;
    held(!catalog.user_roles.contains_key(&id), "the user holds a role")?;
    held(!catalog.granted_by.contains_key(&id), "the user has granted something")?;
    held(!catalog.objects_of.contains_key(&GranteeId::User(id)), "the user holds a privilege")
}

fn group_is_free(catalog: &Catalog, id: DbGroupId) -> Check {
    group(catalog, id)?;
    held(!catalog.members.contains_key(&id), "the group has members")?;
    held(!catalog.objects_of.contains_key(&GranteeId::Group(id)), "the group holds a privilege")
}

fn role_is_free(catalog: &Catalog, id: DbRoleId) -> Check {
    role(catalog, id)?;
    held(!catalog.role_users.contains_key(&id), "the role is granted to a user")?;
    held(!catalog.role_holders.contains_key(&id), "the role is granted to a role")?;
    held(!catalog.role_roles.contains_key(&id), "the role holds a role")?;
    held(!catalog.objects_of.contains_key(&GranteeId::Role(id)), "the role holds a privilege")
}

fn provider_is_free(catalog: &Catalog, id: DbIdentityProviderId) -> Check {
    provider(catalog, id)?;
    held(catalog.users_of_provider(id).next().is_none(), "the identity provider has users")?;
    held(catalog.roles_of_provider(id).next().is_none(), "the identity provider has roles")
}

fn provider_names(catalog: &Catalog, value: &DbIdentityProvider) -> Check {
    unique("identity provider", &value.name, catalog.provider_names.get(&value.name), value.id)?;
    match catalog
        .namespaces
        .get(&value.namespace)
        .filter(|other| **other != value.id)
        .and_then(|id| catalog.provider(*id))
    {
        Some(other) => Err(CatalogError::new(
            CatalogState::DuplicateObject,
            format!("namespace \"{}\" is already used by identity provider \"{}\"", value.namespace, other.name),
        )),
        None => Ok(()),
    }
}

/// Every role that `to` would hold through `role` must not be `to`.
fn no_cycle(catalog: &Catalog, role: DbRoleId, to: DbRoleId) -> Check {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![role];
    while let Some(next) = waiting.pop() {
        if next == to {
            return Err(CatalogError::new(
                CatalogState::InvalidGrant,
                "cannot grant this role, a circular dependency was detected between these roles",
            )
            .detail(format!(
                "Role \"{}\" already holds role \"{}\", directly or through others.",
                catalog.role_name(role),
                catalog.role_name(to)
            )));
        }
        if seen.insert(next) {
            waiting.extend(catalog.roles_of_role(next));
        }
    }
    Ok(())
}

fn schema_is_free(catalog: &Catalog, id: SchemaId) -> Check {
    held(catalog.schemas.contains_key(&id), "no such schema")?;
    held(catalog.relations_in(id).next().is_none(), "the schema holds tables")?;
    held(catalog.grants_on(ObjectId::Schema(id)).next().is_none(), "privileges are granted on the schema")
}

fn relation(catalog: &Catalog, value: &Relation) -> Check {
    user(catalog, value.owner)?;
    held(catalog.schemas.contains_key(&value.schema), "no such schema")?;
    held(crate::system_views::by_id(value.id).is_none(), "the id belongs to a system view")?;
    if let Some(other) = catalog.relation_names.get(&(value.schema, value.name.clone()))
        && *other != value.id
    {
        return Err(CatalogError::new(
            CatalogState::DuplicateTable,
            format!("Relation \"{}\" already exists", value.name),
        ));
    }
    let mut names = BTreeSet::new();
    for column in &value.columns {
        if !names.insert(column.name.as_str()) {
            return Err(CatalogError::new(
                CatalogState::DuplicateColumn,
                format!("column \"{}\" specified more than once", column.name),
            ));
        }
    }
    value.constraints.iter().try_for_each(|constraint| match constraint {
        Constraint::PrimaryKey { columns } | Constraint::Unique { columns } => {
            held(columns.iter().all(|column| names.contains(column.as_str())), "a constraint names no column")
        }
        Constraint::ForeignKey { columns, references, referred_columns: _ } => {
            held(columns.iter().all(|column| names.contains(column.as_str())), "a constraint names no column")?;
            held(
                *references == value.id || catalog.relations.contains_key(references),
                "a constraint refers to no table",
            )
        }
    })
}

fn relation_is_free(catalog: &Catalog, id: RelationId) -> Check {
    held(catalog.relations.contains_key(&id), "no such table")?;
    held(catalog.grants_on(ObjectId::Relation(id)).next().is_none(), "privileges are granted on the table")?;
    let referred = catalog.relations().any(|other| other.id != id && crate::plan::table::refers_to(other, id));
    held(!referred, "a foreign key refers to the table")
}

fn grant(catalog: &Catalog, object: ObjectId, grantee: GranteeId, grants: &[Grant]) -> Check {
    held(catalog.owner(object).is_some(), "no such object")?;
    match grantee {
        GranteeId::Public => {}
        GranteeId::User(id) => user(catalog, id)?,
        GranteeId::Group(id) => group(catalog, id)?,
        GranteeId::Role(id) => role(catalog, id)?,
    }
    let fitting = crate::plan::grant::privileges_on(catalog, object);
    let mut last = None;
    for grant in grants {
        user(catalog, grant.grantor)?;
        held(fitting.contains(&grant.privilege), "the privilege doesn't fit the object")?;
        held(!grant.grant_option || matches!(grantee, GranteeId::User(_)), "only a user can hold the grant option")?;
        let key = (grant.privilege, grant.grantor);
        held(last.is_none_or(|last| last < key), "grants must be in order, each once")?;
        last = Some(key);
    }
    Ok(())
}
