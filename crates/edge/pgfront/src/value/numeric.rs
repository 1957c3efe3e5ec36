//! NUMERIC as text and in PostgreSQL's binary form (`numeric_send`, `numeric_recv`): groups of four decimal digits.

use std::fmt::{self, Write as _};

use bytes::{BufMut as _, BytesMut};

use crate::error::WireError;
use crate::message::Reader;

const NEGATIVE: u16 = 0x4000;
const POSITIVE: u16 = 0;
/// Decimal digits in a group.
const GROUP: usize = 4;
/// More than any NUMERIC(38, 38) needs; a longer parameter is refused.
const MAX_GROUPS: u16 = 64;

/// The digits before and behind the point.
struct Digits {
    negative: bool,
    whole: String,
    fraction: String,
}

fn digits(unscaled: i128, scale: u8) -> Digits {
    let scale = usize::from(scale);
    let mut whole = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let fraction = whole.split_off(whole.len().saturating_sub(scale));
    Digits { negative: unscaled < 0, whole, fraction }
}

/// `unscaled * 10^-scale`, with all its decimals.
pub(crate) fn put_text(out: &mut BytesMut, unscaled: i128, scale: u8) -> fmt::Result {
    let Digits { negative, whole, fraction } = digits(unscaled, scale);
    let sign = if negative { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    write!(out, "{sign}{whole}{point}{fraction}")
}

/// int16 groups, int16 weight of the first group, uint16 sign, int16 decimals, then the groups (base 10000).
pub(crate) fn put_binary(out: &mut BytesMut, unscaled: i128, scale: u8) -> Result<(), WireError> {
    let Digits { negative, whole, fraction } = digits(unscaled, scale);
    let whole_width = whole.len().next_multiple_of(GROUP);
    let fraction_width = fraction.len().next_multiple_of(GROUP);
    let padded = format!("{whole:0>whole_width$}{fraction:0<fraction_width$}");
    let mut groups = padded
        .as_bytes()
        .chunks(GROUP)
        .map(|group| group.iter().fold(0_u16, |sum, digit| sum * 10 + u16::from(digit.saturating_sub(b'0'))))
        .collect::<std::collections::VecDeque<_>>();
    let mut weight = i16::try_from(whole_width / GROUP).map_err(|_| WireError::Encoding("numeric"))? - 1;
    while groups.front() == Some(&0) {
        groups.pop_front();
        weight -= 1;
    }
    while groups.back() == Some(&0) {
        groups.pop_back();
    }
    if groups.is_empty() {
        weight = 0;
    }
    out.put_i16(i16::try_from(groups.len()).map_err(|_| WireError::Encoding("numeric"))?);
    out.put_i16(weight);
    out.put_u16(if negative { NEGATIVE } else { POSITIVE });
    out.put_i16(i16::from(scale));
    for group in groups {
        out.put_u16(group);
    }
    Ok(())
}

/// A binary parameter as decimal text. NaN and the infinities are refused: Redshift's NUMERIC has none.
pub(crate) fn read_binary(body: &[u8]) -> Result<String, WireError> {
    let invalid = || WireError::InvalidBinary("numeric");
    let mut reader = Reader::new(body);
    let mut header = || reader.u16().map_err(|_| invalid());
    let (count, weight, sign, scale) = (header()?, header()?, header()?, header()?);
    let weight = i16::from_be_bytes(weight.to_be_bytes());
    let scale = usize::from(scale);
    let groups = (0..count.min(MAX_GROUPS + 1)).map(|_| header()).collect::<Result<Vec<_>, _>>()?;
    reader.finish().map_err(|_| invalid())?;
    if !matches!(sign, POSITIVE | NEGATIVE) {
        return Err(WireError::Unsupported("the numeric value NaN or infinity".into()));
    }
    let whole_groups = i32::from(weight) + 1;
    let too_long = count > MAX_GROUPS || whole_groups.unsigned_abs() > u32::from(MAX_GROUPS);
    if too_long || scale > usize::from(MAX_GROUPS) * GROUP {
        return Err(WireError::OutOfRange("numeric"));
    }
    if groups.iter().any(|group| *group > 9_999) {
        return Err(invalid());
    }
    Ok(join(&groups, whole_groups, scale, sign == NEGATIVE))
}

/// `whole_groups` groups stand before the point; it may be negative or beyond the last group.
fn join(groups: &[u16], whole_groups: i32, scale: usize, negative: bool) -> String {
    let mut whole = String::new();
    let mut fraction = String::new();
    for _ in whole_groups..0 {
        fraction.push_str("0000");
    }
    let mut left = whole_groups;
    for group in groups {
        let target = if left > 0 { &mut whole } else { &mut fraction };
        target.push_str(&format!("{group:04}"));
        left -= 1;
    }
    for _ in 0..left.max(0) {
        whole.push_str("0000");
    }
    while fraction.len() < scale {
        fraction.push('0');
    }
    fraction.truncate(scale);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if negative { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}
