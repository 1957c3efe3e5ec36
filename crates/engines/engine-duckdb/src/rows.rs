//! Arrow's columns to rows of values.

use duckdb::arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, StructArray};
use duckdb::arrow::datatypes::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNanoType, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use engine::{Column, EngineError, Rows, Value, ValueType};

use crate::fault;

const NANOS_PER_MICRO: i64 = 1_000;

/// The chunk's rows, in batches of at most `rows_max`.
pub(crate) fn batches(chunk: &StructArray, columns: &[Column], rows_max: usize) -> Result<Vec<Rows>, EngineError> {
    let mut batches = Vec::new();
    let mut start = 0;
    while start < chunk.len() {
        let length = rows_max.min(chunk.len() - start);
        batches.push(batch(&chunk.slice(start, length), columns)?);
        start += length;
    }
    Ok(batches)
}

fn batch(chunk: &StructArray, columns: &[Column]) -> Result<Rows, EngineError> {
    let mut rows: Rows = (0..chunk.len()).map(|_| Vec::with_capacity(columns.len())).collect();
    for (array, column) in chunk.columns().iter().zip(columns) {
        let values = values(array, column.value_type).ok_or_else(|| unreadable(array, column))?;
        for (row, value) in rows.iter_mut().zip(values) {
            row.push(value);
        }
    }
    Ok(rows)
}

fn unreadable(array: &ArrayRef, column: &Column) -> EngineError {
    fault::internal(format!("a column of type {:?} came as {}", column.value_type, array.data_type()))
}

/// `None`: the array isn't of the type that DuckDB announced.
fn values(array: &ArrayRef, value_type: ValueType) -> Option<Vec<Value>> {
    let array: &dyn Array = array;
    match value_type {
        ValueType::Bool => {
            Some(array.as_boolean_opt()?.iter().map(|cell| cell.map_or(Value::Null, Value::Bool)).collect())
        }
        ValueType::Int2 => primitives::<Int16Type>(array, Value::Int2)
            .or_else(|| primitives::<Int8Type>(array, |value| Value::Int2(value.into())))
            .or_else(|| primitives::<UInt8Type>(array, |value| Value::Int2(value.into()))),
        ValueType::Int4 => primitives::<Int32Type>(array, Value::Int4)
            .or_else(|| primitives::<UInt16Type>(array, |value| Value::Int4(value.into()))),
        ValueType::Int8 => primitives::<Int64Type>(array, Value::Int8)
            .or_else(|| primitives::<UInt32Type>(array, |value| Value::Int8(value.into()))),
        ValueType::Float4 => primitives::<Float32Type>(array, Value::Float4),
        ValueType::Float8 => primitives::<Float64Type>(array, Value::Float8),
        ValueType::Numeric { precision: _, scale } => {
            primitives::<Decimal128Type>(array, |unscaled| Value::Numeric { unscaled, scale })
                .or_else(|| primitives::<UInt64Type>(array, |value| Value::Numeric { unscaled: value.into(), scale }))
        }
        ValueType::Text => Some(
            array
                .as_string_opt::<i32>()?
                .iter()
                .map(|cell| cell.map_or(Value::Null, |text| Value::Text(text.to_owned())))
                .collect(),
        ),
        ValueType::Bytes => Some(
            array
                .as_binary_opt::<i32>()?
                .iter()
                .map(|cell| cell.map_or(Value::Null, |bytes| Value::Bytes(bytes.to_vec())))
                .collect(),
        ),
        ValueType::Date => primitives::<Date32Type>(array, Value::Date),
        ValueType::Time => primitives::<Time64MicrosecondType>(array, Value::Time),
        ValueType::TimeTz => {
            array.as_string_opt::<i32>()?.iter().map(|cell| cell.map_or(Some(Value::Null), time_with_offset)).collect()
        }
        ValueType::Timestamp => primitives::<TimestampMicrosecondType>(array, Value::Timestamp),
        ValueType::TimestampTz => primitives::<TimestampMicrosecondType>(array, Value::TimestampTz),
        ValueType::Interval => primitives::<IntervalMonthDayNanoType>(array, |interval| Value::Interval {
            months: interval.months,
            days: interval.days,
            micros: interval.nanoseconds / NANOS_PER_MICRO,
        }),
    }
}

fn primitives<T: ArrowPrimitiveType>(array: &dyn Array, value: impl Fn(T::Native) -> Value) -> Option<Vec<Value>> {
    let array: &PrimitiveArray<T> = array.as_primitive_opt()?;
    Some(array.iter().map(|cell| cell.map_or(Value::Null, &value)).collect())
}

/// `12:34:56.789+05:30`, as DuckDB writes a time with its offset.
fn time_with_offset(text: &str) -> Option<Value> {
    let sign_at = text.rfind(['+', '-'])?;
    let (time, offset) = text.split_at_checked(sign_at)?;
    let (sign, offset) = match offset.strip_prefix('-') {
        Some(offset) => (-1, offset),
        None => (1, offset.strip_prefix('+')?),
    };
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, ""));
    if fraction.len() > 6 {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<6}").parse().ok()?;
    let micros = seconds_of(seconds)?.checked_mul(1_000_000)?.checked_add(fraction)?;
    let offset_seconds = i32::try_from(seconds_of(offset)?).ok()? * sign;
    Some(Value::TimeTz { micros, offset_seconds })
}

/// `HH[:MM[:SS]]`
fn seconds_of(text: &str) -> Option<i64> {
    let mut units = [3600, 60, 1].into_iter();
    let mut seconds = 0;
    for part in text.split(':') {
        seconds += part.parse::<u8>().ok().map(i64::from)? * units.next()?;
    }
    Some(seconds)
}

#[cfg(test)]
mod tests;
