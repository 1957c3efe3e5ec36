//! What the catalog holds. Names of federated users and roles are computed (`namespace:local_name`), so that a new namespace
//! renames them all.

use std::collections::BTreeMap;

use base::id::{DbGroupId, DbIdentityProviderId, DbRoleId, DbUserId, RelationId, SchemaId};
use sql::statement::{AutoCreateRoles, IamRoleClause, TableStorage};
use sql::{DataType, Privilege};
use time::OffsetDateTime;

use crate::password::PasswordVerifier;

/// The name of a user or role: its own, or its name at an identity provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalName {
    Local(String),
    Federated { provider: DbIdentityProviderId, local_name: String },
}

/// A database user.
#[derive(Debug, Clone, PartialEq)]
pub struct DbUser {
    pub id: DbUserId,
    pub name: PrincipalName,
    /// The id at the identity provider (a directory user's id). Compared at every federated login.
    pub external_id: Option<String>,
    /// `None`: no login with a password.
    pub password: Option<PasswordVerifier>,
    /// CREATEUSER
    pub superuser: bool,
    /// CREATEDB: kept and shown; there is no CREATE DATABASE.
    pub create_db: bool,
    pub syslog_unrestricted: bool,
    /// Ends the password, not the user. `None`: infinity.
    pub valid_until: Option<OffsetDateTime>,
    /// Open sessions at one time; `None`: unlimited. Not for superusers.
    pub connection_limit: Option<u32>,
    /// Seconds without a statement after which a session ends; `None`: the warehouse's default.
    pub session_timeout_seconds: Option<u32>,
    /// Parameters that a new session begins with, by name.
    pub settings: BTreeMap<String, Vec<String>>,
}

/// A group of users; who is in it: [`crate::Catalog::members`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbGroup {
    pub id: DbGroupId,
    pub name: String,
}

/// A role; which roles it holds: [`crate::Catalog::roles_of_role`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbRole {
    pub id: DbRoleId,
    pub name: PrincipalName,
    pub owner: DbUserId,
    /// The group's id at the identity provider. Where it is set, a group of the same name but another id isn't mapped.
    pub external_id: Option<String>,
}

/// A registered identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbIdentityProvider {
    pub id: DbIdentityProviderId,
    pub name: String,
    pub namespace: String,
    pub kind: ProviderKind,
    /// Where it is false, nobody logs in through it.
    pub enabled: bool,
    pub auto_create_roles: AutoCreateRoles,
}

/// TYPE, with what only providers of this type have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderKind {
    /// People come with access tokens of an Identity Center application.
    AwsIdc { application_arn: String, iam_role: IamRoleClause },
    /// People come with JSON Web Tokens of an issuer, Microsoft Entra ID or any other.
    Azure(AzureParameters),
}

/// PARAMETERS of a provider of type azure. What Redshift asks Microsoft Graph with (`client_secret`) is never kept: nothing asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureParameters {
    /// To the letter as `iss` of its tokens and as its discovery document have it.
    pub issuer: String,
    pub client_id: String,
    /// Not empty.
    pub audience: Vec<String>,
}

impl AzureParameters {
    /// Whom a token may be for (`aud`).
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.audience.iter().chain(std::iter::once(&self.client_id)).map(String::as_str)
    }
}

impl DbIdentityProvider {
    /// As `svv_identity_providers.type` shows it.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self.kind {
            ProviderKind::AwsIdc { .. } => "awsidc",
            ProviderKind::Azure(_) => "azure",
        }
    }

    /// The application of Identity Center that it stands for (TYPE AWSIDC).
    #[must_use]
    pub fn application_arn(&self) -> Option<&str> {
        match &self.kind {
            ProviderKind::AwsIdc { application_arn, iam_role: _ } => Some(application_arn),
            ProviderKind::Azure(_) => None,
        }
    }

    /// TYPE azure
    #[must_use]
    pub const fn azure(&self) -> Option<&AzureParameters> {
        match &self.kind {
            ProviderKind::AwsIdc { .. } => None,
            ProviderKind::Azure(parameters) => Some(parameters),
        }
    }

    /// Whether a login makes the missing role of this group (AUTO_CREATE_ROLES; LIKE is case-sensitive).
    #[must_use]
    pub fn auto_create_allows(&self, group: &str) -> bool {
        let rule = &self.auto_create_roles;
        rule.enabled
            && rule.filter.as_ref().is_none_or(|filter| {
                filter.pattern.is_empty() || (crate::federation::like(&filter.pattern, group) != filter.exclude)
            })
    }

    /// `ssoins-…` of the application's ARN, else the ARN; the tenant's id in an issuer of Microsoft's, else the issuer.
    #[must_use]
    pub fn instance_id(&self) -> &str {
        match &self.kind {
            ProviderKind::AwsIdc { application_arn, iam_role: _ } => {
                application_arn.split('/').find(|part| part.starts_with("ssoins-")).unwrap_or(application_arn)
            }
            ProviderKind::Azure(AzureParameters { issuer, .. }) => tenant(issuer).unwrap_or(issuer),
        }
    }
}

/// `https://sts.windows.net/TENANT/` and `https://login.microsoftonline.com/TENANT/v2.0`
fn tenant(issuer: &str) -> Option<&str> {
    let after = ["https://sts.windows.net/", "https://login.microsoftonline.com/"];
    let rest = after.iter().find_map(|prefix| issuer.strip_prefix(prefix))?;
    rest.split('/').next().filter(|tenant| !tenant.is_empty())
}

/// The one database of this catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    pub name: String,
    pub owner: DbUserId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    pub id: SchemaId,
    pub name: String,
    pub owner: DbUserId,
}

/// A column as it was defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub data_type: DataType,
    pub not_null: bool,
    /// DEFAULT as SQL text, to be shown; the engine keeps its own.
    pub default: Option<String>,
    /// `IDENTITY(seed, step)`
    pub identity: Option<(i64, i64)>,
    pub encode: Option<String>,
}

/// Informational, as in Redshift: kept and shown, never enforced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    PrimaryKey { columns: Vec<String> },
    Unique { columns: Vec<String> },
    ForeignKey { columns: Vec<String>, references: RelationId, referred_columns: Vec<String> },
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    pub id: RelationId,
    pub schema: SchemaId,
    pub name: String,
    pub owner: DbUserId,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    pub storage: TableStorage,
}

/// What a privilege is granted on. [`ObjectId::Relation`] may be a system view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectId {
    Database,
    Schema(SchemaId),
    Relation(RelationId),
}

/// Who a privilege is granted to. `Public` sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GranteeId {
    Public,
    User(DbUserId),
    Group(DbGroupId),
    Role(DbRoleId),
}

/// One privilege of one grantee on one object, as one grantor gave it. The owner's and a superuser's grants count as the
/// owner's. Only users hold the grant option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub privilege: Privilege,
    pub grantor: DbUserId,
    pub grant_option: bool,
}

/// What a user owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owned {
    Database,
    Schema(SchemaId),
    Relation(RelationId),
    Role(DbRoleId),
}
