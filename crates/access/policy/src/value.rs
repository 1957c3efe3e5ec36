//! Values of typed condition operators, as documents and requests write them.

use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::{IpNet, Ipv4Net};
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, Time};

/// An integer or a decimal number of any length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// Without leading zeros.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

impl Decimal {
    /// Reads `[+-]digits[.digits]`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !fraction.is_none_or(all_digits) {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.unwrap_or_default().trim_end_matches('0').to_owned();
        Some(Self { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = || {
            let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(&other.whole));
            whole.then_with(|| self.fraction.cmp(&other.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(),
            (true, true) => size().reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reads a time: a date or a time of ISO 8601 as W3C's note has it (`2026`, `2026-11`, `2026-11-22`, `2026-11-22T10:00Z`,
/// `2026-11-22T10:00:00.5+01:00`), or seconds since 1970. Four digits are a year.
pub(crate) fn date(text: &str) -> Option<OffsetDateTime> {
    match text.split_once('T') {
        Some((day, time)) => date_time(day, time),
        None if number(text, 4).is_some() || (text.contains('-') && !text.starts_with('-')) => day(text),
        None => epoch(text),
    }
}

fn day(text: &str) -> Option<OffsetDateTime> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| number(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| number(part, 2))?;
    if parts.next().is_some() {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    Some(date.with_time(Time::MIDNIGHT).assume_utc())
}

fn number(text: &str, digits: usize) -> Option<u16> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn date_time(day: &str, time: &str) -> Option<OffsetDateTime> {
    // Minutes without seconds are ISO 8601, but not RFC 3339.
    let (clock, zone) = time.split_at_checked(time.find(['Z', '+', '-'])?)?;
    let clock = if clock.len() == 5 { format!("{clock}:00") } else { clock.to_owned() };
    OffsetDateTime::parse(&format!("{day}T{clock}{zone}"), &Rfc3339).ok()
}

fn epoch(text: &str) -> Option<OffsetDateTime> {
    Decimal::parse(text)?;
    let negative = text.starts_with('-');
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos: i64 = format!("{:0<9.9}", fraction).parse().ok()?;
    let at = OffsetDateTime::from_unix_timestamp(seconds.parse().ok()?).ok()?;
    at.checked_add(time::Duration::nanoseconds(if negative { nanos.checked_neg()? } else { nanos }))
}

/// Reads `true` or `false`, whatever their case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

/// Reads an address or a CIDR block. An IPv4 address that IPv6 wraps is that IPv4 address.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let network = match text.split_once('/') {
        Some((_, bits)) if bits.is_empty() || !bits.bytes().all(|byte| byte.is_ascii_digit()) => return None,
        Some(_) => text.parse().ok()?,
        None => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    let IpNet::V6(wrapped) = network else { return Some(network) };
    let inner = wrapped.addr().to_ipv4_mapped().zip(wrapped.prefix_len().checked_sub(96));
    match inner {
        Some((address, bits)) => Ipv4Net::new(address, bits).ok().map(IpNet::V4),
        None => Some(network),
    }
}

/// Reads an address.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Reads base64 with padding.
pub(crate) fn binary(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests;
