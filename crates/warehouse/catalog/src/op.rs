//! The closed list of primitive changes.

use base::id::{DbGroupId, DbIdentityProviderId, DbRoleId, DbUserId, RelationId, SchemaId};

use crate::model::{
    Database, DbGroup, DbIdentityProvider, DbRole, DbUser, Grant, GranteeId, ObjectId, Relation, Schema,
};

/// One primitive change of the catalog. `Put…` inserts, or replaces what has the same id. An operation that would leave a
/// dangling id or a double name is refused by [`crate::Catalog::apply`].
#[derive(Debug, Clone, PartialEq)]
pub enum CatalogOp {
    PutDatabase(Database),
    PutUser(Box<DbUser>),
    RemoveUser(DbUserId),
    PutGroup(DbGroup),
    RemoveGroup(DbGroupId),
    AddMember {
        group: DbGroupId,
        user: DbUserId,
    },
    RemoveMember {
        group: DbGroupId,
        user: DbUserId,
    },
    PutRole(DbRole),
    RemoveRole(DbRoleId),
    /// The user holds the role; `admin_option`: and may grant it on.
    GrantRoleToUser {
        role: DbRoleId,
        user: DbUserId,
        admin_option: bool,
    },
    RevokeRoleFromUser {
        role: DbRoleId,
        user: DbUserId,
    },
    /// The role `to` holds everything that `role` holds.
    GrantRoleToRole {
        role: DbRoleId,
        to: DbRoleId,
    },
    RevokeRoleFromRole {
        role: DbRoleId,
        from: DbRoleId,
    },
    PutProvider(Box<DbIdentityProvider>),
    RemoveProvider(DbIdentityProviderId),
    PutSchema(Schema),
    RemoveSchema(SchemaId),
    PutRelation(Box<Relation>),
    RemoveRelation(RelationId),
    /// Everything that `grantee` holds on `object`, in order; empty: nothing any more.
    SetGrants {
        object: ObjectId,
        grantee: GranteeId,
        grants: Vec<Grant>,
    },
}
