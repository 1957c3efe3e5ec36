//! Identity Center: the instance, its applications, who is assigned to them; and the access keys of the account.
//!
//! Reads are answered from memory; a write is one transaction in the store, then in memory, then announced. Whether a person may
//! use an application is decided by one pure rule, [`access::decide`].

pub mod access;
mod access_keys;
mod error;
mod model;
mod port;
mod service;
mod state;
#[cfg(test)]
mod tests;

pub use access::{AccessDecision, AccessReason, Via};
pub use access_keys::{AccessKey, AccessKeyStore, AccessKeys};
pub use error::{CenterError, CenterStoreError};
pub use model::{Application, ApplicationStatus, AssignedPrincipal, CenterChange, Instance, NewApplication, Page};
pub use port::{CenterStore, CenterWrite, PrincipalLookup, StoredCenter};
pub use service::{Center, LIST_RECORDS_MAX};
