//! `ContextEntries`: what a simulated request would say about itself.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use policy::Context;
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

use crate::error::ApiError;
use crate::iam::call::invalid_input;
use crate::protocol::query::Fields;

/// Sets the keys that the client gives, over what `context` has.
pub(super) fn read(fields: &mut Fields<'_>, context: &mut Context) -> Result<(), ApiError> {
    for mut entry in fields.structures("ContextEntries", "member")? {
        let missing = |member: &str| invalid_input(format!("Each of ContextEntries needs a {member}."));
        let key = entry.optional("ContextKeyName").ok_or_else(|| missing("ContextKeyName"))?;
        let kind = entry.optional("ContextKeyType").ok_or_else(|| missing("ContextKeyType"))?;
        let mut values = Vec::new();
        for mut value in entry.structures("ContextKeyValues", "member")? {
            values.extend(value.optional(""));
            value.finish()?;
        }
        entry.finish()?;
        check(&key, &kind, &values).map_err(invalid_input)?;
        context.set_all(&key, values);
    }
    Ok(())
}

/// Whether a key may have these values, of this `ContextKeyType`. The error says why not.
fn check(key: &str, kind: &str, values: &[String]) -> Result<(), String> {
    let (one, is_list) = match kind.strip_suffix("List") {
        Some(one) => (one, true),
        None => (kind, false),
    };
    let fits: fn(&str) -> bool = match one {
        "string" => |_| true,
        "numeric" => |text| text.parse::<f64>().is_ok_and(f64::is_finite),
        "boolean" => |text| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        "ip" => is_address,
        "binary" => |text| STANDARD.decode(text).is_ok(),
        "date" => |text| text.parse::<i64>().is_ok() || OffsetDateTime::parse(text, &Iso8601::DEFAULT).is_ok(),
        other => return Err(format!("ContextKeyType {other:?} of the context key {key} is not known.")),
    };
    if values.len() != 1 && !is_list {
        return Err(format!("The context key {key} is of the type {kind}: it needs exactly one value."));
    }
    match values.iter().find(|value| !fits(value)) {
        None => Ok(()),
        Some(value) => Err(format!("The context key {key} is of the type {kind}, which {value:?} is not.")),
    }
}

/// An address, or a block of addresses.
fn is_address(text: &str) -> bool {
    let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}
