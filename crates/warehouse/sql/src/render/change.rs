//! INSERT, UPDATE, DELETE. The changed table is written as it is; what is read beside it is caged.

use crate::ast::{Delete, Insert, InsertSource, SetTo, Update};
use crate::bind::ChangedTable;
use crate::error::SqlError;
use crate::render::{Renderer, limited, quoted, quoted_list};

type Result<T> = std::result::Result<T, SqlError>;

impl Renderer<'_> {
    /// `"schema"."table"`
    pub(super) fn changed(&mut self, table: &ChangedTable) -> Result<String> {
        self.tables.insert((table.schema.clone(), table.name.clone()));
        Ok(format!("{}.{}", quoted(&table.schema)?, quoted(&table.name)?))
    }

    pub(super) fn insert(&mut self, table: &ChangedTable, insert: &Insert) -> Result<String> {
        let target = self.changed(table)?;
        let source = match &insert.source {
            InsertSource::DefaultValues => return Ok(format!("INSERT INTO {target} DEFAULT VALUES")),
            InsertSource::Query(query) => self.query(query)?,
            InsertSource::Values(rows) => {
                let mut texts = Vec::with_capacity(rows.len());
                for row in rows {
                    let mut values = Vec::with_capacity(row.len());
                    for value in row {
                        values.push(self.set_to(value)?);
                    }
                    texts.push(format!("({})", values.join(", ")));
                }
                format!("VALUES {}", texts.join(", "))
            }
        };
        limited(format!("INSERT INTO {target} ({}) {source}", quoted_list(&insert.columns)?))
    }

    pub(super) fn update(&mut self, table: &ChangedTable, update: &Update) -> Result<String> {
        let mut text = match &update.with {
            Some(with) => self.with(with)?,
            None => String::new(),
        };
        text.push_str(&format!("UPDATE {} AS {} SET ", self.changed(table)?, quoted(&table.alias)?));
        let mut set = Vec::with_capacity(update.set.len());
        for (column, value) in &update.set {
            set.push(format!("{} = {}", quoted(column)?, self.set_to(value)?));
        }
        text.push_str(&set.join(", "));
        if !update.from.is_empty() {
            text.push_str(&format!(" FROM {}", self.tables(&update.from)?));
        }
        if let Some(filter) = &update.filter {
            text.push_str(&format!(" WHERE {}", self.expr(filter)?));
        }
        limited(text)
    }

    pub(super) fn delete(&mut self, table: &ChangedTable, delete: &Delete) -> Result<String> {
        let mut text = match &delete.with {
            Some(with) => self.with(with)?,
            None => String::new(),
        };
        text.push_str(&format!("DELETE FROM {} AS {}", self.changed(table)?, quoted(&table.alias)?));
        if !delete.using.is_empty() {
            text.push_str(&format!(" USING {}", self.tables(&delete.using)?));
        }
        if let Some(filter) = &delete.filter {
            text.push_str(&format!(" WHERE {}", self.expr(filter)?));
        }
        limited(text)
    }

    fn set_to(&mut self, value: &SetTo) -> Result<String> {
        match value {
            SetTo::Default => Ok("DEFAULT".to_owned()),
            SetTo::Expr(expr) => self.expr(expr),
        }
    }
}
