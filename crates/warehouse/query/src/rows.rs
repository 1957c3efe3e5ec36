//! The catalog's rows as the engine stores them, and its answers as result columns.

use catalog::rows::{self, RowWrite};
use catalog::system_views;
use catalog::{Catalog, CatalogError, CatalogOp, Row};
use engine::{CatalogRow, CatalogWrite, Column, Value, ValueType};
use sql::{DataType, Literal};

/// The counter of ids is not stored: every transaction would change the same row and conflict with every other. At start it is
/// behind the highest id that is in use.
const SEQUENCE_KIND: &str = "sequence";

/// What `ops` change in the stored rows; `before` and `after` are the catalogs around them.
pub(crate) fn engine_writes(
    ops: &[CatalogOp],
    (before, after): (&Catalog, &Catalog),
) -> Result<Vec<CatalogWrite>, CatalogError> {
    let writes = rows::writes(ops, before, after)?.into_iter().map(|write| match write {
        RowWrite::Put(Row { kind, key, body }) => CatalogWrite::Put(CatalogRow { kind, key, body }),
        RowWrite::Delete { kind, key } => CatalogWrite::Delete { kind, key },
    });
    Ok(writes.filter(|write| !matches!(write, CatalogWrite::Put(row) if row.kind == SEQUENCE_KIND)).collect())
}

pub(crate) fn identity_provider_columns() -> Vec<Column> {
    let columns = system_views::by_name("svv_identity_providers").map_or(&[][..], |view| view.columns);
    columns
        .iter()
        .map(|(name, data_type)| Column { name: (*name).to_owned(), value_type: value_type(*data_type) })
        .collect()
}

pub(crate) fn identity_provider(catalog: &Catalog, name: &str) -> Result<Vec<Value>, CatalogError> {
    let (_, row) = system_views::describe_identity_provider(catalog, name)?;
    Ok(row.into_iter().map(value).collect())
}

fn value(literal: Literal) -> Value {
    match literal {
        Literal::Null | Literal::NullOf(_) => Value::Null,
        Literal::Bool(value) => Value::Bool(value),
        Literal::Int(value) => i32::try_from(value).map_or(Value::Int8(value), Value::Int4),
        Literal::Number(text) | Literal::Text(text) | Literal::Typed(text, _) => Value::Text(text),
        Literal::Bytes(bytes) => Value::Bytes(bytes),
    }
}

const fn value_type(data_type: DataType) -> ValueType {
    match data_type {
        DataType::SmallInt => ValueType::Int2,
        DataType::Integer | DataType::Oid => ValueType::Int4,
        DataType::BigInt => ValueType::Int8,
        DataType::Numeric { precision, scale } => ValueType::Numeric { precision, scale },
        DataType::Real => ValueType::Float4,
        DataType::Double => ValueType::Float8,
        DataType::Boolean => ValueType::Bool,
        DataType::Char { .. } | DataType::Varchar { .. } | DataType::Text => ValueType::Text,
        DataType::Date => ValueType::Date,
        DataType::Time => ValueType::Time,
        DataType::TimeTz => ValueType::TimeTz,
        DataType::Timestamp => ValueType::Timestamp,
        DataType::TimestampTz => ValueType::TimestampTz,
    }
}

/// The Redshift type of a column that the engine computed, for CREATE TABLE AS.
pub(crate) const fn data_type(value_type: ValueType) -> DataType {
    match value_type {
        ValueType::Bool => DataType::Boolean,
        ValueType::Int2 => DataType::SmallInt,
        ValueType::Int4 => DataType::Integer,
        ValueType::Int8 => DataType::BigInt,
        ValueType::Float4 => DataType::Real,
        ValueType::Float8 => DataType::Double,
        ValueType::Numeric { precision, scale } => DataType::Numeric { precision, scale },
        ValueType::Text | ValueType::Bytes | ValueType::Interval => DataType::Varchar { length_bytes: 65_535 },
        ValueType::Date => DataType::Date,
        ValueType::Time => DataType::Time,
        ValueType::TimeTz => DataType::TimeTz,
        ValueType::Timestamp => DataType::Timestamp,
        ValueType::TimestampTz => DataType::TimestampTz,
    }
}
