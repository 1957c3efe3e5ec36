//! What GetClusterCredentials takes as names and as duration (Redshift API, GetClusterCredentials). Pure.

use time::Duration;

/// Characters of a database user's, group's or database's name.
const NAME_CHARACTERS_MAX: usize = 64;
/// Seconds that a password may be good for.
const SECONDS: std::ops::RangeInclusive<i64> = 900..=3600;
/// Where the caller doesn't say.
pub const SECONDS_DEFAULT: i64 = 900;
/// Groups, or roles, of one credential. Ours: AWS names no number.
pub const LIST_MAX: usize = 100;
/// The warehouse's own user: nobody is it.
const SYSTEM_USER: &str = "rdsdb";

/// Whether `name` can be a database user's: 1 to 64 of letters, digits and `_+.@-`, a letter first, no reserved word, not PUBLIC, not
/// the warehouse's own user. Upper and lower case stay, as Redshift keeps them in a quoted user name.
///
/// # Errors
/// The rule that it breaks.
pub fn db_user(name: &str) -> Result<(), String> {
    if name.eq_ignore_ascii_case("public") {
        return Err("it can't be PUBLIC".to_owned());
    }
    if name.eq_ignore_ascii_case(SYSTEM_USER) {
        return Err(format!("\"{SYSTEM_USER}\" is the warehouse's own user"));
    }
    plain(name)
}

/// Whether `name` can be a database's.
///
/// # Errors
/// As [`db_user`].
pub fn db_name(name: &str) -> Result<(), String> {
    plain(name)
}

/// A group's name in lower case, as every name of a group is; see [`db_user`] for the rule.
///
/// # Errors
/// As [`db_user`].
pub fn db_group(name: &str) -> Result<String, String> {
    let name = name.to_ascii_lowercase();
    if name == "public" {
        return Err("it can't be PUBLIC: everybody is in it".to_owned());
    }
    plain(&name).map(|()| name)
}

/// How long a password is to be good for, in seconds; 900 where it isn't said.
///
/// # Errors
/// The rule that it breaks.
pub fn duration(seconds: Option<i64>) -> Result<Duration, String> {
    let seconds = seconds.unwrap_or(SECONDS_DEFAULT);
    if SECONDS.contains(&seconds) {
        return Ok(Duration::seconds(seconds));
    }
    Err(format!("it must be a number from {} to {}", SECONDS.start(), SECONDS.end()))
}

/// The items of a tag's value, `a:b`; empty ones are left out.
#[must_use]
pub fn colon_list(value: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for item in value.split(':').map(str::trim).filter(|item| !item.is_empty()) {
        if !items.iter().any(|known| known == item) {
            items.push(item.to_owned());
        }
    }
    items
}

fn plain(name: &str) -> Result<(), String> {
    if let Some(wrong) = name.chars().find(|letter| *letter == ':' || *letter == '/') {
        return Err(format!("it must not contain \"{wrong}\""));
    }
    if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
        return Err(format!("it must have 1 to {NAME_CHARACTERS_MAX} characters"));
    }
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err("it must begin with a letter".to_owned());
    }
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_+.@-".contains(letter)) {
        return Err("it must consist of letters, digits, and the characters _ + . @ -".to_owned());
    }
    if sql::parse::is_reserved(name) {
        return Err(format!("\"{name}\" is a reserved word"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
