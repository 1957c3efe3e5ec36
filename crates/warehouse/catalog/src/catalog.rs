//! The catalog as one immutable value. Every look-up, by id or by name, goes through an index.

mod apply;
mod integrity;
mod objects;
mod people;

use std::sync::Arc;

use base::id::{DbGroupId, DbIdentityProviderId, DbRoleId, DbUserId, RelationId, SchemaId};
use imbl::{OrdMap, OrdSet};

use crate::model::{
    Database, DbGroup, DbIdentityProvider, DbRole, DbUser, Grant, GranteeId, ObjectId, Owned, PrincipalName, Relation,
    Schema,
};
use crate::op::CatalogOp;
use crate::password::PasswordVerifier;

/// `rdsdb`: owns what the warehouse itself brings; nobody logs in as it.
pub const SYSTEM_USER: DbUserId = DbUserId(1);
/// The first administrator.
pub const ADMIN_USER: DbUserId = DbUserId(100);
/// The schema of the system views.
pub const PG_CATALOG_SCHEMA: SchemaId = SchemaId(11);
/// The schema `public`, where PUBLIC has CREATE and USAGE.
pub const PUBLIC_SCHEMA: SchemaId = SchemaId(22);

/// Everything below is the warehouse's own.
pub(crate) const FIRST_FREE_ID: u32 = 101;

type ProviderKey = (DbIdentityProviderId, String);

/// Users, groups, roles, identity providers, schemas, relations, memberships and grants of one database. Cloning copies
/// pointers only.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    database: Arc<Database>,
    next_id: u32,

    users: OrdMap<DbUserId, Arc<DbUser>>,
    local_users: OrdMap<String, DbUserId>,
    federated_users: OrdMap<ProviderKey, DbUserId>,
    external_users: OrdMap<ProviderKey, DbUserId>,

    groups: OrdMap<DbGroupId, Arc<DbGroup>>,
    group_names: OrdMap<String, DbGroupId>,
    members: OrdMap<DbGroupId, OrdSet<DbUserId>>,
    user_groups: OrdMap<DbUserId, OrdSet<DbGroupId>>,

    roles: OrdMap<DbRoleId, Arc<DbRole>>,
    local_roles: OrdMap<String, DbRoleId>,
    federated_roles: OrdMap<ProviderKey, DbRoleId>,
    /// Local names in lower case.
    folded_roles: OrdMap<ProviderKey, OrdSet<DbRoleId>>,
    user_roles: OrdMap<DbUserId, OrdMap<DbRoleId, bool>>,
    role_users: OrdMap<DbRoleId, OrdSet<DbUserId>>,
    /// Roles that a role holds, and the reverse.
    role_roles: OrdMap<DbRoleId, OrdSet<DbRoleId>>,
    role_holders: OrdMap<DbRoleId, OrdSet<DbRoleId>>,

    providers: OrdMap<DbIdentityProviderId, Arc<DbIdentityProvider>>,
    provider_names: OrdMap<String, DbIdentityProviderId>,
    namespaces: OrdMap<String, DbIdentityProviderId>,

    schemas: OrdMap<SchemaId, Arc<Schema>>,
    schema_names: OrdMap<String, SchemaId>,
    relations: OrdMap<RelationId, Arc<Relation>>,
    relation_names: OrdMap<(SchemaId, String), RelationId>,
    owned: OrdMap<DbUserId, OrdSet<Owned>>,

    grants: OrdMap<(ObjectId, GranteeId), Arc<Vec<Grant>>>,
    objects_of: OrdMap<GranteeId, OrdSet<ObjectId>>,
    granted_by: OrdMap<DbUserId, OrdSet<(ObjectId, GranteeId)>>,
}

impl Catalog {
    pub(crate) fn empty(database: Database) -> Self {
        Self {
            database: Arc::new(database),
            next_id: FIRST_FREE_ID,
            users: OrdMap::new(),
            local_users: OrdMap::new(),
            federated_users: OrdMap::new(),
            external_users: OrdMap::new(),
            groups: OrdMap::new(),
            group_names: OrdMap::new(),
            members: OrdMap::new(),
            user_groups: OrdMap::new(),
            roles: OrdMap::new(),
            local_roles: OrdMap::new(),
            federated_roles: OrdMap::new(),
            folded_roles: OrdMap::new(),
            user_roles: OrdMap::new(),
            role_users: OrdMap::new(),
            role_roles: OrdMap::new(),
            role_holders: OrdMap::new(),
            providers: OrdMap::new(),
            provider_names: OrdMap::new(),
            namespaces: OrdMap::new(),
            schemas: OrdMap::new(),
            schema_names: OrdMap::new(),
            relations: OrdMap::new(),
            relation_names: OrdMap::new(),
            owned: OrdMap::new(),
            grants: OrdMap::new(),
            objects_of: OrdMap::new(),
            granted_by: OrdMap::new(),
        }
    }

    /// A new warehouse: `rdsdb`, the administrator `admin_user` (superuser, owner of the database), the schemas `pg_catalog`
    /// and `public`. [`crate::rows::all`] gives the rows to store.
    ///
    /// # Errors
    /// 42939 where `admin_user` is `rdsdb` or `public`.
    pub fn bootstrap(
        database: &str,
        admin_user: &str,
        verifier: PasswordVerifier,
    ) -> Result<Self, crate::CatalogError> {
        crate::plan::user::check_local_name(admin_user)?;
        let superuser = |id, name: &str, password| {
            CatalogOp::PutUser(Box::new(DbUser {
                id,
                name: PrincipalName::Local(name.to_owned()),
                external_id: None,
                password,
                superuser: true,
                create_db: true,
                syslog_unrestricted: true,
                valid_until: None,
                connection_limit: None,
                session_timeout_seconds: None,
                settings: std::collections::BTreeMap::new(),
            }))
        };
        let schema = |id, name: &str| CatalogOp::PutSchema(Schema { id, name: name.to_owned(), owner: SYSTEM_USER });
        let default = |privilege| Grant { privilege, grantor: SYSTEM_USER, grant_option: false };
        let ops = [
            superuser(SYSTEM_USER, "rdsdb", None),
            superuser(ADMIN_USER, admin_user, Some(verifier)),
            CatalogOp::PutDatabase(Database { name: database.to_owned(), owner: ADMIN_USER }),
            schema(PG_CATALOG_SCHEMA, "pg_catalog"),
            schema(PUBLIC_SCHEMA, "public"),
            CatalogOp::SetGrants {
                object: ObjectId::Schema(PUBLIC_SCHEMA),
                grantee: GranteeId::Public,
                grants: vec![default(sql::Privilege::Create), default(sql::Privilege::Usage)],
            },
        ];
        Self::empty(Database { name: database.to_owned(), owner: ADMIN_USER }).apply_all(&ops)
    }

    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The first id that nothing has had yet.
    #[must_use]
    pub const fn next_id(&self) -> u32 {
        self.next_id
    }

    pub(crate) fn reserve_ids(&mut self, next_id: u32) {
        self.next_id = self.next_id.max(next_id);
    }
}

#[cfg(test)]
mod tests;
