//! The PostgreSQL v3 wire protocol with Redshift's additions (authentication codes 13 and 14).
//!
//! ```text
//! TcpListener --server--> connection (negotiate, login, simple and extended queries) --session--> query::Gate
//!                             |-- message: bytes <-> messages, pure
//!                             `-- value: engine values <-> text and binary formats, pure
//! ```
//!
//! Invariants: nothing is decided here. Who somebody is and what they may read is `query`'s answer. Nothing is buffered
//! without a bound, in either direction. Only `error` maps failures to SQLSTATEs.

mod connection;
mod error;
mod message;
mod server;
mod session;
mod value;

pub use error::WireError;
pub use server::{Limits, Places, serve};

#[cfg(test)]
mod testing;
