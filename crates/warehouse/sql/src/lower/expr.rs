//! Expressions.

use sqlparser::ast as parsed;

use super::{Lower, Result, literal, name, pattern, refuse_if, types};
use crate::ast::{BinaryOp, CaseBranch, ColumnName, Expr, Like, Truth, UnaryOp, Value};
use crate::error::{SqlError, SqlState};

impl Lower {
    #[recursive::recursive]
    pub(super) fn expr(&mut self, expr: parsed::Expr) -> Result<Expr> {
        self.deeper(|lower| match expr {
            parsed::Expr::Nested(expr) => lower.expr(*expr),
            parsed::Expr::Identifier(ident) => match literal::keyword(&ident) {
                Some(function) => Ok(Expr::Session(function)),
                None => Ok(Expr::Column(ColumnName { qualifier: Vec::new(), name: name::ident(ident)? })),
            },
            parsed::Expr::CompoundIdentifier(parts) => column(parts),
            parsed::Expr::Value(value) => literal::value(value),
            parsed::Expr::BinaryOp { left, op, right } => lower.binary(*left, op, *right),
            parsed::Expr::UnaryOp { op, expr } => lower.unary(op, *expr),
            parsed::Expr::Function(function) => lower.function(function),
            parsed::Expr::Subquery(query) => Ok(Expr::Scalar(Box::new(lower.query(*query)?))),
            other => lower.predicate(other),
        })
    }

    fn predicate(&mut self, expr: parsed::Expr) -> Result<Expr> {
        match expr {
            parsed::Expr::IsNull(expr) | parsed::Expr::IsUnknown(expr) => self.is(*expr, Truth::Null, false),
            parsed::Expr::IsNotNull(expr) | parsed::Expr::IsNotUnknown(expr) => self.is(*expr, Truth::Null, true),
            parsed::Expr::IsTrue(expr) => self.is(*expr, Truth::True, false),
            parsed::Expr::IsNotTrue(expr) => self.is(*expr, Truth::True, true),
            parsed::Expr::IsFalse(expr) => self.is(*expr, Truth::False, false),
            parsed::Expr::IsNotFalse(expr) => self.is(*expr, Truth::False, true),
            parsed::Expr::IsDistinctFrom(left, right) => self.distinct(*left, *right, false),
            parsed::Expr::IsNotDistinctFrom(left, right) => self.distinct(*left, *right, true),
            parsed::Expr::Between { expr, negated, low, high } => Ok(Expr::Between {
                expr: self.boxed(*expr)?,
                low: self.boxed(*low)?,
                high: self.boxed(*high)?,
                negated,
            }),
            parsed::Expr::InList { expr, list, negated } => {
                if list.is_empty() {
                    return Err(SqlError::syntax(")"));
                }
                Ok(Expr::InList { expr: self.boxed(*expr)?, list: self.exprs(list)?, negated })
            }
            parsed::Expr::InSubquery { expr, subquery, negated } => {
                Ok(Expr::InQuery { expr: self.boxed(*expr)?, query: Box::new(self.query(*subquery)?), negated })
            }
            parsed::Expr::Exists { subquery, negated } => {
                Ok(Expr::Exists { query: Box::new(self.query(*subquery)?), negated })
            }
            parsed::Expr::AnyOp { left, compare_op, right, is_some: _ } => {
                self.quantified(*left, compare_op, *right, false)
            }
            parsed::Expr::AllOp { left, compare_op, right } => self.quantified(*left, compare_op, *right, true),
            parsed::Expr::Like { negated, any, expr, pattern, escape_char } => {
                refuse_if(any, "LIKE ANY")?;
                self.like((*expr, *pattern), escape_char, false, negated)
            }
            parsed::Expr::ILike { negated, any, expr, pattern, escape_char } => {
                refuse_if(any, "ILIKE ANY")?;
                self.like((*expr, *pattern), escape_char, true, negated)
            }
            parsed::Expr::SimilarTo { negated, expr, pattern, escape_char } => {
                let escape = literal::escape(escape_char)?;
                let parsed::Expr::Value(parsed::ValueWithSpan {
                    value: parsed::Value::SingleQuotedString(text), ..
                }) = *pattern
                else {
                    return Err(SqlError::unsupported("SIMILAR TO with a computed pattern"));
                };
                let pattern = Box::new(Expr::Value(Value::Text(pattern::similar(&text, escape)?)));
                Ok(Expr::Regex { expr: self.boxed(*expr)?, pattern, insensitive: false, negated })
            }
            other => self.form(other),
        }
    }

    /// The expressions that are written with keywords.
    fn form(&mut self, expr: parsed::Expr) -> Result<Expr> {
        match expr {
            parsed::Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                let operand = operand.map(|operand| self.boxed(*operand)).transpose()?;
                let branches = conditions
                    .into_iter()
                    .map(|parsed::CaseWhen { condition, result }| {
                        Ok(CaseBranch { when: self.expr(condition)?, then: self.expr(result)? })
                    })
                    .collect::<Result<_>>()?;
                let default = else_result.map(|default| self.boxed(*default)).transpose()?;
                Ok(Expr::Case { operand, branches, default })
            }
            parsed::Expr::Cast { kind, expr, data_type, format } => {
                match kind {
                    parsed::CastKind::Cast | parsed::CastKind::DoubleColon => {}
                    parsed::CastKind::TryCast | parsed::CastKind::SafeCast => {
                        return Err(SqlError::unsupported("TRY_CAST"));
                    }
                }
                refuse_if(format.is_some(), "CAST … FORMAT")?;
                self.cast(*expr, data_type)
            }
            parsed::Expr::Convert { is_try, expr, data_type, charset, target_before_value, styles } => {
                refuse_if(is_try || charset.is_some() || !styles.is_empty(), "this form of CONVERT")?;
                match (data_type, target_before_value) {
                    (Some(data_type), true) => self.cast(*expr, data_type),
                    (_, _) => Err(SqlError::unsupported("CONVERT without a type first")),
                }
            }
            parsed::Expr::TypedString(parsed::TypedString { data_type, value, uses_odbc_syntax }) => {
                refuse_if(uses_odbc_syntax, "the ODBC escape")?;
                self.cast(parsed::Expr::Value(value), data_type)
            }
            parsed::Expr::Interval(interval) => literal::interval(interval),
            parsed::Expr::AtTimeZone { timestamp, time_zone } => {
                Ok(Expr::AtTimeZone { value: self.boxed(*timestamp)?, zone: self.boxed(*time_zone)? })
            }
            parsed::Expr::Extract { field, syntax: _, expr } => {
                let value = self.expr(*expr)?;
                let part = match field {
                    parsed::DateTimeField::Custom(part) => part.value,
                    field => field.to_string(),
                };
                super::call::extract(&part, value)
            }
            parsed::Expr::Tuple(exprs) => Ok(Expr::Row(self.exprs(exprs)?)),
            other => self.function_form(other),
        }
    }

    /// The functions that have a grammar of their own.
    fn function_form(&mut self, expr: parsed::Expr) -> Result<Expr> {
        match expr {
            parsed::Expr::Ceil { expr, field } => self.rounded("ceil", *expr, field),
            parsed::Expr::Floor { expr, field } => self.rounded("floor", *expr, field),
            parsed::Expr::Position { expr, r#in } => {
                let (part, whole) = (self.expr(*expr)?, self.expr(*r#in)?);
                super::call::scalar("strpos", vec![whole, part])
            }
            parsed::Expr::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                let text = self.expr(*expr)?;
                let from = match substring_from {
                    Some(from) => self.expr(*from)?,
                    None => Expr::Value(Value::Number("1".to_owned())),
                };
                let mut args = vec![text, from];
                if let Some(length) = substring_for {
                    args.push(self.expr(*length)?);
                }
                super::call::scalar("substring", args)
            }
            parsed::Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let function = match trim_where {
                    None | Some(parsed::TrimWhereField::Both) => "btrim",
                    Some(parsed::TrimWhereField::Leading) => "ltrim",
                    Some(parsed::TrimWhereField::Trailing) => "rtrim",
                };
                let mut args = vec![self.expr(*expr)?];
                if let Some(what) = trim_what {
                    args.push(self.expr(*what)?);
                }
                args.extend(self.exprs(trim_characters.unwrap_or_default())?);
                super::call::scalar(function, args)
            }
            other => Err(SqlError::unsupported(refused(&other))),
        }
    }

    fn rounded(&mut self, function: &str, expr: parsed::Expr, field: parsed::CeilFloorKind) -> Result<Expr> {
        match field {
            parsed::CeilFloorKind::DateTimeField(parsed::DateTimeField::NoDateTime) => {
                let value = self.expr(expr)?;
                super::call::scalar(function, vec![value])
            }
            parsed::CeilFloorKind::DateTimeField(_) | parsed::CeilFloorKind::Scale(_) => {
                Err(SqlError::unsupported(format!("this form of {function}")))
            }
        }
    }

    fn is(&mut self, expr: parsed::Expr, truth: Truth, negated: bool) -> Result<Expr> {
        Ok(Expr::Is { expr: self.boxed(expr)?, truth, negated })
    }

    fn distinct(&mut self, left: parsed::Expr, right: parsed::Expr, negated: bool) -> Result<Expr> {
        Ok(Expr::DistinctFrom { left: self.boxed(left)?, right: self.boxed(right)?, negated })
    }

    fn like(
        &mut self,
        (expr, pattern): (parsed::Expr, parsed::Expr),
        escape: Option<Box<parsed::Expr>>,
        insensitive: bool,
        negated: bool,
    ) -> Result<Expr> {
        let escape = literal::escape(escape)?;
        let (expr, pattern) = (self.expr(expr)?, self.expr(pattern)?);
        Ok(Expr::Like(Box::new(Like { expr, pattern, escape, insensitive, negated })))
    }

    fn quantified(
        &mut self,
        left: parsed::Expr,
        op: parsed::BinaryOperator,
        right: parsed::Expr,
        all: bool,
    ) -> Result<Expr> {
        let op = operator(&op)?;
        refuse_if(!op.is_comparison(), "ANY or ALL with this operator")?;
        let parsed::Expr::Subquery(query) = right else {
            return Err(SqlError::unsupported("ANY or ALL of something that is no query"));
        };
        Ok(Expr::Quantified { expr: self.boxed(left)?, op, all, query: Box::new(self.query(*query)?) })
    }

    fn cast(&mut self, expr: parsed::Expr, data_type: parsed::DataType) -> Result<Expr> {
        if matches!(data_type, parsed::DataType::Interval { .. }) {
            return literal::interval_text(expr);
        }
        let to = types::of(data_type)?;
        Ok(match self.expr(expr)? {
            Expr::Value(Value::Text(text)) => Expr::Typed { text, data_type: to },
            expr => Expr::Cast { expr: Box::new(expr), to },
        })
    }

    fn unary(&mut self, op: parsed::UnaryOperator, expr: parsed::Expr) -> Result<Expr> {
        let op = match op {
            parsed::UnaryOperator::Not => UnaryOp::Not,
            parsed::UnaryOperator::Minus => UnaryOp::Minus,
            parsed::UnaryOperator::Plus => UnaryOp::Plus,
            parsed::UnaryOperator::BitwiseNot => UnaryOp::BitNot,
            op => return Err(SqlError::unsupported(format!("the operator {op}"))),
        };
        Ok(Expr::Unary { op, expr: self.boxed(expr)? })
    }

    fn binary(&mut self, left: parsed::Expr, op: parsed::BinaryOperator, right: parsed::Expr) -> Result<Expr> {
        if matches!(op, parsed::BinaryOperator::And | parsed::BinaryOperator::Or) {
            let and = matches!(op, parsed::BinaryOperator::And);
            let operands = self.exprs(chain(left, &op, right))?;
            return Ok(if and { Expr::And(operands) } else { Expr::Or(operands) });
        }
        let regex = match op {
            parsed::BinaryOperator::PGRegexMatch => Some((false, false)),
            parsed::BinaryOperator::PGRegexIMatch => Some((true, false)),
            parsed::BinaryOperator::PGRegexNotMatch => Some((false, true)),
            parsed::BinaryOperator::PGRegexNotIMatch => Some((true, true)),
            _ => None,
        };
        if let Some((insensitive, negated)) = regex {
            return Ok(Expr::Regex { expr: self.boxed(left)?, pattern: self.boxed(right)?, insensitive, negated });
        }
        let op_name = op.to_string();
        let op = operator(&op)?;
        if [&left, &right].into_iter().any(|side| binds_otherwise(op, side)) {
            return Err(SqlError::unsupported(format!("mixing {op_name} with || or another bit operator"))
                .hint("Add parentheses to say what belongs together."));
        }
        Ok(Expr::Binary { op, left: self.boxed(left)?, right: self.boxed(right)? })
    }
}

/// The operands of `a AND b AND c …`, which hang to the left.
fn chain(left: parsed::Expr, op: &parsed::BinaryOperator, right: parsed::Expr) -> Vec<parsed::Expr> {
    let mut operands = vec![right];
    let mut rest = left;
    loop {
        match rest {
            parsed::Expr::BinaryOp { left, op: inner, right } if inner == *op => {
                operands.push(*right);
                rest = *left;
            }
            rest => {
                operands.push(rest);
                break;
            }
        }
    }
    operands.reverse();
    operands
}

/// sqlparser gives `||`, `&` and `|` another rank among the operators than Redshift does; without parentheses the tree may
/// not be what the text means.
fn binds_otherwise(op: BinaryOp, side: &parsed::Expr) -> bool {
    let parsed::Expr::BinaryOp { op: inner, .. } = side else { return false };
    let Ok(inner) = operator(inner) else { return false };
    let own_rank = |op| matches!(op, BinaryOp::Concat | BinaryOp::BitAnd | BinaryOp::BitOr);
    let ranked = |op| {
        own_rank(op)
            || matches!(
                op,
                BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo
            )
    };
    op != inner && ranked(op) && ranked(inner) && (own_rank(op) || own_rank(inner))
}

fn operator(op: &parsed::BinaryOperator) -> Result<BinaryOp> {
    Ok(match op {
        parsed::BinaryOperator::Plus => BinaryOp::Add,
        parsed::BinaryOperator::Minus => BinaryOp::Subtract,
        parsed::BinaryOperator::Multiply => BinaryOp::Multiply,
        parsed::BinaryOperator::Divide => BinaryOp::Divide,
        parsed::BinaryOperator::Modulo => BinaryOp::Modulo,
        parsed::BinaryOperator::StringConcat => BinaryOp::Concat,
        parsed::BinaryOperator::Eq => BinaryOp::Equal,
        parsed::BinaryOperator::NotEq => BinaryOp::NotEqual,
        parsed::BinaryOperator::Lt => BinaryOp::Less,
        parsed::BinaryOperator::LtEq => BinaryOp::LessOrEqual,
        parsed::BinaryOperator::Gt => BinaryOp::Greater,
        parsed::BinaryOperator::GtEq => BinaryOp::GreaterOrEqual,
        parsed::BinaryOperator::BitwiseAnd => BinaryOp::BitAnd,
        parsed::BinaryOperator::BitwiseOr => BinaryOp::BitOr,
        parsed::BinaryOperator::BitwiseXor | parsed::BinaryOperator::PGExp => {
            return Err(SqlError::unsupported("the operator ^").hint("Write power(a, b)."));
        }
        op => return Err(SqlError::unsupported(format!("the operator {op}"))),
    })
}

fn column(parts: Vec<parsed::Ident>) -> Result<Expr> {
    let mut parts = parts.into_iter().map(name::ident).collect::<Result<Vec<_>>>()?;
    match parts.pop() {
        Some(name) if parts.len() <= 3 => Ok(Expr::Column(ColumnName { qualifier: parts, name })),
        _ => Err(SqlError::new(SqlState::SyntaxError, "improper qualified name (too many dotted names)")),
    }
}

/// What the user is told isn't supported.
fn refused(expr: &parsed::Expr) -> &'static str {
    match expr {
        parsed::Expr::Array(_) => "an array",
        parsed::Expr::Struct { .. } | parsed::Expr::Dictionary(_) | parsed::Expr::Map(_) => "a struct or map",
        parsed::Expr::Lambda(_) => "a lambda",
        parsed::Expr::CompoundFieldAccess { .. } => "a subscript or field of an expression",
        parsed::Expr::JsonAccess { .. } => "SUPER navigation",
        parsed::Expr::Collate { .. } => "COLLATE in an expression",
        parsed::Expr::Overlay { .. } => "OVERLAY",
        parsed::Expr::OuterJoin(_) => "the (+) outer join",
        parsed::Expr::Prior(_) => "PRIOR",
        parsed::Expr::Wildcard(_) | parsed::Expr::QualifiedWildcard(_, _) => "* as an expression",
        parsed::Expr::IsJson { .. } => "IS JSON",
        parsed::Expr::IsNormalized { .. } => "IS NORMALIZED",
        parsed::Expr::RLike { .. } => "RLIKE",
        parsed::Expr::InUnnest { .. } => "IN UNNEST",
        parsed::Expr::Prefixed { .. } => "a literal with a character set",
        parsed::Expr::GroupingSets(_) | parsed::Expr::Cube(_) | parsed::Expr::Rollup(_) => {
            "GROUPING SETS, CUBE or ROLLUP outside GROUP BY"
        }
        _ => "this expression",
    }
}
