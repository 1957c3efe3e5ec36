//! Values that don't fit.

use engine::EngineErrorKind as Kind;

use super::wording::{between, is_number, type_name};
use super::{Translation, invalid};

const NUMERIC_OVERFLOW: &str = "numeric field overflow";

/// `Conversion Error`
pub(super) fn conversion(text: &str) -> Translation {
    // DuckDB adds the column and the statement's line; both come after the value, which may hold anything.
    let text = text.rsplit_once("\n\nLINE ").map_or(text, |(head, _)| head);
    let text = text.rsplit_once(" when casting from source column ").map_or(text, |(head, _)| head);
    from_text(text)
        .or_else(|| from_number(text))
        .or_else(|| from_time(text))
        .or_else(|| no_cast(text))
        .unwrap_or_else(|| (Kind::InvalidText, "invalid input syntax".to_owned()))
}

/// `Could not convert string 'abc' to INT32`
fn from_text(text: &str) -> Option<Translation> {
    let rest = text.strip_prefix("Could not convert string ")?;
    // The value may hold quotes and the word "to".
    let (value, target) = rest.rsplit_once(" to ")?;
    let value = value.get(1..value.len().checked_sub(1)?)?;
    let target = type_name(target.trim());
    let message = format!("invalid input syntax for type {target}: \"{value}\"");
    let whole = !value.contains(['.', 'e', 'E']);
    match target.as_str() {
        _ if !is_number(value) => Some((Kind::InvalidText, message)),
        "numeric" => Some((Kind::OutOfRange, NUMERIC_OVERFLOW.to_owned())),
        "real" | "double precision" => Some((Kind::OutOfRange, too_big(value, &target))),
        "smallint" | "integer" | "bigint" if whole => Some((Kind::OutOfRange, too_big(value, &target))),
        _ => Some((Kind::InvalidText, message)),
    }
}

fn too_big(value: &str, target: &str) -> String {
    format!("value \"{value}\" is out of range for type {target}")
}

fn from_number(text: &str) -> Option<Translation> {
    if let Some((_, target)) = text.split_once("out of range for the destination type ") {
        return Some((Kind::OutOfRange, overflow(target)));
    }
    let decimal = text.starts_with("Casting value \"") || text.starts_with("Could not cast value ");
    if decimal && text.contains("DECIMAL(") {
        return Some((Kind::OutOfRange, NUMERIC_OVERFLOW.to_owned()));
    }
    None
}

fn from_time(text: &str) -> Option<Translation> {
    if let Some((sort, rest)) = text.split_once(" field value out of range: \"") {
        let (value, _) = rest.split_once('"')?;
        let known = matches!(sort, "date" | "time" | "timestamp");
        return known.then(|| (Kind::DatetimeOverflow, format!("date/time field value out of range: \"{value}\"")));
    }
    if let Some((sort, rest)) = text.split_once(" field format: \"") {
        let (value, _) = rest.split_once('"')?;
        let sort = type_name(&sort.strip_prefix("invalid ")?.to_ascii_uppercase());
        return Some((Kind::InvalidText, format!("invalid input syntax for type {sort}: \"{value}\"")));
    }
    let unit = between(text, "extract specifier \"", "\" not recognized")?;
    Some((Kind::InvalidText, format!("unit \"{unit}\" not recognized")))
}

/// `Unimplemented type for cast (INTEGER -> DATE)`
fn no_cast(text: &str) -> Option<Translation> {
    let (from, to) = text.strip_prefix("Unimplemented type for cast (")?.strip_suffix(')')?.split_once(" -> ")?;
    Some((Kind::DatatypeMismatch, format!("cannot cast type {} to {}", type_name(from), type_name(to))))
}

/// `integer out of range`
fn overflow(duckdb_type: &str) -> String {
    match type_name(duckdb_type.trim().trim_end_matches(['!', ';'])).as_str() {
        "numeric" => NUMERIC_OVERFLOW.to_owned(),
        other => format!("{other} out of range"),
    }
}

/// `Out of Range Error`
pub(super) fn out_of_range(text: &str) -> Translation {
    let message = if let Some(rest) = text.strip_prefix("Overflow in ") {
        between(rest, " of ", " (").map_or_else(|| "value out of range".to_owned(), overflow)
    } else if text.contains("square root of a negative") {
        "cannot take square root of a negative number".to_owned()
    } else if text.contains("logarithm of zero") {
        "cannot take logarithm of zero".to_owned()
    } else if text.contains("logarithm of a negative") {
        "cannot take logarithm of a negative number".to_owned()
    } else if text.starts_with("Cannot create a string of size") {
        "requested length too large".to_owned()
    } else {
        "value out of range".to_owned()
    };
    (Kind::OutOfRange, message)
}

/// `Constraint Error`. Keys and references are informational in Redshift and never made in DuckDB.
pub(super) fn constraint(text: &str) -> Option<Translation> {
    if let Some(place) = text.strip_prefix("NOT NULL constraint failed: ") {
        let column = place.rsplit_once('.').map_or(place, |(_, column)| column);
        return Some((Kind::NotNull, format!("null value in column \"{column}\" violates not-null constraint")));
    }
    let check = text.strip_prefix("CHECK constraint failed on table ")?;
    let (_, limit) = check.split_once("strlen(").and_then(|(_, rest)| rest.split_once(" <= "))?;
    let digits: String = limit.chars().take_while(char::is_ascii_digit).collect();
    let length: u32 = digits.parse().ok()?;
    Some((Kind::TooLong, format!("value too long for type character varying({length})")))
}

/// `Invalid Input Error`; `sql::render` raises errors of its own with DuckDB's `error('…')`.
pub(super) fn invalid_input(text: &str) -> Translation {
    if text.starts_with("division by zero") {
        return (Kind::DivisionByZero, "division by zero".to_owned());
    }
    if text.starts_with("value too long for type") {
        let message = text.lines().next().unwrap_or_default();
        return (Kind::TooLong, message.to_owned());
    }
    if text.starts_with("More than one row returned by a subquery") {
        return invalid("more than one row returned by a subquery used as an expression");
    }
    (Kind::InvalidText, "invalid argument of a function".to_owned())
}

/// `Not implemented Error`
pub(super) fn not_implemented(text: &str) -> Translation {
    match between(text, "Unknown TimeZone '", "'") {
        Some(zone) => (Kind::InvalidText, format!("time zone \"{zone}\" not recognized")),
        None if text.contains("cast") => (Kind::DatatypeMismatch, "cannot cast between these types".to_owned()),
        None => invalid("the engine doesn't carry out this part of the statement"),
    }
}
