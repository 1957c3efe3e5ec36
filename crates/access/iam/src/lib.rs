//! IAM: SAML and OpenID Connect providers, policies, roles, users, groups, access keys.
//!
//! Reads are answered from memory; a write is one transaction in the store, then in memory, then announced. What a user or a role is
//! granted is put together when something of it changes, not when it is asked for ([`Grants`]).
//!
//! Invariants: an id is given out once. A user or a role that a trust policy names exists; when it is deleted, its ARN there gives way
//! to its id, so that another one of the same name isn't trusted.

mod aws_managed;
mod document;
mod entity;
mod error;
pub mod names;
mod port;
pub mod quota;
mod service;
mod state;
mod stored;
mod tags;
#[cfg(test)]
mod tests;
mod trust;

pub use entity::{
    AccessKey, AccountCounts, Entity, Grants, Holder, IamChange, IamGroup, IamRole, IamUser, KeyHolder, KeyOwner,
    KeyUse, Listing, ManagedPolicy, NewOidcProvider, NewPolicy, NewRole, NewSamlProvider, NewUser, OidcProvider, Page,
    PolicyUse, PolicyVersion, RoleUse, SamlProvider, SamlProviderEdit, Taggable,
};
pub use error::{IamError, IamStoreUnavailable};
#[doc(hidden)]
pub use port::MemoryStore;
pub use port::{IamKind, IamRow, IamStore, IamWrite, LegacyRootKey, StoredIam, StoredUse};
pub use service::Iam;
pub use tags::Tags;
