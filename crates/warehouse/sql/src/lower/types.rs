//! The types of CAST. In an expression a bare VARCHAR has no length, other than in a column definition.

use sqlparser::ast as parsed;

use super::Result;
use crate::error::{SqlError, SqlState};
use crate::types::DataType;

const MAX_VARCHAR_BYTES: u32 = 65_535;
const MAX_CHAR_BYTES: u32 = 4_096;
const MAX_PRECISION: u8 = 38;

pub(super) fn of(data_type: parsed::DataType) -> Result<DataType> {
    use parsed::DataType as Parsed;
    Ok(match data_type {
        Parsed::SmallInt(None) | Parsed::Int2(None) => DataType::SmallInt,
        Parsed::Int(None) | Parsed::Integer(None) | Parsed::Int4(None) => DataType::Integer,
        Parsed::BigInt(None) | Parsed::Int8(None) => DataType::BigInt,
        Parsed::Numeric(info) | Parsed::Decimal(info) | Parsed::Dec(info) => numeric(info)?,
        Parsed::Real | Parsed::Float4 => DataType::Real,
        Parsed::DoublePrecision | Parsed::Float8 | Parsed::Double(parsed::ExactNumberInfo::None) => DataType::Double,
        Parsed::Float(info) => float(info)?,
        Parsed::Bool | Parsed::Boolean => DataType::Boolean,
        Parsed::Character(length) | Parsed::Char(length) => {
            let length_bytes = self::length(length, MAX_CHAR_BYTES)?.unwrap_or(1);
            DataType::Char { length_bytes }
        }
        Parsed::CharacterVarying(length)
        | Parsed::CharVarying(length)
        | Parsed::Varchar(length)
        | Parsed::Nvarchar(length) => match self::length(length, MAX_VARCHAR_BYTES)? {
            Some(length_bytes) => DataType::Varchar { length_bytes },
            None => DataType::Text,
        },
        Parsed::Text => DataType::Text,
        Parsed::Date => DataType::Date,
        Parsed::Time(None, parsed::TimezoneInfo::None | parsed::TimezoneInfo::WithoutTimeZone) => DataType::Time,
        Parsed::Time(None, parsed::TimezoneInfo::Tz | parsed::TimezoneInfo::WithTimeZone) => DataType::TimeTz,
        Parsed::Timestamp(None, parsed::TimezoneInfo::None | parsed::TimezoneInfo::WithoutTimeZone) => {
            DataType::Timestamp
        }
        Parsed::Timestamp(None, parsed::TimezoneInfo::Tz | parsed::TimezoneInfo::WithTimeZone) => DataType::TimestampTz,
        Parsed::Custom(name, modifiers) if modifiers.is_empty() => custom(&name)?,
        other => return Err(SqlError::unsupported(format!("the type {other}"))),
    })
}

fn custom(name: &parsed::ObjectName) -> Result<DataType> {
    Ok(match name.to_string().to_ascii_lowercase().as_str() {
        "name" | "bpchar" => DataType::Text,
        "oid" => DataType::Oid,
        "timetz" => DataType::TimeTz,
        "timestamptz" => DataType::TimestampTz,
        other => return Err(SqlError::unsupported(format!("the type {other}"))),
    })
}

fn numeric(info: parsed::ExactNumberInfo) -> Result<DataType> {
    let (precision, scale) = match info {
        parsed::ExactNumberInfo::None => (18, 0),
        parsed::ExactNumberInfo::Precision(precision) => (precision, 0),
        parsed::ExactNumberInfo::PrecisionAndScale(precision, scale) => (precision, scale),
    };
    let refused = || {
        SqlError::new(
            SqlState::InvalidParameterValue,
            format!("NUMERIC precision {precision} must be between 1 and {MAX_PRECISION}, and its scale not above it"),
        )
    };
    let precision = u8::try_from(precision).map_err(|_| refused())?;
    let scale = u8::try_from(scale).map_err(|_| refused())?;
    if precision == 0 || precision > MAX_PRECISION || scale > precision {
        return Err(refused());
    }
    Ok(DataType::Numeric { precision, scale })
}

fn float(info: parsed::ExactNumberInfo) -> Result<DataType> {
    match info {
        parsed::ExactNumberInfo::None | parsed::ExactNumberInfo::Precision(25..=53) => Ok(DataType::Double),
        parsed::ExactNumberInfo::Precision(1..=24) => Ok(DataType::Real),
        parsed::ExactNumberInfo::Precision(_) | parsed::ExactNumberInfo::PrecisionAndScale(_, _) => {
            Err(SqlError::new(SqlState::InvalidParameterValue, "precision for FLOAT must be between 1 and 53"))
        }
    }
}

fn length(length: Option<parsed::CharacterLength>, most: u32) -> Result<Option<u32>> {
    match length {
        None => Ok(None),
        Some(parsed::CharacterLength::Max) => Ok(Some(most)),
        Some(parsed::CharacterLength::IntegerLength { length, unit: None }) => match u32::try_from(length) {
            Ok(bytes) if (1..=most).contains(&bytes) => Ok(Some(bytes)),
            _ => Err(SqlError::new(
                SqlState::InvalidParameterValue,
                format!("the length of a character type must be between 1 and {most} bytes"),
            )),
        },
        Some(parsed::CharacterLength::IntegerLength { length: _, unit: Some(_) }) => {
            Err(SqlError::unsupported("a length unit"))
        }
    }
}
