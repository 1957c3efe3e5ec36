//! Constants, parameters and the keywords that ask about the session.

use sqlparser::ast as parsed;

use super::{Result, refuse_if};
use crate::ast::{Expr, Interval, SessionFunction, Value};
use crate::error::{SqlError, SqlState};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Reserved words of Redshift that stand for a value, when they aren't quoted.
pub(super) fn keyword(ident: &parsed::Ident) -> Option<SessionFunction> {
    if ident.quote_style.is_some() {
        return None;
    }
    match ident.value.to_ascii_lowercase().as_str() {
        "current_user" | "user" => Some(SessionFunction::CurrentUser),
        "session_user" => Some(SessionFunction::SessionUser),
        "current_user_id" => Some(SessionFunction::CurrentUserId),
        "current_date" => Some(SessionFunction::CurrentDate),
        "current_timestamp" => Some(SessionFunction::NowTz),
        "sysdate" | "localtimestamp" => Some(SessionFunction::Now),
        _ => None,
    }
}

pub(super) fn value(value: parsed::ValueWithSpan) -> Result<Expr> {
    let parsed::ValueWithSpan { value, span: _ } = value;
    Ok(match value {
        parsed::Value::Null => Expr::Value(Value::Null),
        parsed::Value::Boolean(truth) => Expr::Value(Value::Bool(truth)),
        parsed::Value::Number(digits, false) => Expr::Value(Value::Number(number(digits)?)),
        parsed::Value::SingleQuotedString(text) | parsed::Value::EscapedStringLiteral(text) => {
            Expr::Value(Value::Text(checked(text)?))
        }
        parsed::Value::Placeholder(name) => parameter(&name)?,
        parsed::Value::DollarQuotedString(_) => return Err(SqlError::unsupported("a dollar-quoted string here")),
        parsed::Value::UnicodeStringLiteral(_) => return Err(SqlError::unsupported("a U&'…' string")),
        parsed::Value::NationalStringLiteral(_) => return Err(SqlError::unsupported("an N'…' string")),
        parsed::Value::HexStringLiteral(_) => return Err(SqlError::unsupported("an X'…' string")),
        _ => return Err(SqlError::unsupported("this kind of constant")),
    })
}

/// A text constant, of an expression that must be one.
pub(super) fn text(expr: &parsed::Expr) -> Option<&str> {
    let parsed::Expr::Value(parsed::ValueWithSpan { value, span: _ }) = expr else { return None };
    match value {
        parsed::Value::SingleQuotedString(text) | parsed::Value::EscapedStringLiteral(text) => Some(text),
        _ => None,
    }
}

fn checked(text: String) -> Result<String> {
    if text.contains('\0') {
        return Err(SqlError::new(SqlState::InvalidParameterValue, "a text can't contain a NUL character"));
    }
    Ok(text)
}

fn number(digits: String) -> Result<String> {
    let plain = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if plain && digits.parse::<f64>().is_ok_and(f64::is_finite) { Ok(digits) } else { Err(SqlError::syntax(&digits)) }
}

fn parameter(name: &str) -> Result<Expr> {
    match name.strip_prefix('$').and_then(|digits| digits.parse::<u16>().ok()) {
        Some(number) if number > 0 => Ok(Expr::Parameter(usize::from(number))),
        _ => Err(SqlError::syntax(name).hint("Parameters are written $1, $2, ….")),
    }
}

/// LIKE's ESCAPE: one character or none; a backslash where it isn't written.
pub(super) fn escape(escape: Option<Box<parsed::Expr>>) -> Result<Option<char>> {
    let Some(escape) = escape else { return Ok(Some('\\')) };
    let invalid = || SqlError::new(SqlState::InvalidParameterValue, "ESCAPE must be one character");
    let mut characters = text(&escape).ok_or_else(invalid)?.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if character.is_ascii() && character != '\0' => Ok(Some(character)),
        (None, None) => Ok(None),
        _ => Err(invalid()),
    }
}

/// `INTERVAL '1 day'`, `INTERVAL '1' day`
pub(super) fn interval(interval: parsed::Interval) -> Result<Expr> {
    let parsed::Interval { value, leading_field, leading_precision, last_field, fractional_seconds_precision } =
        interval;
    refuse_if(
        leading_precision.is_some() || last_field.is_some() || fractional_seconds_precision.is_some(),
        "an INTERVAL with two fields or a precision",
    )?;
    let Some(text) = text(&value) else {
        return Err(SqlError::unsupported("INTERVAL of something that is no text")
            .hint("Write INTERVAL '1 day', or dateadd(day, n, t)."));
    };
    match leading_field {
        None => parse_interval(text),
        Some(field) => parse_interval(&format!("{} {field}", text.trim())),
    }
}

/// `'1 day'::interval`
pub(super) fn interval_text(expr: parsed::Expr) -> Result<Expr> {
    match text(&expr) {
        Some(text) => parse_interval(text),
        None => Err(SqlError::unsupported("a cast to INTERVAL").hint("Write INTERVAL '1 day', or dateadd(day, n, t).")),
    }
}

fn parse_interval(text: &str) -> Result<Expr> {
    let invalid = || {
        SqlError::new(SqlState::InvalidParameterValue, format!("invalid input syntax for type interval: \"{text}\""))
            .hint("Write a number and a unit for each part, e.g. '1 month 2 days 03:04:05'.")
    };
    let mut total = Interval::default();
    let mut words = text.split([' ', ',']).filter(|word| !word.is_empty()).peekable();
    if words.peek().is_none() {
        return Err(invalid());
    }
    while let Some(word) = words.next() {
        if word.contains(':') {
            let micros = clock(word).ok_or_else(invalid)?;
            total.micros = total.micros.checked_add(micros).ok_or_else(invalid)?;
            continue;
        }
        // '1day' is one word
        let unit_at = word.find(|c: char| c.is_ascii_alphabetic());
        let (number, unit) = match unit_at.and_then(|at| word.split_at_checked(at)) {
            Some((number, unit)) => (number, unit),
            None => (word, words.next().unwrap_or("second")),
        };
        add(&mut total, number, unit).ok_or_else(invalid)?;
    }
    Ok(Expr::Interval(total))
}

fn add(total: &mut Interval, number: &str, unit: &str) -> Option<()> {
    let months = |each: i32| number.parse::<i32>().ok()?.checked_mul(each);
    let micros = |each: i64| decimal_micros(number)?.checked_mul(each);
    match crate::functions::date_part(unit)? {
        "millennium" => total.months = total.months.checked_add(months(12_000)?)?,
        "century" => total.months = total.months.checked_add(months(1_200)?)?,
        "decade" => total.months = total.months.checked_add(months(120)?)?,
        "year" => total.months = total.months.checked_add(months(12)?)?,
        "quarter" => total.months = total.months.checked_add(months(3)?)?,
        "month" => total.months = total.months.checked_add(months(1)?)?,
        "week" => add_days(total, number, 7)?,
        "day" => add_days(total, number, 1)?,
        "hour" => total.micros = total.micros.checked_add(micros(3_600)?)?,
        "minute" => total.micros = total.micros.checked_add(micros(60)?)?,
        "second" => total.micros = total.micros.checked_add(micros(1)?)?,
        "millisecond" => total.micros = total.micros.checked_add(micros(1)? / 1_000)?,
        "microsecond" => total.micros = total.micros.checked_add(micros(1)? / MICROS_PER_SECOND)?,
        _ => return None,
    }
    Some(())
}

/// A fraction of a day is hours.
fn add_days(total: &mut Interval, number: &str, each: i32) -> Option<()> {
    if let Ok(days) = number.parse::<i32>() {
        total.days = total.days.checked_add(days.checked_mul(each)?)?;
    } else {
        let micros = decimal_micros(number)?.checked_mul(86_400)?.checked_mul(i64::from(each))?;
        total.micros = total.micros.checked_add(micros)?;
    }
    Some(())
}

/// `-1.5` as millionths.
fn decimal_micros(number: &str) -> Option<i64> {
    let (negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits_only = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || fraction.len() > 6 || !digits_only(whole) || !digits_only(fraction) {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction: i64 = format!("{fraction:0<6}").parse().ok()?;
    let micros = whole.checked_mul(MICROS_PER_SECOND)?.checked_add(fraction)?;
    Some(if negative { -micros } else { micros })
}

/// `[-]HH:MM[:SS[.ffffff]]`
fn clock(word: &str) -> Option<i64> {
    let (sign, word) = match word.strip_prefix('-') {
        Some(word) => (-1, word),
        None => (1, word),
    };
    let mut parts = word.split(':');
    let hours = decimal_micros(parts.next()?)?.checked_mul(3_600)?;
    let minutes = decimal_micros(parts.next()?)?.checked_mul(60)?;
    let seconds = parts.next().map_or(Some(0), decimal_micros)?;
    if parts.next().is_some() {
        return None;
    }
    hours.checked_add(minutes)?.checked_add(seconds)?.checked_mul(sign)
}
