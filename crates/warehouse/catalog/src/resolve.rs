//! The names in a definition become ids, with the same rules that `sql::bind` has for queries.

use base::id::RelationId;
use sql::SearchPath;
use sql::statement::ObjectName;

use crate::catalog::{Catalog, PG_CATALOG_SCHEMA};
use crate::error::{CatalogError, CatalogState};
use crate::model::{DbRole, Relation, Schema};
use crate::system_views;

/// A relation that a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    Table(RelationId),
    SystemView(RelationId),
}

impl Resolved {
    #[must_use]
    pub const fn id(self) -> RelationId {
        match self {
            Self::Table(id) | Self::SystemView(id) => id,
        }
    }
}

/// # Errors
/// 3F000
pub fn schema<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c Schema, CatalogError> {
    catalog
        .schema_by_name(name)
        .ok_or_else(|| CatalogError::new(CatalogState::UndefinedSchema, format!("schema \"{name}\" does not exist")))
}

/// The relation that `name` stands for.
///
/// # Errors
/// 42P01, 3F000; 0A000 for another database.
pub fn relation(catalog: &Catalog, name: &ObjectName, path: &SearchPath) -> Result<Resolved, CatalogError> {
    check_database(catalog, name)?;
    if let Some(qualifier) = &name.schema {
        let schema = schema(catalog, qualifier)?;
        return in_schema(catalog, schema, &name.name).ok_or_else(|| {
            CatalogError::new(
                CatalogState::UndefinedTable,
                format!("relation \"{qualifier}.{}\" does not exist", name.name),
            )
        });
    }
    path.0
        .iter()
        .filter_map(|schema| catalog.schema_by_name(schema))
        .find_map(|schema| in_schema(catalog, schema, &name.name))
        .ok_or_else(|| {
            CatalogError::new(CatalogState::UndefinedTable, format!("relation \"{}\" does not exist", name.name))
        })
}

/// A table; a system view isn't one.
///
/// # Errors
/// As [`relation`]; 42P16 for a system view.
pub fn table<'c>(catalog: &'c Catalog, name: &ObjectName, path: &SearchPath) -> Result<&'c Relation, CatalogError> {
    match relation(catalog, name, path)? {
        Resolved::Table(id) => catalog.relation(id).ok_or_else(|| CatalogError::integrity("a name leads to no table")),
        Resolved::SystemView(_) => Err(CatalogError::new(
            CatalogState::InvalidDefinition,
            format!("\"{}\" is a system view, not a table", name.name),
        )),
    }
}

/// Where a new table goes: the schema that its name says, else the first of the search path that exists.
///
/// # Errors
/// 3F000; 0A000 for another database; 42939 for `pg_catalog`.
pub fn creation_schema<'c>(
    catalog: &'c Catalog,
    name: &ObjectName,
    path: &SearchPath,
) -> Result<&'c Schema, CatalogError> {
    check_database(catalog, name)?;
    match &name.schema {
        Some(qualifier) => {
            let schema = schema(catalog, qualifier)?;
            if schema.id == PG_CATALOG_SCHEMA {
                return Err(CatalogError::new(
                    CatalogState::ReservedName,
                    format!("no table can be made in schema \"{}\"", schema.name),
                ));
            }
            Ok(schema)
        }
        None => path
            .0
            .iter()
            .filter_map(|name| catalog.schema_by_name(name))
            .find(|schema| schema.id != PG_CATALOG_SCHEMA)
            .ok_or_else(|| {
                CatalogError::new(CatalogState::UndefinedSchema, "no schema has been selected to create in")
            }),
    }
}

/// The role that a statement names.
///
/// # Errors
/// 42704; where the prefix is no registered namespace, that is what it says (sql.md 7.1 E1).
pub fn role<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c DbRole, CatalogError> {
    match catalog.role_by_sql_name(name) {
        Some(role) => Ok(role),
        None => {
            crate::plan::user::principal_name(catalog, name)?;
            Err(CatalogError::undefined("role", name))
        }
    }
}

fn in_schema(catalog: &Catalog, schema: &Schema, name: &str) -> Option<Resolved> {
    if schema.id == PG_CATALOG_SCHEMA {
        system_views::by_name(name).map(|view| Resolved::SystemView(view.id))
    } else {
        catalog.relation_by_name(schema.id, name).map(|relation| Resolved::Table(relation.id))
    }
}

fn check_database(catalog: &Catalog, name: &ObjectName) -> Result<(), CatalogError> {
    match &name.database {
        Some(database) if *database != catalog.database().name => {
            Err(CatalogError::unsupported(format!("a name in another database (\"{database}\")")))
        }
        Some(_) | None => Ok(()),
    }
}
