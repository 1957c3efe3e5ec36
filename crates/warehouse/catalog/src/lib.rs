//! The warehouse catalog: database users, groups, roles, grants, identity providers, schemas and relations.
//!
//! ```text
//! rows --load--> Catalog --plan(Statement)--> Plan { ops, engine, notices } --apply--> Catalog'   (rows::writes to store it)
//! ```
//!
//! Invariants: a [`Catalog`] is an immutable value and cheap to clone; it changes only through [`CatalogOp`], and every
//! operation leaves it without a dangling id, a double name or a role that holds itself. Nothing here decides who may do what
//! (that is `rbac`), knows an engine, reads a clock or makes a random number.

mod catalog;
mod error;
pub mod federation;
mod grants;
mod model;
mod names;
mod op;
pub mod password;
mod plan;
pub mod quote;
pub mod resolve;
pub mod rows;
pub mod system_views;
mod temporary;
#[cfg(test)]
mod testing;

pub use catalog::{ADMIN_USER, Catalog, PG_CATALOG_SCHEMA, PUBLIC_SCHEMA, SYSTEM_USER};
pub use error::{CatalogError, CatalogState};
pub use federation::{FederatedGroup, FederatedLogin, SessionRole, Unmapped, UnmappedGroup, plan_login};
pub use model::{
    AzureParameters, Column, Constraint, Database, DbGroup, DbIdentityProvider, DbRole, DbUser, Grant, GranteeId,
    ObjectId, Owned, PrincipalName, ProviderKind, Relation, Schema,
};
pub use names::CatalogNames;
pub use op::CatalogOp;
pub use password::PasswordVerifier;
pub use plan::grant::{fitting as fitting_privileges, objects as grant_objects, privileges_on};
pub use plan::provider::check_namespace as check_provider_namespace;
pub use plan::table::referred_tables;
pub use plan::{EngineChange, Notice, NoticeSeverity, Plan, PlanContext, plan};
pub use rows::{Row, RowWrite};
pub use system_views::{SystemView, Viewer};
pub use temporary::{TemporaryLogin, TemporaryStanding, plan_temporary_login};
