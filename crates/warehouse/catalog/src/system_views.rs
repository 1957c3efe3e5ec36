//! The views of `pg_catalog` that are computed from the catalog for their reader (sql.md 1.3, 5.1 to 5.3).

mod identities;
mod metadata;
mod privileges;
mod providers;

use std::collections::BTreeSet;

use base::id::{DbGroupId, DbRoleId, DbUserId, RelationId};
use sql::DataType::{self, BigInt, Boolean, Integer, Text, Timestamp};
use sql::Literal;

use crate::catalog::Catalog;
use crate::model::GranteeId;

/// Who reads: rows that aren't theirs to see are left out, as Redshift does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub user: DbUserId,
    pub superuser: bool,
    /// Every role of the session, those held through others included.
    pub roles: BTreeSet<DbRoleId>,
    pub groups: BTreeSet<DbGroupId>,
}

impl Viewer {
    fn grantees(&self) -> Vec<GranteeId> {
        let mut out = vec![GranteeId::Public, GranteeId::User(self.user)];
        out.extend(self.groups.iter().copied().map(GranteeId::Group));
        out.extend(self.roles.iter().copied().map(GranteeId::Role));
        out
    }
}

type Cells = Vec<Literal>;

/// One system view.
#[derive(Clone, Copy)]
pub struct SystemView {
    /// Below every id that the catalog gives.
    pub id: RelationId,
    pub name: &'static str,
    pub columns: &'static [(&'static str, DataType)],
    /// Readable for superusers, and for those to whom SELECT on it is granted. For all others `permission denied`.
    pub superuser_only: bool,
    rows: fn(&Catalog, &Viewer) -> Vec<Cells>,
}

impl std::fmt::Debug for SystemView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SystemView").field("name", &self.name).finish_non_exhaustive()
    }
}

impl SystemView {
    /// The rows that this viewer may see; each has a value per column.
    #[must_use]
    pub fn rows(&self, catalog: &Catalog, viewer: &Viewer) -> Vec<Cells> {
        (self.rows)(catalog, viewer)
    }
}

const PROVIDER_COLUMNS: &[(&str, DataType)] = &[
    ("uid", Integer),
    ("name", Text),
    ("type", Text),
    ("instanceid", Text),
    ("namespc", Text),
    ("params", Text),
    ("enabled", Boolean),
];

const fn view(
    id: u32,
    name: &'static str,
    columns: &'static [(&'static str, DataType)],
    superuser_only: bool,
    rows: fn(&Catalog, &Viewer) -> Vec<Cells>,
) -> SystemView {
    SystemView { id: RelationId(id), name, columns, superuser_only, rows }
}

/// `sys_connection_log`: its rows aren't the catalog's, but what the warehouse saw of its connections.
pub const CONNECTION_LOG: RelationId = RelationId(42);

/// Sorted by name.
static VIEWS: &[SystemView] = &[
    view(31, "identity_providers", PROVIDER_COLUMNS, true, providers::identity_providers),
    view(
        32,
        "pg_user",
        &[
            ("usename", Text),
            ("usesysid", Integer),
            ("usecreatedb", Boolean),
            ("usesuper", Boolean),
            ("usecatupd", Boolean),
            ("passwd", Text),
            ("valuntil", Timestamp),
            ("useconfig", Text),
        ],
        false,
        identities::pg_user,
    ),
    view(
        33,
        "svv_columns",
        &[
            ("table_catalog", Text),
            ("table_schema", Text),
            ("table_name", Text),
            ("column_name", Text),
            ("ordinal_position", Integer),
            ("column_default", Text),
            ("is_nullable", Text),
            ("data_type", Text),
            ("character_maximum_length", Integer),
            ("numeric_precision", Integer),
            ("numeric_scale", Integer),
            ("remarks", Text),
        ],
        false,
        metadata::svv_columns,
    ),
    view(34, "svv_identity_providers", PROVIDER_COLUMNS, true, providers::identity_providers),
    view(
        35,
        "svv_relation_privileges",
        &[
            ("namespace_name", Text),
            ("relation_name", Text),
            ("privilege_type", Text),
            ("identity_id", Integer),
            ("identity_name", Text),
            ("identity_type", Text),
            ("admin_option", Boolean),
        ],
        false,
        privileges::svv_relation_privileges,
    ),
    view(
        36,
        "svv_role_grants",
        &[("role_id", Integer), ("role_name", Text), ("granted_role_id", Integer), ("granted_role_name", Text)],
        false,
        identities::svv_role_grants,
    ),
    view(
        37,
        "svv_roles",
        &[("role_id", Integer), ("role_name", Text), ("role_owner", Text), ("external_id", Text)],
        false,
        identities::svv_roles,
    ),
    view(
        38,
        "svv_schema_privileges",
        &[
            ("namespace_name", Text),
            ("privilege_type", Text),
            ("identity_id", Integer),
            ("identity_name", Text),
            ("identity_type", Text),
            ("admin_option", Boolean),
            ("privilege_scope", Text),
        ],
        false,
        privileges::svv_schema_privileges,
    ),
    view(
        39,
        "svv_tables",
        &[
            ("table_catalog", Text),
            ("table_schema", Text),
            ("table_name", Text),
            ("table_type", Text),
            ("remarks", Text),
        ],
        false,
        metadata::svv_tables,
    ),
    view(
        40,
        "svv_user_grants",
        &[
            ("user_id", Integer),
            ("user_name", Text),
            ("role_id", Integer),
            ("role_name", Text),
            ("admin_option", Boolean),
        ],
        false,
        identities::svv_user_grants,
    ),
    view(
        41,
        "svv_user_info",
        &[
            ("user_name", Text),
            ("user_id", Integer),
            ("createdb", Boolean),
            ("superuser", Boolean),
            ("catalog_update", Boolean),
            ("connection_limit", Text),
            ("syslog_access", Text),
            ("last_ddl_timestamp", Timestamp),
            ("session_timeout", Integer),
            ("external_user_id", Text),
        ],
        false,
        identities::svv_user_info,
    ),
    view(
        CONNECTION_LOG.0,
        "sys_connection_log",
        &[
            ("event", Text),
            ("record_time", Timestamp),
            ("remote_host", Text),
            ("remote_port", Text),
            ("session_id", Integer),
            ("database_name", Text),
            ("user_name", Text),
            ("auth_method", Text),
            ("duration", BigInt),
            ("iam_auth_guid", Text),
            ("application_name", Text),
            ("driver_version", Text),
            ("os_version", Text),
            ("plugin_name", Text),
            ("person", Text),
        ],
        true,
        |_, _| Vec::new(),
    ),
];

/// Every view, by name.
#[must_use]
pub fn all() -> &'static [SystemView] {
    VIEWS
}

#[must_use]
pub fn by_name(name: &str) -> Option<&'static SystemView> {
    VIEWS.binary_search_by(|view| view.name.cmp(name)).ok().and_then(|position| VIEWS.get(position))
}

#[must_use]
pub fn by_id(id: RelationId) -> Option<&'static SystemView> {
    VIEWS.iter().find(|view| view.id == id)
}

/// The answer of DESC IDENTITY PROVIDER: columns and the one row.
///
/// # Errors
/// 42704
#[expect(clippy::type_complexity, reason = "columns and a row, as a view has them")]
pub fn describe_identity_provider(
    catalog: &Catalog,
    name: &str,
) -> Result<(&'static [(&'static str, DataType)], Vec<Literal>), crate::CatalogError> {
    let provider =
        catalog.provider_by_name(name).ok_or_else(|| crate::CatalogError::undefined("identity provider", name))?;
    Ok((PROVIDER_COLUMNS, providers::row(provider)))
}

fn text(value: impl Into<String>) -> Literal {
    Literal::Text(value.into())
}

fn optional(value: Option<&str>) -> Literal {
    value.map_or(Literal::Null, text)
}

fn number(value: u32) -> Literal {
    Literal::Int(i64::from(value))
}

#[cfg(test)]
mod tests;
