//! Every statement that Gatehouse carries out. Closed: what isn't here is refused at parse time.
//!
//! Identifiers are already folded as Redshift folds them (ASCII lower case, also inside double quotes; a quoted *user* name
//! keeps its case) and cut at 127 bytes.

use std::fmt;

use base::Secret;

use crate::ast::{Delete, Expr, Insert, Query, Update};
use crate::footprint::Privilege;
use crate::types::DataType;

/// `[database.][schema.]name`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectName {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub name: String,
}

#[derive(Debug, Clone)]
pub enum Statement {
    Query(Box<Query>),
    Insert(Box<Insert>),
    Update(Box<Update>),
    Delete(Box<Delete>),
    Truncate {
        table: ObjectName,
    },
    /// `EXPLAIN query`: how the statement is authorised and what the engine plans.
    Explain {
        query: Box<Query>,
    },

    CreateSchema {
        name: String,
        if_not_exists: bool,
        authorization: Option<String>,
    },
    DropSchema {
        names: Vec<String>,
        if_exists: bool,
        cascade: bool,
    },
    CreateTable(Box<CreateTable>),
    CreateTableAs(Box<CreateTableAs>),
    DropTable {
        names: Vec<ObjectName>,
        if_exists: bool,
        cascade: bool,
    },
    AlterTable {
        table: ObjectName,
        action: AlterTableAction,
    },
    AlterSchemaOwner {
        schema: String,
        owner: String,
    },

    CreateIdentityProvider(CreateIdentityProvider),
    AlterIdentityProvider(AlterIdentityProvider),
    DropIdentityProvider {
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    DescIdentityProvider {
        name: String,
    },

    CreateUser(CreateUser),
    AlterUser {
        name: String,
        changes: Vec<UserChange>,
    },
    DropUser {
        names: Vec<String>,
        if_exists: bool,
    },
    CreateGroup {
        name: String,
        users: Vec<String>,
    },
    AlterGroup {
        name: String,
        change: GroupChange,
    },
    DropGroup {
        name: String,
    },
    CreateRole {
        name: String,
        if_not_exists: bool,
        external_id: Option<String>,
    },
    AlterRole {
        name: String,
        change: RoleChange,
    },
    DropRole {
        name: String,
        if_exists: bool,
        force: bool,
    },
    GrantRole {
        roles: Vec<String>,
        to: Vec<RoleGrantee>,
    },
    RevokeRole {
        admin_option_only: bool,
        roles: Vec<String>,
        from: Vec<RoleGrantee>,
    },

    Grant(PrivilegeChange),
    Revoke {
        grant_option_only: bool,
        change: PrivilegeChange,
    },

    Begin,
    Commit,
    Rollback,

    Set {
        local: bool,
        parameter: String,
        value: SetValue,
    },
    Reset {
        parameter: Option<String>,
    },
    Show {
        parameter: String,
    },
    SetSessionAuthorization {
        user: Option<String>,
    },
    Deallocate {
        name: Option<String>,
    },
    /// Nothing but blanks and comments.
    Empty,
}

#[derive(Debug, Clone)]
pub struct CreateTable {
    pub name: ObjectName,
    pub temporary: bool,
    pub if_not_exists: bool,
    pub columns: Vec<ColumnDefinition>,
    /// Informational, as in Redshift: kept and shown, never enforced.
    pub constraints: Vec<TableConstraint>,
    pub storage: TableStorage,
}

#[derive(Debug, Clone)]
pub struct CreateTableAs {
    pub name: ObjectName,
    pub temporary: bool,
    pub if_not_exists: bool,
    pub columns: Vec<String>,
    pub storage: TableStorage,
    pub query: Query,
}

#[derive(Debug, Clone)]
pub struct ColumnDefinition {
    pub name: String,
    pub data_type: DataType,
    pub not_null: bool,
    pub default: Option<Expr>,
    /// `IDENTITY(seed, step)`
    pub identity: Option<(i64, i64)>,
    pub encode: Option<String>,
    pub distkey: bool,
    pub sortkey: bool,
    pub primary_key: bool,
    pub unique: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableConstraint {
    PrimaryKey { columns: Vec<String> },
    Unique { columns: Vec<String> },
    ForeignKey { columns: Vec<String>, references: ObjectName, referred_columns: Vec<String> },
}

/// DISTSTYLE, DISTKEY, SORTKEY, ENCODE AUTO, BACKUP: kept in the catalog and shown back; the engine stores as it likes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableStorage {
    pub diststyle: Option<String>,
    pub distkey: Option<String>,
    pub sortkey: Vec<String>,
    pub interleaved: bool,
    pub sortkey_auto: bool,
    pub encode_auto: bool,
    pub backup: Option<bool>,
}

#[derive(Debug, Clone)]
pub enum AlterTableAction {
    OwnerTo(String),
    RenameTo(String),
    RenameColumn { from: String, to: String },
    AddColumn(Box<ColumnDefinition>),
    DropColumn { column: String, cascade: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityProviderType {
    AwsIdc,
    Azure,
}

/// `IAM_ROLE default | 'arn'`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IamRoleClause {
    Default,
    Arn(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoCreateRoles {
    pub enabled: bool,
    pub filter: Option<GroupFilter>,
}

/// `{INCLUDE|EXCLUDE} GROUPS LIKE 'pattern'`: `%` any run, `_` one character, case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFilter {
    pub exclude: bool,
    pub pattern: String,
}

#[derive(Clone, PartialEq, Eq)]
pub struct CreateIdentityProvider {
    pub name: String,
    pub provider_type: IdentityProviderType,
    pub namespace: String,
    /// JSON. May hold a client secret, so `Debug` doesn't show it.
    pub parameters: Option<String>,
    pub application_arn: Option<String>,
    pub iam_role: Option<IamRoleClause>,
    pub auto_create_roles: Option<AutoCreateRoles>,
}

impl fmt::Debug for CreateIdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, provider_type, namespace, parameters, application_arn, iam_role, auto_create_roles } = self;
        f.debug_struct("CreateIdentityProvider")
            .field("name", name)
            .field("provider_type", provider_type)
            .field("namespace", namespace)
            .field("parameters", &parameters.as_ref().map(|_| "…"))
            .field("application_arn", application_arn)
            .field("iam_role", iam_role)
            .field("auto_create_roles", auto_create_roles)
            .finish()
    }
}

/// Clauses that aren't named stay as they are.
#[derive(Clone, PartialEq, Eq)]
pub struct AlterIdentityProvider {
    pub name: String,
    /// JSON. May hold a client secret, so `Debug` doesn't show it.
    pub parameters: Option<String>,
    pub namespace: Option<String>,
    pub iam_role: Option<IamRoleClause>,
    pub auto_create_roles: Option<AutoCreateRoles>,
    pub enabled: Option<bool>,
}

impl fmt::Debug for AlterIdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, parameters, namespace, iam_role, auto_create_roles, enabled } = self;
        f.debug_struct("AlterIdentityProvider")
            .field("name", name)
            .field("parameters", &parameters.as_ref().map(|_| "…"))
            .field("namespace", namespace)
            .field("iam_role", iam_role)
            .field("auto_create_roles", auto_create_roles)
            .field("enabled", enabled)
            .finish()
    }
}

#[derive(Debug, Clone)]
pub struct CreateUser {
    pub name: String,
    pub password: PasswordClause,
    pub create_db: bool,
    pub superuser: bool,
    pub syslog_unrestricted: bool,
    pub in_groups: Vec<String>,
    pub valid_until: Option<String>,
    pub connection_limit: Option<u32>,
    pub session_timeout_seconds: Option<u32>,
    pub external_id: Option<String>,
}

#[derive(Debug, Clone)]
pub enum PasswordClause {
    Disable,
    /// Clear text, `md5…` or `sha256|…`, as written.
    Set(Secret<String>),
}

#[derive(Debug, Clone)]
pub enum UserChange {
    Password(PasswordClause),
    ValidUntil(String),
    CreateDb(bool),
    Superuser(bool),
    SyslogUnrestricted(bool),
    RenameTo(String),
    /// `None`: unlimited.
    ConnectionLimit(Option<u32>),
    /// `None`: reset.
    SessionTimeoutSeconds(Option<u32>),
    SetParameter {
        parameter: String,
        value: SetValue,
    },
    ResetParameter(String),
    ExternalId(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupChange {
    AddUsers(Vec<String>),
    DropUsers(Vec<String>),
    RenameTo(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleChange {
    RenameTo(String),
    OwnerTo(String),
    ExternalId(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleGrantee {
    User { name: String, admin_option: bool },
    Role(String),
}

/// The body of GRANT and REVOKE on objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivilegeChange {
    pub privileges: Privileges,
    pub on: GrantTarget,
    pub grantees: Vec<Grantee>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Privileges {
    All,
    Some(Vec<Privilege>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantTarget {
    Tables(Vec<ObjectName>),
    AllTablesInSchema(Vec<String>),
    Schemas(Vec<String>),
    Databases(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grantee {
    User { name: String, grant_option: bool },
    Role(String),
    Group(String),
    Public,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetValue {
    Default,
    /// A list for `search_path`, one item for the others; as written, without quotes.
    Values(Vec<String>),
}

impl Statement {
    /// The command tag without a row count, e.g. `CREATE TABLE`, `GRANT`; the first word(s) of a data statement.
    #[must_use]
    pub const fn tag(&self) -> &'static str {
        match self {
            Self::Query(_) => "SELECT",
            Self::Insert(_) => "INSERT",
            Self::Update(_) => "UPDATE",
            Self::Delete(_) => "DELETE",
            Self::Truncate { table: _ } => "TRUNCATE TABLE",
            Self::Explain { query: _ } => "EXPLAIN",
            Self::CreateSchema { .. } => "CREATE SCHEMA",
            Self::DropSchema { .. } => "DROP SCHEMA",
            Self::CreateTable(_) => "CREATE TABLE",
            Self::CreateTableAs(_) => "SELECT",
            Self::DropTable { .. } => "DROP TABLE",
            Self::AlterTable { .. } => "ALTER TABLE",
            Self::AlterSchemaOwner { .. } => "ALTER SCHEMA",
            Self::CreateIdentityProvider(_) => "CREATE IDENTITY PROVIDER",
            Self::AlterIdentityProvider(_) => "ALTER IDENTITY PROVIDER",
            Self::DropIdentityProvider { .. } => "DROP IDENTITY PROVIDER",
            Self::DescIdentityProvider { .. } => "DESC IDENTITY PROVIDER",
            Self::CreateUser(_) => "CREATE USER",
            Self::AlterUser { .. } => "ALTER USER",
            Self::DropUser { .. } => "DROP USER",
            Self::CreateGroup { .. } => "CREATE GROUP",
            Self::AlterGroup { .. } => "ALTER GROUP",
            Self::DropGroup { .. } => "DROP GROUP",
            Self::CreateRole { .. } => "CREATE ROLE",
            Self::AlterRole { .. } => "ALTER ROLE",
            Self::DropRole { .. } => "DROP ROLE",
            Self::GrantRole { .. } | Self::Grant(_) => "GRANT",
            Self::RevokeRole { .. } | Self::Revoke { .. } => "REVOKE",
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Set { .. } | Self::SetSessionAuthorization { .. } => "SET",
            Self::Reset { .. } => "RESET",
            Self::Show { .. } => "SHOW",
            Self::Deallocate { .. } => "DEALLOCATE",
            Self::Empty => "",
        }
    }
}
