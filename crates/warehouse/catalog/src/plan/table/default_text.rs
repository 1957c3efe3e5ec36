//! A column's DEFAULT as text, to be shown in `svv_columns`.

use sql::ast::{Expr, SessionFunction, UnaryOp, Value};

use crate::error::CatalogError;

/// # Errors
/// 0A000 for anything but constants, casts of them and functions about the session.
pub(super) fn of(expr: &Expr) -> Result<String, CatalogError> {
    Ok(match expr {
        Expr::Value(Value::Null) => "NULL".to_owned(),
        Expr::Value(Value::Bool(value)) => value.to_string(),
        Expr::Value(Value::Number(digits)) => digits.clone(),
        Expr::Value(Value::Text(text)) => literal(text),
        Expr::Typed { text, data_type } => format!("{}::{data_type}", literal(text)),
        Expr::Cast { expr, to } => format!("({})::{to}", of(expr)?),
        Expr::Unary { op, expr } => {
            let operator = match op {
                UnaryOp::Not => "NOT ",
                UnaryOp::Minus => "-",
                UnaryOp::Plus => "+",
                UnaryOp::BitNot => "~",
            };
            format!("{operator}{}", of(expr)?)
        }
        Expr::Session(function) => session(*function).to_owned(),
        Expr::Column(_)
        | Expr::Interval(_)
        | Expr::Parameter(_)
        | Expr::Binary { .. }
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Is { .. }
        | Expr::DistinctFrom { .. }
        | Expr::Between { .. }
        | Expr::InList { .. }
        | Expr::InQuery { .. }
        | Expr::Exists { .. }
        | Expr::Quantified { .. }
        | Expr::Like(_)
        | Expr::Regex { .. }
        | Expr::Case { .. }
        | Expr::Scalar(_)
        | Expr::Row(_)
        | Expr::Call(_)
        | Expr::Aggregate(_)
        | Expr::Text { .. }
        | Expr::AtTimeZone { .. } => {
            return Err(CatalogError::unsupported("this DEFAULT expression")
                .hint("Use a constant, or a function about the session such as getdate()."));
        }
    })
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

const fn session(function: SessionFunction) -> &'static str {
    match function {
        SessionFunction::CurrentUser => "current_user",
        SessionFunction::SessionUser => "session_user",
        SessionFunction::CurrentUserId => "current_user_id",
        SessionFunction::CurrentDatabase => "current_database()",
        SessionFunction::CurrentSchema => "current_schema()",
        SessionFunction::Version => "version()",
        SessionFunction::BackendPid => "pg_backend_pid()",
        SessionFunction::Now => "getdate()",
        SessionFunction::NowTz => "now()",
        SessionFunction::CurrentDate => "current_date",
    }
}
