//! `Filter.N`: a resource must have one of the values of each filter (EC2 "Filter").

use std::collections::BTreeMap;

use super::request::refused;
use crate::error::ApiError;
use crate::protocol::query::Fields;

/// Values of all filters together (EC2).
const VALUES_MAX: usize = 200;

#[derive(Debug)]
pub(super) struct Filters(Vec<Filter>);

#[derive(Debug)]
struct Filter {
    name: String,
    values: Vec<String>,
}

impl Filters {
    /// `known` are the filters that the operation has, beside `tag:<key>` and `tag-key`. Any other is refused by its name.
    pub(super) fn read(fields: &mut Fields<'_>, known: &[&str]) -> Result<Self, ApiError> {
        let mut filters = Vec::new();
        let mut count = 0;
        for mut filter in fields.flat_structures("Filter")? {
            let name = filter.optional("Name").unwrap_or_default();
            let is_tag = name == "tag-key" || name.strip_prefix("tag:").is_some_and(|key| !key.is_empty());
            if !is_tag && !known.contains(&name.as_str()) {
                let message = format!("The filter '{name}' is invalid. This server filters by {}.", known.join(", "));
                return Err(refused("InvalidParameterValue", message));
            }
            let values = filter.flat_texts("Value")?.unwrap_or_default();
            filter.finish()?;
            if values.is_empty() {
                return Err(refused("InvalidParameterValue", format!("The filter '{name}' has no values.")));
            }
            count += values.len();
            filters.push(Filter { name, values });
        }
        if count > VALUES_MAX {
            let message = format!("The maximum number of filter values, {VALUES_MAX}, is exceeded.");
            return Err(refused("FilterLimitExceeded", message));
        }
        Ok(Self(filters))
    }

    /// `values` answers what the resource has for the name of a filter.
    pub(super) fn select<V>(&self, tags: &BTreeMap<String, String>, values: impl Fn(&str) -> V) -> bool
    where
        V: IntoIterator<Item = String>,
    {
        self.0.iter().all(|filter| match filter.name.strip_prefix("tag:") {
            Some(key) => tags.get(key).is_some_and(|value| filter.takes(value)),
            None if filter.name == "tag-key" => tags.keys().any(|key| filter.takes(key)),
            None => values(&filter.name).into_iter().any(|value| filter.takes(&value)),
        })
    }
}

impl Filter {
    fn takes(&self, value: &str) -> bool {
        self.values.iter().any(|pattern| fits(pattern, value))
    }
}

/// `*` is any text, `?` any character; a backslash takes the next one as it is. Letters as they are.
fn fits(pattern: &str, value: &str) -> bool {
    let (pattern, value): (Vec<char>, Vec<char>) = (pattern.chars().collect(), value.chars().collect());
    // Where the last `*` was, and how much of the value it has taken: one step back is enough, since a later `*` can take what an
    // earlier one could.
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < value.len() {
        let wanted = pattern.get(at).copied();
        let literal = match wanted {
            Some('\\') => pattern.get(at + 1).copied().map(|next| (next, 2)),
            Some('?') => value.get(read).copied().map(|any| (any, 1)),
            Some(other) => Some((other, 1)),
            None => None,
        };
        if wanted == Some('*') {
            star = Some((at, read));
            at += 1;
        } else if let Some((letter, width)) = literal
            && value.get(read) == Some(&letter)
        {
            at += width;
            read += 1;
        } else if let Some((place, taken)) = star {
            star = Some((place, taken + 1));
            at = place + 1;
            read = taken + 1;
        } else {
            return false;
        }
    }
    pattern.iter().skip(at).all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests;
