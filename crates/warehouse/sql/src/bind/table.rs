//! FROM.

use super::scope::{Binder, Item, Result, Scope, Type};
use crate::ast::{Alias, Join, JoinConstraint, TableExpr, TableRef, Target};
use crate::bind::ResultColumn;
use crate::error::{SqlError, SqlState};
use crate::footprint::Privilege;

/// A column of `*`.
#[derive(Debug, Clone)]
pub(super) struct StarColumn {
    /// None where USING has made two columns one.
    pub(super) table: Option<String>,
    pub(super) name: String,
    pub(super) data_type: Type,
}

/// What a part of FROM offers.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) items: Vec<Item>,
    pub(super) star: Vec<StarColumn>,
    pub(super) merged: Vec<String>,
}

impl Tables {
    fn one(item: Item) -> Self {
        let star = item
            .columns
            .iter()
            .map(|column| StarColumn {
                table: Some(item.alias.clone()),
                name: column.name.clone(),
                data_type: column.data_type,
            })
            .collect();
        Self { items: vec![item], star, merged: Vec::new() }
    }

    /// Puts `other` beside it. A name may stand for one table only.
    pub(super) fn join(&mut self, other: Self) -> Result<()> {
        for item in &other.items {
            self.refuse_twice(&item.alias)?;
        }
        self.items.extend(other.items);
        self.star.extend(other.star);
        self.merged.extend(other.merged);
        Ok(())
    }

    pub(super) fn refuse_twice(&self, alias: &str) -> Result<()> {
        if self.items.iter().any(|item| item.alias == alias) {
            return Err(SqlError::new(
                SqlState::DuplicateAlias,
                format!("table name \"{alias}\" specified more than once"),
            ));
        }
        Ok(())
    }

    pub(super) fn scope(&self) -> Scope {
        Scope { items: self.items.clone(), merged: self.merged.clone(), labels: Vec::new() }
    }
}

impl Binder<'_> {
    pub(super) fn from(&mut self, from: &mut [TableExpr]) -> Result<Tables> {
        let mut tables = Tables::default();
        for table in from {
            let next = self.table(table)?;
            tables.join(next)?;
        }
        Ok(tables)
    }

    #[recursive::recursive]
    fn table(&mut self, table: &mut TableExpr) -> Result<Tables> {
        match table {
            TableExpr::Table(table) => Ok(Tables::one(self.table_ref(table)?)),
            TableExpr::Derived { query, alias } => {
                let columns = self.query(query)?;
                let number = self.number();
                let alias =
                    alias.get_or_insert_with(|| Alias { name: format!("derived {number}"), columns: Vec::new() });
                let columns = renamed(columns, alias)?;
                Ok(Tables::one(Item { alias: alias.name.clone(), schema: None, columns, changed: false }))
            }
            TableExpr::Join(join) => self.join(join),
        }
    }

    fn table_ref(&mut self, table: &mut TableRef) -> Result<Item> {
        let found = self.find(&table.name)?;
        match found.target {
            Target::Relation(relation) => self.footprint.add(relation, Privilege::Select),
            Target::Cte(_) | Target::Unresolved => {}
        }
        table.target = found.target;
        let schema = if table.alias.is_none() { found.schema } else { None };
        let alias = table.alias.get_or_insert_with(|| Alias { name: table.name.name.clone(), columns: Vec::new() });
        table.renamed =
            found.columns.iter().zip(&alias.columns).map(|(own, given)| (own.name.clone(), given.clone())).collect();
        let columns = renamed(found.columns, alias)?;
        Ok(Item { alias: alias.name.clone(), schema, columns, changed: false })
    }

    fn join(&mut self, join: &mut Join) -> Result<Tables> {
        let mut left = self.table(&mut join.left)?;
        let right = self.table(&mut join.right)?;
        if let JoinConstraint::Natural = join.constraint {
            let common = left
                .star
                .iter()
                .filter(|column| right.star.iter().any(|other| other.name == column.name))
                .map(|column| column.name.clone())
                .collect();
            join.constraint = JoinConstraint::Using(common);
        }
        let using = match &join.constraint {
            JoinConstraint::Using(columns) => columns.clone(),
            JoinConstraint::On(_) | JoinConstraint::Natural | JoinConstraint::None => Vec::new(),
        };
        for column in &using {
            once(&left, column, "left")?;
            once(&right, column, "right")?;
        }
        left.join(right)?;
        if !using.is_empty() {
            left.star = merge(left.star, &using);
            left.merged.extend(using);
        }
        if let JoinConstraint::On(condition) = &mut join.constraint {
            self.within(left.scope(), |binder| binder.expr(condition))?;
        }
        Ok(left)
    }
}

/// A column of USING must be there, once, on each side.
fn once(tables: &Tables, column: &str, side: &str) -> Result<()> {
    let mut found = tables.star.iter().filter(|star| star.name == column);
    match (found.next(), found.next()) {
        (Some(_), None) => Ok(()),
        (Some(_), Some(_)) => Err(SqlError::new(
            SqlState::AmbiguousColumn,
            format!("common column name \"{column}\" appears more than once in {side} table"),
        )),
        (None, _) => Err(SqlError::new(
            SqlState::UndefinedColumn,
            format!("column \"{column}\" specified in USING clause does not exist in {side} table"),
        )),
    }
}

/// `*` over a join with USING: the common columns once and first.
fn merge(star: Vec<StarColumn>, using: &[String]) -> Vec<StarColumn> {
    let mut merged: Vec<StarColumn> = Vec::with_capacity(star.len());
    for name in using {
        let data_type = star.iter().find(|column| column.name == *name).and_then(|column| column.data_type);
        merged.push(StarColumn { table: None, name: name.clone(), data_type });
    }
    merged.extend(star.into_iter().filter(|column| !using.contains(&column.name)));
    merged
}

/// Gives the first columns the names of an alias's column list.
pub(super) fn renamed(mut columns: Vec<ResultColumn>, alias: &Alias) -> Result<Vec<ResultColumn>> {
    rename(&mut columns, &alias.columns, &alias.name)?;
    Ok(columns)
}

pub(super) fn rename(columns: &mut [ResultColumn], names: &[String], table: &str) -> Result<()> {
    if names.len() > columns.len() {
        return Err(SqlError::new(
            SqlState::UndefinedColumn,
            format!("table \"{table}\" has {} columns available but {} columns specified", columns.len(), names.len()),
        ));
    }
    for (column, name) in columns.iter_mut().zip(names) {
        column.name.clone_from(name);
    }
    Ok(())
}
