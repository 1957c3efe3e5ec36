//! Tables and columns (sql.md 5.3). Everybody sees all of them, as in Redshift (4.5).

use sql::{DataType, Literal};

use super::{Cells, Viewer, number, optional, text};
use crate::catalog::{Catalog, PG_CATALOG_SCHEMA};
use crate::model::{Column, Schema};

pub(super) fn svv_tables(catalog: &Catalog, _viewer: &Viewer) -> Vec<Cells> {
    let row = |schema: &str, name: &str, kind: &str| {
        vec![text(&catalog.database().name), text(schema), text(name), text(kind), Literal::Null]
    };
    let mut rows = Vec::new();
    for schema in catalog.schemas() {
        if schema.id == PG_CATALOG_SCHEMA {
            rows.extend(super::all().iter().map(|view| row(&schema.name, view.name, "VIEW")));
        }
        rows.extend(catalog.relations_in(schema.id).map(|relation| row(&schema.name, &relation.name, "BASE TABLE")));
    }
    rows
}

pub(super) fn svv_columns(catalog: &Catalog, _viewer: &Viewer) -> Vec<Cells> {
    let mut rows = Vec::new();
    for schema in catalog.schemas() {
        if schema.id == PG_CATALOG_SCHEMA {
            for view in super::all() {
                for (position, (name, data_type)) in (1..).zip(view.columns) {
                    let column = Column {
                        name: (*name).to_owned(),
                        data_type: *data_type,
                        not_null: false,
                        default: None,
                        identity: None,
                        encode: None,
                    };
                    rows.push(column_row(catalog, schema, view.name, position, &column));
                }
            }
        }
        for relation in catalog.relations_in(schema.id) {
            for (position, column) in (1..).zip(&relation.columns) {
                rows.push(column_row(catalog, schema, &relation.name, position, column));
            }
        }
    }
    rows
}

fn column_row(catalog: &Catalog, schema: &Schema, table: &str, position: u32, column: &Column) -> Cells {
    let (name, length, precision, scale) = shape(column.data_type);
    let cell = |value: Option<u32>| value.map_or(Literal::Null, number);
    let default = match column.identity {
        Some((seed, step)) => Some(format!("\"identity\"({seed}, {step})")),
        None => column.default.clone(),
    };
    vec![
        text(&catalog.database().name),
        text(&schema.name),
        text(table),
        text(&column.name),
        number(position),
        optional(default.as_deref()),
        text(if column.not_null { "NO" } else { "YES" }),
        text(name),
        cell(length),
        cell(precision),
        cell(scale),
        Literal::Null,
    ]
}

/// Name without its modifiers, length in bytes, precision, scale.
fn shape(data_type: DataType) -> (String, Option<u32>, Option<u32>, Option<u32>) {
    let name = |text: &str| text.to_owned();
    match data_type {
        DataType::Char { length_bytes } => (name("character"), Some(length_bytes), None, None),
        DataType::Varchar { length_bytes } => (name("character varying"), Some(length_bytes), None, None),
        DataType::Numeric { precision, scale } => (name("numeric"), None, Some(precision.into()), Some(scale.into())),
        DataType::SmallInt => (data_type.to_string(), None, Some(16), Some(0)),
        DataType::Integer => (data_type.to_string(), None, Some(32), Some(0)),
        DataType::BigInt => (data_type.to_string(), None, Some(64), Some(0)),
        DataType::Real => (data_type.to_string(), None, Some(24), None),
        DataType::Double => (data_type.to_string(), None, Some(53), None),
        DataType::Boolean
        | DataType::Date
        | DataType::Time
        | DataType::TimeTz
        | DataType::Timestamp
        | DataType::TimestampTz
        | DataType::Text
        | DataType::Oid => (data_type.to_string(), None, None, None),
    }
}
