//! `YYYYMMDDTHHMMSSZ`, and the HTTP date that stands in for it.

use time::format_description::StaticFormatDescription;
use time::format_description::well_known::Rfc2822;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::SigV4Error;

const BASIC: StaticFormatDescription = format_description!("[year][month][day]T[hour][minute][second]Z");

/// The `X-Amz-Date` form of a time, whole seconds, UTC.
pub(crate) fn format(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    let (date, time) = (at.date(), at.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

pub(crate) fn parse(value: &str) -> Result<OffsetDateTime, SigV4Error> {
    PrimitiveDateTime::parse(value, BASIC).map(PrimitiveDateTime::assume_utc).map_err(|_| {
        SigV4Error::Incomplete(format!(
            "Date must be in ISO-8601 'basic format'. Got '{value}'; send e.g. 20150830T123600Z."
        ))
    })
}

/// The `Date` header: an HTTP date, or the basic form.
pub(crate) fn parse_http(value: &str) -> Result<OffsetDateTime, SigV4Error> {
    OffsetDateTime::parse(value, &Rfc2822).map(|at| at.to_offset(UtcOffset::UTC)).or_else(|_| parse(value))
}
