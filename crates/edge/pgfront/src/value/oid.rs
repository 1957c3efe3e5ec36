//! Type OIDs (`pg_type`), as Redshift's drivers know them.

use query::ValueType;

pub(crate) const BOOL: u32 = 16;
pub(crate) const BYTEA: u32 = 17;
pub(crate) const CHAR: u32 = 18;
pub(crate) const NAME: u32 = 19;
pub(crate) const INT8: u32 = 20;
pub(crate) const INT2: u32 = 21;
pub(crate) const INT4: u32 = 23;
pub(crate) const TEXT: u32 = 25;
pub(crate) const OID: u32 = 26;
pub(crate) const JSON: u32 = 114;
pub(crate) const FLOAT4: u32 = 700;
pub(crate) const FLOAT8: u32 = 701;
pub(crate) const UNKNOWN: u32 = 705;
pub(crate) const BPCHAR: u32 = 1042;
pub(crate) const VARCHAR: u32 = 1043;
pub(crate) const DATE: u32 = 1082;
pub(crate) const TIME: u32 = 1083;
pub(crate) const TIMESTAMP: u32 = 1114;
pub(crate) const TIMESTAMPTZ: u32 = 1184;
pub(crate) const INTERVAL: u32 = 1186;
pub(crate) const TIMETZ: u32 = 1266;
pub(crate) const NUMERIC: u32 = 1700;
pub(crate) const VARBYTE: u32 = 6551;

/// What RowDescription says of a column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) oid: u32,
    /// Bytes of the stored form; -1: it varies.
    pub(crate) size: i16,
    /// `((precision << 16) | scale) + 4` for numeric, else -1.
    pub(crate) type_modifier: i32,
}

pub(crate) fn describe(value_type: ValueType) -> Described {
    let (oid, size) = match value_type {
        ValueType::Bool => (BOOL, 1),
        ValueType::Int2 => (INT2, 2),
        ValueType::Int4 => (INT4, 4),
        ValueType::Int8 => (INT8, 8),
        ValueType::Float4 => (FLOAT4, 4),
        ValueType::Float8 => (FLOAT8, 8),
        ValueType::Numeric { precision, scale } => {
            let type_modifier = ((i32::from(precision) << 16) | i32::from(scale)) + 4;
            return Described { oid: NUMERIC, size: -1, type_modifier };
        }
        ValueType::Text => (VARCHAR, -1),
        ValueType::Bytes => (VARBYTE, -1),
        ValueType::Date => (DATE, 4),
        ValueType::Time => (TIME, 8),
        ValueType::TimeTz => (TIMETZ, 12),
        ValueType::Timestamp => (TIMESTAMP, 8),
        ValueType::TimestampTz => (TIMESTAMPTZ, 8),
        ValueType::Interval => (INTERVAL, 16),
    };
    Described { oid, size, type_modifier: -1 }
}
