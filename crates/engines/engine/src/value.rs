//! Values as they come out of an engine, before a wire format.

/// The type of a result column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    /// Precision at most 38. Integers wider than 64 bits come as `Numeric { precision: 38, scale: 0 }`.
    Numeric {
        precision: u8,
        scale: u8,
    },
    Text,
    Bytes,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Interval,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub value_type: ValueType,
}

/// One cell. Times are microseconds; dates are days since 1970-01-01; timestamps are microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int2(i16),
    Int4(i32),
    Int8(i64),
    Float4(f32),
    Float8(f64),
    /// `unscaled * 10^-scale`; the scale is the column's.
    Numeric {
        unscaled: i128,
        scale: u8,
    },
    Text(String),
    Bytes(Vec<u8>),
    Date(i32),
    Time(i64),
    TimeTz {
        micros: i64,
        offset_seconds: i32,
    },
    Timestamp(i64),
    TimestampTz(i64),
    Interval {
        months: i32,
        days: i32,
        micros: i64,
    },
}
