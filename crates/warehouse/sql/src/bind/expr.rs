//! Expressions: names, types, and what hangs on types.

use super::scope::{Binder, Result, Type};
use super::types;
use crate::ast::{
    Aggregate, BinaryOp, Call, Expr, Frame, FrameBound, Query, SessionFunction, UnaryOp, Value, Window, WindowSpec,
};
use crate::error::{SqlError, SqlState};
use crate::functions::{AVERAGE_OF_INTEGERS, Returns, scalar};
use crate::types::DataType;

impl Binder<'_> {
    /// Resolves the names in `expr`, casts where Redshift's meaning needs it, and answers its type where it is known.
    #[recursive::recursive]
    pub(super) fn expr(&mut self, expr: &mut Expr) -> Result<Type> {
        match expr {
            Expr::Column(column) => self.column(column),
            Expr::Value(value) => Ok(value_type(value)),
            Expr::Typed { text: _, data_type } => Ok(Some(*data_type)),
            Expr::Interval(_) | Expr::Parameter(_) => Ok(None),
            Expr::Session(function) => Ok(Some(session_type(*function))),
            Expr::Unary { op, expr } => {
                let inner = self.expr(expr)?;
                Ok(match op {
                    UnaryOp::Not => Some(DataType::Boolean),
                    UnaryOp::Minus | UnaryOp::Plus | UnaryOp::BitNot => inner,
                })
            }
            Expr::Binary { .. } => self.binary(expr),
            Expr::And(operands) | Expr::Or(operands) => self.boolean(operands.iter_mut()),
            Expr::Is { expr, truth: _, negated: _ } => self.boolean([expr.as_mut()]),
            Expr::DistinctFrom { left, right, negated: _ } => self.boolean([left.as_mut(), right.as_mut()]),
            Expr::Between { expr, low, high, negated: _ } => self.boolean([expr.as_mut(), low.as_mut(), high.as_mut()]),
            Expr::InList { expr, list, negated: _ } => {
                let width = self.operand(expr)?.1;
                for item in list {
                    same_width(width, self.operand(item)?.1)?;
                }
                Ok(Some(DataType::Boolean))
            }
            Expr::InQuery { expr, query, negated: _ } => self.compared(expr, query),
            Expr::Quantified { expr, op: _, all: _, query } => self.compared(expr, query),
            Expr::Exists { query, negated: _ } => {
                self.query(query)?;
                Ok(Some(DataType::Boolean))
            }
            Expr::Like(like) => self.boolean([&mut like.expr, &mut like.pattern]),
            Expr::Regex { expr, pattern, insensitive: _, negated: _ } => {
                self.boolean([expr.as_mut(), pattern.as_mut()])
            }
            Expr::Case { .. } => self.case(expr),
            Expr::Cast { expr, to } => {
                self.expr(expr)?;
                Ok(Some(*to))
            }
            Expr::Scalar(query) => {
                let columns = self.query(query)?;
                match columns.as_slice() {
                    [column] => Ok(column.data_type),
                    _ => Err(SqlError::new(SqlState::SyntaxError, "subquery must return only one column")),
                }
            }
            Expr::Row(_) => {
                Err(SqlError::unsupported("a row value here").hint("Rows can be compared, and nothing else."))
            }
            Expr::Call(call) => self.call(call),
            Expr::Aggregate(_) => self.aggregate(expr),
            Expr::Text { value, pieces: _ } => self.timed_text(value),
            Expr::AtTimeZone { value, zone } => self.at_time_zone(value, zone),
        }
    }

    fn boolean<'e>(&mut self, exprs: impl IntoIterator<Item = &'e mut Expr>) -> Result<Type> {
        for expr in exprs {
            self.expr(expr)?;
        }
        Ok(Some(DataType::Boolean))
    }

    /// One side of a comparison: its type, and how many values it has.
    fn operand(&mut self, expr: &mut Expr) -> Result<(Type, usize)> {
        if let Expr::Row(values) = expr {
            let width = values.len();
            self.boolean(values.iter_mut())?;
            return Ok((None, width));
        }
        Ok((self.expr(expr)?, 1))
    }

    /// `expr IN (query)`: as many columns as the row has.
    fn compared(&mut self, expr: &mut Expr, query: &mut Query) -> Result<Type> {
        let width = self.operand(expr)?.1;
        let columns = self.query(query)?.len();
        if columns == width {
            return Ok(Some(DataType::Boolean));
        }
        let many = if columns > width { "many" } else { "few" };
        Err(SqlError::new(SqlState::SyntaxError, format!("subquery has too {many} columns")))
    }

    fn binary(&mut self, expr: &mut Expr) -> Result<Type> {
        let Expr::Binary { op, left, right } = expr else { return Ok(None) };
        let op = *op;
        if op.is_comparison() {
            let (left, right) = (self.operand(left)?.1, self.operand(right)?.1);
            same_width(left, right)?;
            return Ok(Some(DataType::Boolean));
        }
        let left = self.expr(left)?;
        let right = self.expr(right)?;
        let result = types::arithmetic(op, left, right);
        // the engine divides decimals into a binary fraction, and counts days in 64 bits
        match (op, result) {
            (BinaryOp::Divide, Some(decimal @ DataType::Numeric { .. })) => cast(expr, decimal),
            (BinaryOp::Subtract, Some(DataType::Integer)) if left == Some(DataType::Date) => {
                cast(expr, DataType::Integer);
            }
            _ => {}
        }
        Ok(result)
    }

    fn timed_text(&mut self, value: &mut Expr) -> Result<Type> {
        let data_type = self.timestamp(value)?;
        match data_type {
            Some(DataType::Timestamp | DataType::TimestampTz) => Ok(Some(DataType::Text)),
            _ => Err(SqlError::unsupported("to_char of a time or an interval")),
        }
    }

    fn case(&mut self, expr: &mut Expr) -> Result<Type> {
        let Expr::Case { operand, branches, default } = expr else { return Ok(None) };
        if let Some(operand) = operand {
            self.expr(operand)?;
        }
        let mut result = Common::default();
        for branch in branches {
            self.expr(&mut branch.when)?;
            let data_type = self.expr(&mut branch.then)?;
            result.add(&branch.then, data_type);
        }
        if let Some(default) = default {
            let data_type = self.expr(default)?;
            result.add(default, data_type);
        }
        Ok(result.data_type())
    }

    fn call(&mut self, call: &mut Call) -> Result<Type> {
        let mut arguments = Vec::with_capacity(call.args.len());
        for (place, arg) in call.args.iter_mut().enumerate() {
            let data_type =
                if call.function.timestamps.contains(&place) { self.timestamp(arg)? } else { self.expr(arg)? };
            arguments.push(data_type);
        }
        let first = arguments.first().copied().flatten();
        match call.function.name {
            "trunc" if call.args.len() == 1 && first.is_some_and(types::is_time) => {
                call.function = &scalar::TRUNC_TO_DATE;
            }
            "convert_timezone" if arguments.last() == Some(&Some(DataType::TimestampTz)) => {
                return Err(SqlError::unsupported("convert_timezone of a timestamp with time zone")
                    .hint("Write t AT TIME ZONE 'zone'."));
            }
            _ => {}
        }
        Ok(match call.function.returns {
            Returns::Known(data_type) => Some(data_type),
            Returns::Argument(place) => arguments.get(place).copied().flatten(),
            Returns::Whole => match first {
                Some(DataType::Numeric { precision, scale: _ }) => Some(DataType::Numeric { precision, scale: 0 }),
                first => first,
            },
            Returns::Common => common(call.args.iter().zip(arguments)),
            // decode(value, search, result, …[, default])
            Returns::DecodeResults => {
                let last = arguments.len().saturating_sub(1);
                let results = call.args.iter().zip(arguments).enumerate();
                common(
                    results
                        .filter(|(place, _)| *place > 0 && (place % 2 == 0 || *place == last))
                        .map(|(_, result)| result),
                )
            }
            Returns::Unknown => None,
        })
    }

    /// An argument that must be a timestamp. A date, or a text such as `'2008-02-28'`, becomes one.
    fn timestamp(&mut self, arg: &mut Expr) -> Result<Type> {
        let data_type = self.expr(arg)?;
        match data_type {
            Some(DataType::Timestamp | DataType::TimestampTz | DataType::Time | DataType::TimeTz) => Ok(data_type),
            _ if matches!(arg, Expr::Interval(_)) => Ok(data_type),
            Some(number) if types::is_number(number) => {
                Err(SqlError::new(SqlState::DatatypeMismatch, format!("a date or time is needed here, not {number}")))
            }
            _ => {
                cast(arg, DataType::Timestamp);
                Ok(Some(DataType::Timestamp))
            }
        }
    }

    fn at_time_zone(&mut self, value: &mut Expr, zone: &mut Expr) -> Result<Type> {
        self.expr(zone)?;
        let data_type = self.timestamp(value)?;
        Ok(match data_type {
            Some(DataType::Timestamp) => Some(DataType::TimestampTz),
            Some(DataType::TimestampTz) => Some(DataType::Timestamp),
            _ => return Err(SqlError::unsupported("AT TIME ZONE of a time")),
        })
    }

    fn aggregate(&mut self, expr: &mut Expr) -> Result<Type> {
        let Expr::Aggregate(aggregate) = expr else { return Ok(None) };
        let argument = self.aggregate_parts(aggregate)?;
        let (result, needs_cast) = match (aggregate.function.name, argument) {
            ("sum", Some(DataType::SmallInt | DataType::Integer)) => (Some(DataType::BigInt), true),
            ("sum", Some(DataType::BigInt)) => (Some(DataType::Numeric { precision: 38, scale: 0 }), true),
            ("sum", Some(DataType::Numeric { precision: _, scale })) => {
                (Some(DataType::Numeric { precision: 38, scale }), false)
            }
            ("sum", Some(DataType::Real | DataType::Double)) => (Some(DataType::Double), false),
            ("avg", Some(data_type)) if types::is_integer(data_type) => {
                aggregate.function = &AVERAGE_OF_INTEGERS;
                (Some(DataType::BigInt), false)
            }
            ("avg", Some(DataType::Numeric { precision: _, scale })) => {
                (Some(DataType::Numeric { precision: 38, scale }), true)
            }
            _ => match aggregate.function.returns {
                Returns::Known(data_type) => (Some(data_type), false),
                Returns::Argument(_) => (argument, false),
                Returns::Whole | Returns::Common | Returns::DecodeResults | Returns::Unknown => (None, false),
            },
        };
        if let (Some(data_type), true) = (result, needs_cast) {
            cast(expr, data_type);
        }
        Ok(result)
    }

    /// The type of its first argument.
    fn aggregate_parts(&mut self, aggregate: &mut Aggregate) -> Result<Type> {
        let mut first = None;
        for (place, arg) in aggregate.args.iter_mut().enumerate() {
            let data_type = self.expr(arg)?;
            if place == 0 {
                first = data_type;
            }
        }
        for key in &mut aggregate.within {
            if let crate::ast::Key::Expr(expr) = &mut key.key {
                self.expr(expr)?;
            }
        }
        if let Some(filter) = &mut aggregate.filter {
            self.expr(filter)?;
        }
        match &mut aggregate.over {
            None | Some(Window::Named(_)) => {}
            Some(Window::Spec(spec)) => self.window_spec(spec)?,
        }
        Ok(first)
    }

    pub(super) fn window_spec(&mut self, spec: &mut WindowSpec) -> Result<()> {
        self.boolean(spec.partition_by.iter_mut())?;
        for key in &mut spec.order_by {
            match &mut key.key {
                crate::ast::Key::Expr(expr) => self.expr(expr).map(drop)?,
                // a number is a constant there, and orders nothing
                crate::ast::Key::Ordinal(_) => {}
            }
        }
        let Some(Frame { unit: _, start, end }) = &mut spec.frame else { return Ok(()) };
        for bound in std::iter::once(start).chain(end) {
            match bound {
                FrameBound::Preceding(rows) | FrameBound::Following(rows) => self.expr(rows).map(drop)?,
                FrameBound::UnboundedPreceding | FrameBound::CurrentRow | FrameBound::UnboundedFollowing => {}
            }
        }
        Ok(())
    }
}

fn same_width(left: usize, right: usize) -> Result<()> {
    if left == right {
        return Ok(());
    }
    Err(SqlError::new(SqlState::SyntaxError, "unequal number of entries in row expressions"))
}

/// The common type of several results. NULL fits every type.
#[derive(Debug, Default)]
struct Common {
    so_far: Option<Type>,
}

impl Common {
    fn add(&mut self, expr: &Expr, data_type: Type) {
        if matches!(expr, Expr::Value(Value::Null)) {
            return;
        }
        self.so_far = Some(match self.so_far {
            None => data_type,
            Some(so_far) => types::common(so_far, data_type),
        });
    }

    fn data_type(&self) -> Type {
        self.so_far.flatten()
    }
}

fn common<'e>(results: impl Iterator<Item = (&'e Expr, Type)>) -> Type {
    let mut common = Common::default();
    for (expr, data_type) in results {
        common.add(expr, data_type);
    }
    common.data_type()
}

fn cast(expr: &mut Expr, to: DataType) {
    let inner = std::mem::replace(expr, Expr::Value(Value::Null));
    *expr = Expr::Cast { expr: Box::new(inner), to };
}

fn value_type(value: &Value) -> Type {
    match value {
        Value::Null | Value::Text(_) => None,
        Value::Bool(_) => Some(DataType::Boolean),
        Value::Number(digits) => types::literal(digits),
    }
}

fn session_type(function: SessionFunction) -> DataType {
    match function {
        SessionFunction::CurrentUser
        | SessionFunction::SessionUser
        | SessionFunction::CurrentDatabase
        | SessionFunction::CurrentSchema
        | SessionFunction::Version => DataType::Text,
        SessionFunction::CurrentUserId | SessionFunction::BackendPid => DataType::Integer,
        SessionFunction::Now => DataType::Timestamp,
        SessionFunction::NowTz => DataType::TimestampTz,
        SessionFunction::CurrentDate => DataType::Date,
    }
}
