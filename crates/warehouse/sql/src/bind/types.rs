//! Types, as far as meaning hangs on them: whole-number averages, the scale of a quotient, `trunc` of a time.

use super::scope::Type;
use crate::ast::BinaryOp;
use crate::types::DataType;

const MAX_PRECISION: u8 = 38;

/// The type that holds both.
pub(super) fn common(left: Type, right: Type) -> Type {
    match (left, right) {
        (Some(left), Some(right)) if left == right => Some(left),
        (Some(left), Some(right)) => {
            if is_integer(left) && is_integer(right) {
                return Some(wider(left, right));
            }
            if is_text(left) && is_text(right) {
                return Some(DataType::Text);
            }
            match (decimal(left), decimal(right)) {
                (Some((p1, s1)), Some((p2, s2))) => {
                    let scale = s1.max(s2);
                    Some(numeric((p1 - s1).max(p2 - s2) + scale, scale))
                }
                _ if is_number(left) && is_number(right) => Some(DataType::Double),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `left op right`, where `op` is no comparison.
pub(super) fn arithmetic(op: BinaryOp, left: Type, right: Type) -> Type {
    if op == BinaryOp::Concat {
        return Some(DataType::Text);
    }
    let (left, right) = (left?, right?);
    if is_integer(left) && is_integer(right) {
        return Some(wider(left, right));
    }
    match (op, left, right) {
        (BinaryOp::Subtract, DataType::Date, DataType::Date) => return Some(DataType::Integer),
        (BinaryOp::Add | BinaryOp::Subtract, DataType::Date, right) if is_integer(right) => {
            return Some(DataType::Date);
        }
        (BinaryOp::Add, left, DataType::Date) if is_integer(left) => return Some(DataType::Date),
        _ => {}
    }
    let (Some((p1, s1)), Some((p2, s2))) = (decimal(left), decimal(right)) else {
        return (is_number(left) && is_number(right)).then_some(DataType::Double);
    };
    Some(match op {
        BinaryOp::Multiply => numeric(p1 + p2, s1 + s2),
        BinaryOp::Divide => quotient((p1, s1), (p2, s2)),
        BinaryOp::Modulo => numeric(p1.max(p2), s1.max(s2)),
        BinaryOp::Concat => DataType::Text,
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessOrEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterOrEqual => DataType::Boolean,
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::BitAnd | BinaryOp::BitOr => {
            let scale = s1.max(s2);
            numeric((p1 - s1).max(p2 - s2) + 1 + scale, scale)
        }
    })
}

/// Redshift, "Computations with numeric values": scale max(4, s1 + p2 - s2 + 1), and where the precision would pass 38 the
/// scale gives way, down to 4.
fn quotient((p1, s1): (u16, u16), (p2, s2): (u16, u16)) -> DataType {
    let most = u16::from(MAX_PRECISION);
    let scale = (s1 + p2 - s2 + 1).max(4);
    let precision = p1 - s1 + s2 + scale;
    if precision <= most {
        return numeric(precision, scale);
    }
    numeric(most, (scale + most).saturating_sub(precision).max(4))
}

fn numeric(precision: u16, scale: u16) -> DataType {
    let cut = |value: u16| u8::try_from(value).unwrap_or(MAX_PRECISION).min(MAX_PRECISION);
    DataType::Numeric { precision: cut(precision), scale: cut(scale) }
}

/// Precision and scale of an exact number.
fn decimal(data_type: DataType) -> Option<(u16, u16)> {
    match data_type {
        DataType::SmallInt => Some((5, 0)),
        DataType::Integer => Some((10, 0)),
        DataType::BigInt => Some((19, 0)),
        DataType::Numeric { precision, scale } => Some((u16::from(precision), u16::from(scale))),
        DataType::Real
        | DataType::Double
        | DataType::Boolean
        | DataType::Char { .. }
        | DataType::Varchar { .. }
        | DataType::Date
        | DataType::Time
        | DataType::TimeTz
        | DataType::Timestamp
        | DataType::TimestampTz
        | DataType::Text
        | DataType::Oid => None,
    }
}

pub(super) fn is_integer(data_type: DataType) -> bool {
    matches!(data_type, DataType::SmallInt | DataType::Integer | DataType::BigInt)
}

pub(super) fn is_time(data_type: DataType) -> bool {
    matches!(data_type, DataType::Date | DataType::Timestamp | DataType::TimestampTz)
}

pub(super) fn is_number(data_type: DataType) -> bool {
    decimal(data_type).is_some() || matches!(data_type, DataType::Real | DataType::Double)
}

fn is_text(data_type: DataType) -> bool {
    matches!(data_type, DataType::Char { .. } | DataType::Varchar { .. } | DataType::Text)
}

fn wider(left: DataType, right: DataType) -> DataType {
    if [left, right].contains(&DataType::BigInt) {
        DataType::BigInt
    } else if [left, right].contains(&DataType::Integer) {
        DataType::Integer
    } else {
        DataType::SmallInt
    }
}

/// Of a number as it is written.
pub(super) fn literal(digits: &str) -> Type {
    if digits.contains(['e', 'E']) {
        return Some(DataType::Double);
    }
    if let Some((whole, fraction)) = digits.split_once('.') {
        let scale = u16::try_from(fraction.len()).ok()?;
        let whole = u16::try_from(whole.trim_start_matches('0').len()).ok()?;
        return Some(numeric((whole + scale).max(1), scale));
    }
    if digits.parse::<i32>().is_ok() {
        Some(DataType::Integer)
    } else if digits.parse::<i64>().is_ok() {
        Some(DataType::BigInt)
    } else {
        Some(numeric(u16::try_from(digits.len()).ok()?, 0))
    }
}
