//! Times as text that sorts and that people can read: RFC 3339.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::StoreError;

pub(crate) fn write(table: &'static str, at: OffsetDateTime) -> Result<String, StoreError> {
    at.format(&Rfc3339).map_err(|error| StoreError::Row { table, key: format!("{at:?}"), cause: error.to_string() })
}

pub(crate) fn read(table: &'static str, text: &str) -> Result<OffsetDateTime, StoreError> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|error| StoreError::Row {
        table,
        key: text.to_owned(),
        cause: error.to_string(),
    })
}
