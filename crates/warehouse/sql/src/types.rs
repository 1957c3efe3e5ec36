//! Redshift's column types, as far as they are carried out.

use std::fmt;

/// A column type. Lengths are bytes (Redshift counts bytes, not characters).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataType {
    SmallInt,
    Integer,
    BigInt,
    /// `NUMERIC(precision, scale)`, precision at most 38.
    Numeric {
        precision: u8,
        scale: u8,
    },
    Real,
    Double,
    Boolean,
    Char {
        length_bytes: u32,
    },
    Varchar {
        length_bytes: u32,
    },
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    /// Unbounded text; only in system views.
    Text,
    /// An object id; only in system views.
    Oid,
}

impl fmt::Display for DataType {
    /// The long form that Redshift shows (`character varying(20)`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SmallInt => f.write_str("smallint"),
            Self::Integer => f.write_str("integer"),
            Self::BigInt => f.write_str("bigint"),
            Self::Numeric { precision, scale } => write!(f, "numeric({precision},{scale})"),
            Self::Real => f.write_str("real"),
            Self::Double => f.write_str("double precision"),
            Self::Boolean => f.write_str("boolean"),
            Self::Char { length_bytes } => write!(f, "character({length_bytes})"),
            Self::Varchar { length_bytes } => write!(f, "character varying({length_bytes})"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time without time zone"),
            Self::TimeTz => f.write_str("time with time zone"),
            Self::Timestamp => f.write_str("timestamp without time zone"),
            Self::TimestampTz => f.write_str("timestamp with time zone"),
            Self::Text => f.write_str("text"),
            Self::Oid => f.write_str("oid"),
        }
    }
}
