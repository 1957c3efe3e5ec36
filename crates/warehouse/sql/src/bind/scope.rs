//! What can be named at a place of a statement: CTEs, tables with their columns, labels of the select list.

use crate::ast::{ColumnName, Target};
use crate::bind::{NamedRelation, Names, ResultColumn, SearchPath};
use crate::error::{SqlError, SqlState};
use crate::footprint::Footprint;
use crate::statement::ObjectName;
use crate::types::DataType;

pub(super) type Result<T> = std::result::Result<T, SqlError>;

/// A type, where it is known.
pub(super) type Type = Option<DataType>;

/// A table as FROM names it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) alias: String,
    /// For a table without an alias: `schema.table.column` may name it.
    pub(super) schema: Option<String>,
    pub(super) columns: Vec<ResultColumn>,
    /// The table that UPDATE or DELETE changes.
    pub(super) changed: bool,
}

impl Item {
    fn find(&self, name: &str) -> Option<&ResultColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The names of one SELECT (or UPDATE, DELETE, JOIN … ON).
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) items: Vec<Item>,
    /// Columns that USING has made one.
    pub(super) merged: Vec<String>,
    /// Of the select list so far.
    pub(super) labels: Vec<ResultColumn>,
}

/// A CTE in sight. Without columns: one that isn't known yet (the first part of a recursive one).
#[derive(Debug)]
pub(super) struct CteInSight {
    pub(super) name: String,
    pub(super) number: usize,
    pub(super) columns: Option<Vec<ResultColumn>>,
}

/// What a table's name stands for.
pub(super) struct Found {
    pub(super) target: Target,
    pub(super) columns: Vec<ResultColumn>,
    /// Of a relation.
    pub(super) schema: Option<String>,
}

pub(super) struct Binder<'a> {
    database: &'a str,
    path: &'a SearchPath,
    names: &'a dyn Names,
    pub(super) footprint: Footprint,
    /// The innermost last.
    pub(super) scopes: Vec<Scope>,
    /// The nearest last.
    pub(super) ctes: Vec<CteInSight>,
    numbers: usize,
    /// Whether a column of the changed table is read.
    pub(super) changed_is_read: bool,
}

impl<'a> Binder<'a> {
    pub(super) fn new(database: &'a str, path: &'a SearchPath, names: &'a dyn Names) -> Self {
        Self {
            database,
            path,
            names,
            footprint: Footprint::default(),
            scopes: Vec::new(),
            ctes: Vec::new(),
            numbers: 0,
            changed_is_read: false,
        }
    }

    /// Unique in the statement.
    pub(super) fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    /// Runs `work` where these tables are in sight.
    pub(super) fn within<T>(&mut self, scope: Scope, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.scopes.push(scope);
        let result = work(self);
        self.scopes.pop();
        result
    }

    /// A table in FROM: a CTE, or a relation.
    pub(super) fn find(&self, name: &ObjectName) -> Result<Found> {
        if name.schema.is_none()
            && let Some(cte) = self.ctes.iter().rev().find(|cte| cte.name == name.name)
        {
            let Some(columns) = &cte.columns else {
                return Err(SqlError::new(
                    SqlState::SyntaxError,
                    format!(
                        "recursive reference to query \"{}\" must not appear within its non-recursive term",
                        cte.name
                    ),
                ));
            };
            return Ok(Found { target: Target::Cte(cte.number), columns: columns.clone(), schema: None });
        }
        let relation = self.relation(name)?;
        let columns = columns_of(&relation);
        Ok(Found { target: Target::Relation(relation.id), columns, schema: Some(relation.schema) })
    }

    pub(super) fn relation(&self, name: &ObjectName) -> Result<NamedRelation> {
        if let Some(database) = &name.database
            && database != self.database
        {
            return Err(SqlError::new(
                SqlState::FeatureNotSupported,
                format!("cross-database references are not supported: \"{database}\""),
            )
            .hint(format!("This session is connected to \"{}\".", self.database)));
        }
        let Some(schema) = &name.schema else {
            return self
                .path
                .0
                .iter()
                .find_map(|schema| self.names.relation(schema, &name.name))
                .ok_or_else(|| undefined_relation(&name.name));
        };
        match self.names.relation(schema, &name.name) {
            Some(relation) => Ok(relation),
            None if self.names.has_schema(schema) => Err(undefined_relation(&format!("{schema}.{}", name.name))),
            None => Err(SqlError::new(SqlState::UndefinedSchema, format!("schema \"{schema}\" does not exist"))),
        }
    }

    /// Finds a column, and names it by its table's alias alone, so that the engine finds the same one.
    pub(super) fn column(&mut self, column: &mut ColumnName) -> Result<Type> {
        match column.qualifier.as_slice() {
            [] => self.unqualified(column),
            [table] => {
                let table = table.clone();
                self.qualified(None, &table, column)
            }
            [schema, table] => {
                let (schema, table) = (schema.clone(), table.clone());
                self.qualified(Some(&schema), &table, column)
            }
            [database, schema, table] if database == self.database => {
                let (schema, table) = (schema.clone(), table.clone());
                self.qualified(Some(&schema), &table, column)
            }
            _ => Err(SqlError::new(SqlState::FeatureNotSupported, "cross-database references are not supported")),
        }
    }

    fn unqualified(&mut self, column: &mut ColumnName) -> Result<Type> {
        for scope in self.scopes.iter().rev() {
            let mut found = scope.items.iter().filter_map(|item| item.find(&column.name).map(|found| (item, found)));
            if let Some((item, first)) = found.next() {
                let reads_changed = item.changed || found.clone().any(|(item, _)| item.changed);
                let data_type = first.data_type;
                let several = found.next().is_some();
                let merged = scope.merged.contains(&column.name);
                if several && !merged {
                    return Err(SqlError::new(
                        SqlState::AmbiguousColumn,
                        format!("column reference \"{}\" is ambiguous", column.name),
                    ));
                }
                if !merged {
                    column.qualifier = vec![item.alias.clone()];
                }
                self.changed_is_read |= reads_changed;
                return Ok(data_type);
            }
            if let Some(data_type) = scope.labels.iter().find(|l| l.name == column.name).map(|label| label.data_type) {
                // in some places (GROUP BY) the engine takes the outer column instead of the label
                self.changed_is_read |= self
                    .scopes
                    .iter()
                    .flat_map(|scope| &scope.items)
                    .any(|i| i.changed && i.find(&column.name).is_some());
                return Ok(data_type);
            }
            if scope.items.iter().any(|item| item.alias == column.name) {
                return Err(SqlError::unsupported(format!("the whole row \"{}\" as a value", column.name))
                    .hint("Name its columns."));
            }
        }
        Err(SqlError::new(SqlState::UndefinedColumn, format!("column \"{}\" does not exist", column.name)))
    }

    fn qualified(&mut self, schema: Option<&str>, table: &str, column: &mut ColumnName) -> Result<Type> {
        let item = self.item(schema, table)?;
        let (changed, alias) = (item.changed, item.alias.clone());
        let Some(found) = item.find(&column.name) else {
            return Err(SqlError::new(
                SqlState::UndefinedColumn,
                format!("column {table}.{} does not exist", column.name),
            ));
        };
        let data_type = found.data_type;
        self.changed_is_read |= changed;
        column.qualifier = vec![alias];
        Ok(data_type)
    }

    /// A table of FROM by what the statement calls it.
    pub(super) fn item(&self, schema: Option<&str>, table: &str) -> Result<&Item> {
        self.scopes
            .iter()
            .rev()
            .flat_map(|scope| &scope.items)
            .find(|item| item.alias == table && (schema.is_none() || item.schema.as_deref() == schema))
            .ok_or_else(|| {
                SqlError::new(SqlState::UndefinedTable, format!("missing FROM-clause entry for table \"{table}\""))
            })
    }
}

pub(super) fn columns_of(relation: &NamedRelation) -> Vec<ResultColumn> {
    relation
        .columns
        .iter()
        .map(|column| ResultColumn { name: column.name.clone(), data_type: Some(column.data_type) })
        .collect()
}

fn undefined_relation(name: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedTable, format!("relation \"{name}\" does not exist"))
}
