//! Texts that have passed, so that a repeated one isn't planned twice (the look costs about as much as a short query).

use std::collections::{HashMap, VecDeque};

use engine::CheckedText;

use super::Expected;

/// Texts kept per session. The oldest goes first.
const TEXTS_MAX: usize = 64;

/// Longer texts aren't kept: they are rarely repeated, and 64 of them would be a burden.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Only what passed is kept, and only until a name may mean something else.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    generation: u64,
    passed: HashMap<String, (Vec<(String, String)>, Expected)>,
    order: VecDeque<String>,
}

impl Checked {
    pub(crate) fn knows(&mut self, generation: u64, text: &CheckedText, expected: Expected) -> bool {
        if generation != self.generation {
            *self = Self { generation, ..Self::default() };
        }
        self.passed.get(&text.text).is_some_and(|(tables, passed)| *tables == text.tables && *passed == expected)
    }

    pub(crate) fn remember(&mut self, generation: u64, text: CheckedText, expected: Expected) {
        if generation != self.generation || text.text.len() > TEXT_BYTES_MAX {
            return;
        }
        if self.passed.insert(text.text.clone(), (text.tables, expected)).is_none() {
            self.order.push_back(text.text);
        }
        if self.order.len() > TEXTS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.passed.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests;
