//! Bytes to messages and messages to bytes (PostgreSQL, "Frontend/Backend Protocol"). Pure: no I/O, no clock, no panic.

pub(crate) mod auth;
pub(crate) mod backend;
pub(crate) mod frontend;
mod reader;
pub(crate) mod startup;

pub(crate) use reader::Reader;

/// A start-up packet, with its length word, in bytes.
pub(crate) const MAX_STARTUP_PACKET: usize = 10 * 1024;
/// A message before AuthenticationOk, in bytes: tokens of several KiB, SAML responses up to 100 KB.
pub(crate) const MAX_LOGIN_MESSAGE: usize = 128 * 1024;
/// A message of an open session, in bytes.
pub(crate) const MAX_MESSAGE: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests;
