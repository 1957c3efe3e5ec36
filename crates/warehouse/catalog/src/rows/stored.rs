//! The JSON of each row. These types are the storage format: they change only together with [`VERSION`].

mod grants;
mod providers;
mod tables;
mod users;

use base::id::{DbGroupId, DbRoleId, DbUserId, SchemaId};
use serde::{Deserialize, Serialize};

use crate::model::{Database, DbGroup, DbRole, Schema};
use crate::op::CatalogOp;
use grants::{StoredGrant, StoredGrantee, StoredObject};
use providers::StoredProvider;
use tables::StoredRelation;
use users::{StoredName, StoredUser};

pub(super) const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Versioned {
    pub(super) v: u32,
    pub(super) body: Body,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Body {
    Sequence { next_id: u32 },
    Database { name: String, owner: u32 },
    User(Box<StoredUser>),
    Group { id: u32, name: String },
    GroupMember { group: u32, user: u32 },
    Role { id: u32, name: StoredName, owner: u32, external_id: Option<String> },
    UserRole { role: u32, user: u32, admin_option: bool },
    RoleRole { role: u32, to: u32 },
    IdentityProvider(Box<StoredProvider>),
    Schema { id: u32, name: String, owner: u32 },
    Relation(Box<StoredRelation>),
    Grant { object: StoredObject, grantee: StoredGrantee, grants: Vec<StoredGrant> },
}

impl Body {
    /// `None` for an operation that removes.
    pub(super) fn of(op: &CatalogOp) -> Option<Self> {
        Some(match op {
            CatalogOp::PutDatabase(database) => Self::Database { name: database.name.clone(), owner: database.owner.0 },
            CatalogOp::PutUser(user) => Self::User(Box::new(StoredUser::of(user))),
            CatalogOp::PutGroup(group) => Self::Group { id: group.id.0, name: group.name.clone() },
            CatalogOp::AddMember { group, user } => Self::GroupMember { group: group.0, user: user.0 },
            CatalogOp::PutRole(role) => Self::Role {
                id: role.id.0,
                name: StoredName::of(&role.name),
                owner: role.owner.0,
                external_id: role.external_id.clone(),
            },
            CatalogOp::GrantRoleToUser { role, user, admin_option } => {
                Self::UserRole { role: role.0, user: user.0, admin_option: *admin_option }
            }
            CatalogOp::GrantRoleToRole { role, to } => Self::RoleRole { role: role.0, to: to.0 },
            CatalogOp::PutProvider(provider) => Self::IdentityProvider(Box::new(StoredProvider::of(provider))),
            CatalogOp::PutSchema(schema) => {
                Self::Schema { id: schema.id.0, name: schema.name.clone(), owner: schema.owner.0 }
            }
            CatalogOp::PutRelation(relation) => Self::Relation(Box::new(StoredRelation::of(relation))),
            CatalogOp::SetGrants { grants, object: _, grantee: _ } if grants.is_empty() => return None,
            CatalogOp::SetGrants { object, grantee, grants } => Self::Grant {
                object: StoredObject::of(*object),
                grantee: StoredGrantee::of(*grantee),
                grants: grants.iter().map(StoredGrant::of).collect(),
            },
            CatalogOp::RemoveUser(_)
            | CatalogOp::RemoveGroup(_)
            | CatalogOp::RemoveMember { group: _, user: _ }
            | CatalogOp::RemoveRole(_)
            | CatalogOp::RevokeRoleFromUser { role: _, user: _ }
            | CatalogOp::RevokeRoleFromRole { role: _, from: _ }
            | CatalogOp::RemoveProvider(_)
            | CatalogOp::RemoveSchema(_)
            | CatalogOp::RemoveRelation(_) => return None,
        })
    }

    /// Or why the body makes no sense.
    pub(super) fn into_op(self) -> Result<CatalogOp, String> {
        Ok(match self {
            Self::Sequence { next_id: _ } => return Err("a sequence is no operation".to_owned()),
            Self::Database { name, owner } => CatalogOp::PutDatabase(Database { name, owner: DbUserId(owner) }),
            Self::User(user) => CatalogOp::PutUser(Box::new(user.into_user()?)),
            Self::Group { id, name } => CatalogOp::PutGroup(DbGroup { id: DbGroupId(id), name }),
            Self::GroupMember { group, user } => CatalogOp::AddMember { group: DbGroupId(group), user: DbUserId(user) },
            Self::Role { id, name, owner, external_id } => CatalogOp::PutRole(DbRole {
                id: DbRoleId(id),
                name: name.into_name(),
                owner: DbUserId(owner),
                external_id,
            }),
            Self::UserRole { role, user, admin_option } => {
                CatalogOp::GrantRoleToUser { role: DbRoleId(role), user: DbUserId(user), admin_option }
            }
            Self::RoleRole { role, to } => CatalogOp::GrantRoleToRole { role: DbRoleId(role), to: DbRoleId(to) },
            Self::IdentityProvider(provider) => CatalogOp::PutProvider(Box::new(provider.into_provider()?)),
            Self::Schema { id, name, owner } => {
                CatalogOp::PutSchema(Schema { id: SchemaId(id), name, owner: DbUserId(owner) })
            }
            Self::Relation(relation) => CatalogOp::PutRelation(Box::new(relation.into_relation()?)),
            Self::Grant { object, grantee, grants } => CatalogOp::SetGrants {
                object: object.into_id(),
                grantee: grantee.into_id(),
                grants: grants.into_iter().map(StoredGrant::into_grant).collect(),
            },
        })
    }
}

/// What others refer to comes first; among tables the older one, which a foreign key may refer to.
pub(super) fn load_order(op: &CatalogOp) -> (u8, u32) {
    match op {
        CatalogOp::PutProvider(provider) => (0, provider.id.0),
        CatalogOp::PutUser(user) => (1, user.id.0),
        CatalogOp::PutDatabase(_) => (2, 0),
        CatalogOp::PutGroup(group) => (3, group.id.0),
        CatalogOp::PutRole(role) => (4, role.id.0),
        CatalogOp::PutSchema(schema) => (5, schema.id.0),
        CatalogOp::PutRelation(relation) => (6, relation.id.0),
        CatalogOp::AddMember { group: _, user: _ }
        | CatalogOp::GrantRoleToUser { role: _, user: _, admin_option: _ }
        | CatalogOp::GrantRoleToRole { role: _, to: _ }
        | CatalogOp::SetGrants { object: _, grantee: _, grants: _ } => (7, 0),
        CatalogOp::RemoveUser(_)
        | CatalogOp::RemoveGroup(_)
        | CatalogOp::RemoveMember { group: _, user: _ }
        | CatalogOp::RemoveRole(_)
        | CatalogOp::RevokeRoleFromUser { role: _, user: _ }
        | CatalogOp::RevokeRoleFromRole { role: _, from: _ }
        | CatalogOp::RemoveProvider(_)
        | CatalogOp::RemoveSchema(_)
        | CatalogOp::RemoveRelation(_) => (8, 0),
    }
}
