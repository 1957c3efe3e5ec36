//! Grants.

use base::id::{DbGroupId, DbRoleId, DbUserId, RelationId, SchemaId};
use serde::{Deserialize, Serialize};
use sql::Privilege;

use crate::model::{Grant, GranteeId, ObjectId};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::rows) enum StoredObject {
    Database,
    Schema(u32),
    Relation(u32),
}

impl StoredObject {
    pub(super) const fn of(object: ObjectId) -> Self {
        match object {
            ObjectId::Database => Self::Database,
            ObjectId::Schema(id) => Self::Schema(id.0),
            ObjectId::Relation(id) => Self::Relation(id.0),
        }
    }

    pub(super) const fn into_id(self) -> ObjectId {
        match self {
            Self::Database => ObjectId::Database,
            Self::Schema(id) => ObjectId::Schema(SchemaId(id)),
            Self::Relation(id) => ObjectId::Relation(RelationId(id)),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::rows) enum StoredGrantee {
    Public,
    User(u32),
    Group(u32),
    Role(u32),
}

impl StoredGrantee {
    pub(super) const fn of(grantee: GranteeId) -> Self {
        match grantee {
            GranteeId::Public => Self::Public,
            GranteeId::User(id) => Self::User(id.0),
            GranteeId::Group(id) => Self::Group(id.0),
            GranteeId::Role(id) => Self::Role(id.0),
        }
    }

    pub(super) const fn into_id(self) -> GranteeId {
        match self {
            Self::Public => GranteeId::Public,
            Self::User(id) => GranteeId::User(DbUserId(id)),
            Self::Group(id) => GranteeId::Group(DbGroupId(id)),
            Self::Role(id) => GranteeId::Role(DbRoleId(id)),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rows) struct StoredGrant {
    privilege: StoredPrivilege,
    grantor: u32,
    grant_option: bool,
}

impl StoredGrant {
    pub(super) const fn of(grant: &Grant) -> Self {
        Self {
            privilege: StoredPrivilege::of(grant.privilege),
            grantor: grant.grantor.0,
            grant_option: grant.grant_option,
        }
    }

    pub(super) const fn into_grant(self) -> Grant {
        Grant {
            privilege: self.privilege.into_privilege(),
            grantor: DbUserId(self.grantor),
            grant_option: self.grant_option,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredPrivilege {
    Select,
    Insert,
    Update,
    Delete,
    Drop,
    References,
    Alter,
    Truncate,
    Create,
    Usage,
    Temporary,
}

impl StoredPrivilege {
    const fn of(privilege: Privilege) -> Self {
        match privilege {
            Privilege::Select => Self::Select,
            Privilege::Insert => Self::Insert,
            Privilege::Update => Self::Update,
            Privilege::Delete => Self::Delete,
            Privilege::Drop => Self::Drop,
            Privilege::References => Self::References,
            Privilege::Alter => Self::Alter,
            Privilege::Truncate => Self::Truncate,
            Privilege::Create => Self::Create,
            Privilege::Usage => Self::Usage,
            Privilege::Temporary => Self::Temporary,
        }
    }

    const fn into_privilege(self) -> Privilege {
        match self {
            Self::Select => Privilege::Select,
            Self::Insert => Privilege::Insert,
            Self::Update => Privilege::Update,
            Self::Delete => Privilege::Delete,
            Self::Drop => Privilege::Drop,
            Self::References => Privilege::References,
            Self::Alter => Privilege::Alter,
            Self::Truncate => Privilege::Truncate,
            Self::Create => Privilege::Create,
            Self::Usage => Privilege::Usage,
            Self::Temporary => Privilege::Temporary,
        }
    }
}
