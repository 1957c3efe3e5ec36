//! SCIM 2.0 messages (RFC 7643, RFC 7644): resources, filters, PATCH, paging, errors and discovery.
//!
//! Pure: JSON in, values of the directory out, and back. Nothing here listens, waits or writes.

pub mod bulk;
mod cursor;
pub mod discovery;
mod error;
pub mod etag;
pub mod filter;
pub mod group;
pub mod idc_compat;
mod json;
pub mod list;
mod normalize;
pub mod patch;
mod path;
pub mod projection;
pub mod schema;
pub mod sort;
pub mod user;

pub use cursor::Position;
pub use error::{ScimError, ScimType, adoptable};
pub use idc_compat::Profile;
pub use json::{MEDIA_TYPE, Object, parse};
pub use path::AttrPath;
