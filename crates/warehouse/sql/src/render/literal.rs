//! Constants, parameters and session values.

use crate::ast::{Interval, SessionFunction, Value};
use crate::error::{SqlError, SqlState};
use crate::functions::bounded::{MAX_TEXT_BYTES, TOO_LONG};
use crate::render::{Literal, Place, Renderer};
use crate::types::DataType;

impl Renderer<'_> {
    pub(super) fn parameter(&self, number: usize) -> Result<String, SqlError> {
        let Place::Statement { cage: _, parameters } = &self.place else {
            return Err(SqlError::unsupported("a parameter in DEFAULT"));
        };
        match number.checked_sub(1).and_then(|place| parameters.get(place)) {
            Some(value) => {
                let (Literal::Text(text) | Literal::Typed(text, _)) = value else { return literal(value) };
                bounded(text)?;
                literal(value)
            }
            None => Err(SqlError::new(SqlState::UndefinedParameter, format!("there is no parameter ${number}"))),
        }
    }

    /// A parameter that is a column by itself: text, where nothing else gives it a type (PostgreSQL, "Type Conversion", 10.6).
    pub(super) fn selected_parameter(&self, number: usize) -> Result<String, SqlError> {
        let text = self.parameter(number)?;
        Ok(if text == "NULL" { "CAST(NULL AS VARCHAR)".to_owned() } else { text })
    }

    pub(super) fn session(&self, function: SessionFunction) -> Result<String, SqlError> {
        if let Place::Default = self.place {
            return default_value(function);
        }
        let text = |value: &str| Ok(format!("CAST({} AS VARCHAR)", string(value)?));
        match function {
            SessionFunction::CurrentUser => text(&self.session.current_user),
            SessionFunction::SessionUser => text(&self.session.session_user),
            SessionFunction::CurrentUserId => Ok(format!("CAST({} AS INTEGER)", self.session.current_user_id)),
            SessionFunction::CurrentDatabase => text(&self.session.database),
            SessionFunction::CurrentSchema => match &self.session.current_schema {
                Some(schema) => text(schema),
                None => Ok("CAST(NULL AS VARCHAR)".to_owned()),
            },
            SessionFunction::Version => text(&self.session.version),
            SessionFunction::BackendPid => Ok(format!("CAST({} AS INTEGER)", self.session.backend_pid)),
            SessionFunction::Now => Ok(format!("CAST({} AS TIMESTAMP)", string(&self.session.now)?)),
            SessionFunction::NowTz => {
                Ok(format!("CAST({} AS TIMESTAMPTZ)", string(&format!("{}+00", self.session.now))?))
            }
            SessionFunction::CurrentDate => {
                let day = self.session.now.split(' ').next().unwrap_or_default();
                Ok(format!("CAST({} AS DATE)", string(day)?))
            }
        }
    }
}

/// In a DEFAULT the engine's clock answers, at each INSERT; nothing else is known then.
fn default_value(function: SessionFunction) -> Result<String, SqlError> {
    match function {
        SessionFunction::Now => Ok("timezone('UTC', now())".to_owned()),
        SessionFunction::NowTz => Ok("now()".to_owned()),
        SessionFunction::CurrentDate => Ok("CAST(timezone('UTC', now()) AS DATE)".to_owned()),
        SessionFunction::CurrentUser
        | SessionFunction::SessionUser
        | SessionFunction::CurrentUserId
        | SessionFunction::CurrentDatabase
        | SessionFunction::CurrentSchema
        | SessionFunction::Version
        | SessionFunction::BackendPid => {
            Err(SqlError::unsupported("a DEFAULT that asks about the session").hint("Give the value in INSERT."))
        }
    }
}

pub(super) fn value(value: &Value) -> Result<String, SqlError> {
    match value {
        Value::Null => Ok("NULL".to_owned()),
        Value::Bool(true) => Ok("TRUE".to_owned()),
        Value::Bool(false) => Ok("FALSE".to_owned()),
        Value::Number(digits) => number(digits),
        Value::Text(text) => string(bounded(text)?),
    }
}

pub(super) fn literal(value: &Literal) -> Result<String, SqlError> {
    match value {
        Literal::Null => Ok("NULL".to_owned()),
        Literal::NullOf(data_type) => Ok(format!("CAST(NULL AS {})", type_name(*data_type))),
        Literal::Bool(true) => Ok("TRUE".to_owned()),
        Literal::Bool(false) => Ok("FALSE".to_owned()),
        Literal::Int(int) if *int < 0 => Ok(format!("({int})")),
        Literal::Int(int) => Ok(int.to_string()),
        Literal::Number(digits) => Ok(format!("({})", number(digits)?)),
        Literal::Text(text) => string(text),
        Literal::Typed(text, data_type) => typed(text, *data_type),
        Literal::Bytes(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("\\x{byte:02X}")).collect();
            Ok(format!("CAST('{digits}' AS BLOB)"))
        }
    }
}

/// Checked again here: nothing that isn't a number becomes text of the engine without quotes.
fn number(digits: &str) -> Result<String, SqlError> {
    let plain = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if plain && digits.parse::<f64>().is_ok_and(f64::is_finite) {
        return Ok(digits.to_owned());
    }
    Err(SqlError::new(SqlState::InvalidParameterValue, "a number has digits, a sign, a point and an exponent only"))
}

/// The text itself, where it is no longer than a text may be.
pub(super) fn bounded(text: &str) -> Result<&str, SqlError> {
    if text.len() > MAX_TEXT_BYTES { Err(too_long()) } else { Ok(text) }
}

pub(super) fn too_long() -> SqlError {
    SqlError::new(SqlState::StringTooLong, TOO_LONG).hint("A text has 65535 bytes at most.")
}

/// `'text'`. A backslash is an ordinary character to the engine.
pub(super) fn string(text: &str) -> Result<String, SqlError> {
    if text.contains('\0') {
        return Err(SqlError::new(SqlState::InvalidParameterValue, "a text can't contain a NUL character"));
    }
    Ok(format!("'{}'", text.replace('\'', "''")))
}

/// A text constant of a type.
pub(super) fn typed(text: &str, data_type: DataType) -> Result<String, SqlError> {
    let text = match data_type {
        DataType::Varchar { length_bytes } => cut(text, length_bytes),
        DataType::Char { length_bytes } => cut(text, length_bytes).trim_end_matches(' '),
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
        | DataType::Oid => text,
    };
    Ok(format!("CAST({} AS {})", string(text)?, type_name(data_type)))
}

/// The first bytes, not through a character.
fn cut(text: &str, bytes: u32) -> &str {
    let most = usize::try_from(bytes).unwrap_or(usize::MAX);
    if text.len() <= most {
        return text;
    }
    (0..=most).rev().find_map(|at| text.split_at_checked(at)).map_or("", |(kept, _)| kept)
}

/// The engine's name of a type: of a cast, a column, a constant.
pub(super) fn type_name(data_type: DataType) -> String {
    let name = match data_type {
        DataType::Numeric { precision, scale } => return format!("DECIMAL({precision},{scale})"),
        DataType::SmallInt => "SMALLINT",
        DataType::Integer => "INTEGER",
        DataType::BigInt | DataType::Oid => "BIGINT",
        DataType::Real => "REAL",
        DataType::Double => "DOUBLE",
        DataType::Boolean => "BOOLEAN",
        DataType::Char { length_bytes: _ } | DataType::Varchar { length_bytes: _ } | DataType::Text => "VARCHAR",
        DataType::Date => "DATE",
        DataType::Time => "TIME",
        DataType::TimeTz => "TIMETZ",
        DataType::Timestamp => "TIMESTAMP",
        DataType::TimestampTz => "TIMESTAMPTZ",
    };
    name.to_owned()
}

pub(super) fn interval(interval: Interval) -> String {
    let Interval { months, days, micros } = interval;
    let parts = [
        (months != 0).then(|| format!("to_months({months})")),
        (days != 0).then(|| format!("to_days({days})")),
        (micros != 0).then(|| format!("to_microseconds({micros})")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "to_days(0)".to_owned() } else { format!("({})", parts.join(" + ")) }
}
