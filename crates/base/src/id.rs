//! Ids are types, so that one can't be passed for another. Append only.

use std::fmt;
use std::sync::Arc;

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            #[must_use]
            pub fn new(value: impl Into<Arc<str>>) -> Self { Self(value.into()) }
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )*};
}

macro_rules! number_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0, f) }
        }
    )*};
}

text_ids! {
    /// A person in the Identity Center directory: a UUID.
    DirectoryUserId,
    /// A group in the Identity Center directory: a UUID.
    DirectoryGroupId,
    /// `arn:aws:sso:::instance/ssoins-…`
    InstanceArn,
    /// `arn:aws:sso::ACCOUNT:application/ssoins-…/apl-…`
    ApplicationArn,
    /// `arn:aws:redshift:REGION:ACCOUNT:redshiftidcapplication:…`
    RedshiftIdcApplicationArn,
    /// A registered OAuth client.
    ClientId,
    /// A provisioned cluster's identifier, e.g. `testcluster`.
    ClusterId,
    /// The data of a warehouse, whatever it is reached by: a UUID, the last part of its namespace's ARN.
    WarehouseId,
    /// A serverless namespace's name.
    NamespaceName,
    /// A serverless workgroup's name, e.g. `default-workgroup`.
    WorkgroupName,
    /// `arn:aws:redshift:REGION:ACCOUNT:qev2idcapplication:…`
    Qev2IdcApplicationArn,
    /// An SSO application of the built-in identity provider: `app-` and 16 hex digits.
    SsoApplicationId,
    /// A SCIM server that the built-in identity provider pushes to: `pst-` and 16 hex digits.
    PushTargetId,
    /// An identity source of Identity Center beside its own directory: `ids-` and 16 hex digits.
    SourceId,
    /// A virtual network: `vpc-` and 17 hex digits.
    VpcId,
    /// A subnet of a virtual network: `subnet-` and 17 hex digits.
    SubnetId,
    /// A security group of a virtual network: `sg-` and 17 hex digits.
    SecurityGroupId,
    /// The files of a snapshot, whatever it is called: a UUID.
    SnapshotId,
}

number_ids! {
    /// A database user (`usesysid`). The first administrator is 100.
    DbUserId,
    /// A database role.
    DbRoleId,
    /// A database group (`grosysid`).
    DbGroupId,
    /// A schema (`pg_namespace.oid`).
    SchemaId,
    /// A table, view or system view (`pg_class.oid`).
    RelationId,
    /// A registered identity provider of the warehouse (`svv_identity_providers.uid`).
    DbIdentityProviderId,
}

/// A fresh random UUID as text.
#[must_use]
pub fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}
