//! Bind's parameters, by their declared type and format, as literals for the statement.

use query::Literal;
use sql::DataType;

use super::calendar::{self, EPOCH_DAYS, EPOCH_MICROS, Infinity};
use super::{Format, float, numeric, oid};
use crate::error::WireError;
use crate::message::Reader;

/// The types that a parameter may be declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declared {
    /// Text whose type the statement decides. The string types are here too: ParameterDescription tells an undeclared
    /// parameter as varchar, and the JDBC driver then declares it so.
    Open,
    Bool,
    Int {
        min: i64,
        max: i64,
        name: &'static str,
    },
    Single,
    Double,
    Numeric,
    Bytes,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
}

impl Declared {
    fn from_oid(declared: u32) -> Result<Self, WireError> {
        let int = |min, max, name| Self::Int { min, max, name };
        match declared {
            0 | oid::UNKNOWN | oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::CHAR | oid::NAME | oid::JSON => {
                Ok(Self::Open)
            }
            oid::BOOL => Ok(Self::Bool),
            oid::INT2 => Ok(int(i64::from(i16::MIN), i64::from(i16::MAX), "smallint")),
            oid::INT4 => Ok(int(i64::from(i32::MIN), i64::from(i32::MAX), "integer")),
            oid::INT8 => Ok(int(i64::MIN, i64::MAX, "bigint")),
            oid::OID => Ok(int(0, i64::from(u32::MAX), "oid")),
            oid::FLOAT4 => Ok(Self::Single),
            oid::FLOAT8 => Ok(Self::Double),
            oid::NUMERIC => Ok(Self::Numeric),
            oid::BYTEA | oid::VARBYTE => Ok(Self::Bytes),
            oid::DATE => Ok(Self::Date),
            oid::TIME => Ok(Self::Time),
            oid::TIMETZ => Ok(Self::TimeTz),
            oid::TIMESTAMP => Ok(Self::Timestamp),
            oid::TIMESTAMPTZ => Ok(Self::TimestampTz),
            oid::INTERVAL => Err(WireError::Unsupported(
                "a parameter of type interval (write the interval into the statement, or pass it as text)".into(),
            )),
            other => Err(WireError::Unsupported(format!("a parameter of type OID {other}"))),
        }
    }

    /// NULL, of a type as near as the statement's columns depend on it.
    fn null(self) -> Literal {
        Literal::NullOf(match self {
            Self::Open | Self::Bytes => return Literal::Null,
            Self::Bool => DataType::Boolean,
            Self::Int { min: 0, .. } => DataType::Oid,
            Self::Int { max, .. } if i16::try_from(max).is_ok() => DataType::SmallInt,
            Self::Int { max, .. } if i32::try_from(max).is_ok() => DataType::Integer,
            Self::Int { .. } => DataType::BigInt,
            Self::Single => DataType::Real,
            Self::Double => DataType::Double,
            Self::Numeric => DataType::Numeric { precision: 38, scale: 10 },
            Self::Date => DataType::Date,
            Self::Time => DataType::Time,
            Self::TimeTz => DataType::TimeTz,
            Self::Timestamp => DataType::Timestamp,
            Self::TimestampTz => DataType::TimestampTz,
        })
    }
}

/// NULLs of the declared types, to describe a statement with before it has values.
pub(crate) fn unknown(declared: &[u32]) -> Result<Vec<Literal>, WireError> {
    declared.iter().map(|declared| decode(*declared, Format::Text, None)).collect()
}

/// One parameter. `declared` is its OID, 0 where the client declared none; `value` is `None` for NULL.
pub(crate) fn decode(declared: u32, format: Format, value: Option<&[u8]>) -> Result<Literal, WireError> {
    let Some(value) = value else { return Ok(Declared::from_oid(declared).map_or(Literal::Null, Declared::null)) };
    let declared = Declared::from_oid(declared)?;
    match format {
        Format::Text => from_text(declared, text(value)?),
        Format::Binary => from_binary(declared, value),
    }
}

fn text(value: &[u8]) -> Result<&str, WireError> {
    match std::str::from_utf8(value) {
        Ok(text) if !text.contains('\0') => Ok(text),
        Ok(_) | Err(_) => Err(WireError::NotUtf8("a parameter")),
    }
}

fn from_text(declared: Declared, text: &str) -> Result<Literal, WireError> {
    let invalid = |type_name| WireError::InvalidText { type_name, value: text.to_owned() };
    let typed = |data_type| Ok(Literal::Typed(text.to_owned(), data_type));
    let trimmed = text.trim();
    match declared {
        Declared::Open => Ok(Literal::Text(text.to_owned())),
        Declared::Bool => boolean(trimmed).map(Literal::Bool).ok_or_else(|| invalid("boolean")),
        Declared::Int { min, max, name } => {
            let value: i128 = trimmed.parse().map_err(|_| invalid(name))?;
            let value = i64::try_from(value).map_err(|_| WireError::OutOfRange(name))?;
            in_range(value, min, max, name)
        }
        Declared::Single => single(trimmed.parse().map_err(|_| invalid("real"))?),
        Declared::Double => double(trimmed.parse().map_err(|_| invalid("double precision"))?),
        Declared::Numeric if is_decimal(trimmed) => Ok(Literal::Number(trimmed.to_owned())),
        Declared::Numeric => Err(invalid("numeric")),
        Declared::Bytes => unhex(text).map(Literal::Bytes).ok_or_else(|| invalid("varbyte")),
        Declared::Date => typed(DataType::Date),
        Declared::Time => typed(DataType::Time),
        Declared::TimeTz => typed(DataType::TimeTz),
        Declared::Timestamp => typed(DataType::Timestamp),
        Declared::TimestampTz => typed(DataType::TimestampTz),
    }
}

fn from_binary(declared: Declared, value: &[u8]) -> Result<Literal, WireError> {
    let mut reader = Reader::new(value);
    match declared {
        Declared::Open => Ok(Literal::Text(text(value)?.to_owned())),
        Declared::Bytes => Ok(Literal::Bytes(value.to_vec())),
        Declared::Numeric => numeric::read_binary(value).map(Literal::Number),
        Declared::Bool => exact(reader.u8(), reader, "boolean").map(|byte| Literal::Bool(byte != 0)),
        Declared::Int { min, max, name } => {
            let number = match name {
                "smallint" => reader.i16().map(i64::from),
                "integer" => reader.i32().map(i64::from),
                "oid" => reader.u32().map(i64::from),
                _ => reader.i64(),
            };
            in_range(exact(number, reader, name)?, min, max, name)
        }
        Declared::Single => single(f32::from_bits(exact(reader.u32(), reader, "real")?)),
        Declared::Double => {
            let bits = exact(reader.i64(), reader, "double precision")?;
            double(f64::from_be_bytes(bits.to_be_bytes()))
        }
        Declared::Date => date(exact(reader.i32(), reader, "date")?),
        Declared::Time => {
            let micros = time_of_day(exact(reader.i64(), reader, "time")?, "time")?;
            written(DataType::Time, |out| calendar::put_time(out, micros))
        }
        Declared::TimeTz => {
            let parts = reader.i64().and_then(|micros| Ok((micros, reader.i32()?)));
            let (micros, west) = exact(parts, reader, "timetz")?;
            let micros = time_of_day(micros, "timetz")?;
            let east = west.checked_neg().ok_or(WireError::InvalidBinary("timetz"))?;
            written(DataType::TimeTz, |out| {
                calendar::put_time(out, micros)?;
                calendar::put_zone(out, east)
            })
        }
        Declared::Timestamp => timestamp(exact(reader.i64(), reader, "timestamp")?, DataType::Timestamp, ""),
        Declared::TimestampTz => timestamp(exact(reader.i64(), reader, "timestamptz")?, DataType::TimestampTz, "+00"),
    }
}

/// A value that uses the parameter's bytes up.
fn exact<T>(value: Result<T, WireError>, rest: Reader<'_>, name: &'static str) -> Result<T, WireError> {
    match (value, rest.finish()) {
        (Ok(value), Ok(())) => Ok(value),
        (Err(_), _) | (_, Err(_)) => Err(WireError::InvalidBinary(name)),
    }
}

fn in_range(value: i64, min: i64, max: i64, name: &'static str) -> Result<Literal, WireError> {
    if (min..=max).contains(&value) { Ok(Literal::Int(value)) } else { Err(WireError::OutOfRange(name)) }
}

fn written(data_type: DataType, write: impl FnOnce(&mut String) -> std::fmt::Result) -> Result<Literal, WireError> {
    let mut text = String::new();
    write(&mut text)?;
    Ok(Literal::Typed(text, data_type))
}

fn single(value: f32) -> Result<Literal, WireError> {
    written(DataType::Real, |out| float::put_single(out, value))
}

fn double(value: f64) -> Result<Literal, WireError> {
    written(DataType::Double, |out| float::put_double(out, value))
}

fn time_of_day(micros: i64, name: &'static str) -> Result<i64, WireError> {
    if (0..=calendar::MICROS_PER_DAY).contains(&micros) { Ok(micros) } else { Err(WireError::DatetimeOverflow(name)) }
}

/// Days since 2000-01-01.
fn date(days: i32) -> Result<Literal, WireError> {
    let days = match Infinity::of_days(days) {
        Some(_) => days,
        None => days.checked_add(EPOCH_DAYS).ok_or(WireError::DatetimeOverflow("date"))?,
    };
    written(DataType::Date, |out| calendar::put_date(out, days))
}

/// Microseconds since 2000-01-01.
fn timestamp(micros: i64, data_type: DataType, zone: &str) -> Result<Literal, WireError> {
    let micros = match Infinity::of_micros(micros) {
        Some(_) => micros,
        None => micros.checked_add(EPOCH_MICROS).ok_or(WireError::DatetimeOverflow("timestamp"))?,
    };
    written(data_type, |out| calendar::put_timestamp(out, micros, zone))
}

/// PostgreSQL's spellings (`boolin`), without its abbreviations of the long words.
fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Some(true),
        "f" | "false" | "n" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// `[+-]digits[.digits][e[+-]digits]`, with a digit before or behind the point.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    mantissa_fits && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// VARBYTE's bare hex, or BYTEA's with `\x`.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x").unwrap_or(text).as_bytes();
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
            _ => None,
        })
        .collect()
}
