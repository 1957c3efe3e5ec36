//! The embedded engine: DuckDB, one file, full ACID.
//!
//! * One operating-system thread per session; commands reach it over a channel, rows leave it over a bounded one.
//! * Before a text runs, DuckDB's own binder says which tables it touches (`check`); anything else than what was
//!   authorised stops it.
//! * No file, no network, no extension: the settings in `database` are made by this crate alone, no client's `SET`
//!   arrives here.
//!
//! Invariant: `parser` is the only file with `unsafe` code.

mod check;
mod copy;
mod database;
mod fault;
mod interrupt;
mod names;
mod parser;
mod rows;
mod session;
mod stream;
mod types;
mod worker;

pub use database::{Closed, DuckDb, DuckDbOptions};
pub use session::DuckDbSession;
