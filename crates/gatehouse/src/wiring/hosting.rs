//! The warehouses that this server runs: where their files are, which are open, and what the control plane does with them.

mod files;
mod host;
mod listeners;
mod memory;
mod open;
mod power;
mod preview;
mod snapshots;
#[cfg(test)]
mod tests;

pub(crate) use files::WarehouseFiles;
pub(crate) use host::{Host, WarehouseServices};
pub(crate) use listeners::SqlServer;
pub(crate) use open::OpenWarehouses;
pub(crate) use preview::CatalogPreview;
