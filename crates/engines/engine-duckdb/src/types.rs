//! DuckDB's types and ours.

use duckdb::core::LogicalTypeId;
use duckdb::{Connection, Statement};
use engine::{Column, EngineError, ValueType};

use crate::fault;

/// Integers beyond 64 bits.
const WIDE: ValueType = ValueType::Numeric { precision: 38, scale: 0 };

/// Types by DuckDB's name. The third: what DuckDB must cast the values to, so that `rows` can read them.
const TYPES: [(&str, ValueType, Option<&str>); 25] = [
    ("BOOLEAN", ValueType::Bool, None),
    ("TINYINT", ValueType::Int2, None),
    ("UTINYINT", ValueType::Int2, None),
    ("SMALLINT", ValueType::Int2, None),
    ("USMALLINT", ValueType::Int4, None),
    ("INTEGER", ValueType::Int4, None),
    ("UINTEGER", ValueType::Int8, None),
    ("BIGINT", ValueType::Int8, None),
    ("UBIGINT", WIDE, None),
    ("HUGEINT", WIDE, None),
    ("UHUGEINT", WIDE, Some("DECIMAL(38,0)")),
    ("FLOAT", ValueType::Float4, None),
    ("DOUBLE", ValueType::Float8, None),
    ("VARCHAR", ValueType::Text, None),
    ("JSON", ValueType::Text, None),
    ("BLOB", ValueType::Bytes, None),
    ("DATE", ValueType::Date, None),
    ("TIME", ValueType::Time, None),
    ("TIMESTAMP", ValueType::Timestamp, None),
    ("TIMESTAMP_S", ValueType::Timestamp, Some("TIMESTAMP")),
    ("TIMESTAMP_MS", ValueType::Timestamp, Some("TIMESTAMP")),
    ("TIMESTAMP_NS", ValueType::Timestamp, Some("TIMESTAMP")),
    ("TIMESTAMP WITH TIME ZONE", ValueType::TimestampTz, None),
    // Arrow has no time with an offset: it comes as text and is read by `rows`.
    ("TIME WITH TIME ZONE", ValueType::TimeTz, Some("VARCHAR")),
    ("INTERVAL", ValueType::Interval, None),
];

/// The types of a result that `rows` reads as they are.
const DIRECT: [(LogicalTypeId, ValueType); 18] = [
    (LogicalTypeId::Boolean, ValueType::Bool),
    (LogicalTypeId::Tinyint, ValueType::Int2),
    (LogicalTypeId::UTinyint, ValueType::Int2),
    (LogicalTypeId::Smallint, ValueType::Int2),
    (LogicalTypeId::USmallint, ValueType::Int4),
    (LogicalTypeId::Integer, ValueType::Int4),
    (LogicalTypeId::UInteger, ValueType::Int8),
    (LogicalTypeId::Bigint, ValueType::Int8),
    (LogicalTypeId::UBigint, WIDE),
    (LogicalTypeId::Hugeint, WIDE),
    (LogicalTypeId::Float, ValueType::Float4),
    (LogicalTypeId::Double, ValueType::Float8),
    (LogicalTypeId::Varchar, ValueType::Text),
    (LogicalTypeId::Blob, ValueType::Bytes),
    (LogicalTypeId::Date, ValueType::Date),
    (LogicalTypeId::Time, ValueType::Time),
    (LogicalTypeId::Timestamp, ValueType::Timestamp),
    (LogicalTypeId::TimestampTZ, ValueType::TimestampTz),
];

/// A column of a query, and what its values must be cast to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) column: Column,
    pub(crate) cast: Option<&'static str>,
}

/// Columns of a query, without running it.
pub(crate) fn describe(connection: &Connection, text: &str) -> Result<Vec<Described>, EngineError> {
    let mut statement = connection.prepare(&format!("DESCRIBE {text}")).map_err(fault::translate)?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .map_err(fault::translate)?;
    rows.map(|row| row.map(|(name, type_name)| described(name, &type_name)).map_err(fault::translate)).collect()
}

fn described(name: String, type_name: &str) -> Described {
    let (value_type, cast) = by_name(type_name);
    Described { column: Column { name, value_type }, cast }
}

/// What has no type of ours (lists, structs, enumerations, identifiers …) is shown as DuckDB's own text of it.
fn by_name(type_name: &str) -> (ValueType, Option<&'static str>) {
    if let Some(decimal) = decimal(type_name) {
        return (decimal, None);
    }
    TYPES
        .iter()
        .find(|(name, _, _)| *name == type_name)
        .map_or((ValueType::Text, Some("VARCHAR")), |(_, value_type, cast)| (*value_type, *cast))
}

/// `DECIMAL(18,3)`
fn decimal(type_name: &str) -> Option<ValueType> {
    let (precision, scale) = type_name.strip_prefix("DECIMAL(")?.strip_suffix(')')?.split_once(',')?;
    Some(ValueType::Numeric { precision: precision.trim().parse().ok()?, scale: scale.trim().parse().ok()? })
}

/// Columns of a query that has begun; `None` where a value needs a cast.
pub(crate) fn of_result(statement: &Statement<'_>) -> Option<Vec<Column>> {
    let schema = statement.schema();
    schema
        .fields()
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let logical = statement.column_logical_type(index);
            let id = logical.id();
            let value_type = if id == LogicalTypeId::Decimal {
                ValueType::Numeric { precision: logical.decimal_width(), scale: logical.decimal_scale() }
            } else if id == LogicalTypeId::Interval {
                ValueType::Interval
            } else {
                DIRECT.iter().find(|(direct, _)| *direct == id).map(|(_, value_type)| *value_type)?
            };
            Some(Column { name: field.name().clone(), value_type })
        })
        .collect()
}

#[cfg(test)]
mod tests;
