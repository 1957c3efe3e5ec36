//! Temporary database credentials: minted for who may ask, proven at the login, and what a session opened with them stands on.
//!
//! ```text
//! GetClusterCredentials --asks allowed--> mint --login name and password--> driver --proof--> candidates --> the login
//! ```
//!
//! Invariants: a credential opens the warehouse that it was minted for and no other; it is stored, sealed, before anybody is told
//! its password; one login name has several live ones, each with its own groups and person; how many are kept is bounded.

mod book;
mod credential;
mod error;
mod grounds;
mod memory;
pub mod name;
mod port;
mod profile;
mod service;
mod user;
mod watch;
mod writer;

pub use credential::{Credential, Minted, NewCredential};
pub use error::CredentialError;
pub use memory::MemoryCredentials;
pub use port::{CredentialStore, CredentialStoreUnavailable, CredentialWrite, StoredCredential, StoredCredentials};
pub use profile::{AuthenticationProfile, PROFILE_BYTES_MAX, PROFILES_MAX};
pub use service::Credentials;
pub use user::{CredentialUser, is_temporary};
pub use watch::watch_iam;
