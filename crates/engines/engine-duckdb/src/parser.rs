//! How many statements a text is, by DuckDB's own parser. The `duckdb` crate can't tell: it runs all but the last.
//!
//! The parser works on an empty in-memory instance of its own, so that nothing it does can reach data.

#![expect(unsafe_code, reason = "the C API's parser has no safe wrapper")]

use std::ffi::{CStr, CString};
use std::fmt;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use libduckdb_sys as ffi;

/// DuckDB's parser. Shared by all sessions of a database; one text is read at a time, which takes microseconds.
pub(crate) struct Parser {
    handles: Mutex<Handles>,
}

struct Handles {
    database: ffi::duckdb_database,
    connection: ffi::duckdb_connection,
}

// SAFETY: both handles are owned by this value alone, and DuckDB's handles aren't tied to the thread that made them.
unsafe impl Send for Handles {}

impl fmt::Debug for Parser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parser").finish_non_exhaustive()
    }
}

impl Parser {
    /// Opens the empty instance. Errors with DuckDB's words.
    pub(crate) fn new() -> Result<Self, String> {
        let mut handles = Handles { database: ptr::null_mut(), connection: ptr::null_mut() };
        // SAFETY: `handles` outlives the calls; a null path means in memory; `Drop` closes whatever was opened, also
        // when the second call fails, and both closing functions accept null.
        let opened = unsafe {
            ffi::duckdb_open(ptr::null(), &raw mut handles.database) == ffi::DuckDBSuccess
                && ffi::duckdb_connect(handles.database, &raw mut handles.connection) == ffi::DuckDBSuccess
        };
        if !opened {
            return Err("Internal Error: the parser's instance can't be opened".to_owned());
        }
        handles.run(c"SET threads = 1")?;
        handles.run(c"SET enable_external_access = false")?;
        Ok(Self { handles: Mutex::new(handles) })
    }

    /// The number of statements in `text`; errors with DuckDB's words where it is none at all.
    pub(crate) fn count(&self, text: &str) -> Result<u64, String> {
        let text = CString::new(text).map_err(|_| "Parser Error: the text has a zero byte".to_owned())?;
        self.handles.lock().unwrap_or_else(PoisonError::into_inner).count(&text)
    }
}

impl Handles {
    fn run(&self, text: &CStr) -> Result<(), String> {
        // SAFETY: the connection is open, the text ends with a zero byte, and no result is asked for.
        let state = unsafe { ffi::duckdb_query(self.connection, text.as_ptr(), ptr::null_mut()) };
        if state == ffi::DuckDBSuccess { Ok(()) } else { Err(format!("Internal Error: {text:?} failed")) }
    }

    fn count(&self, text: &CStr) -> Result<u64, String> {
        let mut extracted: ffi::duckdb_extracted_statements = ptr::null_mut();
        // SAFETY: the connection is open, the text ends with a zero byte, `extracted` is written before it is read and
        // destroyed once; the error's text belongs to it and is copied before that.
        unsafe {
            let count = ffi::duckdb_extract_statements(self.connection, text.as_ptr(), &raw mut extracted);
            let error = if count == 0 { ffi::duckdb_extract_statements_error(extracted) } else { ptr::null() };
            let outcome =
                if error.is_null() { Ok(count) } else { Err(CStr::from_ptr(error).to_string_lossy().into_owned()) };
            ffi::duckdb_destroy_extracted(&raw mut extracted);
            outcome
        }
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: closed once, the connection before its database; both functions accept null.
        unsafe {
            ffi::duckdb_disconnect(&raw mut self.connection);
            ffi::duckdb_close(&raw mut self.database);
        }
    }
}

#[cfg(test)]
mod tests;
