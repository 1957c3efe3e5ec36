//! The last part of an application's SSO IdP URL. It is never edited: service providers have it in their configuration.

use std::fmt;

use crate::error::IdpError;

/// A DNS label is no longer either, and nobody types more.
const LONGEST: usize = 63;

/// `a-z`, `0-9` and `-`, beginning and ending with a letter or digit, at most 63 characters; unique among applications.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

impl Slug {
    /// A slug that somebody chose.
    ///
    /// # Errors
    /// [`IdpError::Invalid`] with the rule.
    pub fn parse(text: &str) -> Result<Self, IdpError> {
        let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let ends = !text.starts_with('-') && !text.ends_with('-');
        if letters && ends && (1..=LONGEST).contains(&text.len()) {
            return Ok(Self(text.to_owned()));
        }
        Err(IdpError::invalid(
            "slug",
            format!(
                "The SSO IdP URL's last part has 1 to {LONGEST} lower-case letters, digits and hyphens, and begins and ends with \
                 a letter or digit."
            ),
        ))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The slug of an application for which none was chosen: made from its label, else from `fallback`, with a number when it is taken.
#[must_use]
pub(crate) fn from_label(label: &str, fallback: &str, is_taken: impl Fn(&str) -> bool) -> Slug {
    let readable = readable(label);
    let base = if readable.is_empty() { fallback.to_owned() } else { readable };
    if !is_taken(&base) {
        return Slug(base);
    }
    // As many numbers as there are applications are enough to find a free one.
    let numbered = (2_u64..).map(|number| {
        let suffix = format!("-{number}");
        let kept: String = base.chars().take(LONGEST - suffix.len()).collect();
        format!("{}{suffix}", kept.trim_end_matches('-'))
    });
    Slug(numbered.into_iter().find(|candidate| !is_taken(candidate)).unwrap_or(base))
}

fn readable(label: &str) -> String {
    let mut text = String::new();
    for character in label.chars() {
        if text.len() >= LONGEST {
            break;
        }
        if character.is_ascii_alphanumeric() {
            text.push(character.to_ascii_lowercase());
        } else if !text.is_empty() && !text.ends_with('-') {
            text.push('-');
        }
    }
    text.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests;
