//! What a change asks for, before it is planned.

use std::collections::BTreeSet;

use base::id::DirectoryUserId;

use crate::model::{DirectoryGroup, DirectoryUser, NewUser, Origin};
use crate::password::HashedPassword;

/// What happens to a person's password.
#[derive(Debug, Clone, Default)]
pub enum PasswordEdit {
    #[default]
    Keep,
    Set(HashedPassword),
    Remove,
}

/// The full new value of a person, and what happens to the password.
#[derive(Debug, Clone)]
pub struct UserEdit {
    pub value: NewUser,
    pub password: PasswordEdit,
}

impl From<NewUser> for UserEdit {
    fn from(value: NewUser) -> Self {
        Self { value, password: PasswordEdit::Keep }
    }
}

impl From<&DirectoryUser> for NewUser {
    fn from(user: &DirectoryUser) -> Self {
        Self {
            user_name: user.user_name.clone(),
            external_id: user.external_id.clone(),
            active: user.active,
            display_name: user.display_name.clone(),
            given_name: user.given_name.clone(),
            family_name: user.family_name.clone(),
            email: user.email.clone(),
            attributes: user.attributes.clone(),
            origin: user.origin,
        }
    }
}

/// The full new profile of a group, and what happens to its members.
#[derive(Debug, Clone)]
pub struct GroupEdit {
    pub display_name: String,
    pub external_id: Option<String>,
    pub attributes: serde_json::Map<String, serde_json::Value>,
    pub members: MemberEdit,
    /// Who writes: [`Origin::Scim`] in what a provisioning client sends.
    pub origin: Origin,
}

impl From<&DirectoryGroup> for GroupEdit {
    fn from(group: &DirectoryGroup) -> Self {
        Self {
            display_name: group.display_name.clone(),
            external_id: group.external_id.clone(),
            attributes: group.attributes.clone(),
            members: MemberEdit::default(),
            origin: group.origin,
        }
    }
}

/// A change of members that doesn't need the present ones to be listed: later steps win over earlier ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberEdit {
    pub(crate) clear: bool,
    pub(crate) add: BTreeSet<DirectoryUserId>,
    pub(crate) remove: BTreeSet<DirectoryUserId>,
}

impl MemberEdit {
    /// Adds people; who is a member already stays one.
    pub fn add(&mut self, users: impl IntoIterator<Item = DirectoryUserId>) {
        for user in users {
            self.remove.remove(&user);
            self.add.insert(user);
        }
    }

    /// Removes exactly these people; who isn't a member is ignored.
    pub fn remove(&mut self, users: impl IntoIterator<Item = DirectoryUserId>) {
        for user in users {
            self.add.remove(&user);
            self.remove.insert(user);
        }
    }

    /// Removes everybody.
    pub fn clear(&mut self) {
        self.clear = true;
        self.add.clear();
        self.remove.clear();
    }

    /// Whether nothing was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.clear && self.add.is_empty() && self.remove.is_empty()
    }

    /// Whether everybody was removed before the additions.
    #[must_use]
    pub const fn clears(&self) -> bool {
        self.clear
    }

    /// Who was asked to be added, ordered by id.
    pub fn added(&self) -> impl Iterator<Item = &DirectoryUserId> {
        self.add.iter()
    }

    /// Who was asked to be removed, ordered by id.
    pub fn removed(&self) -> impl Iterator<Item = &DirectoryUserId> {
        self.remove.iter()
    }
}
