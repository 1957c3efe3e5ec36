//! Queries: what they read and which columns they answer.

use super::scope::{Binder, CteInSight, Result};
use super::table::{Tables, rename};
use super::types;
use crate::ast::{
    ColumnName, Cte, Expr, GroupKey, Key, OrderKey, Query, QueryBody, Select, SelectItem, SetOperator, With,
};
use crate::bind::{BoundStatement, ResultColumn};
use crate::error::{SqlError, SqlState};

impl Binder<'_> {
    pub(super) fn statement_query(&mut self, query: &Query) -> Result<(BoundStatement, Vec<ResultColumn>)> {
        let mut query = Box::new(query.clone());
        let columns = self.query(&mut query)?;
        Ok((BoundStatement::Query(query), columns))
    }

    #[recursive::recursive]
    pub(super) fn query(&mut self, query: &mut Query) -> Result<Vec<ResultColumn>> {
        let outside = self.ctes.len();
        let result = self.query_inside(query);
        self.ctes.truncate(outside);
        result
    }

    fn query_inside(&mut self, query: &mut Query) -> Result<Vec<ResultColumn>> {
        if let Some(with) = &mut query.with {
            self.with(with)?;
        }
        let columns = match &mut query.body {
            QueryBody::Select(select) => self.select(select, &mut query.order_by)?,
            body @ (QueryBody::Query(_) | QueryBody::Set { .. } | QueryBody::Values(_)) => {
                let columns = self.body(body)?;
                let scope = super::scope::Scope { labels: columns.clone(), ..Default::default() };
                self.within(scope, |binder| binder.order_keys(&mut query.order_by))?;
                columns
            }
        };
        for number in [&mut query.limit, &mut query.offset].into_iter().flatten() {
            // nothing is in sight there
            let scopes = std::mem::take(&mut self.scopes);
            let bound = self.expr(number);
            self.scopes = scopes;
            bound?;
        }
        Ok(columns)
    }

    /// Brings the CTEs in sight; the caller takes them out again.
    pub(super) fn with(&mut self, with: &mut With) -> Result<()> {
        for cte in &mut with.ctes {
            cte.number = self.number();
            let columns = if with.recursive { self.recursive_cte(cte)? } else { self.cte(cte)? };
            self.ctes.push(CteInSight { name: cte.name.clone(), number: cte.number, columns: Some(columns) });
        }
        Ok(())
    }

    fn cte(&mut self, cte: &mut Cte) -> Result<Vec<ResultColumn>> {
        let mut columns = self.query(&mut cte.query)?;
        rename(&mut columns, &cte.columns, &cte.name)?;
        Ok(columns)
    }

    /// `base UNION [ALL] step`: the base gives the columns, the step may name the CTE.
    fn recursive_cte(&mut self, cte: &mut Cte) -> Result<Vec<ResultColumn>> {
        let outside = self.ctes.len();
        self.ctes.push(CteInSight { name: cte.name.clone(), number: cte.number, columns: None });
        let columns = match &mut cte.query {
            Query {
                with: None, body: QueryBody::Set { operator: SetOperator::Union, left, right, all: _ }, ..
            } => {
                let mut columns = self.body(left)?;
                rename(&mut columns, &cte.columns, &cte.name)?;
                if let Some(own) = self.ctes.last_mut() {
                    own.columns = Some(columns.clone());
                }
                let step = self.body(right)?;
                same_number("UNION", &columns, &step)?;
                let rest = !cte.query.order_by.is_empty() || cte.query.limit.is_some() || cte.query.offset.is_some();
                if rest {
                    return Err(SqlError::unsupported("ORDER BY or LIMIT in a recursive query"));
                }
                columns
            }
            _ => self.cte(cte)?,
        };
        self.ctes.truncate(outside);
        Ok(columns)
    }

    #[recursive::recursive]
    fn body(&mut self, body: &mut QueryBody) -> Result<Vec<ResultColumn>> {
        match body {
            QueryBody::Select(select) => self.select(select, &mut []),
            QueryBody::Query(query) => self.query(query),
            QueryBody::Values(rows) => self.values(rows),
            QueryBody::Set { operator, all: _, left, right } => {
                let mut columns = self.body(left)?;
                let others = self.body(right)?;
                let name = match operator {
                    SetOperator::Union => "UNION",
                    SetOperator::Intersect => "INTERSECT",
                    SetOperator::Except => "EXCEPT",
                };
                same_number(name, &columns, &others)?;
                for (column, other) in columns.iter_mut().zip(others) {
                    column.data_type = types::common(column.data_type, other.data_type);
                }
                Ok(columns)
            }
        }
    }

    fn values(&mut self, rows: &mut [Vec<Expr>]) -> Result<Vec<ResultColumn>> {
        let mut columns: Vec<ResultColumn> = Vec::new();
        for row in rows {
            let first = columns.is_empty();
            for (place, value) in row.iter_mut().enumerate() {
                let data_type = self.expr(value)?;
                match columns.get_mut(place) {
                    Some(column) => column.data_type = types::common(column.data_type, data_type),
                    None if first => {
                        columns.push(ResultColumn { name: format!("column{}", place + 1), data_type });
                    }
                    None => {}
                }
            }
        }
        Ok(columns)
    }

    fn select(&mut self, select: &mut Select, order_by: &mut [OrderKey]) -> Result<Vec<ResultColumn>> {
        let tables = self.from(&mut select.from)?;
        let scope = tables.scope();
        self.within(scope, |binder| {
            for (_, window) in &mut select.windows {
                binder.window_spec(window)?;
            }
            let columns = binder.items(&mut select.items, &tables)?;
            for expr in [&mut select.filter, &mut select.having, &mut select.qualify].into_iter().flatten() {
                binder.expr(expr)?;
            }
            for key in &mut select.group_by {
                binder.group_key(key)?;
            }
            binder.order_keys(order_by)?;
            Ok(columns)
        })
    }

    fn items(&mut self, items: &mut Vec<SelectItem>, tables: &Tables) -> Result<Vec<ResultColumn>> {
        let mut columns = Vec::with_capacity(items.len());
        let mut bound = Vec::with_capacity(items.len());
        for item in std::mem::take(items) {
            match item {
                SelectItem::Expr { mut expr, label } => {
                    let data_type = self.expr(&mut expr)?;
                    let column = ResultColumn { name: label.clone(), data_type };
                    if let Some(scope) = self.scopes.last_mut() {
                        scope.labels.push(column.clone());
                    }
                    columns.push(column);
                    bound.push(SelectItem::Expr { expr, label });
                }
                SelectItem::Wildcard => {
                    if tables.items.is_empty() {
                        return Err(SqlError::new(
                            SqlState::SyntaxError,
                            "SELECT * with no tables specified is not valid",
                        ));
                    }
                    for star in &tables.star {
                        columns.push(ResultColumn { name: star.name.clone(), data_type: star.data_type });
                    }
                    self.changed_is_read |= tables.items.iter().any(|item| item.changed);
                    if tables.merged.is_empty() {
                        bound.push(SelectItem::Wildcard);
                    } else {
                        // the engine leaves USING's columns where they were; Redshift puts them first
                        bound.extend(tables.star.iter().map(|star| star_item(star.table.as_ref(), &star.name)));
                    }
                }
                SelectItem::QualifiedWildcard(table) => {
                    let item = self.wildcard_table(&table)?;
                    columns.extend(item.columns.iter().cloned());
                    let (alias, changed) = (item.alias.clone(), item.changed);
                    self.changed_is_read |= changed;
                    bound.push(SelectItem::QualifiedWildcard(vec![alias]));
                }
            }
        }
        *items = bound;
        Ok(columns)
    }

    /// The table of `[schema.]table.*`, which must be of this SELECT.
    fn wildcard_table(&self, name: &[String]) -> Result<&super::scope::Item> {
        let (schema, table) = match name {
            [table] => (None, table),
            [schema, table] => (Some(schema.as_str()), table),
            _ => return Err(SqlError::unsupported("a three-part name before .*")),
        };
        let item = self.item(schema, table)?;
        let own = self.scopes.last().is_some_and(|scope| scope.items.iter().any(|own| own.alias == *table));
        if own { Ok(item) } else { Err(SqlError::unsupported("* of a table of an outer query")) }
    }

    fn group_key(&mut self, key: &mut GroupKey) -> Result<()> {
        match key {
            GroupKey::Key(Key::Ordinal(_)) => Ok(()),
            GroupKey::Key(Key::Expr(expr)) => self.expr(expr).map(drop),
            GroupKey::Rollup(sets) | GroupKey::Cube(sets) | GroupKey::GroupingSets(sets) => {
                sets.iter_mut().flatten().try_for_each(|expr| self.expr(expr).map(drop))
            }
        }
    }

    pub(super) fn order_keys(&mut self, keys: &mut [OrderKey]) -> Result<()> {
        for key in keys {
            let Key::Expr(expr) = &mut key.key else { continue };
            // a bare name is a label of the select list before it is a column
            if let Expr::Column(ColumnName { qualifier, name }) = expr
                && qualifier.is_empty()
                && self.scopes.last().is_some_and(|scope| scope.labels.iter().any(|label| label.name == *name))
            {
                continue;
            }
            self.expr(expr)?;
        }
        Ok(())
    }
}

fn star_item(table: Option<&String>, name: &str) -> SelectItem {
    let qualifier = table.cloned().into_iter().collect();
    SelectItem::Expr { expr: Expr::Column(ColumnName { qualifier, name: name.to_owned() }), label: name.to_owned() }
}

fn same_number(operator: &str, left: &[ResultColumn], right: &[ResultColumn]) -> Result<()> {
    if left.len() == right.len() {
        return Ok(());
    }
    Err(SqlError::new(SqlState::SyntaxError, format!("each {operator} query must have the same number of columns")))
}
