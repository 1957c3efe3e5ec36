//! People, groups and memberships of the Identity Center directory.
//!
//! Reads are answered from memory; a write is one transaction in the store, then in memory, then announced.

pub mod attempts;
mod edit;
mod error;
mod model;
mod password;
mod port;
mod provision;
pub mod scim_token;
mod service;
mod state;

pub use edit::{GroupEdit, MemberEdit, PasswordEdit, UserEdit};
pub use error::{DirectoryError, SignInRefusal};
pub use model::{ActiveUser, DirectoryChange, DirectoryGroup, DirectoryUser, NewGroup, NewUser};
pub use password::HashedPassword;
pub use port::{DirectoryStore, DirectoryWrite, StoredDirectory};
pub use scim_token::{ScimClient, ScimToken, ScimTokenRefusal};
pub use service::Directory;
