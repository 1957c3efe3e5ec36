//! SELECT and what is around it.

use sqlparser::ast as parsed;

use super::{Lower, Result, label, name, refuse_if};
use crate::ast::{Cte, Expr, GroupKey, Key, OrderKey, Query, QueryBody, Select, SelectItem, SetOperator, Value, With};
use crate::error::{SqlError, SqlState};

impl Lower {
    #[recursive::recursive]
    pub(super) fn query(&mut self, query: parsed::Query) -> Result<Query> {
        self.deeper(|lower| {
            let parsed::Query {
                with,
                body,
                order_by,
                limit_clause,
                fetch,
                locks,
                for_clause,
                settings,
                format_clause,
                pipe_operators,
            } = query;
            refuse_if(!locks.is_empty(), "FOR UPDATE or FOR SHARE")?;
            refuse_if(for_clause.is_some(), "a FOR clause")?;
            refuse_if(settings.is_some(), "SETTINGS")?;
            refuse_if(format_clause.is_some(), "FORMAT")?;
            refuse_if(!pipe_operators.is_empty(), "the pipe operator")?;
            if fetch.is_some() {
                return Err(SqlError::unsupported("FETCH FIRST").hint("Write LIMIT n."));
            }
            let with = with.map(|with| lower.with(with)).transpose()?;
            let (body, top) = lower.body(*body)?;
            let order_by = order_by.map(|order_by| lower.order_by(order_by)).transpose()?.unwrap_or_default();
            let (limit, offset) = lower.limit(limit_clause)?;
            let limit = match (top, limit) {
                (Some(_), Some(_)) => return Err(SqlError::unsupported("TOP together with LIMIT")),
                (top, limit) => top.or(limit),
            };
            Ok(Query { with, body, order_by, limit, offset })
        })
    }

    /// A query that is nothing but WITH and a body.
    pub(super) fn bare(&mut self, query: parsed::Query) -> Result<(Option<parsed::With>, parsed::SetExpr)> {
        let parsed::Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        let rest = order_by.is_some()
            || limit_clause.is_some()
            || fetch.is_some()
            || !locks.is_empty()
            || for_clause.is_some()
            || settings.is_some()
            || format_clause.is_some()
            || !pipe_operators.is_empty();
        refuse_if(rest, "a clause after this statement")?;
        Ok((with, *body))
    }

    pub(super) fn with(&mut self, with: parsed::With) -> Result<With> {
        let parsed::With { with_token: _, recursive, cte_tables } = with;
        let mut ctes: Vec<Cte> = Vec::with_capacity(cte_tables.len());
        for cte in cte_tables {
            let parsed::Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
            refuse_if(from.is_some(), "FROM in WITH")?;
            refuse_if(materialized.is_some(), "MATERIALIZED in WITH")?;
            let alias = name::alias(alias)?;
            if ctes.iter().any(|cte| cte.name == alias.name) {
                return Err(SqlError::new(
                    SqlState::DuplicateAlias,
                    format!("WITH query name \"{}\" specified more than once", alias.name),
                ));
            }
            ctes.push(Cte { name: alias.name, columns: alias.columns, query: self.query(*query)?, number: 0 });
        }
        Ok(With { recursive, ctes })
    }

    /// The body, and TOP's number.
    #[recursive::recursive]
    fn body(&mut self, body: parsed::SetExpr) -> Result<(QueryBody, Option<Expr>)> {
        self.deeper(|lower| match body {
            parsed::SetExpr::Select(select) => {
                let (select, top) = lower.select(*select)?;
                Ok((QueryBody::Select(Box::new(select)), top))
            }
            parsed::SetExpr::Query(query) => Ok((QueryBody::Query(Box::new(lower.query(*query)?)), None)),
            parsed::SetExpr::SetOperation { left, op, set_quantifier, right } => {
                let operator = match op {
                    parsed::SetOperator::Union => SetOperator::Union,
                    parsed::SetOperator::Intersect => SetOperator::Intersect,
                    parsed::SetOperator::Except | parsed::SetOperator::Minus => SetOperator::Except,
                };
                let all = match set_quantifier {
                    parsed::SetQuantifier::All => true,
                    parsed::SetQuantifier::Distinct | parsed::SetQuantifier::None => false,
                    parsed::SetQuantifier::ByName
                    | parsed::SetQuantifier::AllByName
                    | parsed::SetQuantifier::DistinctByName => {
                        return Err(SqlError::unsupported("BY NAME"));
                    }
                };
                let (left, left_top) = lower.body(*left)?;
                let (right, right_top) = lower.body(*right)?;
                refuse_if(left_top.is_some() || right_top.is_some(), "TOP inside a set operation")?;
                Ok((QueryBody::Set { operator, all, left: Box::new(left), right: Box::new(right) }, None))
            }
            parsed::SetExpr::Values(values) => {
                let rows = lower.values(values)?;
                Ok((QueryBody::Values(rows), None))
            }
            parsed::SetExpr::Table(_) => {
                Err(SqlError::unsupported("TABLE as a query").hint("Write SELECT * FROM the table."))
            }
            _ => Err(SqlError::unsupported("a data change inside a query")),
        })
    }

    fn values(&mut self, values: parsed::Values) -> Result<Vec<Vec<Expr>>> {
        let parsed::Values { explicit_row, value_keyword, rows } = values;
        refuse_if(explicit_row, "VALUES ROW")?;
        refuse_if(value_keyword, "VALUE")?;
        let rows = rows.into_iter().map(|row| self.exprs(row.content)).collect::<Result<Vec<_>>>()?;
        if rows.iter().any(|row| Some(row.len()) != rows.first().map(Vec::len)) {
            return Err(SqlError::new(SqlState::SyntaxError, "VALUES lists must all be the same length"));
        }
        Ok(rows)
    }

    fn select(&mut self, select: parsed::Select) -> Result<(Select, Option<Expr>)> {
        let parsed::Select {
            select_token: _,
            optimizer_hints: _, // comments: they ask for nothing that changes the answer
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        refuse_if(select_modifiers.is_some(), "a SELECT modifier")?;
        refuse_if(exclude.is_some(), "EXCLUDE")?;
        refuse_if(!lateral_views.is_empty(), "LATERAL VIEW")?;
        refuse_if(prewhere.is_some(), "PREWHERE")?;
        refuse_if(!connect_by.is_empty(), "CONNECT BY")?;
        refuse_if(!cluster_by.is_empty() || !distribute_by.is_empty() || !sort_by.is_empty(), "SORT BY or CLUSTER BY")?;
        refuse_if(value_table_mode.is_some(), "SELECT AS STRUCT or VALUE")?;
        refuse_if(!matches!(flavor, parsed::SelectFlavor::Standard), "FROM before SELECT")?;
        if into.is_some() {
            return Err(SqlError::unsupported("SELECT INTO").hint("Write CREATE TABLE … AS SELECT …."));
        }
        let distinct = match distinct {
            None | Some(parsed::Distinct::All) => false,
            Some(parsed::Distinct::Distinct) => true,
            Some(parsed::Distinct::On(_)) => return Err(SqlError::unsupported("DISTINCT ON")),
        };
        let top = top.map(|top| self.top(top)).transpose()?;
        let items = projection.into_iter().map(|item| self.item(item)).collect::<Result<Vec<_>>>()?;
        if items.is_empty() {
            return Err(SqlError::new(SqlState::SyntaxError, "SELECT needs at least one column"));
        }
        let from = from.into_iter().map(|table| self.joined(table)).collect::<Result<_>>()?;
        let filter = self.optional(selection)?;
        let group_by = self.group_by(group_by)?;
        let having = self.optional(having)?;
        let windows = named_window.into_iter().map(|window| self.named_window(window)).collect::<Result<_>>()?;
        let qualify = self.optional(qualify)?;
        Ok((Select { distinct, items, from, filter, group_by, having, windows, qualify }, top))
    }

    fn top(&mut self, top: parsed::Top) -> Result<Expr> {
        let parsed::Top { with_ties, percent, quantity } = top;
        refuse_if(with_ties, "TOP WITH TIES")?;
        refuse_if(percent, "TOP PERCENT")?;
        match quantity {
            Some(parsed::TopQuantity::Constant(number)) => Ok(Expr::Value(Value::Number(number.to_string()))),
            Some(parsed::TopQuantity::Expr(expr)) => self.expr(expr),
            None => Err(SqlError::syntax("TOP")),
        }
    }

    fn item(&mut self, item: parsed::SelectItem) -> Result<SelectItem> {
        match item {
            parsed::SelectItem::UnnamedExpr(expr) => {
                let label = label::of(&expr)?;
                Ok(SelectItem::Expr { expr: self.expr(expr)?, label })
            }
            parsed::SelectItem::ExprWithAlias { expr, alias } => {
                let label = name::ident(alias)?;
                Ok(SelectItem::Expr { expr: self.expr(expr)?, label })
            }
            parsed::SelectItem::Wildcard(options) => {
                wildcard_options(options)?;
                Ok(SelectItem::Wildcard)
            }
            parsed::SelectItem::QualifiedWildcard(
                parsed::SelectItemQualifiedWildcardKind::ObjectName(table),
                options,
            ) => {
                wildcard_options(options)?;
                Ok(SelectItem::QualifiedWildcard(name::parts(table)?))
            }
            parsed::SelectItem::QualifiedWildcard(parsed::SelectItemQualifiedWildcardKind::Expr(_), _) => {
                Err(SqlError::unsupported("the fields of an expression"))
            }
            parsed::SelectItem::ExprWithAliases { .. } => Err(SqlError::unsupported("several aliases of one column")),
        }
    }

    fn group_by(&mut self, group_by: parsed::GroupByExpr) -> Result<Vec<GroupKey>> {
        let (exprs, modifiers) = match group_by {
            parsed::GroupByExpr::Expressions(exprs, modifiers) => (exprs, modifiers),
            parsed::GroupByExpr::All(_) => return Err(SqlError::unsupported("GROUP BY ALL")),
        };
        refuse_if(!modifiers.is_empty(), "GROUP BY … WITH")?;
        let mut keys = Vec::with_capacity(exprs.len());
        for expr in exprs {
            keys.push(match expr {
                parsed::Expr::Rollup(sets) => GroupKey::Rollup(self.sets(sets)?),
                parsed::Expr::Cube(sets) => GroupKey::Cube(self.sets(sets)?),
                parsed::Expr::GroupingSets(sets) => GroupKey::GroupingSets(self.sets(sets)?),
                expr => GroupKey::Key(self.key(expr)?),
            });
        }
        Ok(keys)
    }

    fn sets(&mut self, sets: Vec<Vec<parsed::Expr>>) -> Result<Vec<Vec<Expr>>> {
        sets.into_iter().map(|set| self.exprs(set)).collect()
    }

    fn key(&mut self, expr: parsed::Expr) -> Result<Key> {
        match self.expr(expr)? {
            Expr::Value(Value::Number(digits)) if digits.chars().all(|digit| digit.is_ascii_digit()) => {
                let ordinal = digits.parse().map_err(|_| {
                    SqlError::new(SqlState::SyntaxError, format!("position {digits} is not in select list"))
                })?;
                Ok(Key::Ordinal(ordinal))
            }
            Expr::Value(_) => Err(SqlError::new(SqlState::SyntaxError, "non-integer constant in GROUP BY or ORDER BY")),
            expr => Ok(Key::Expr(expr)),
        }
    }

    fn order_by(&mut self, order_by: parsed::OrderBy) -> Result<Vec<OrderKey>> {
        let parsed::OrderBy { kind, interpolate } = order_by;
        refuse_if(interpolate.is_some(), "INTERPOLATE")?;
        match kind {
            parsed::OrderByKind::Expressions(exprs) => self.order_keys(exprs),
            parsed::OrderByKind::All(_) => Err(SqlError::unsupported("ORDER BY ALL")),
        }
    }

    pub(super) fn order_keys(&mut self, exprs: Vec<parsed::OrderByExpr>) -> Result<Vec<OrderKey>> {
        exprs
            .into_iter()
            .map(|parsed::OrderByExpr { expr, options, with_fill }| {
                refuse_if(with_fill.is_some(), "WITH FILL")?;
                let parsed::OrderByOptions { sort, nulls_first } = options;
                let descending = match sort {
                    None | Some(parsed::OrderBySort::Asc) => false,
                    Some(parsed::OrderBySort::Desc) => true,
                    Some(parsed::OrderBySort::Using(_)) => return Err(SqlError::unsupported("ORDER BY … USING")),
                };
                Ok(OrderKey { key: self.key(expr)?, descending, nulls_first: nulls_first.unwrap_or(descending) })
            })
            .collect()
    }

    fn limit(&mut self, clause: Option<parsed::LimitClause>) -> Result<(Option<Expr>, Option<Expr>)> {
        match clause {
            None => Ok((None, None)),
            Some(parsed::LimitClause::LimitOffset { limit, offset, limit_by }) => {
                refuse_if(!limit_by.is_empty(), "LIMIT BY")?;
                let offset = offset.map(|parsed::Offset { value, rows: _ }| value);
                Ok((self.optional(limit)?, self.optional(offset)?))
            }
            Some(parsed::LimitClause::OffsetCommaLimit { .. }) => {
                Err(SqlError::unsupported("LIMIT offset, count").hint("Write LIMIT count OFFSET offset."))
            }
        }
    }
}

fn wildcard_options(options: parsed::WildcardAdditionalOptions) -> Result<()> {
    let parsed::WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    refuse_if(opt_exclude.is_some() || opt_except.is_some(), "* EXCLUDE")?;
    refuse_if(opt_ilike.is_some() || opt_replace.is_some() || opt_rename.is_some(), "a modified *")?;
    refuse_if(opt_alias.is_some(), "an alias for *")
}
