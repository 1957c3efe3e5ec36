//! People, groups and memberships of the Identity Center directory.
//!
//! Reads are answered from memory; a write is one transaction in the store, then in memory, then announced.

// The model of the tests names the public API as the store's suite does, which runs it too.
#[cfg(test)]
extern crate self as directory;

pub mod attempts;
mod edit;
mod error;
mod id_list;
pub mod membership;
mod memory;
mod model;
mod password;
mod port;
mod provision;
mod reset_link;
pub mod scim_token;
mod service;
mod state;

pub use edit::{GroupEdit, MemberEdit, PasswordEdit, UserEdit};
pub use error::{ChangeRefusal, DirectoryError, SignInRefusal};
pub use membership::MembershipId;
pub use memory::MemoryStore;
pub use model::{ActiveUser, DirectoryChange, DirectoryGroup, DirectoryUser, NewGroup, NewUser, Origin};
pub use password::HashedPassword;
pub use port::{DirectoryStore, DirectoryWrite, StoredDirectory, StoredPassword};
pub use reset_link::{ResetLink, ResetRefusal};
pub use scim_token::{ScimClient, ScimToken, ScimTokenRefusal};
pub use service::Directory;
pub use state::fold;
