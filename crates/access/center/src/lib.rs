//! Identity Center: the instance, its applications with their grants and scopes, who is assigned to them.
//!
//! Reads are answered from memory; a write is one transaction in the store, then in memory, then announced. Whether a person may
//! use an application is decided by one pure rule, [`access::decide`]; whether a program may get tokens in an application's name
//! by another, [`ActorPolicy::allows`].

pub mod access;
pub mod actor_policy;
mod application;
mod error;
mod model;
mod port;
pub mod rules;
mod service;
mod state;
#[cfg(test)]
mod tests;

pub use access::{AccessDecision, AccessReason, Via};
pub use actor_policy::{ActorDecision, ActorPolicy, ActorReason};
pub use application::{
    Application, ApplicationEdit, ApplicationGrants, ApplicationStatus, CUSTOM_PROVIDER_ARN, Creation, GrantType,
    NewApplication, REDSHIFT_CONNECT_SCOPE,
};
pub use error::{CenterError, CenterStoreError};
pub use model::{AssignedPrincipal, CenterChange, Instance, InstanceSettings, Page};
pub use port::{CenterStore, CenterWrite, PrincipalLookup, StoredCenter};
pub use service::{APPLICATIONS_MAX, Center, LIST_RECORDS_MAX};
