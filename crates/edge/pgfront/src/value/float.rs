//! Floats as PostgreSQL prints them: the shortest digits that read back as the same number.

use std::fmt::{self, Display, LowerExp, Write};

/// Exponents from which the scientific form is used (`DBL_DIG`, `FLT_DIG`).
const DOUBLE_DIGITS: i32 = 15;
const SINGLE_DIGITS: i32 = 6;

pub(crate) fn put_double(out: &mut impl Write, value: f64) -> fmt::Result {
    match special(value) {
        Some(name) => out.write_str(name),
        None => put_finite(out, value, DOUBLE_DIGITS),
    }
}

pub(crate) fn put_single(out: &mut impl Write, value: f32) -> fmt::Result {
    match special(f64::from(value)) {
        Some(name) => out.write_str(name),
        None => put_finite(out, value, SINGLE_DIGITS),
    }
}

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        None
    }
}

/// Rust's `{}` and `{:e}` give the shortest digits that round-trip; only the layout is PostgreSQL's.
fn put_finite(out: &mut impl Write, value: impl Display + LowerExp, digits: i32) -> fmt::Result {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().map_err(|_| fmt::Error)?;
    if (-4..digits).contains(&exponent) {
        write!(out, "{value}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "{mantissa}e{sign}{:02}", exponent.unsigned_abs())
    }
}
