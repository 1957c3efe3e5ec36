//! Aggregates and window functions.

use crate::ast::{Aggregate, Frame, FrameBound, FrameUnit, Key, Window, WindowSpec};
use crate::error::SqlError;
use crate::functions::bounded::LISTAGG;
use crate::render::template::Argument;
use crate::render::{Renderer, quoted};

type Result<T> = std::result::Result<T, SqlError>;

impl Renderer<'_> {
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) -> Result<String> {
        let tail = self.tail(aggregate)?;
        let args = self.list(&aggregate.args)?;
        let distinct = if aggregate.distinct { "DISTINCT " } else { "" };
        let template = aggregate.function.template;
        Ok(match template {
            "count" if aggregate.args.is_empty() => format!("count(*){tail}"),
            // `//` is the engine's whole-number division; of no rows it is NULL
            "integer average" => {
                format!("CAST(sum({distinct}{args}){tail} // count({distinct}{args}){tail} AS BIGINT)")
            }
            "ratio_to_report" => format!("(CAST({args} AS DOUBLE) / sum({args}){tail})"),
            "string_agg" => {
                let mut parts = aggregate.args.iter();
                let value = parts.next().map(|value| self.expr(value)).transpose()?.unwrap_or_default();
                let between = parts.next().map(|between| self.expr(between)).transpose()?.unwrap_or("''".to_owned());
                let order = self.order_by(&aggregate.within)?;
                let joined = format!("string_agg({distinct}CAST({value} AS VARCHAR), {between}{order}){tail}");
                self.fill(LISTAGG, &[Argument::Computed], vec![joined])?
            }
            "quantile_cont" | "quantile_disc" => {
                let (value, descending) = match aggregate.within.first() {
                    Some(key) => (self.within(&key.key)?, key.descending),
                    None => return Err(SqlError::unsupported("a percentile without an order")),
                };
                let share = if descending { format!("1 - {args}") } else { args };
                format!("{template}({value}, {share}){tail}")
            }
            _ => {
                let ignore = if aggregate.ignore_nulls { " IGNORE NULLS" } else { "" };
                format!("{template}({distinct}{args}{ignore}){tail}")
            }
        })
    }

    fn within(&mut self, key: &Key) -> Result<String> {
        match key {
            Key::Ordinal(number) => Ok(number.to_string()),
            Key::Expr(expr) => self.expr(expr),
        }
    }

    /// `FILTER (…) OVER …`
    fn tail(&mut self, aggregate: &Aggregate) -> Result<String> {
        let mut tail = String::new();
        if let Some(filter) = &aggregate.filter {
            tail.push_str(&format!(" FILTER (WHERE {})", self.expr(filter)?));
        }
        match &aggregate.over {
            None => {}
            Some(Window::Named(name)) => tail.push_str(&format!(" OVER {}", quoted(name)?)),
            Some(Window::Spec(spec)) => tail.push_str(&format!(" OVER ({})", self.window_spec(spec)?)),
        }
        Ok(tail)
    }

    pub(super) fn window_spec(&mut self, spec: &WindowSpec) -> Result<String> {
        let WindowSpec { base, partition_by, order_by, frame } = spec;
        let mut parts = Vec::new();
        if let Some(base) = base {
            parts.push(quoted(base)?);
        }
        if !partition_by.is_empty() {
            parts.push(format!("PARTITION BY {}", self.list(partition_by)?));
        }
        if !order_by.is_empty() {
            parts.push(self.order_by(order_by)?.trim_start().to_owned());
        }
        if let Some(Frame { unit, start, end }) = frame {
            let unit = match unit {
                FrameUnit::Rows => "ROWS",
                FrameUnit::Range => "RANGE",
            };
            let start = self.bound(start)?;
            parts.push(match end {
                Some(end) => format!("{unit} BETWEEN {start} AND {}", self.bound(end)?),
                None => format!("{unit} {start}"),
            });
        }
        Ok(parts.join(" "))
    }

    fn bound(&mut self, bound: &FrameBound) -> Result<String> {
        Ok(match bound {
            FrameBound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
            FrameBound::Preceding(rows) => format!("{} PRECEDING", self.expr(rows)?),
            FrameBound::CurrentRow => "CURRENT ROW".to_owned(),
            FrameBound::Following(rows) => format!("{} FOLLOWING", self.expr(rows)?),
            FrameBound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
        })
    }
}
