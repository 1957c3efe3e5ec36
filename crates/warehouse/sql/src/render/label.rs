//! Labels of the select list that its other expressions name.
//!
//! The engine doesn't let one be named whose expression may raise an error by `error()` ("has side effects"): the expression
//! is written in its name's place.

use std::collections::BTreeMap;

use crate::ast::{ColumnName, Join, JoinConstraint, TableExpr};
use crate::render::Renderer;

/// The labels of one SELECT so far, and the text of those that can't be named. The first of several is meant.
pub(super) type Labels = BTreeMap<String, Option<String>>;

/// What USING made one column is found before a label.
pub(super) fn merged(from: &[TableExpr]) -> Labels {
    let mut labels = Labels::new();
    let mut waiting: Vec<&TableExpr> = from.iter().collect();
    while let Some(table) = waiting.pop() {
        let TableExpr::Join(join) = table else { continue };
        let Join { left, kind: _, right, constraint } = join.as_ref();
        waiting.extend([left, right]);
        if let JoinConstraint::Using(columns) = constraint {
            labels.extend(columns.iter().map(|column| (column.clone(), None)));
        }
    }
    labels
}

impl Renderer<'_> {
    /// A label of the innermost SELECT, with its rendered text.
    pub(super) fn add_label(&mut self, label: &str, text: &str) {
        // what isn't the same when it is computed again keeps its name
        let raises = text.contains("error('") && !text.contains("random()");
        if let Some(labels) = self.labels.last_mut() {
            labels.entry(label.to_owned()).or_insert_with(|| raises.then(|| text.to_owned()));
        }
    }

    /// The text in place of this name.
    pub(super) fn labelled(&self, column: &ColumnName) -> Option<&String> {
        if !column.qualifier.is_empty() {
            return None;
        }
        self.labels.last()?.get(&column.name)?.as_ref()
    }
}
