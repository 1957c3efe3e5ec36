//! Definitions for the engine: schemas and tables. Every name is quoted; a schema has the same name in the engine.

use crate::error::SqlError;
use crate::render::literal::type_name;
use crate::render::{EngineText, SessionValues};
use crate::statement::{AlterTableAction, ColumnDefinition, CreateTable};
use crate::types::DataType;

#[cfg(test)]
mod tests;

/// `CREATE SCHEMA "s"`
#[must_use]
pub fn create_schema(name: &str) -> String {
    format!("CREATE SCHEMA {}", quoted(name))
}

/// `DROP SCHEMA "s" [CASCADE]`
#[must_use]
pub fn drop_schema(name: &str, cascade: bool) -> String {
    let cascade = if cascade { " CASCADE" } else { "" };
    format!("DROP SCHEMA {}{cascade}", quoted(name))
}

/// `CREATE TABLE "s"."t" (…)` with NOT NULL, defaults, and the byte lengths of CHAR and VARCHAR as CHECKs. Keys and storage
/// hints stay in the catalog. The engine reports a CHECK by its expression, `strlen(c) <= 20`: it keeps no names of them.
///
/// # Errors
///
/// 0A000 for what the engine wouldn't carry out: temporary tables, IDENTITY, a default that isn't constant.
pub fn create_table(schema: &str, table: &CreateTable, session: &SessionValues) -> Result<String, SqlError> {
    refuse_temporary(table.temporary)?;
    let mut elements = Vec::with_capacity(table.columns.len() * 2);
    for column in &table.columns {
        elements.push(column_definition(column, session)?);
    }
    elements.extend(table.columns.iter().filter_map(length_check));
    Ok(format!("CREATE TABLE {} ({})", relation(schema, &table.name.name), elements.join(", ")))
}

/// `CREATE TABLE "s"."t" ("c1", …) AS query`; without `columns` the query names them. The tables that the engine must find
/// in the text are the query's.
///
/// # Errors
///
/// 0A000 for a temporary table.
pub fn create_table_as(
    schema: &str,
    name: &str,
    temporary: bool,
    columns: &[String],
    query: &EngineText,
) -> Result<EngineText, SqlError> {
    refuse_temporary(temporary)?;
    let names: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let text = format!("CREATE TABLE {}{names} AS {}", relation(schema, name), query.text());
    Ok(EngineText::new(text, query.tables().iter().cloned()))
}

/// `DROP TABLE "s"."t"`. What depends on a table is known to the catalog, so there is no CASCADE here.
#[must_use]
pub fn drop_table(schema: &str, name: &str) -> String {
    format!("DROP TABLE {}", relation(schema, name))
}

/// `TRUNCATE "s"."t"`
#[must_use]
pub fn truncate(schema: &str, name: &str) -> String {
    format!("TRUNCATE {}", relation(schema, name))
}

/// The engine's statements for one action, to be run in order and in one transaction; none for what only the catalog knows
/// (the owner).
///
/// # Errors
///
/// 0A000 for what the engine can't carry out on an existing table: a new CHAR or VARCHAR column, whose length it couldn't
/// enforce, and IDENTITY.
pub fn alter_table(
    schema: &str,
    name: &str,
    action: &AlterTableAction,
    session: &SessionValues,
) -> Result<Vec<String>, SqlError> {
    let table = relation(schema, name);
    match action {
        AlterTableAction::OwnerTo(_) => Ok(Vec::new()),
        AlterTableAction::RenameTo(to) => Ok(vec![format!("ALTER TABLE {table} RENAME TO {}", quoted(to))]),
        AlterTableAction::RenameColumn { from, to } => {
            Ok(vec![format!("ALTER TABLE {table} RENAME COLUMN {} TO {}", quoted(from), quoted(to))])
        }
        AlterTableAction::AddColumn(column) => add_column(&table, column, session),
        // What depends on a column is known to the catalog.
        AlterTableAction::DropColumn { column, cascade: _ } => {
            Ok(vec![format!("ALTER TABLE {table} DROP COLUMN {}", quoted(column))])
        }
    }
}

fn add_column(table: &str, column: &ColumnDefinition, session: &SessionValues) -> Result<Vec<String>, SqlError> {
    if length_check(column).is_some() {
        return Err(SqlError::unsupported(format!("ALTER TABLE ADD COLUMN of type {}", column.data_type))
            .detail("The engine can't add a length limit to an existing table.")
            .hint("Create a new table with the column and copy the rows with INSERT INTO … SELECT."));
    }
    // The engine takes NOT NULL only as a second step.
    let nullable = ColumnDefinition { not_null: false, ..column.clone() };
    let mut steps = vec![format!("ALTER TABLE {table} ADD COLUMN {}", column_definition(&nullable, session)?)];
    if column.not_null {
        steps.push(format!("ALTER TABLE {table} ALTER COLUMN {} SET NOT NULL", quoted(&column.name)));
    }
    Ok(steps)
}

fn column_definition(column: &ColumnDefinition, session: &SessionValues) -> Result<String, SqlError> {
    if column.identity.is_some() {
        return Err(SqlError::unsupported("IDENTITY").hint("Give the values in INSERT."));
    }
    let mut text = format!("{} {}", quoted(&column.name), type_name(column.data_type));
    if column.not_null {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT ({})", super::expression(default, session)?));
    }
    Ok(text)
}

/// Redshift's lengths are bytes; `strlen` counts bytes.
fn length_check(column: &ColumnDefinition) -> Option<String> {
    let name = quoted(&column.name);
    match column.data_type {
        DataType::Char { length_bytes } | DataType::Varchar { length_bytes } => {
            let constraint = quoted(&format!("length of {}", column.name));
            Some(format!("CONSTRAINT {constraint} CHECK (strlen({name}) <= {length_bytes})"))
        }
        DataType::SmallInt
        | DataType::Integer
        | DataType::BigInt
        | DataType::Numeric { precision: _, scale: _ }
        | DataType::Real
        | DataType::Double
        | DataType::Boolean
        | DataType::Date
        | DataType::Time
        | DataType::TimeTz
        | DataType::Timestamp
        | DataType::TimestampTz
        | DataType::Text
        | DataType::Oid => None,
    }
}

fn refuse_temporary(temporary: bool) -> Result<(), SqlError> {
    if temporary {
        return Err(SqlError::new(crate::error::SqlState::FeatureNotSupported, "temporary tables are not supported")
            .hint("Create a table in a schema of your own and drop it afterwards."));
    }
    Ok(())
}

fn relation(schema: &str, name: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(name))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
