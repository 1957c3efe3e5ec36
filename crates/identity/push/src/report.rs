//! What a push would do, for people to read before it does.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::Change;

/// One thing that would be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    DeactivateUser,
    DeleteUser,
    CreateUser,
    /// Somebody of this name is at the server already, and becomes ours.
    AdoptUser,
    ChangeUser,
    DeleteGroup,
    /// It was there before us and stays, without our people.
    ReleaseGroup,
    CreateGroup,
    AdoptGroup,
    RenameGroup,
    RemoveMember,
    AddMember,
    /// It can't be said, or wouldn't work.
    Problem,
}

impl Action {
    /// For people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::DeactivateUser => "deactivate user",
            Self::DeleteUser => "delete user",
            Self::CreateUser => "create user",
            Self::AdoptUser => "adopt user",
            Self::ChangeUser => "change user",
            Self::DeleteGroup => "delete group",
            Self::ReleaseGroup => "release group",
            Self::CreateGroup => "create group",
            Self::AdoptGroup => "adopt group",
            Self::RenameGroup => "rename group",
            Self::RemoveMember => "remove member",
            Self::AddMember => "add member",
            Self::Problem => "PROBLEM",
        }
    }
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub action: Action,
    /// userName or displayName.
    pub name: String,
    /// The id at the server, of who is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// Attribute by attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The member's userName, or what the problem is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Line {
    pub(crate) fn new(action: Action, name: &str) -> Self {
        Self { action, name: name.to_owned(), remote: None, changes: Vec::new(), detail: None }
    }
}

/// How much would be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub users_created: usize,
    /// Adopted ones too.
    pub users_changed: usize,
    /// Deactivated or deleted.
    pub users_removed: usize,
    pub groups_created: usize,
    pub groups_changed: usize,
    pub groups_removed: usize,
    pub members_added: usize,
    pub members_removed: usize,
    pub problems: usize,
}

/// What a full sync would do. Nothing was written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Losses first; then by name.
    pub lines: Vec<Line>,
    pub counts: Counts,
}

impl Plan {
    pub(crate) fn of(mut lines: Vec<Line>) -> Self {
        lines.sort_by(|one, other| {
            (one.action, &one.name, &one.detail).cmp(&(other.action, &other.name, &other.detail))
        });
        let mut counts = Counts::default();
        for line in &lines {
            let count = match line.action {
                Action::CreateUser => &mut counts.users_created,
                Action::AdoptUser | Action::ChangeUser => &mut counts.users_changed,
                Action::DeactivateUser | Action::DeleteUser => &mut counts.users_removed,
                Action::CreateGroup => &mut counts.groups_created,
                Action::AdoptGroup | Action::RenameGroup => &mut counts.groups_changed,
                Action::DeleteGroup | Action::ReleaseGroup => &mut counts.groups_removed,
                Action::AddMember => &mut counts.members_added,
                Action::RemoveMember => &mut counts.members_removed,
                Action::Problem => &mut counts.problems,
            };
            *count += 1;
        }
        Self { lines, counts }
    }

    /// Action, who, and what: a row for each attribute that changes.
    #[must_use]
    pub fn rows(&self) -> Vec<[String; 3]> {
        let mut rows = Vec::new();
        for line in &self.lines {
            let details = line.changes.iter().map(words).chain(line.detail.clone()).collect::<Vec<_>>();
            let (first, rest) = match details.split_first() {
                Some((first, rest)) => (first.clone(), rest),
                None => (String::new(), &[][..]),
            };
            rows.push([line.action.title().to_owned(), line.name.clone(), first]);
            rows.extend(rest.iter().map(|detail| [String::new(), String::new(), detail.clone()]));
        }
        rows
    }
}

fn words(change: &Change) -> String {
    let text = |value: &Option<Value>| match value {
        None => "(none)".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    format!("{}: {} -> {}", change.path, text(&change.from), text(&change.to))
}
