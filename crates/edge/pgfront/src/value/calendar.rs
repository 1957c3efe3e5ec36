//! Dates and times as text (DateStyle ISO) and between the epochs 1970-01-01 (ours) and 2000-01-01 (the wire's).
//!
//! Own arithmetic because the range is PostgreSQL's (4713 BC to 294276 AD), beyond that of the `time` crate.

use std::fmt::{self, Write};

pub(crate) const MICROS_PER_SECOND: i64 = 1_000_000;
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// 1970-01-01 to 2000-01-01.
pub(crate) const EPOCH_DAYS: i32 = 10_957;
pub(crate) const EPOCH_MICROS: i64 = 10_957 * MICROS_PER_DAY;

/// The two ends of a range that is not finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Infinity {
    Past,
    Future,
}

impl Infinity {
    /// The engine marks infinity by the type's greatest number and its negation; PostgreSQL by the greatest and the least.
    pub(crate) fn of_days(days: i32) -> Option<Self> {
        match days {
            i32::MAX => Some(Self::Future),
            i32::MIN | -2_147_483_647 => Some(Self::Past),
            _ => None,
        }
    }

    pub(crate) fn of_micros(micros: i64) -> Option<Self> {
        match micros {
            i64::MAX => Some(Self::Future),
            i64::MIN | -9_223_372_036_854_775_807 => Some(Self::Past),
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Past => "-infinity",
            Self::Future => "infinity",
        }
    }
}

/// A day of the proleptic Gregorian calendar. Year 0 is 1 BC.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
}

/// Howard Hinnant's `civil_from_days`: 400-year eras that begin on 1 March.
fn civil(days_since_1970: i64) -> Civil {
    let shifted = days_since_1970 + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil { year, month, day }
}

/// Writes `YYYY-MM-DD` and answers whether ` BC` must follow at the end.
fn put_day(out: &mut impl Write, days: i64) -> Result<bool, fmt::Error> {
    let Civil { year, month, day } = civil(days);
    let before_christ = year <= 0;
    let shown = if before_christ { 1 - year } else { year };
    write!(out, "{shown:04}-{month:02}-{day:02}")?;
    Ok(before_christ)
}

fn put_era(out: &mut impl Write, before_christ: bool) -> fmt::Result {
    if before_christ { out.write_str(" BC") } else { Ok(()) }
}

/// Days since 1970-01-01.
pub(crate) fn put_date(out: &mut impl Write, days: i32) -> fmt::Result {
    if let Some(infinity) = Infinity::of_days(days) {
        return out.write_str(infinity.name());
    }
    let before_christ = put_day(out, i64::from(days))?;
    put_era(out, before_christ)
}

/// Microseconds since 1970-01-01; `zone` follows the time of day (`+00` for timestamptz).
pub(crate) fn put_timestamp(out: &mut impl Write, micros: i64, zone: &str) -> fmt::Result {
    if let Some(infinity) = Infinity::of_micros(micros) {
        return out.write_str(infinity.name());
    }
    let before_christ = put_day(out, micros.div_euclid(MICROS_PER_DAY))?;
    out.write_char(' ')?;
    put_time(out, micros.rem_euclid(MICROS_PER_DAY))?;
    out.write_str(zone)?;
    put_era(out, before_christ)
}

/// `HH:MM:SS[.ffffff]` without trailing zeros. Not negative; hours may have more than two digits.
pub(crate) fn put_time(out: &mut impl Write, micros: i64) -> fmt::Result {
    put_clock(out, micros.unsigned_abs())
}

pub(crate) fn put_clock(out: &mut impl Write, micros: u64) -> fmt::Result {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    write!(out, "{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)?;
    if fraction > 0 {
        let digits = format!("{fraction:06}");
        write!(out, ".{}", digits.trim_end_matches('0'))?;
    }
    Ok(())
}

/// A zone as `+HH[:MM[:SS]]`, seconds east of UTC.
pub(crate) fn put_zone(out: &mut impl Write, seconds_east: i32) -> fmt::Result {
    let sign = if seconds_east < 0 { '-' } else { '+' };
    let seconds = seconds_east.unsigned_abs();
    write!(out, "{sign}{:02}", seconds / 3_600)?;
    if !seconds.is_multiple_of(3_600) {
        write!(out, ":{:02}", seconds / 60 % 60)?;
    }
    if !seconds.is_multiple_of(60) {
        write!(out, ":{:02}", seconds % 60)?;
    }
    Ok(())
}

/// IntervalStyle `postgres`: `1 year 2 mons 3 days 04:05:06.7`.
pub(crate) fn put_interval(out: &mut impl Write, months: i32, days: i32, micros: i64) -> fmt::Result {
    let mut first = true;
    let mut after_negative = false;
    for (count, unit) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if count != 0 {
            let gap = if first { "" } else { " " };
            let plus = if after_negative && count > 0 { "+" } else { "" };
            let plural = if count == 1 { "" } else { "s" };
            write!(out, "{gap}{plus}{count} {unit}{plural}")?;
            first = false;
            after_negative = count < 0;
        }
    }
    if first || micros != 0 {
        let gap = if first { "" } else { " " };
        let sign = match (micros < 0, after_negative) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        write!(out, "{gap}{sign}")?;
        put_clock(out, micros.unsigned_abs())?;
    }
    Ok(())
}
