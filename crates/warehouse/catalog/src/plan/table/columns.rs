//! The columns, keys and constraints of a definition.

use sql::DataType;
use sql::statement::{ColumnDefinition, CreateTable, TableConstraint};

use crate::error::{CatalogError, CatalogState};
use crate::model::{Column, Constraint, Relation};
use crate::plan::Planner;
use crate::resolve;

const MAX_COLUMNS: usize = 1600;

pub(super) fn plain(name: &str, data_type: DataType) -> Column {
    Column { name: name.to_owned(), data_type, not_null: false, default: None, identity: None, encode: None }
}

/// Of what a column says about keys, `sql::parse` has already made the table's storage; `constraints` sees to the rest.
pub(super) fn column(definition: &ColumnDefinition) -> Result<Column, CatalogError> {
    let ColumnDefinition {
        name,
        data_type,
        not_null,
        default,
        identity,
        encode,
        distkey: _,
        sortkey: _,
        primary_key: _,
        unique: _,
    } = definition;
    if identity.is_some() && !matches!(data_type, DataType::Integer | DataType::BigInt) {
        return Err(CatalogError::new(
            CatalogState::InvalidDefinition,
            format!("identity column \"{name}\" must have type INTEGER or BIGINT"),
        ));
    }
    Ok(Column {
        name: name.clone(),
        data_type: *data_type,
        not_null: *not_null,
        default: default.as_ref().map(super::default_text::of).transpose()?,
        identity: *identity,
        encode: encode.clone(),
    })
}

/// What a table must be before it is stored.
pub(super) fn check(relation: &Relation) -> Result<(), CatalogError> {
    if relation.columns.is_empty() {
        return Err(CatalogError::new(CatalogState::InvalidDefinition, "a table must have at least one column"));
    }
    if relation.columns.len() > MAX_COLUMNS {
        return Err(CatalogError::new(
            CatalogState::TooManyColumns,
            format!("tables can have at most {MAX_COLUMNS} columns"),
        ));
    }
    // Before the keys, which would name a duplicate's column as if it were one.
    for (position, column) in relation.columns.iter().enumerate() {
        if relation.columns.iter().take(position).any(|other| other.name == column.name) {
            return Err(CatalogError::new(
                CatalogState::DuplicateColumn,
                format!("column \"{}\" specified more than once", column.name),
            ));
        }
    }
    keys_exist(relation, relation.storage.distkey.iter().chain(&relation.storage.sortkey))
}

fn keys_exist<'c>(relation: &Relation, mut columns: impl Iterator<Item = &'c String>) -> Result<(), CatalogError> {
    match columns.find(|name| relation.columns.iter().all(|column| column.name != **name)) {
        None => Ok(()),
        Some(missing) => Err(CatalogError::new(
            CatalogState::UndefinedColumn,
            format!("column \"{missing}\" named in key does not exist"),
        )),
    }
}

/// `sql::parse` has checked that keys name columns of the table, and that there is one primary key.
pub(super) fn constraints(
    p: &Planner<'_>,
    table: &CreateTable,
    relation: &Relation,
) -> Result<Vec<Constraint>, CatalogError> {
    let mut out = Vec::new();
    let inline = |wanted: fn(&ColumnDefinition) -> bool| {
        table.columns.iter().filter(move |column| wanted(column)).map(|column| vec![column.name.clone()])
    };
    out.extend(inline(|column| column.primary_key).map(|columns| Constraint::PrimaryKey { columns }));
    out.extend(inline(|column| column.unique).map(|columns| Constraint::Unique { columns }));
    for constraint in &table.constraints {
        out.push(match constraint {
            TableConstraint::PrimaryKey { columns } => Constraint::PrimaryKey { columns: columns.clone() },
            TableConstraint::Unique { columns } => Constraint::Unique { columns: columns.clone() },
            TableConstraint::ForeignKey { columns, references, referred_columns } => {
                let target = if *references == table.name {
                    Relation { constraints: out.clone(), ..relation.clone() }
                } else {
                    resolve::table(&p.catalog, references, p.context.search_path)?.clone()
                };
                foreign_key(&target, columns, referred_columns)?
            }
        });
    }
    Ok(out)
}

/// Without a list of columns, a foreign key refers to the primary key.
fn foreign_key(target: &Relation, columns: &[String], referred: &[String]) -> Result<Constraint, CatalogError> {
    let referred_columns = if referred.is_empty() {
        primary_key(target).ok_or_else(|| {
            CatalogError::new(
                CatalogState::UndefinedObject,
                format!("there is no primary key for referenced table \"{}\"", target.name),
            )
        })?
    } else {
        referred.to_vec()
    };
    if referred_columns.len() != columns.len() {
        return Err(CatalogError::new(
            CatalogState::InvalidDefinition,
            "number of referencing and referenced columns for foreign key disagree",
        ));
    }
    if let Some(missing) =
        referred_columns.iter().find(|name| target.columns.iter().all(|column| column.name != **name))
    {
        return Err(CatalogError::new(
            CatalogState::UndefinedColumn,
            format!("column \"{missing}\" referenced in foreign key constraint does not exist"),
        ));
    }
    Ok(Constraint::ForeignKey { columns: columns.to_vec(), references: target.id, referred_columns })
}

fn primary_key(target: &Relation) -> Option<Vec<String>> {
    target.constraints.iter().find_map(|constraint| match constraint {
        Constraint::PrimaryKey { columns } => Some(columns.clone()),
        Constraint::Unique { columns: _ } | Constraint::ForeignKey { .. } => None,
    })
}
