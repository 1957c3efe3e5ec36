//! Text format, as PostgreSQL prints it with DateStyle ISO and time zone UTC.

use std::fmt::Write as _;

use bytes::{BufMut as _, BytesMut};
use query::Value;

use super::{calendar, float, numeric};
use crate::error::WireError;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends a value that is not NULL.
pub(crate) fn put(out: &mut BytesMut, value: &Value) -> Result<(), WireError> {
    match value {
        Value::Null => return Err(WireError::Encoding("NULL has no text")),
        Value::Bool(value) => out.put_u8(if *value { b't' } else { b'f' }),
        Value::Int2(value) => write!(out, "{value}")?,
        Value::Int4(value) => write!(out, "{value}")?,
        Value::Int8(value) => write!(out, "{value}")?,
        Value::Float4(value) => float::put_single(out, *value)?,
        Value::Float8(value) => float::put_double(out, *value)?,
        Value::Numeric { unscaled, scale } => numeric::put_text(out, *unscaled, *scale)?,
        Value::Text(value) => out.put_slice(value.as_bytes()),
        Value::Bytes(value) => put_hex(out, value),
        Value::Date(days) => calendar::put_date(out, *days)?,
        Value::Time(micros) => calendar::put_time(out, *micros)?,
        Value::TimeTz { micros, offset_seconds } => {
            calendar::put_time(out, *micros)?;
            calendar::put_zone(out, *offset_seconds)?;
        }
        Value::Timestamp(micros) => calendar::put_timestamp(out, *micros, "")?,
        Value::TimestampTz(micros) => calendar::put_timestamp(out, *micros, "+00")?,
        Value::Interval { months, days, micros } => calendar::put_interval(out, *months, *days, *micros)?,
    }
    Ok(())
}

/// VARBYTE's text is bare hex, without PostgreSQL's `\x`.
fn put_hex(out: &mut BytesMut, bytes: &[u8]) {
    out.reserve(bytes.len().saturating_mul(2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0x0F] {
            out.put_u8(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0'));
        }
    }
}
