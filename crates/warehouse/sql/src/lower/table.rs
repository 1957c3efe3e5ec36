//! FROM: tables, derived tables, joins.

use sqlparser::ast as parsed;

use super::{Lower, Result, name, refuse_if};
use crate::ast::{Join, JoinConstraint, JoinKind, TableExpr, TableRef, Target};
use crate::error::SqlError;

impl Lower {
    #[recursive::recursive]
    pub(super) fn joined(&mut self, table: parsed::TableWithJoins) -> Result<TableExpr> {
        self.deeper(|lower| {
            let parsed::TableWithJoins { relation, joins } = table;
            let mut left = lower.factor(relation)?;
            if joins.len() > super::MAX_DEPTH {
                return Err(SqlError::new(
                    crate::error::SqlState::StatementTooComplex,
                    format!("a FROM item may join at most {} tables", super::MAX_DEPTH),
                ));
            }
            for join in joins {
                let parsed::Join { relation, global, join_operator } = join;
                refuse_if(global, "GLOBAL JOIN")?;
                let right = lower.factor(relation)?;
                let (kind, constraint) = lower.operator(join_operator)?;
                left = TableExpr::Join(Box::new(Join { left, kind, right, constraint }));
            }
            Ok(left)
        })
    }

    fn operator(&mut self, operator: parsed::JoinOperator) -> Result<(JoinKind, JoinConstraint)> {
        let (kind, constraint) = match operator {
            parsed::JoinOperator::Join(constraint) | parsed::JoinOperator::Inner(constraint) => {
                (JoinKind::Inner, constraint)
            }
            parsed::JoinOperator::Left(constraint) | parsed::JoinOperator::LeftOuter(constraint) => {
                (JoinKind::Left, constraint)
            }
            parsed::JoinOperator::Right(constraint) | parsed::JoinOperator::RightOuter(constraint) => {
                (JoinKind::Right, constraint)
            }
            parsed::JoinOperator::FullOuter(constraint) => (JoinKind::Full, constraint),
            parsed::JoinOperator::CrossJoin(constraint) => (JoinKind::Cross, constraint),
            parsed::JoinOperator::AsOf { .. } => return Err(SqlError::unsupported("ASOF JOIN")),
            parsed::JoinOperator::CrossApply | parsed::JoinOperator::OuterApply => {
                return Err(SqlError::unsupported("APPLY"));
            }
            _ => return Err(SqlError::unsupported("this kind of join")),
        };
        let constraint = match constraint {
            parsed::JoinConstraint::On(condition) => JoinConstraint::On(self.expr(condition)?),
            parsed::JoinConstraint::Using(columns) => {
                JoinConstraint::Using(columns.into_iter().map(name::single).collect::<Result<_>>()?)
            }
            parsed::JoinConstraint::Natural => JoinConstraint::Natural,
            parsed::JoinConstraint::None => JoinConstraint::None,
        };
        let unconstrained = matches!(constraint, JoinConstraint::None);
        match (kind, unconstrained) {
            (JoinKind::Cross, false) => Err(SqlError::syntax("CROSS JOIN … ON")),
            (JoinKind::Inner | JoinKind::Left | JoinKind::Right | JoinKind::Full, true) => {
                Err(SqlError::syntax("JOIN").hint("A join needs ON or USING; CROSS JOIN and NATURAL JOIN need none."))
            }
            (JoinKind::Cross, true) | (JoinKind::Inner | JoinKind::Left | JoinKind::Right | JoinKind::Full, false) => {
                Ok((kind, constraint))
            }
        }
    }

    fn factor(&mut self, factor: parsed::TableFactor) -> Result<TableExpr> {
        match factor {
            parsed::TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                if args.is_some() {
                    return Err(table_function(&name));
                }
                refuse_if(!with_hints.is_empty() || !index_hints.is_empty(), "a table hint")?;
                refuse_if(version.is_some(), "a table version")?;
                refuse_if(with_ordinality, "WITH ORDINALITY")?;
                refuse_if(!partitions.is_empty(), "PARTITION after a table")?;
                refuse_if(json_path.is_some(), "SUPER navigation in FROM")?;
                refuse_if(sample.is_some(), "TABLESAMPLE")?;
                let alias = alias.map(name::alias).transpose()?;
                Ok(TableExpr::Table(TableRef {
                    name: name::object(name)?,
                    alias,
                    target: Target::Unresolved,
                    renamed: Vec::new(),
                }))
            }
            parsed::TableFactor::Derived { lateral, subquery, alias, sample } => {
                refuse_if(lateral, "LATERAL")?;
                refuse_if(sample.is_some(), "TABLESAMPLE")?;
                let alias = alias.map(name::alias).transpose()?;
                Ok(TableExpr::Derived { query: Box::new(self.query(*subquery)?), alias })
            }
            parsed::TableFactor::NestedJoin { table_with_joins, alias } => {
                refuse_if(alias.is_some(), "an alias for a join in parentheses")?;
                self.joined(*table_with_joins)
            }
            parsed::TableFactor::Function { name, .. } => Err(table_function(&name)),
            parsed::TableFactor::TableFunction { .. } => Err(SqlError::unsupported("a table function")),
            parsed::TableFactor::UNNEST { .. } => Err(SqlError::unsupported("UNNEST")),
            parsed::TableFactor::Pivot { .. } => Err(SqlError::unsupported("PIVOT")),
            parsed::TableFactor::Unpivot { .. } | parsed::TableFactor::UnpivotExpr { .. } => {
                Err(SqlError::unsupported("UNPIVOT"))
            }
            _ => Err(SqlError::unsupported("this kind of table")),
        }
    }
}

fn table_function(name: &parsed::ObjectName) -> SqlError {
    SqlError::unsupported(format!("the table function {name}"))
}
