//! Instants of messages (`xs:dateTime`, SAML core 1.3.3) and how far they are from ours.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};

/// How far clocks may be apart, whatever the caller asks for.
pub const LONGEST_SKEW: Duration = Duration::minutes(3);

/// `2026-01-31T12:00:00Z`, with or without fractions of a second; a zone must be there.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    // RFC 3339 also takes lower case and a space, XML doesn't.
    if text.len() > 40 || !text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ+".contains(&byte)) {
        return None;
    }
    let instant = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    instant.checked_to_offset(UtcOffset::UTC)
}

/// In UTC, to the second.
pub(crate) fn format(instant: OffsetDateTime) -> String {
    let shape = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let utc = instant.checked_to_offset(UtcOffset::UTC).unwrap_or(instant);
    utc.format(shape).unwrap_or_default()
}

pub(crate) fn bounded(skew: Duration) -> Duration {
    skew.clamp(Duration::ZERO, LONGEST_SKEW)
}

/// `94 s`.
pub(crate) fn seconds(length: Duration) -> String {
    format!("{} s", length.whole_seconds().abs())
}

/// An instant that must not be ahead of our clock, beyond the skew.
pub(crate) fn has_come(instant: OffsetDateTime, now: OffsetDateTime, skew: Duration) -> bool {
    now.checked_add(bounded(skew)).is_none_or(|latest| instant <= latest)
}

/// An end that must not be behind our clock, beyond the skew.
pub(crate) fn is_open(end: OffsetDateTime, now: OffsetDateTime, skew: Duration) -> bool {
    now.checked_sub(bounded(skew)).is_none_or(|earliest| earliest < end)
}

/// `from 12:00:00Z: its clock is 94 s ahead of ours` for an instant that hasn't come.
pub(crate) fn ahead(instant: OffsetDateTime, now: OffsetDateTime) -> String {
    format!("{}: the sender's clock is {} ahead of ours", format(instant), seconds(instant - now))
}

/// For an end that has passed. Which of the two it was can't be known from here.
pub(crate) fn behind(end: OffsetDateTime, now: OffsetDateTime) -> String {
    format!(
        "{}, which was {} ago: it took too long, or the sender's clock is behind ours",
        format(end),
        seconds(now - end)
    )
}
