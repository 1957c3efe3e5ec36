//! parse -> footprint -> authorise -> rewrite -> execute -> audit. The only caller of an engine.

mod administrator;
mod authorize;
mod cancel;
mod catalog_cell;
mod connection;
mod connection_log;
mod end;
mod engine_link;
mod error;
mod failure;
mod gate;
mod idc_permissions;
mod live;
mod login;
mod open;
mod prepared;
mod preview;
mod reply;
mod rows;
mod run;
mod settings;
#[cfg(test)]
mod testing;
mod transaction;
mod warehouse;

pub use administrator::{NewIdentityProvider, NewWarehouse};
pub use cancel::CancelKeys;
pub use connection::DbConnection;
pub use engine::{Column, EngineError, ResultStream, Value, ValueType};
pub use error::QueryError;
pub use gate::{Found, Gate, NetworkRefusal, NoWarehouse, Warehouses};
pub use idc_permissions::{IdcAsk, IdcDenial, IdcPermissions, IdcQuestion};
pub use login::{Challenge, ChallengeAnswer, PendingLogin, StartupRequest};
pub use prepared::Prepared;
pub use preview::{Tables, Visitor};
pub use reply::{Notice, Reply, ReplyBody, Severity};
pub use settings::WarehouseSettings;
pub use sql::Literal;
pub use transaction::TransactionStatus;
pub use warehouse::{TokenIssuers, Warehouse, WarehouseParts};
