//! parse -> footprint -> authorise -> rewrite -> execute -> audit. The only caller of an engine.

mod authorize;
mod catalog_cell;
mod connection;
mod end;
mod engine_link;
mod error;
mod failure;
mod login;
mod open;
mod prepared;
mod reply;
mod rows;
mod run;
mod settings;
#[cfg(test)]
mod testing;
mod transaction;
mod warehouse;

pub use connection::DbConnection;
pub use engine::{Column, EngineError, ResultStream, Value, ValueType};
pub use error::QueryError;
pub use login::{Challenge, ChallengeAnswer, PendingLogin, StartupRequest};
pub use prepared::Prepared;
pub use reply::{Notice, Reply, ReplyBody, Severity};
pub use sql::Literal;
pub use transaction::TransactionStatus;
pub use warehouse::{Gate, Warehouse, WarehouseParts};
