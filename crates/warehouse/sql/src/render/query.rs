//! Queries, with every table in its cage.

use crate::ast::{
    Alias, GroupKey, Join, JoinConstraint, JoinKind, Key, OrderKey, Query, QueryBody, Select, SelectItem, SetOperator,
    TableExpr, TableRef, Target, With,
};
use crate::error::{SqlError, SqlState};
use crate::render::label::{Labels, merged};
use crate::render::literal::{literal, type_name};
use crate::render::{CageSource, Literal, Place, Renderer, limited, quoted, quoted_list};
use crate::types::DataType;

type Result<T> = std::result::Result<T, SqlError>;

impl Renderer<'_> {
    #[recursive::recursive]
    pub(super) fn query(&mut self, query: &Query) -> Result<String> {
        let Query { with, body, order_by, limit, offset } = query;
        // an outer SELECT's labels aren't meant here
        self.labels.push(Labels::new());
        let mut text = match with {
            Some(with) => self.with(with)?,
            None => String::new(),
        };
        text.push_str(&self.body(body)?);
        text.push_str(&self.order_by(order_by)?);
        if let Some(limit) = limit {
            text.push_str(&format!(" LIMIT CAST({} AS BIGINT)", self.expr(limit)?));
        }
        if let Some(offset) = offset {
            text.push_str(&format!(" OFFSET CAST({} AS BIGINT)", self.expr(offset)?));
        }
        self.labels.pop();
        limited(text)
    }

    /// Names of CTEs are numbers here: no name of the client's is left to be taken for a table.
    pub(super) fn with(&mut self, with: &With) -> Result<String> {
        let mut ctes = Vec::with_capacity(with.ctes.len());
        for cte in &with.ctes {
            let columns = column_list(&cte.columns)?;
            ctes.push(format!("{}{columns} AS ({})", cte_name(cte.number), self.query(&cte.query)?));
        }
        let recursive = if with.recursive { "RECURSIVE " } else { "" };
        Ok(format!("WITH {recursive}{} ", ctes.join(", ")))
    }

    #[recursive::recursive]
    fn body(&mut self, body: &QueryBody) -> Result<String> {
        match body {
            QueryBody::Select(select) => self.select(select),
            QueryBody::Query(query) => Ok(format!("({})", self.query(query)?)),
            QueryBody::Values(rows) => {
                let width = rows.first().map_or(0, Vec::len);
                let columns: Vec<String> = (1..=width).map(|number| format!("\"column{number}\"")).collect();
                let mut texts = Vec::with_capacity(rows.len());
                for row in rows {
                    texts.push(format!("({})", self.list(row)?));
                }
                limited(format!("SELECT * FROM (VALUES {}) AS \"*VALUES*\"({})", texts.join(", "), columns.join(", ")))
            }
            QueryBody::Set { operator, all, left, right } => {
                let operator = match operator {
                    SetOperator::Union => "UNION",
                    SetOperator::Intersect => "INTERSECT",
                    SetOperator::Except => "EXCEPT",
                };
                let all = if *all { " ALL" } else { "" };
                limited(format!("({}) {operator}{all} ({})", self.body(left)?, self.body(right)?))
            }
        }
    }

    fn select(&mut self, select: &Select) -> Result<String> {
        let Select { distinct, items, from, filter, group_by, having, windows, qualify } = select;
        let mut text = if *distinct { "SELECT DISTINCT ".to_owned() } else { "SELECT ".to_owned() };
        self.labels.push(merged(from));
        let mut columns = Vec::with_capacity(items.len());
        for item in items {
            columns.push(self.item(item)?);
        }
        let filter = filter.as_ref().map(|filter| self.expr(filter)).transpose()?;
        let qualify = qualify.as_ref().map(|qualify| self.expr(qualify)).transpose()?;
        // the engine names the others' labels by itself
        self.labels.pop();
        self.labels.push(Labels::new());
        text.push_str(&columns.join(", "));
        if !from.is_empty() {
            text.push_str(&format!(" FROM {}", self.tables(from)?));
        }
        if let Some(filter) = filter {
            text.push_str(&format!(" WHERE {filter}"));
        }
        if !group_by.is_empty() {
            let mut keys = Vec::with_capacity(group_by.len());
            for key in group_by {
                keys.push(self.group_key(key)?);
            }
            text.push_str(&format!(" GROUP BY {}", keys.join(", ")));
        }
        if let Some(having) = having {
            text.push_str(&format!(" HAVING {}", self.expr(having)?));
        }
        if !windows.is_empty() {
            let mut definitions = Vec::with_capacity(windows.len());
            for (name, spec) in windows {
                definitions.push(format!("{} AS ({})", quoted(name)?, self.window_spec(spec)?));
            }
            text.push_str(&format!(" WINDOW {}", definitions.join(", ")));
        }
        if let Some(qualify) = qualify {
            text.push_str(&format!(" QUALIFY {qualify}"));
        }
        self.labels.pop();
        limited(text)
    }

    fn item(&mut self, item: &SelectItem) -> Result<String> {
        match item {
            SelectItem::Wildcard => Ok("*".to_owned()),
            SelectItem::QualifiedWildcard(table) => match table.as_slice() {
                [alias] => Ok(format!("{}.*", quoted(alias)?)),
                _ => Err(unbound()),
            },
            SelectItem::Expr { expr: crate::ast::Expr::Parameter(number), label } => {
                Ok(format!("{} AS {}", self.selected_parameter(*number)?, quoted(label)?))
            }
            SelectItem::Expr { expr, label } => {
                let text = self.expr(expr)?;
                self.add_label(label, &text);
                Ok(format!("{text} AS {}", quoted(label)?))
            }
        }
    }

    fn group_key(&mut self, key: &GroupKey) -> Result<String> {
        let (name, sets) = match key {
            GroupKey::Key(key) => return self.key(key),
            GroupKey::Rollup(sets) => ("ROLLUP", sets),
            GroupKey::Cube(sets) => ("CUBE", sets),
            GroupKey::GroupingSets(sets) => ("GROUPING SETS", sets),
        };
        let mut texts = Vec::with_capacity(sets.len());
        for set in sets {
            texts.push(format!("({})", self.list(set)?));
        }
        Ok(format!("{name} ({})", texts.join(", ")))
    }

    fn key(&mut self, key: &Key) -> Result<String> {
        match key {
            Key::Ordinal(number) => Ok(number.to_string()),
            // a number that comes from a parameter is no position
            Key::Expr(crate::ast::Expr::Parameter(number)) => {
                Ok(format!("CAST({} AS VARCHAR)", self.parameter(*number)?))
            }
            Key::Expr(expr) => self.expr(expr),
        }
    }

    pub(super) fn order_by(&mut self, keys: &[OrderKey]) -> Result<String> {
        if keys.is_empty() {
            return Ok(String::new());
        }
        let mut texts = Vec::with_capacity(keys.len());
        for OrderKey { key, descending, nulls_first } in keys {
            let direction = if *descending { "DESC" } else { "ASC" };
            let nulls = if *nulls_first { "FIRST" } else { "LAST" };
            texts.push(format!("{} {direction} NULLS {nulls}", self.key(key)?));
        }
        Ok(format!(" ORDER BY {}", texts.join(", ")))
    }

    pub(super) fn tables(&mut self, tables: &[TableExpr]) -> Result<String> {
        let mut texts = Vec::with_capacity(tables.len());
        for table in tables {
            texts.push(self.table(table)?);
        }
        Ok(texts.join(", "))
    }

    #[recursive::recursive]
    fn table(&mut self, table: &TableExpr) -> Result<String> {
        match table {
            TableExpr::Table(table) => self.table_ref(table),
            TableExpr::Derived { query, alias } => {
                let Some(alias) = alias else { return Err(unbound()) };
                limited(format!("({}) AS {}", self.query(query)?, alias_text(alias)?))
            }
            TableExpr::Join(join) => self.join(join),
        }
    }

    fn join(&mut self, join: &Join) -> Result<String> {
        let Join { left, kind, right, constraint } = join;
        let (left, right) = (self.table(left)?, self.table(right)?);
        let operator = match kind {
            JoinKind::Inner => "INNER JOIN",
            JoinKind::Left => "LEFT JOIN",
            JoinKind::Right => "RIGHT JOIN",
            JoinKind::Full => "FULL JOIN",
            JoinKind::Cross => "CROSS JOIN",
        };
        let constraint = match constraint {
            JoinConstraint::On(condition) => format!(" ON {}", self.expr(condition)?),
            // a natural join without a common column
            JoinConstraint::Using(columns) if columns.is_empty() => " ON TRUE".to_owned(),
            JoinConstraint::Using(columns) => format!(" USING ({})", quoted_list(columns)?),
            JoinConstraint::Natural => return Err(unbound()),
            JoinConstraint::None => String::new(),
        };
        limited(format!("({left} {operator} {right}{constraint})"))
    }

    fn table_ref(&mut self, table: &TableRef) -> Result<String> {
        let Some(alias) = &table.alias else { return Err(unbound()) };
        let relation = match table.target {
            Target::Unresolved => return Err(unbound()),
            Target::Cte(number) => return Ok(format!("{} AS {}", cte_name(number), alias_text(alias)?)),
            Target::Relation(relation) => relation,
        };
        let Place::Statement { cage, parameters: _ } = &self.place else {
            return Err(SqlError::unsupported("a table in DEFAULT"));
        };
        let inside = match cage.source(relation) {
            Some(CageSource::Table { schema, name, columns }) if !columns.is_empty() => {
                let columns: Result<Vec<_>> = columns
                    .iter()
                    .map(|column| match given_name(table, column) {
                        Some(given) => Ok(format!("{} AS {}", quoted(column)?, quoted(given)?)),
                        None => quoted(column),
                    })
                    .collect();
                let text = format!("SELECT {} FROM {}.{}", columns?.join(", "), quoted(&schema)?, quoted(&name)?);
                self.tables.insert((schema, name));
                text
            }
            Some(CageSource::Rows { columns, rows }) if !columns.is_empty() => rows_text(table, &columns, &rows)?,
            // nothing to see is nothing there
            Some(CageSource::Table { .. } | CageSource::Rows { .. }) | None => {
                return Err(SqlError::new(
                    SqlState::UndefinedTable,
                    format!("relation \"{}\" does not exist", table.name.name),
                ));
            }
        };
        limited(format!("({inside}) AS {}", quoted(&alias.name)?))
    }
}

fn given_name<'t>(table: &'t TableRef, column: &str) -> Option<&'t String> {
    table.renamed.iter().find(|(own, _)| own == column).map(|(_, given)| given)
}

/// Rows as a query. The casts are outside, so that zero rows have types as well.
fn rows_text(table: &TableRef, columns: &[(String, DataType)], rows: &[Vec<Literal>]) -> Result<String> {
    let mut items = Vec::with_capacity(columns.len());
    for (place, (name, data_type)) in columns.iter().enumerate() {
        let value = if rows.is_empty() { "NULL".to_owned() } else { format!("\"c{place}\"") };
        let name = given_name(table, name).unwrap_or(name);
        items.push(format!("CAST({value} AS {}) AS {}", type_name(*data_type), quoted(name)?));
    }
    let items = items.join(", ");
    if rows.is_empty() {
        return Ok(format!("SELECT {items} WHERE FALSE"));
    }
    let mut texts = Vec::with_capacity(rows.len());
    for row in rows {
        if row.len() != columns.len() {
            return Err(unbound());
        }
        let cells: Result<Vec<_>> = row.iter().map(literal).collect();
        texts.push(format!("({})", cells?.join(", ")));
    }
    let names: Vec<String> = (0..columns.len()).map(|place| format!("\"c{place}\"")).collect();
    limited(format!("SELECT {items} FROM (VALUES {}) AS \"rows\"({})", texts.join(", "), names.join(", ")))
}

fn cte_name(number: usize) -> String {
    format!("\"cte {number}\"")
}

fn alias_text(alias: &Alias) -> Result<String> {
    Ok(format!("{}{}", quoted(&alias.name)?, column_list(&alias.columns)?))
}

fn column_list(columns: &[String]) -> Result<String> {
    if columns.is_empty() { Ok(String::new()) } else { Ok(format!("({})", quoted_list(columns)?)) }
}

/// Never seen: binding fills in what is missing here. Refused all the same, since rendering it would be a guess.
fn unbound() -> SqlError {
    SqlError::unsupported("a name that was not resolved")
}
