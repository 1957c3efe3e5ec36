//! Column types (`c_Supported_data_types.html`).

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlState};
use crate::types::DataType;

/// `VARCHAR(MAX)`
const MAX_VARCHAR_BYTES: u32 = 65_535;
/// `CHAR(MAX)`
const MAX_CHAR_BYTES: u32 = 4_096;
/// What VARCHAR and TEXT mean without a length.
const DEFAULT_VARCHAR_BYTES: u32 = 256;
const MAX_NUMERIC_PRECISION: u32 = 38;
const MAX_NUMERIC_SCALE: u32 = 37;
/// `FLOAT(24)` and less is REAL.
const REAL_MANTISSA_BITS: u32 = 24;
const DOUBLE_MANTISSA_BITS: u32 = 53;

/// Types that Redshift has and we don't carry out.
const UNSUPPORTED: [&str; 9] =
    ["SUPER", "VARBYTE", "VARBINARY", "BINARY", "GEOMETRY", "GEOGRAPHY", "HLLSKETCH", "INTERVAL", "REGTYPE"];

/// A type with its length or precision.
pub(super) fn data_type(cursor: &mut Cursor<'_>) -> Result<DataType, SqlError> {
    let found = scalar(cursor)?;
    if cursor.at_token(&Token::LBracket) || cursor.at("ARRAY") {
        return Err(SqlError::unsupported("an array type"));
    }
    Ok(found)
}

fn scalar(cursor: &mut Cursor<'_>) -> Result<DataType, SqlError> {
    // Before `name`: TIMESTAMP, BINARY and INTERVAL are reserved words.
    let Some(lexeme) = cursor.peek() else { return Err(cursor.unexpected()) };
    let Some(word) = lexeme.bare_word().map(str::to_ascii_uppercase) else {
        let name = cursor.name()?;
        return Err(unknown(&name).at(lexeme.position));
    };
    if UNSUPPORTED.contains(&word.as_str()) {
        return Err(SqlError::unsupported(format!("type {}", word.to_ascii_lowercase())).at(lexeme.position));
    }
    let simple = match word.as_str() {
        "SMALLINT" | "INT2" => Some(DataType::SmallInt),
        "INTEGER" | "INT" | "INT4" => Some(DataType::Integer),
        "BIGINT" | "INT8" => Some(DataType::BigInt),
        "REAL" | "FLOAT4" => Some(DataType::Real),
        "FLOAT8" => Some(DataType::Double),
        "BOOLEAN" | "BOOL" => Some(DataType::Boolean),
        "DATE" => Some(DataType::Date),
        "TIMETZ" => Some(DataType::TimeTz),
        "TIMESTAMPTZ" => Some(DataType::TimestampTz),
        "TEXT" => Some(DataType::Varchar { length_bytes: DEFAULT_VARCHAR_BYTES }),
        "BPCHAR" => Some(DataType::Char { length_bytes: DEFAULT_VARCHAR_BYTES }),
        _ => None,
    };
    if let Some(simple) = simple {
        cursor.next();
        return no_precision(cursor, simple);
    }
    match word.as_str() {
        "DOUBLE" => {
            cursor.next();
            cursor.expect("PRECISION")?;
            no_precision(cursor, DataType::Double)
        }
        "FLOAT" => float(cursor),
        "DECIMAL" | "NUMERIC" | "DEC" => numeric(cursor),
        "CHAR" | "CHARACTER" | "NCHAR" => character(cursor),
        "VARCHAR" | "NVARCHAR" => {
            cursor.next();
            varchar(cursor)
        }
        "TIME" => {
            cursor.next();
            with_time_zone(cursor, DataType::Time, DataType::TimeTz)
        }
        "TIMESTAMP" => {
            cursor.next();
            with_time_zone(cursor, DataType::Timestamp, DataType::TimestampTz)
        }
        _ => {
            let name = cursor.name()?;
            Err(unknown(&name).at(lexeme.position))
        }
    }
}

fn unknown(name: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedObject, format!("type \"{name}\" does not exist"))
}

/// `TIMESTAMP(3)`, `INTEGER(4)`: not in Redshift.
fn no_precision(cursor: &Cursor<'_>, found: DataType) -> Result<DataType, SqlError> {
    if cursor.at_token(&Token::LParen) {
        return Err(
            SqlError::unsupported(format!("a length or precision for type {found}")).hint("Leave out the parentheses.")
        );
    }
    Ok(found)
}

fn float(cursor: &mut Cursor<'_>) -> Result<DataType, SqlError> {
    cursor.next();
    if !cursor.eat_token(&Token::LParen) {
        return Ok(DataType::Double);
    }
    let bits = cursor.number()?;
    cursor.expect_token(&Token::RParen)?;
    if !(1..=DOUBLE_MANTISSA_BITS).contains(&bits) {
        return Err(invalid(format!("precision for type float must be between 1 and {DOUBLE_MANTISSA_BITS} bits")));
    }
    Ok(if bits <= REAL_MANTISSA_BITS { DataType::Real } else { DataType::Double })
}

fn numeric(cursor: &mut Cursor<'_>) -> Result<DataType, SqlError> {
    cursor.next();
    let (precision, scale) = if cursor.eat_token(&Token::LParen) {
        let precision = cursor.number()?;
        let scale = if cursor.eat_token(&Token::Comma) { cursor.number()? } else { 0 };
        cursor.expect_token(&Token::RParen)?;
        (precision, scale)
    } else {
        (18, 0)
    };
    if !(1..=MAX_NUMERIC_PRECISION).contains(&precision) {
        return Err(invalid(format!("NUMERIC precision {precision} must be between 1 and {MAX_NUMERIC_PRECISION}")));
    }
    if scale > precision.min(MAX_NUMERIC_SCALE) {
        return Err(invalid(format!(
            "NUMERIC scale {scale} must be between 0 and {}",
            precision.min(MAX_NUMERIC_SCALE)
        )));
    }
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision), Ok(scale)) => Ok(DataType::Numeric { precision, scale }),
        (Err(_), _) | (_, Err(_)) => Err(cursor.unexpected()),
    }
}

fn character(cursor: &mut Cursor<'_>) -> Result<DataType, SqlError> {
    cursor.next();
    if cursor.eat("VARYING") {
        return varchar(cursor);
    }
    let length_bytes = length(cursor, "character", MAX_CHAR_BYTES)?.unwrap_or(1);
    Ok(DataType::Char { length_bytes })
}

fn varchar(cursor: &mut Cursor<'_>) -> Result<DataType, SqlError> {
    let length_bytes = length(cursor, "character varying", MAX_VARCHAR_BYTES)?.unwrap_or(DEFAULT_VARCHAR_BYTES);
    Ok(DataType::Varchar { length_bytes })
}

/// `(n)` or `(MAX)`, in bytes.
fn length(cursor: &mut Cursor<'_>, name: &str, max: u32) -> Result<Option<u32>, SqlError> {
    if !cursor.eat_token(&Token::LParen) {
        return Ok(None);
    }
    let bytes = if cursor.eat("MAX") { max } else { cursor.number()? };
    cursor.expect_token(&Token::RParen)?;
    if bytes == 0 {
        return Err(invalid(format!("length for type {name} must be at least 1")));
    }
    if bytes > max {
        return Err(invalid(format!("length for type {name} cannot exceed {max}")));
    }
    Ok(Some(bytes))
}

fn with_time_zone(cursor: &mut Cursor<'_>, without: DataType, with: DataType) -> Result<DataType, SqlError> {
    no_precision(cursor, without)?;
    if cursor.eat("WITH") {
        cursor.expect_all(&["TIME", "ZONE"])?;
        return Ok(with);
    }
    if cursor.eat("WITHOUT") {
        cursor.expect_all(&["TIME", "ZONE"])?;
    }
    Ok(without)
}

fn invalid(message: String) -> SqlError {
    SqlError::new(SqlState::InvalidParameterValue, message)
}
