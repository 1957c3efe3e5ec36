//! Parameters that many operations have.

use ::iam::{Listing, Tags};

use super::call::validation;
use crate::error::ApiError;
use crate::protocol::query::Fields;

/// Items of a page where the client doesn't say (IAM API, `MaxItems`).
const ITEMS_DEFAULT: usize = 100;
const ITEMS_MAX: usize = 1000;

/// Which page of a list is asked for.
#[derive(Debug)]
pub(super) struct PageRequest {
    /// What the page before ended with.
    pub(super) after: Option<String>,
    /// 1 to 1000.
    pub(super) items: usize,
}

impl PageRequest {
    /// `Marker` and `MaxItems`.
    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let items = match fields.optional("MaxItems") {
            None => ITEMS_DEFAULT,
            Some(text) => text.parse().ok().filter(|items| (1..=ITEMS_MAX).contains(items)).ok_or_else(|| {
                let rule = format!("it must be a number from 1 to {ITEMS_MAX}");
                ApiError::InvalidParameter { parameter: "MaxItems", rule }
            })?,
        };
        Ok(Self { after: fields.optional("Marker"), items })
    }

    /// The same page of what stands below a path.
    pub(super) fn listing<'a>(&'a self, path_prefix: &'a str) -> Listing<'a> {
        Listing { path_prefix, after: self.after.as_deref(), limit: self.items }
    }
}

/// A whole number that isn't negative.
pub(super) fn number(fields: &mut Fields<'_>, parameter: &'static str) -> Result<Option<u32>, ApiError> {
    let read = |text: String| {
        let rule = "it must be a whole number".to_owned();
        text.parse().map_err(|_| ApiError::InvalidParameter { parameter, rule })
    };
    fields.optional(parameter).map(read).transpose()
}

/// `Tags.member.N.Key` and `.Value`.
pub(super) fn tags(fields: &mut Fields<'_>) -> Result<Tags, ApiError> {
    let mut tags = Vec::new();
    for mut tag in fields.structures("Tags", "member")? {
        let missing = |member| validation(format!("Each of Tags needs a {member}."));
        let key = tag.optional("Key").ok_or_else(|| missing("Key"))?;
        let value = tag.optional("Value").ok_or_else(|| missing("Value"))?;
        tag.finish()?;
        tags.push((key, value));
    }
    Ok(Tags::read(tags)?)
}

/// A list of texts, at least one.
pub(super) fn required_texts(fields: &mut Fields<'_>, parameter: &'static str) -> Result<Vec<String>, ApiError> {
    let texts = fields.texts(parameter, "member")?.filter(|texts| !texts.is_empty());
    texts.ok_or(ApiError::MissingParameter { operation: fields.operation(), parameter })
}

/// One of the values that the model names.
pub(super) fn one_of<T: Copy>(
    fields: &mut Fields<'_>,
    parameter: &'static str,
    values: &[(&str, T)],
) -> Result<Option<T>, ApiError> {
    let Some(text) = fields.optional(parameter) else { return Ok(None) };
    match values.iter().find(|(name, _)| *name == text) {
        Some((_, value)) => Ok(Some(*value)),
        None => {
            let names: Vec<_> = values.iter().map(|(name, _)| *name).collect();
            let rule = format!("it must be one of {}", names.join(", "));
            Err(ApiError::InvalidParameter { parameter, rule })
        }
    }
}

/// `PathPrefix`; everything where it isn't given.
pub(super) fn path_prefix(fields: &mut Fields<'_>) -> Result<String, ApiError> {
    let prefix = fields.optional("PathPrefix").unwrap_or_else(|| "/".to_owned());
    if prefix.starts_with('/') && prefix.len() <= 512 && prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(prefix);
    }
    let rule = "it must begin with a slash and have at most 512 visible ASCII characters".to_owned();
    Err(ApiError::InvalidParameter { parameter: "PathPrefix", rule })
}
