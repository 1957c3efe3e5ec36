//! Function calls: only what the allow-list names.

use sqlparser::ast as parsed;

use super::{Lower, Result, literal, name, pattern, refuse_if};
use crate::ast::{Call, Expr, SessionFunction, Value};
use crate::error::{SqlError, SqlState};
use crate::functions::{self, AGGREGATES, Function, SCALAR, WINDOWS, scalar as entry};

/// A call's parts, after what no call may have was refused.
pub(super) struct Parts {
    pub(super) name: String,
    /// Whether it was written with parentheses.
    pub(super) called: bool,
    pub(super) distinct: bool,
    pub(super) star: bool,
    pub(super) args: Vec<parsed::Expr>,
    pub(super) within: Vec<parsed::OrderByExpr>,
    pub(super) filter: Option<parsed::Expr>,
    pub(super) ignore_nulls: bool,
    pub(super) over: Option<parsed::WindowType>,
}

pub(super) fn undefined(name: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedFunction, format!("function {name} does not exist"))
}

/// A function that exists, called with a number of arguments that it doesn't take.
fn wrong_arguments(name: &str, arguments: usize) -> SqlError {
    let s = if arguments == 1 { "" } else { "s" };
    SqlError::new(SqlState::UndefinedFunction, format!("function {name} with {arguments} argument{s} does not exist"))
}

impl Lower {
    pub(super) fn function(&mut self, function: parsed::Function) -> Result<Expr> {
        let parts = parts(function)?;
        if let Some(expr) = session(&parts)? {
            return Ok(expr);
        }
        if !parts.called {
            return Err(undefined(&parts.name));
        }
        let aggregate = [AGGREGATES, WINDOWS].iter().any(|table| table.iter().any(|entry| entry.name == parts.name));
        if aggregate {
            return self.aggregate(parts);
        }
        let Parts { name, called: _, distinct, star, args, within, filter, ignore_nulls, over } = parts;
        if !is_known(&name) {
            return Err(undefined(&name));
        }
        let misplaced = |present: bool, what: &str| {
            if present {
                Err(SqlError::new(
                    SqlState::SyntaxError,
                    format!("{what} specified, but {name} is not an aggregate function"),
                ))
            } else {
                Ok(())
            }
        };
        misplaced(distinct, "DISTINCT")?;
        misplaced(star, "*")?;
        misplaced(!within.is_empty(), "WITHIN GROUP")?;
        misplaced(filter.is_some(), "FILTER")?;
        misplaced(ignore_nulls, "IGNORE NULLS")?;
        misplaced(over.is_some(), "OVER")?;
        self.special(&name, args)
    }

    /// The functions that read their first argument or their pattern here; then the plain ones.
    fn special(&mut self, name: &str, args: Vec<parsed::Expr>) -> Result<Expr> {
        match name {
            "dateadd" | "datediff" | "date_part" | "date_trunc" | "extract" => self.dated(name, args),
            "to_char" | "to_date" | "to_timestamp" => self.patterned(name, args),
            "json_extract_path_text" => self.json_path(args),
            "sha2" => {
                let mut args = self.exprs(args)?;
                match args.pop() {
                    Some(Expr::Value(Value::Number(bits))) if matches!(bits.as_str(), "0" | "256") => {
                        args.push(Expr::Value(Value::Number(bits)));
                        scalar(name, args)
                    }
                    Some(_) => Err(SqlError::unsupported("sha2 with other than 256 bits")),
                    None => Err(wrong_arguments(name, 0)),
                }
            }
            "regexp_replace" => {
                let replacement = args.get(2).map(literal::text);
                let plain = match replacement {
                    None => true,
                    Some(text) => text.is_some_and(|text| !text.contains(['\\', '$'])),
                };
                refuse_if(!plain, "regexp_replace with a computed replacement, or with $ or \\ in it")?;
                let args = self.exprs(args)?;
                scalar(name, args)
            }
            name => {
                let args = self.exprs(args)?;
                scalar(name, args)
            }
        }
    }

    fn dated(&mut self, name: &str, args: Vec<parsed::Expr>) -> Result<Expr> {
        let count = args.len();
        let mut args = args.into_iter();
        let part = match args.next() {
            Some(parsed::Expr::Identifier(part)) => name::ident(part)?,
            Some(first) => match literal::text(&first) {
                Some(text) => text.to_owned(),
                None => return Err(SqlError::unsupported(format!("{name} with a computed date part"))),
            },
            None => return Err(wrong_arguments(name, count)),
        };
        let mut values = self.exprs(args.collect())?;
        let known = functions::date_part(&part).ok_or_else(|| unknown_part(name, &part))?;
        match name {
            "dateadd" => {
                let function = functions::find(entry::DATEADD, known, values.len())
                    .map_err(|known| if known { wrong_arguments(name, count) } else { unknown_part(name, &part) })?;
                Ok(Expr::Call(Call { function, args: values }))
            }
            "extract" => match (values.pop(), values.pop()) {
                (Some(value), None) => extract(&part, value),
                _ => Err(wrong_arguments(name, count)),
            },
            "datediff" => {
                // Redshift doesn't say on which day its weeks begin here
                refuse_if(matches!(known, "week" | "dow" | "doy" | "epoch"), &format!("datediff by {part}"))?;
                with_part(&entry::DATEDIFF, known, values)
            }
            "date_trunc" => {
                refuse_if(matches!(known, "dow" | "doy" | "epoch"), &format!("date_trunc to {part}"))?;
                with_part(&entry::DATE_TRUNC, known, values)
            }
            _ => {
                refuse_if(matches!(known, "millisecond" | "microsecond"), &format!("date_part of {part}"))?;
                with_part(&entry::DATE_PART, known, values)
            }
        }
    }

    fn patterned(&mut self, name: &str, args: Vec<parsed::Expr>) -> Result<Expr> {
        let count = args.len();
        let mut args = args.into_iter();
        let (Some(value), Some(pattern), None) = (args.next(), args.next(), args.next()) else {
            return Err(wrong_arguments(name, count));
        };
        let Some(text) = literal::text(&pattern) else {
            return Err(SqlError::unsupported(format!("{name} with a computed pattern")));
        };
        let value = self.expr(value)?;
        let (function, text) = match name {
            "to_char" => return Ok(Expr::Text { value: Box::new(value), pieces: pattern::output(text)? }),
            "to_date" => (&entry::TO_DATE, pattern::input(text)?),
            _ => (&entry::TO_TIMESTAMP, pattern::input(text)?),
        };
        Ok(Expr::Call(Call { function, args: vec![value, Expr::Value(Value::Text(text))] }))
    }

    /// `json_extract_path_text(json, 'key' [, …] [, null_if_invalid])`
    fn json_path(&mut self, args: Vec<parsed::Expr>) -> Result<Expr> {
        let name = "json_extract_path_text";
        let count = args.len();
        let mut args = args.into_iter();
        let json = match args.next() {
            Some(json) if count >= 2 => self.expr(json)?,
            _ => return Err(wrong_arguments(name, count)),
        };
        let mut path = "$".to_owned();
        let mut function = &entry::JSON_PATH;
        while let Some(arg) = args.next() {
            if let Some(key) = literal::text(&arg) {
                refuse_if(key.contains(['"', '\\', '*', '\0']), "a JSON key with a quote, backslash or asterisk")?;
                path.push_str(&format!(".\"{key}\""));
                continue;
            }
            let arg = self.expr(arg)?;
            let (Expr::Value(Value::Bool(null_if_invalid)), 0) = (arg, args.len()) else {
                return Err(SqlError::unsupported("json_extract_path_text with a computed key"));
            };
            if null_if_invalid {
                function = &entry::JSON_PATH_IF_VALID;
            }
        }
        if path == "$" {
            return Err(wrong_arguments(name, count));
        }
        Ok(Expr::Call(Call { function, args: vec![json, Expr::Value(Value::Text(path))] }))
    }
}

/// A scalar function by its name.
pub(super) fn scalar(name: &str, args: Vec<Expr>) -> Result<Expr> {
    let constant = |at: usize, least: u32| match args.get(at) {
        Some(Expr::Value(Value::Number(digits))) => digits.parse::<u32>().is_ok_and(|number| number >= least),
        Some(_) => false,
        None => true,
    };
    if matches!(name, "substring" | "substr") && (2..=3).contains(&args.len()) && constant(1, 1) && constant(2, 0) {
        return Ok(Expr::Call(Call { function: &entry::SUBSTRING_PLAIN, args }));
    }
    match functions::find(SCALAR, name, args.len()) {
        Ok(function) => Ok(Expr::Call(Call { function, args })),
        Err(true) => Err(wrong_arguments(name, args.len())),
        Err(false) => Err(undefined(name)),
    }
}

/// `EXTRACT(part FROM value)`
pub(super) fn extract(part: &str, value: Expr) -> Result<Expr> {
    let known = functions::date_part(part).ok_or_else(|| unknown_part("extract", part))?;
    refuse_if(matches!(known, "millisecond" | "microsecond"), &format!("extract of {part}"))?;
    with_part(&entry::EXTRACT, known, vec![value])
}

fn with_part(function: &'static Function, part: &str, mut values: Vec<Expr>) -> Result<Expr> {
    values.insert(0, Expr::Value(Value::Text(part.to_owned())));
    if values.len() != function.min {
        return Err(wrong_arguments(function.name, values.len()));
    }
    Ok(Expr::Call(Call { function, args: values }))
}

fn unknown_part(function: &str, part: &str) -> SqlError {
    SqlError::new(SqlState::InvalidParameterValue, format!("date part \"{part}\" is not supported by {function}"))
        .hint("Date parts are year, quarter, month, week, day, hour, minute, second and their abbreviations.")
}

fn is_known(name: &str) -> bool {
    const READ_HERE: &[&str] = &[
        "dateadd",
        "datediff",
        "date_part",
        "date_trunc",
        "extract",
        "to_char",
        "to_date",
        "to_timestamp",
        "json_extract_path_text",
    ];
    READ_HERE.contains(&name) || SCALAR.iter().any(|function| function.name == name)
}

fn session(parts: &Parts) -> Result<Option<Expr>> {
    let function = match (parts.name.as_str(), parts.called) {
        ("current_user" | "user", false) => SessionFunction::CurrentUser,
        ("session_user", false) => SessionFunction::SessionUser,
        ("current_user_id", false) => SessionFunction::CurrentUserId,
        ("current_date", false) => SessionFunction::CurrentDate,
        ("current_timestamp", false) | ("now", true) => SessionFunction::NowTz,
        ("localtimestamp" | "sysdate", false) | ("getdate", true) => SessionFunction::Now,
        ("current_database", true) => SessionFunction::CurrentDatabase,
        ("current_schema", true) => SessionFunction::CurrentSchema,
        ("version", true) => SessionFunction::Version,
        ("pg_backend_pid", true) => SessionFunction::BackendPid,
        _ => return Ok(None),
    };
    let plain = parts.args.is_empty()
        && !parts.star
        && !parts.distinct
        && parts.within.is_empty()
        && parts.filter.is_none()
        && parts.over.is_none();
    if plain { Ok(Some(Expr::Session(function))) } else { Err(wrong_arguments(&parts.name, parts.args.len())) }
}

fn parts(function: parsed::Function) -> Result<Parts> {
    let parsed::Function { name, uses_odbc_syntax, parameters, args, within_group, filter, null_treatment, over } =
        function;
    refuse_if(uses_odbc_syntax, "the ODBC escape")?;
    refuse_if(!matches!(parameters, parsed::FunctionArguments::None), "a function with parameters")?;
    let mut path = name::parts(name)?;
    let name = path.pop().unwrap_or_default();
    match path.as_slice() {
        [] => {}
        [schema] if schema == "pg_catalog" => {}
        schemas => return Err(undefined(&format!("{}.{name}", schemas.join(".")))),
    }
    let mut parts = Parts {
        name,
        called: true,
        distinct: false,
        star: false,
        args: Vec::new(),
        within: within_group,
        filter: filter.map(|filter| *filter),
        ignore_nulls: matches!(null_treatment, Some(parsed::NullTreatment::IgnoreNulls)),
        over,
    };
    match args {
        parsed::FunctionArguments::None => parts.called = false,
        parsed::FunctionArguments::Subquery(_) => {
            return Err(SqlError::unsupported("a query as an argument without its own parentheses"));
        }
        parsed::FunctionArguments::List(list) => arguments(list, &mut parts)?,
    }
    Ok(parts)
}

fn arguments(list: parsed::FunctionArgumentList, parts: &mut Parts) -> Result<()> {
    let parsed::FunctionArgumentList { duplicate_treatment, args, clauses } = list;
    parts.distinct = matches!(duplicate_treatment, Some(parsed::DuplicateTreatment::Distinct));
    for clause in clauses {
        match clause {
            parsed::FunctionArgumentClause::IgnoreOrRespectNulls(treatment) => {
                parts.ignore_nulls = matches!(treatment, parsed::NullTreatment::IgnoreNulls);
            }
            parsed::FunctionArgumentClause::OrderBy(_) => {
                return Err(SqlError::unsupported("ORDER BY among a function's arguments")
                    .hint("Write WITHIN GROUP (ORDER BY …)."));
            }
            _ => return Err(SqlError::unsupported(format!("this clause among the arguments of {}", parts.name))),
        }
    }
    let alone = args.len() == 1;
    for arg in args {
        match arg {
            parsed::FunctionArg::Unnamed(parsed::FunctionArgExpr::Expr(expr)) => parts.args.push(expr),
            parsed::FunctionArg::Unnamed(parsed::FunctionArgExpr::Wildcard) if alone => parts.star = true,
            parsed::FunctionArg::Unnamed(_) => {
                return Err(SqlError::unsupported(format!("* among the arguments of {}", parts.name)));
            }
            parsed::FunctionArg::Named { .. } | parsed::FunctionArg::ExprNamed { .. } => {
                return Err(SqlError::unsupported("a named argument"));
            }
        }
    }
    Ok(())
}
