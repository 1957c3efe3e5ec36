//! The order of a bulk request's operations.

use std::collections::HashMap;

use super::references::{of_path, of_value};
use super::{Entry, Method, Operation};

/// One thing to do. `entry` counts from 0 in the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Carry the operation out; `without`: attributes of the data that refer to what doesn't exist yet.
    Perform { entry: usize, without: Vec<String> },
    /// Add the attributes that had to wait to what the operation created.
    Complete { entry: usize, waiting: Vec<String> },
    /// Say what is wrong with an entry that is no operation.
    Refuse { entry: usize },
}

impl Step {
    /// Which entry of the request it is about.
    #[must_use]
    pub const fn entry(&self) -> usize {
        match self {
            Self::Perform { entry, .. } | Self::Complete { entry, .. } | Self::Refuse { entry } => *entry,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Open,
    Begun,
    Done,
}

/// An operation whose references are being followed.
struct Visit {
    entry: usize,
    references: std::vec::IntoIter<(Option<String>, usize)>,
    without: Vec<String>,
}

/// What is to be done, in order: that of the request, but for operations that others refer to, which come before those. Where
/// operations refer to each other, the one that is reached last is created without the attributes that close the circle, and
/// completed when the others exist (RFC 7644 3.7.1).
#[must_use]
pub fn plan(entries: &[Entry]) -> Vec<Step> {
    let posts: HashMap<&str, usize> = entries
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| {
            let operation = entry.operation.as_ref().ok().filter(|operation| operation.method == Method::Post)?;
            Some((operation.bulk_id.as_deref()?, at))
        })
        .collect();
    let mut marks = vec![Mark::Open; entries.len()];
    let mut steps = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        match &entry.operation {
            Ok(_) => follow(at, entries, &posts, &mut marks, &mut steps),
            Err(_) => steps.push(Step::Refuse { entry: at }),
        }
    }
    steps
}

fn follow(first: usize, entries: &[Entry], posts: &HashMap<&str, usize>, marks: &mut [Mark], steps: &mut Vec<Step>) {
    let mut completions = Vec::new();
    let mut path: Vec<Visit> = begin(first, entries, posts, marks).into_iter().collect();
    while let Some(visit) = path.last_mut() {
        match visit.references.next() {
            Some((attribute, target)) => match marks.get(target) {
                Some(Mark::Open) => path.extend(begin(target, entries, posts, marks)),
                Some(Mark::Begun) => {
                    if let Some(attribute) = attribute
                        && !visit.without.contains(&attribute)
                    {
                        visit.without.push(attribute);
                    }
                }
                Some(Mark::Done) | None => {}
            },
            None => {
                let Some(Visit { entry, without, .. }) = path.pop() else { break };
                if let Some(mark) = marks.get_mut(entry) {
                    *mark = Mark::Done;
                }
                if !without.is_empty() {
                    completions.push(Step::Complete { entry, waiting: without.clone() });
                }
                steps.push(Step::Perform { entry, without });
            }
        }
    }
    steps.append(&mut completions);
}

fn begin(at: usize, entries: &[Entry], posts: &HashMap<&str, usize>, marks: &mut [Mark]) -> Option<Visit> {
    let mark = marks.get_mut(at).filter(|mark| **mark == Mark::Open)?;
    let operation = entries.get(at)?.operation.as_ref().ok()?;
    *mark = Mark::Begun;
    Some(Visit { entry: at, references: references(operation, posts).into_iter(), without: Vec::new() })
}

/// The POSTs that the operation refers to, and in which attribute (none: in the path).
fn references(operation: &Operation, posts: &HashMap<&str, usize>) -> Vec<(Option<String>, usize)> {
    let mut found = Vec::new();
    found.extend(of_path(&operation.path).and_then(|id| posts.get(id)).map(|target| (None, *target)));
    for (name, value) in &operation.data {
        let mut ids = Vec::new();
        of_value(value, &mut ids);
        found.extend(ids.into_iter().filter_map(|id| posts.get(id)).map(|target| (Some(name.clone()), *target)));
    }
    found
}
