//! Values in the wire's two formats (PostgreSQL, "Formats and Format Codes"). Pure.

pub(crate) mod binary;
mod calendar;
mod float;
mod numeric;
pub(crate) mod oid;
pub(crate) mod parameter;
pub(crate) mod text;

use bytes::BytesMut;
use query::{Column, Value, ValueType};

use crate::error::WireError;

/// A format code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Binary,
}

impl Format {
    pub(crate) fn from_code(code: i16) -> Result<Self, WireError> {
        match code {
            0 => Ok(Self::Text),
            1 => Ok(Self::Binary),
            other => Err(WireError::Protocol(format!("unsupported format code: {other}"))),
        }
    }

    pub(crate) const fn code(self) -> i16 {
        match self {
            Self::Text => 0,
            Self::Binary => 1,
        }
    }
}

/// How a client expects a binary interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntervalLayout {
    /// int64 microseconds, int32 days, int32 months: libpq's clients.
    PostgreSql,
    /// int64 microseconds, int16 days (0), int16 months: Redshift's own drivers, which ask for it unasked.
    Redshift,
}

/// One format per column from the codes of a Bind: none (all text), one for all, or one each.
pub(crate) fn column_formats(codes: &[Format], columns: usize) -> Result<Vec<Format>, WireError> {
    spread(codes, columns).ok_or_else(|| {
        WireError::Protocol(format!("bind message has {} result formats but query has {columns} columns", codes.len()))
    })
}

/// One format per parameter, by the same rule.
pub(crate) fn parameter_formats(codes: &[Format], parameters: usize) -> Result<Vec<Format>, WireError> {
    spread(codes, parameters).ok_or_else(|| {
        WireError::Protocol(format!("bind message has {} parameter formats but {parameters} parameters", codes.len()))
    })
}

fn spread(codes: &[Format], count: usize) -> Option<Vec<Format>> {
    match codes {
        [] => Some(vec![Format::Text; count]),
        [one] => Some(vec![*one; count]),
        each => (each.len() == count).then(|| each.to_vec()),
    }
}

/// Whether a value of type `actual` can be sent where the client was told `described`. A statement is described before its
/// parameters are known: what the engine then answers may be a neighbouring type.
pub(crate) fn is_sendable_as(described: ValueType, actual: ValueType) -> bool {
    let is_int = |value_type| matches!(value_type, ValueType::Int2 | ValueType::Int4 | ValueType::Int8);
    let is_numeric = |value_type| matches!(value_type, ValueType::Numeric { .. });
    described == actual
        || matches!(described, ValueType::Text)
        || (is_int(described) && is_int(actual))
        || (is_numeric(described) && is_numeric(actual))
}

/// Appends a value that is not NULL, as one of the column's announced type.
pub(crate) fn put(
    out: &mut BytesMut,
    column: &Column,
    value: &Value,
    format: Format,
    layout: IntervalLayout,
) -> Result<(), WireError> {
    let adapted;
    let value = if fits(column.value_type, value) {
        value
    } else {
        adapted = adapt(column, value)?;
        &adapted
    };
    match format {
        Format::Text => text::put(out, value),
        Format::Binary => binary::put(out, value, layout),
    }
}

/// The value as one of the column's type: any value as text, an integer as one of another width.
fn adapt(column: &Column, value: &Value) -> Result<Value, WireError> {
    let int = match value {
        Value::Int2(value) => Some(i64::from(*value)),
        Value::Int4(value) => Some(i64::from(*value)),
        Value::Int8(value) => Some(*value),
        Value::Null
        | Value::Bool(_)
        | Value::Float4(_)
        | Value::Float8(_)
        | Value::Numeric { .. }
        | Value::Text(_)
        | Value::Bytes(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::TimeTz { .. }
        | Value::Timestamp(_)
        | Value::TimestampTz(_)
        | Value::Interval { .. } => None,
    };
    match (column.value_type, int) {
        (ValueType::Text, _) => {
            let mut written = BytesMut::new();
            text::put(&mut written, value)?;
            let text = String::from_utf8(written.to_vec()).map_err(|_| WireError::Encoding("text"))?;
            Ok(Value::Text(text))
        }
        (ValueType::Int2, Some(int)) => {
            i16::try_from(int).map(Value::Int2).map_err(|_| WireError::OutOfRange("smallint"))
        }
        (ValueType::Int4, Some(int)) => {
            i32::try_from(int).map(Value::Int4).map_err(|_| WireError::OutOfRange("integer"))
        }
        (ValueType::Int8, Some(int)) => Ok(Value::Int8(int)),
        _ => Err(WireError::ValueMismatch { column: column.name.clone() }),
    }
}

/// Whether a value is of the type that its column announces.
fn fits(value_type: ValueType, value: &Value) -> bool {
    match value_type {
        ValueType::Bool => matches!(value, Value::Bool(_)),
        ValueType::Int2 => matches!(value, Value::Int2(_)),
        ValueType::Int4 => matches!(value, Value::Int4(_)),
        ValueType::Int8 => matches!(value, Value::Int8(_)),
        ValueType::Float4 => matches!(value, Value::Float4(_)),
        ValueType::Float8 => matches!(value, Value::Float8(_)),
        ValueType::Numeric { .. } => matches!(value, Value::Numeric { .. }),
        ValueType::Text => matches!(value, Value::Text(_)),
        ValueType::Bytes => matches!(value, Value::Bytes(_)),
        ValueType::Date => matches!(value, Value::Date(_)),
        ValueType::Time => matches!(value, Value::Time(_)),
        ValueType::TimeTz => matches!(value, Value::TimeTz { .. }),
        ValueType::Timestamp => matches!(value, Value::Timestamp(_)),
        ValueType::TimestampTz => matches!(value, Value::TimestampTz(_)),
        ValueType::Interval => matches!(value, Value::Interval { .. }),
    }
}

#[cfg(test)]
mod tests;
