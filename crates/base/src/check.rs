//! One line of a verification: what was checked, what was expected, what came.
//!
//! Page, audit and `gatehouse explain login` tell the same story, because each verifier writes it down while it decides.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

/// Longer values are cut: they are an attacker's.
const LONGEST_VALUE: usize = 200;

/// A check that was made. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// A stable name: `signature`, `audience`, `time window` …
    pub check: String,
    pub expected: String,
    pub found: String,
    pub passed: bool,
}

/// Checks in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checks(Vec<Checked>);

impl Checks {
    /// Notes a check and answers whether it passed.
    pub fn note(&mut self, check: &str, expected: &str, found: &str, passed: bool) -> bool {
        self.0.push(Checked {
            check: check.to_owned(),
            expected: shortened(expected),
            found: shortened(found),
            passed,
        });
        passed
    }

    /// Notes what another verifier found before.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    #[must_use]
    pub fn list(&self) -> &[Checked] {
        &self.0
    }

    /// The first that failed.
    #[must_use]
    pub fn failed(&self) -> Option<&Checked> {
        self.0.iter().find(|checked| !checked.passed)
    }

    /// As the field `checks` of an audit record has it.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads [`Self::to_json`].
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// At most [`LONGEST_VALUE`] characters, without control characters.
fn shortened(text: &str) -> String {
    let mut characters = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    let mut short: String = characters.by_ref().take(LONGEST_VALUE).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
