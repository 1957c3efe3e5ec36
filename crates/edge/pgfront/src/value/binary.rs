//! Binary format. Big-endian; dates and times count from 2000-01-01.

use bytes::{BufMut as _, BytesMut};
use query::Value;

use super::calendar::{EPOCH_DAYS, EPOCH_MICROS, Infinity, MICROS_PER_DAY};
use super::{IntervalLayout, numeric};
use crate::error::WireError;

/// Appends a value that is not NULL. Numeric is PostgreSQL's layout, not Redshift's level 2: level 0 is announced.
pub(crate) fn put(out: &mut BytesMut, value: &Value, layout: IntervalLayout) -> Result<(), WireError> {
    match value {
        Value::Null => return Err(WireError::Encoding("NULL has no binary form")),
        Value::Bool(value) => out.put_u8(u8::from(*value)),
        Value::Int2(value) => out.put_i16(*value),
        Value::Int4(value) => out.put_i32(*value),
        Value::Int8(value) => out.put_i64(*value),
        Value::Float4(value) => out.put_f32(*value),
        Value::Float8(value) => out.put_f64(*value),
        Value::Numeric { unscaled, scale } => numeric::put_binary(out, *unscaled, *scale)?,
        Value::Text(value) => out.put_slice(value.as_bytes()),
        Value::Bytes(value) => out.put_slice(value),
        Value::Date(days) => out.put_i32(date(*days)?),
        Value::Time(micros) => out.put_i64(*micros),
        Value::TimeTz { micros, offset_seconds } => {
            out.put_i64(*micros);
            out.put_i32(west(*offset_seconds)?);
        }
        Value::Timestamp(micros) | Value::TimestampTz(micros) => out.put_i64(timestamp(*micros)?),
        Value::Interval { months, days, micros } => put_interval(out, *months, *days, *micros, layout)?,
    }
    Ok(())
}

fn date(days: i32) -> Result<i32, WireError> {
    match Infinity::of_days(days) {
        Some(Infinity::Future) => Ok(i32::MAX),
        Some(Infinity::Past) => Ok(i32::MIN),
        None => days.checked_sub(EPOCH_DAYS).ok_or(WireError::DatetimeOverflow("date")),
    }
}

fn timestamp(micros: i64) -> Result<i64, WireError> {
    match Infinity::of_micros(micros) {
        Some(Infinity::Future) => Ok(i64::MAX),
        Some(Infinity::Past) => Ok(i64::MIN),
        None => micros.checked_sub(EPOCH_MICROS).ok_or(WireError::DatetimeOverflow("timestamp")),
    }
}

/// The wire counts seconds west of UTC, the engine east.
fn west(offset_seconds: i32) -> Result<i32, WireError> {
    offset_seconds.checked_neg().ok_or(WireError::DatetimeOverflow("time zone"))
}

fn put_interval(
    out: &mut BytesMut,
    months: i32,
    days: i32,
    micros: i64,
    layout: IntervalLayout,
) -> Result<(), WireError> {
    match layout {
        IntervalLayout::PostgreSql => {
            out.put_i64(micros);
            out.put_i32(days);
            out.put_i32(months);
        }
        IntervalLayout::Redshift => {
            let overflow = || WireError::DatetimeOverflow("interval");
            let day_micros = i64::from(days).checked_mul(MICROS_PER_DAY).ok_or_else(overflow)?;
            out.put_i64(micros.checked_add(day_micros).ok_or_else(overflow)?);
            out.put_i16(0);
            out.put_i16(i16::try_from(months).map_err(|_| overflow())?);
        }
    }
    Ok(())
}
