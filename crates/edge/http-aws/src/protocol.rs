//! How requests are read and answers written.

pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod xml;
