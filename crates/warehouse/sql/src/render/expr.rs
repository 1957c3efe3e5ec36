//! Expressions. What isn't a single word or call is in parentheses, so that no rank of operators matters.

use crate::ast::{BinaryOp, Call, ColumnName, Expr, Like, Query, TextPiece, TextStyle, Truth, UnaryOp, Value};
use crate::error::SqlError;
use crate::functions::scalar;
use crate::render::literal::{bounded, interval, string, type_name, typed, value};
use crate::render::template::Argument;
use crate::render::{Place, Renderer, limited, quoted};
use crate::types::DataType;

type Result<T> = std::result::Result<T, SqlError>;

/// A text of at most so many bytes, not cut through a character: one of the four last places is between two characters.
const CUT: &str = "CASE WHEN strlen({0}) <= {n} THEN {0} ELSE coalesce(TRY(decode(encode({0})[1:{n}])), \
    TRY(decode(encode({0})[1:{n}-1])), TRY(decode(encode({0})[1:{n}-2])), TRY(decode(encode({0})[1:{n}-3]))) END";

/// Redshift refuses what the engine answers with NULL.
const DIVIDE: &str = "(CASE WHEN {1} = 0 THEN error('division by zero') ELSE {0} / {1} END)";
const MODULO: &str = "(CASE WHEN {1} = 0 THEN error('division by zero') ELSE {0} % {1} END)";

impl Renderer<'_> {
    #[recursive::recursive]
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<String> {
        let text = match expr {
            Expr::Column(column) => self.column(column)?,
            Expr::Value(constant) => value(constant)?,
            Expr::Typed { text, data_type } => typed(bounded(text)?, *data_type)?,
            Expr::Interval(value) => interval(*value),
            Expr::Parameter(number) => self.parameter(*number)?,
            Expr::Session(function) => self.session(*function)?,
            Expr::Unary { op, expr } => self.unary(*op, expr)?,
            Expr::Binary { op, left, right } => self.binary(*op, left, right)?,
            Expr::And(operands) => self.joined(operands, " AND ")?,
            Expr::Or(operands) => self.joined(operands, " OR ")?,
            Expr::Is { expr, truth, negated } => {
                let truth = match truth {
                    Truth::Null => "NULL",
                    Truth::True => "TRUE",
                    Truth::False => "FALSE",
                };
                format!("({} IS {}{truth})", self.expr(expr)?, not(*negated))
            }
            Expr::DistinctFrom { left, right, negated } => {
                format!("({} IS {}DISTINCT FROM {})", self.expr(left)?, not(*negated), self.expr(right)?)
            }
            Expr::Between { expr, low, high, negated } => {
                let (expr, low, high) = (self.expr(expr)?, self.expr(low)?, self.expr(high)?);
                format!("({expr} {}BETWEEN {low} AND {high})", not(*negated))
            }
            Expr::InList { expr, list, negated } => {
                format!("({} {}IN ({}))", self.expr(expr)?, not(*negated), self.list(list)?)
            }
            Expr::Like(like) => self.like(like)?,
            Expr::Regex { expr, pattern, insensitive, negated } => {
                let option = if *insensitive { ", 'i'" } else { "" };
                let (expr, pattern) = (self.expr(expr)?, self.expr(pattern)?);
                format!("({}regexp_matches({expr}, {pattern}{option}))", not(*negated))
            }
            Expr::Case { operand, branches, default } => self.case(operand.as_deref(), branches, default.as_deref())?,
            Expr::Cast { expr, to } => self.cast(expr, *to)?,
            Expr::Row(values) => format!("row({})", self.list(values)?),
            Expr::Call(call) => self.call(call)?,
            Expr::Aggregate(aggregate) => self.aggregate(aggregate)?,
            Expr::Text { value, pieces } => self.text(value, pieces)?,
            Expr::AtTimeZone { value, zone } => format!("timezone({}, {})", self.expr(zone)?, self.expr(value)?),
            Expr::InQuery { expr, query, negated } => {
                format!("({} {}IN {})", self.expr(expr)?, not(*negated), self.subquery(query)?)
            }
            Expr::Exists { query, negated } => format!("({}EXISTS {})", not(*negated), self.subquery(query)?),
            Expr::Quantified { expr, op, all, query } => {
                let quantifier = if *all { "ALL" } else { "ANY" };
                format!("({} {} {quantifier} {})", self.expr(expr)?, symbol(*op), self.subquery(query)?)
            }
            Expr::Scalar(query) => self.subquery(query)?,
        };
        limited(text)
    }

    fn subquery(&mut self, query: &Query) -> Result<String> {
        if let Place::Default = self.place {
            return Err(SqlError::unsupported("a query in DEFAULT"));
        }
        Ok(format!("({})", self.query(query)?))
    }

    pub(super) fn list(&mut self, exprs: &[Expr]) -> Result<String> {
        Ok(self.texts(exprs)?.join(", "))
    }

    fn texts(&mut self, exprs: &[Expr]) -> Result<Vec<String>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn joined(&mut self, operands: &[Expr], word: &str) -> Result<String> {
        Ok(format!("({})", self.texts(operands)?.join(word)))
    }

    fn column(&self, column: &ColumnName) -> Result<String> {
        if let Some(text) = self.labelled(column) {
            return Ok(text.clone());
        }
        match column.qualifier.as_slice() {
            [] => quoted(&column.name),
            [table] => Ok(format!("{}.{}", quoted(table)?, quoted(&column.name)?)),
            _ => Err(SqlError::unsupported("a name that was not resolved")),
        }
    }

    fn unary(&mut self, op: UnaryOp, expr: &Expr) -> Result<String> {
        let expr = self.expr(expr)?;
        Ok(match op {
            UnaryOp::Not => format!("(NOT {expr})"),
            // the space keeps two signs from becoming a comment
            UnaryOp::Minus => format!("(- {expr})"),
            UnaryOp::Plus => format!("(+ {expr})"),
            UnaryOp::BitNot => format!("(~ {expr})"),
        })
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Result<String> {
        if op == BinaryOp::Concat {
            return self.concat(left, right);
        }
        let (left_text, right_text) = (self.expr(left)?, self.expr(right)?);
        let guarded = match op == BinaryOp::Divide {
            true => Some(DIVIDE),
            false => (op == BinaryOp::Modulo).then_some(MODULO),
        };
        if let Some(template) = guarded
            && !is_nonzero(right)
        {
            return self.fill(template, &[self.kind(left), self.kind(right)], vec![left_text, right_text]);
        }
        Ok(format!("({left_text} {} {right_text})", symbol(op)))
    }

    fn like(&mut self, like: &Like) -> Result<String> {
        let Like { expr, pattern, escape, insensitive, negated } = like;
        let operator = if *insensitive { "ILIKE" } else { "LIKE" };
        let escape = escape.map(String::from).unwrap_or_default();
        let (expr, pattern) = (self.expr(expr)?, self.expr(pattern)?);
        Ok(format!("({expr} {}{operator} {pattern} ESCAPE {})", not(*negated), string(&escape)?))
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[crate::ast::CaseBranch],
        default: Option<&Expr>,
    ) -> Result<String> {
        let mut text = "CASE".to_owned();
        if let Some(operand) = operand {
            text.push_str(&format!(" {}", self.expr(operand)?));
        }
        for branch in branches {
            text.push_str(&format!(" WHEN {} THEN {}", self.expr(&branch.when)?, self.expr(&branch.then)?));
        }
        if let Some(default) = default {
            text.push_str(&format!(" ELSE {}", self.expr(default)?));
        }
        text.push_str(" END");
        Ok(text)
    }

    fn cast(&mut self, expr: &Expr, to: DataType) -> Result<String> {
        let inner = self.expr(expr)?;
        let cast = format!("CAST({inner} AS {})", type_name(to));
        let (bytes, padded) = match to {
            DataType::Varchar { length_bytes } => (length_bytes, false),
            DataType::Char { length_bytes } => (length_bytes, true),
            DataType::SmallInt
            | DataType::Integer
            | DataType::BigInt
            | DataType::Numeric { .. }
            | DataType::Real
            | DataType::Double
            | DataType::Boolean
            | DataType::Date
            | DataType::Time
            | DataType::TimeTz
            | DataType::Timestamp
            | DataType::TimestampTz
            | DataType::Text
            | DataType::Oid => return Ok(cast),
        };
        let cut = self.fill(&CUT.replace("{n}", &bytes.to_string()), &[self.kind(expr)], vec![cast])?;
        // blanks at the end of a CHAR mean nothing
        Ok(if padded { format!("rtrim({cut}, ' ')") } else { cut })
    }

    fn call(&mut self, call: &Call) -> Result<String> {
        if call.function.name == "concat" {
            return self.concat_call(&call.args);
        }
        let args = self.texts(&call.args)?;
        let kinds: Vec<Argument> = call.args.iter().map(|arg| self.kind(arg)).collect();
        if call.function.name == "decode" {
            return self.fill(&decode(args.len()), &kinds, args);
        }
        let text = self.fill(call.function.template, &kinds, args)?;
        // DATEADD's templates are sums
        Ok(if scalar::DATEADD.iter().any(|function| std::ptr::eq(function, call.function)) {
            format!("({text})")
        } else {
            text
        })
    }

    fn text(&mut self, value: &Expr, pieces: &[TextPiece]) -> Result<String> {
        // the patterns are arguments as well: no text of the client's ever becomes part of a template
        let mut kinds = vec![self.kind(value)];
        let mut args = vec![self.expr(value)?];
        let mut parts = Vec::with_capacity(pieces.len());
        for TextPiece { strftime, style } in pieces {
            let plain = format!("strftime({{0}}, {{{}}})", args.len());
            args.push(string(bounded(strftime)?)?);
            kinds.push(Argument::Constant);
            parts.push(match style {
                TextStyle::AsIs => plain,
                TextStyle::Upper => format!("upper({plain})"),
                TextStyle::Lower => format!("lower({plain})"),
                TextStyle::PadNine => format!("rpad({plain}, 9, ' ')"),
                TextStyle::UpperPadNine => format!("rpad(upper({plain}), 9, ' ')"),
                TextStyle::LowerPadNine => format!("rpad(lower({plain}), 9, ' ')"),
                TextStyle::Quarter => "CAST(quarter({0}) AS VARCHAR)".to_owned(),
            });
        }
        self.fill(&format!("({})", parts.join(" || ")), &kinds, args)
    }
}

/// `decode(value, search, result [, …] [, default])`: NULL matches NULL.
fn decode(arguments: usize) -> String {
    let mut text = "CASE".to_owned();
    let mut place = 1;
    while place + 1 < arguments {
        text.push_str(&format!(" WHEN {{0}} IS NOT DISTINCT FROM {{{place}}} THEN {{{}}}", place + 1));
        place += 2;
    }
    if place < arguments {
        text.push_str(&format!(" ELSE {{{place}}}"));
    }
    text.push_str(" END");
    text
}

fn is_nonzero(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(Value::Number(digits)) if digits.parse::<f64>().is_ok_and(|number| number != 0.0))
}

const fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

const fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
        BinaryOp::Concat => "||",
        BinaryOp::Equal => "=",
        BinaryOp::NotEqual => "<>",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
    }
}
