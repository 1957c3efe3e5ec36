//! What the server sends. Each function appends one whole message to `out`, or nothing where it fails.

use base::{Fault as _, PublicMessage};
use bytes::{BufMut as _, BytesMut};
use query::{Column, Notice, Severity, TransactionStatus, Value};

use crate::error::WireError;
use crate::value::{self, Format, IntervalLayout, oid};

/// Appends type byte, length and what `body` writes.
pub(crate) fn frame(
    out: &mut BytesMut,
    tag: u8,
    body: impl FnOnce(&mut BytesMut) -> Result<(), WireError>,
) -> Result<(), WireError> {
    let start = out.len();
    out.put_u8(tag);
    let written = with_length(out, 4, body);
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// Appends an int32 length and what `body` writes; the length counts the body and `extra`.
fn with_length(
    out: &mut BytesMut,
    extra: usize,
    body: impl FnOnce(&mut BytesMut) -> Result<(), WireError>,
) -> Result<(), WireError> {
    let at = out.len();
    out.put_i32(0);
    let body_at = out.len();
    body(out)?;
    let length = counted_length(out.len().saturating_sub(body_at).saturating_add(extra))?;
    let place = out.get_mut(at..body_at).ok_or(WireError::Encoding("length word"))?;
    place.copy_from_slice(&length.to_be_bytes());
    Ok(())
}

/// A length as the protocol counts it.
pub(crate) fn counted_length(length: usize) -> Result<i32, WireError> {
    i32::try_from(length).map_err(|_| WireError::Encoding("a message is larger than 2 GiB"))
}

/// A string ends at its first zero byte, whoever wrote it.
fn put_text(out: &mut BytesMut, text: &str) {
    out.put_slice(text.split('\0').next().unwrap_or_default().as_bytes());
    out.put_u8(0);
}

fn put_bare(out: &mut BytesMut, tag: u8) -> Result<(), WireError> {
    frame(out, tag, |_| Ok(()))
}

pub(crate) fn parse_complete(out: &mut BytesMut) -> Result<(), WireError> {
    put_bare(out, b'1')
}

pub(crate) fn bind_complete(out: &mut BytesMut) -> Result<(), WireError> {
    put_bare(out, b'2')
}

pub(crate) fn close_complete(out: &mut BytesMut) -> Result<(), WireError> {
    put_bare(out, b'3')
}

pub(crate) fn no_data(out: &mut BytesMut) -> Result<(), WireError> {
    put_bare(out, b'n')
}

pub(crate) fn portal_suspended(out: &mut BytesMut) -> Result<(), WireError> {
    put_bare(out, b's')
}

pub(crate) fn empty_query(out: &mut BytesMut) -> Result<(), WireError> {
    put_bare(out, b'I')
}

pub(crate) fn command_complete(out: &mut BytesMut, tag: &str) -> Result<(), WireError> {
    frame(out, b'C', |out| {
        put_text(out, tag);
        Ok(())
    })
}

pub(crate) fn ready_for_query(out: &mut BytesMut, status: TransactionStatus) -> Result<(), WireError> {
    let status = match status {
        TransactionStatus::Idle => b'I',
        TransactionStatus::InTransaction => b'T',
        TransactionStatus::Failed => b'E',
    };
    frame(out, b'Z', |out| {
        out.put_u8(status);
        Ok(())
    })
}

pub(crate) fn parameter_status(out: &mut BytesMut, name: &str, value: &str) -> Result<(), WireError> {
    frame(out, b'S', |out| {
        put_text(out, name);
        put_text(out, value);
        Ok(())
    })
}

pub(crate) fn backend_key_data(out: &mut BytesMut, process_id: i32, secret_key: i32) -> Result<(), WireError> {
    frame(out, b'K', |out| {
        out.put_i32(process_id);
        out.put_i32(secret_key);
        Ok(())
    })
}

/// ParameterDescription. What the client left open (0, or 705 `unknown`) is told as varchar.
pub(crate) fn parameter_description(out: &mut BytesMut, declared: &[u32]) -> Result<(), WireError> {
    let count = u16::try_from(declared.len()).map_err(|_| WireError::Encoding("more than 65535 parameters"))?;
    frame(out, b't', |out| {
        out.put_u16(count);
        for declared in declared {
            out.put_u32(if matches!(*declared, 0 | oid::UNKNOWN) { oid::VARCHAR } else { *declared });
        }
        Ok(())
    })
}

/// RowDescription. `formats` has one entry per column (see [`value::column_formats`]).
pub(crate) fn row_description(out: &mut BytesMut, columns: &[Column], formats: &[Format]) -> Result<(), WireError> {
    let count = i16::try_from(columns.len()).map_err(|_| WireError::Encoding("more than 32767 columns"))?;
    frame(out, b'T', |out| {
        out.put_i16(count);
        for (column, format) in columns.iter().zip(formats) {
            let described = oid::describe(column.value_type);
            put_text(out, &column.name);
            // no table, no attribute number: a result's column is a caged expression
            out.put_i32(0);
            out.put_i16(0);
            out.put_u32(described.oid);
            out.put_i16(described.size);
            out.put_i32(described.type_modifier);
            out.put_i16(format.code());
        }
        Ok(())
    })
}

/// DataRow. Row, columns and formats are of the same length.
pub(crate) fn data_row(
    out: &mut BytesMut,
    row: &[Value],
    columns: &[Column],
    formats: &[Format],
    layout: IntervalLayout,
) -> Result<(), WireError> {
    if row.len() != columns.len() || formats.len() != columns.len() {
        return Err(WireError::Encoding("a row has another number of values than columns"));
    }
    let count = i16::try_from(row.len()).map_err(|_| WireError::Encoding("more than 32767 columns"))?;
    frame(out, b'D', |out| {
        out.put_i16(count);
        for ((cell, column), format) in row.iter().zip(columns).zip(formats) {
            if matches!(cell, Value::Null) {
                out.put_i32(-1);
                continue;
            }
            with_length(out, 0, |out| value::put(out, column, cell, *format, layout))?;
        }
        Ok(())
    })
}

/// ErrorResponse: fields S, C, M, D, H, P. `V` is left out: the drivers of Redshift's generation don't know it.
pub(crate) fn error_response(out: &mut BytesMut, error: &WireError, fatal: bool) -> Result<(), WireError> {
    let severity = if fatal { "FATAL" } else { "ERROR" };
    frame(out, b'E', |out| {
        put_fields(out, severity, error.sqlstate(), &error.public(), error.position());
        Ok(())
    })
}

/// NoticeResponse.
pub(crate) fn notice_response(out: &mut BytesMut, notice: &Notice) -> Result<(), WireError> {
    let severity = match notice.severity {
        Severity::Info => "INFO",
        Severity::Notice => "NOTICE",
        Severity::Warning => "WARNING",
    };
    frame(out, b'N', |out| {
        put_fields(out, severity, notice.sqlstate, &notice.message, None);
        Ok(())
    })
}

fn put_fields(out: &mut BytesMut, severity: &str, sqlstate: &str, message: &PublicMessage, position: Option<usize>) {
    let position = position.map(|position| position.to_string());
    let fields = [
        (b'S', Some(severity)),
        (b'C', Some(sqlstate)),
        (b'M', Some(message.message.as_str())),
        (b'D', message.detail.as_deref()),
        (b'H', message.hint.as_deref()),
        (b'P', position.as_deref()),
    ];
    for (code, text) in fields {
        if let Some(text) = text {
            out.put_u8(code);
            put_text(out, text);
        }
    }
    out.put_u8(0);
}
