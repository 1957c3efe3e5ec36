//! What every store of a port must do, whatever database is behind it.

pub(crate) mod directory;
pub(crate) mod directory_model;
