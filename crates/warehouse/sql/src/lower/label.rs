//! The name of a result column that has no alias, as PostgreSQL finds it (`FigureColname` in parse_target.c).

use sqlparser::ast as parsed;

use super::{Result, name};

const UNNAMED: &str = "?column?";

/// The label of an expression in a select list.
pub(super) fn of(expr: &parsed::Expr) -> Result<String> {
    Ok(match named(expr)? {
        Some(Name { text, weak: _ }) => text,
        None => UNNAMED.to_owned(),
    })
}

/// A weak name gives way to a better one: a type to a column, `case` to its ELSE.
struct Name {
    text: String,
    weak: bool,
}

#[recursive::recursive]
fn named(expr: &parsed::Expr) -> Result<Option<Name>> {
    Ok(match expr {
        parsed::Expr::Nested(expr) => named(expr)?,
        parsed::Expr::Identifier(ident) => strong(&name::ident(ident.clone())?),
        parsed::Expr::CompoundIdentifier(parts) => match parts.last() {
            Some(last) => strong(&name::ident(last.clone())?),
            None => None,
        },
        parsed::Expr::Function(function) => match name::parts(function.name.clone())?.last() {
            Some(name) => strong(function_label(name)),
            None => None,
        },
        parsed::Expr::Cast { expr, data_type, .. } => over_type(expr, data_type)?,
        parsed::Expr::Convert { expr, data_type: Some(data_type), .. } => over_type(expr, data_type)?,
        parsed::Expr::TypedString(typed) => weak(type_label(&typed.data_type)),
        parsed::Expr::Interval(_) => weak("interval"),
        parsed::Expr::Case { else_result, .. } => {
            let inner = match else_result {
                Some(result) => named(result)?,
                None => None,
            };
            match inner {
                Some(Name { text, weak: false }) => Some(Name { text, weak: false }),
                Some(Name { text: _, weak: true }) | None => weak("case"),
            }
        }
        parsed::Expr::Extract { .. } => strong("date_part"),
        parsed::Expr::Position { .. } => strong("position"),
        parsed::Expr::Substring { .. } => strong("substring"),
        parsed::Expr::Ceil { .. } => strong("ceil"),
        parsed::Expr::Floor { .. } => strong("floor"),
        parsed::Expr::Trim { trim_where, .. } => strong(match trim_where {
            None | Some(parsed::TrimWhereField::Both) => "btrim",
            Some(parsed::TrimWhereField::Leading) => "ltrim",
            Some(parsed::TrimWhereField::Trailing) => "rtrim",
        }),
        parsed::Expr::AtTimeZone { .. } => strong("timezone"),
        parsed::Expr::Tuple(_) => strong("row"),
        _ => None,
    })
}

fn over_type(expr: &parsed::Expr, data_type: &parsed::DataType) -> Result<Option<Name>> {
    match named(expr)? {
        Some(Name { text, weak: false }) => Ok(Some(Name { text, weak: false })),
        Some(Name { text: _, weak: true }) | None => Ok(weak(type_label(data_type))),
    }
}

fn strong(text: &str) -> Option<Name> {
    Some(Name { text: text.to_owned(), weak: false })
}

fn weak(text: &str) -> Option<Name> {
    Some(Name { text: text.to_owned(), weak: true })
}

/// Redshift rewrites these before it names them.
fn function_label(name: &str) -> &str {
    match name {
        "nvl" => "coalesce",
        "decode" | "nvl2" => "case",
        "dateadd" => "date_add",
        "datediff" => "date_diff",
        name => name,
    }
}

fn type_label(data_type: &parsed::DataType) -> &'static str {
    use crate::types::DataType;
    match super::types::of(data_type.clone()) {
        Ok(DataType::SmallInt) => "int2",
        Ok(DataType::Integer) => "int4",
        Ok(DataType::BigInt) => "int8",
        Ok(DataType::Numeric { .. }) => "numeric",
        Ok(DataType::Real) => "float4",
        Ok(DataType::Double) => "float8",
        Ok(DataType::Boolean) => "bool",
        Ok(DataType::Char { .. }) => "bpchar",
        Ok(DataType::Varchar { .. }) => "varchar",
        Ok(DataType::Text) if matches!(data_type, parsed::DataType::Text) => "text",
        Ok(DataType::Text) => "varchar",
        Ok(DataType::Date) => "date",
        Ok(DataType::Time) => "time",
        Ok(DataType::TimeTz) => "timetz",
        Ok(DataType::Timestamp) => "timestamp",
        Ok(DataType::TimestampTz) => "timestamptz",
        Ok(DataType::Oid) => "oid",
        // an interval; anything else is refused when the expression itself is lowered
        Err(_) => "interval",
    }
}
