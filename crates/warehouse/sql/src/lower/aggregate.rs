//! Aggregates and window functions.

use sqlparser::ast as parsed;

use super::call::{Parts, undefined};
use super::{Lower, Result, name, refuse_if};
use crate::ast::{Aggregate, Expr, Frame, FrameBound, FrameUnit, Window, WindowSpec};
use crate::error::{SqlError, SqlState};
use crate::functions::{self, AGGREGATES, WINDOWS};

impl Lower {
    pub(super) fn aggregate(&mut self, parts: Parts) -> Result<Expr> {
        let Parts { name, called: _, distinct, star, args, within, filter, ignore_nulls, over } = parts;
        let function = functions::find(AGGREGATES, &name, args.len())
            .or_else(|_| functions::find(WINDOWS, &name, args.len()))
            .map_err(|_| undefined(&format!("{name} with {} arguments", args.len())))?;
        let syntax = |message: String| Err(SqlError::new(SqlState::SyntaxError, message));
        if star != (name == "count" && args.is_empty()) {
            return syntax(format!(
                "{name}(*) must be used to call a parameterless aggregate function, and only count has one"
            ));
        }
        let window_only = WINDOWS.iter().any(|entry| entry.name == name);
        if window_only && over.is_none() {
            return syntax(format!("window function {name} requires an OVER clause"));
        }
        refuse_if(window_only && (distinct || filter.is_some()), "DISTINCT or FILTER in a window function")?;
        refuse_if(distinct && star, "count(DISTINCT *)")?;
        let takes_ignore_nulls = matches!(name.as_str(), "lag" | "lead" | "first_value" | "last_value" | "nth_value");
        refuse_if(ignore_nulls && !takes_ignore_nulls, "IGNORE NULLS in this function")?;
        let ordered = matches!(name.as_str(), "listagg" | "percentile_cont" | "percentile_disc");
        refuse_if(!within.is_empty() && !ordered, &format!("WITHIN GROUP in {name}"))?;
        let percentile = matches!(name.as_str(), "percentile_cont" | "percentile_disc");
        if percentile && within.len() != 1 {
            return syntax(format!("{name} needs WITHIN GROUP (ORDER BY one expression)"));
        }
        let args = self.exprs(args)?;
        let within = self.order_keys(within)?;
        if percentile && name == "percentile_disc" && within.iter().any(|key| key.descending) {
            return Err(SqlError::unsupported("percentile_disc with a descending order"));
        }
        let filter = self.optional(filter)?;
        let over = over.map(|over| self.window(over)).transpose()?;
        Ok(Expr::Aggregate(Box::new(Aggregate { function, distinct, args, within, filter, ignore_nulls, over })))
    }

    fn window(&mut self, window: parsed::WindowType) -> Result<Window> {
        match window {
            parsed::WindowType::NamedWindow(name) => Ok(Window::Named(name::ident(name)?)),
            parsed::WindowType::WindowSpec(spec) => Ok(Window::Spec(self.spec(spec)?)),
        }
    }

    pub(super) fn named_window(&mut self, window: parsed::NamedWindowDefinition) -> Result<(String, WindowSpec)> {
        let parsed::NamedWindowDefinition(window_name, definition) = window;
        let spec = match definition {
            parsed::NamedWindowExpr::WindowSpec(spec) => self.spec(spec)?,
            parsed::NamedWindowExpr::NamedWindow(base) => WindowSpec {
                base: Some(name::ident(base)?),
                partition_by: Vec::new(),
                order_by: Vec::new(),
                frame: None,
            },
        };
        Ok((name::ident(window_name)?, spec))
    }

    fn spec(&mut self, spec: parsed::WindowSpec) -> Result<WindowSpec> {
        let parsed::WindowSpec { window_name, partition_by, order_by, window_frame } = spec;
        Ok(WindowSpec {
            base: window_name.map(name::ident).transpose()?,
            partition_by: self.exprs(partition_by)?,
            order_by: self.order_keys(order_by)?,
            frame: window_frame.map(|frame| self.frame(frame)).transpose()?,
        })
    }

    fn frame(&mut self, frame: parsed::WindowFrame) -> Result<Frame> {
        let parsed::WindowFrame { units, start_bound, end_bound } = frame;
        let unit = match units {
            parsed::WindowFrameUnits::Rows => FrameUnit::Rows,
            parsed::WindowFrameUnits::Range => FrameUnit::Range,
            parsed::WindowFrameUnits::Groups => return Err(SqlError::unsupported("a GROUPS frame")),
        };
        let start = self.bound(start_bound)?;
        let end = end_bound.map(|bound| self.bound(bound)).transpose()?;
        Ok(Frame { unit, start, end })
    }

    fn bound(&mut self, bound: parsed::WindowFrameBound) -> Result<FrameBound> {
        Ok(match bound {
            parsed::WindowFrameBound::CurrentRow => FrameBound::CurrentRow,
            parsed::WindowFrameBound::Preceding(None) => FrameBound::UnboundedPreceding,
            parsed::WindowFrameBound::Following(None) => FrameBound::UnboundedFollowing,
            parsed::WindowFrameBound::Preceding(Some(rows)) => FrameBound::Preceding(self.boxed(*rows)?),
            parsed::WindowFrameBound::Following(Some(rows)) => FrameBound::Following(self.boxed(*rows)?),
        })
    }
}
