//! SCIM 2.0 messages (RFC 7643, RFC 7644): resources, filters, PATCH, paging, errors and discovery.
//!
//! Pure: JSON in, values of the directory out, and back. Nothing here listens, waits or writes.

pub mod discovery;
mod error;
pub mod etag;
pub mod filter;
pub mod group;
mod json;
pub mod list;
mod normalize;
pub mod patch;
mod path;
pub mod projection;
pub mod schema;
pub mod user;

pub use error::{ScimError, ScimType};
pub use json::{MEDIA_TYPE, Object, parse};
pub use path::AttrPath;
