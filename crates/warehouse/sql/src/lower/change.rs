//! INSERT, UPDATE, DELETE.

use sqlparser::ast as parsed;

use super::{Lower, Result, name, refuse_if};
use crate::ast::{Delete, Insert, InsertSource, SetTo, TableExpr, TableRef, Update, With};
use crate::error::{SqlError, SqlState};
use crate::statement::ObjectName;

impl Lower {
    pub(super) fn insert(&mut self, insert: parsed::Insert) -> Result<Insert> {
        let parsed::Insert {
            insert_token: _,
            optimizer_hints: _,
            or,
            ignore,
            into,
            table,
            table_alias,
            columns,
            overwrite,
            source,
            assignments,
            partitioned,
            after_columns,
            has_table_keyword,
            on,
            returning,
            output,
            replace_into,
            priority,
            insert_alias,
            settings,
            format_clause,
            multi_table_insert_type,
            multi_table_into_clauses,
            multi_table_when_clauses,
            multi_table_else_clause,
        } = insert;
        refuse_if(on.is_some(), "ON CONFLICT")?;
        refuse_if(returning.is_some() || output.is_some(), "RETURNING")?;
        refuse_if(table_alias.is_some() || insert_alias.is_some(), "an alias for INSERT's table")?;
        refuse_if(or.is_some() || ignore || overwrite || replace_into || priority.is_some(), "this form of INSERT")?;
        refuse_if(!assignments.is_empty(), "INSERT … SET")?;
        refuse_if(partitioned.is_some() || !after_columns.is_empty(), "INSERT … PARTITION")?;
        refuse_if(has_table_keyword, "INSERT INTO TABLE")?;
        refuse_if(settings.is_some() || format_clause.is_some(), "INSERT … SETTINGS or FORMAT")?;
        let multi = multi_table_insert_type.is_some()
            || !multi_table_into_clauses.is_empty()
            || !multi_table_when_clauses.is_empty()
            || multi_table_else_clause.is_some();
        refuse_if(multi, "INSERT into several tables")?;
        refuse_if(!into, "INSERT without INTO")?;
        let table = match table {
            parsed::TableObject::TableName(table) => name::object(table)?,
            parsed::TableObject::TableFunction(_) | parsed::TableObject::TableQuery(_) => {
                return Err(SqlError::unsupported("INSERT into a function or a query"));
            }
        };
        let columns = columns.into_iter().map(name::single).collect::<Result<Vec<_>>>()?;
        if let Some(twice) = repeated(&columns) {
            return Err(SqlError::new(SqlState::SyntaxError, format!("column \"{twice}\" specified more than once")));
        }
        let source = match source {
            None => InsertSource::DefaultValues,
            Some(query) => self.insert_source(*query)?,
        };
        Ok(Insert { table, columns, source })
    }

    fn insert_source(&mut self, query: parsed::Query) -> Result<InsertSource> {
        let plain = query.with.is_none()
            && query.order_by.is_none()
            && query.limit_clause.is_none()
            && query.fetch.is_none()
            && matches!(*query.body, parsed::SetExpr::Values(_));
        if !plain {
            return Ok(InsertSource::Query(Box::new(self.query(query)?)));
        }
        let (_, body) = self.bare(query)?;
        let parsed::SetExpr::Values(parsed::Values { explicit_row, value_keyword, rows }) = body else {
            return Err(SqlError::unsupported("this source of INSERT"));
        };
        refuse_if(explicit_row || value_keyword, "this form of VALUES")?;
        let rows = rows
            .into_iter()
            .map(|row| row.content.into_iter().map(|value| self.set_to(value)).collect::<Result<Vec<_>>>())
            .collect::<Result<Vec<_>>>()?;
        if rows.iter().any(|row| Some(row.len()) != rows.first().map(Vec::len)) {
            return Err(SqlError::new(SqlState::SyntaxError, "VALUES lists must all be the same length"));
        }
        Ok(InsertSource::Values(rows))
    }

    fn set_to(&mut self, value: parsed::Expr) -> Result<SetTo> {
        match value {
            parsed::Expr::Identifier(parsed::Ident { value, quote_style: None, span: _ })
                if value.eq_ignore_ascii_case("default") =>
            {
                Ok(SetTo::Default)
            }
            value => Ok(SetTo::Expr(self.expr(value)?)),
        }
    }

    pub(super) fn update(&mut self, with: Option<With>, update: parsed::Update) -> Result<Update> {
        let parsed::Update {
            update_token: _,
            optimizer_hints: _,
            table,
            assignments,
            from,
            selection,
            returning,
            output,
            or,
            order_by,
            limit,
        } = update;
        refuse_if(returning.is_some() || output.is_some(), "RETURNING")?;
        refuse_if(or.is_some(), "UPDATE OR …")?;
        refuse_if(!order_by.is_empty() || limit.is_some(), "ORDER BY or LIMIT in UPDATE")?;
        let (table, alias) = target(self.joined(table)?)?;
        let mut set: Vec<(String, SetTo)> = Vec::with_capacity(assignments.len());
        for parsed::Assignment { target, value } in assignments {
            let column = match target {
                parsed::AssignmentTarget::ColumnName(column) => name::single(column)?,
                parsed::AssignmentTarget::Tuple(_) => return Err(SqlError::unsupported("SET (columns) = …")),
            };
            if set.iter().any(|(name, _)| *name == column) {
                return Err(SqlError::new(
                    SqlState::SyntaxError,
                    format!("multiple assignments to same column \"{column}\""),
                ));
            }
            let value = self.set_to(value)?;
            set.push((column, value));
        }
        let from = match from {
            None => Vec::new(),
            Some(parsed::UpdateTableFromKind::AfterSet(tables)) => self.tables(tables)?,
            Some(parsed::UpdateTableFromKind::BeforeSet(_)) => {
                return Err(SqlError::unsupported("FROM before SET").hint("Write UPDATE t SET … FROM …."));
            }
        };
        Ok(Update { with, table, alias, set, from, filter: self.optional(selection)? })
    }

    pub(super) fn delete(&mut self, with: Option<With>, delete: parsed::Delete) -> Result<Delete> {
        let parsed::Delete {
            delete_token: _,
            optimizer_hints: _,
            tables,
            from,
            using,
            selection,
            returning,
            output,
            order_by,
            limit,
        } = delete;
        refuse_if(!tables.is_empty(), "DELETE from several tables")?;
        refuse_if(returning.is_some() || output.is_some(), "RETURNING")?;
        refuse_if(!order_by.is_empty() || limit.is_some(), "ORDER BY or LIMIT in DELETE")?;
        let from = match from {
            parsed::FromTable::WithFromKeyword(from) | parsed::FromTable::WithoutKeyword(from) => from,
        };
        let mut from = self.tables(from)?.into_iter();
        let (table, alias) = match (from.next(), from.next()) {
            (Some(table), None) => target(table)?,
            _ => return Err(SqlError::unsupported("DELETE from several tables")),
        };
        let using = self.tables(using.unwrap_or_default())?;
        Ok(Delete { with, table, alias, using, filter: self.optional(selection)? })
    }

    fn tables(&mut self, tables: Vec<parsed::TableWithJoins>) -> Result<Vec<TableExpr>> {
        tables.into_iter().map(|table| self.joined(table)).collect()
    }
}

/// The one table that UPDATE and DELETE change.
fn target(table: TableExpr) -> Result<(ObjectName, Option<String>)> {
    match table {
        TableExpr::Table(TableRef { name, alias, target: _, renamed: _ }) => match alias {
            None => Ok((name, None)),
            Some(alias) if alias.columns.is_empty() => Ok((name, Some(alias.name))),
            Some(_) => Err(SqlError::unsupported("a column list for the changed table")),
        },
        TableExpr::Derived { .. } => Err(SqlError::unsupported("changing a query")),
        TableExpr::Join(_) => Err(SqlError::unsupported("changing a join")
            .hint("Name one table, and the others in FROM (UPDATE) or USING (DELETE).")),
    }
}

fn repeated(names: &[String]) -> Option<&String> {
    let mut seen = std::collections::BTreeSet::new();
    names.iter().find(|name| !seen.insert(name.as_str()))
}
