//! One person or one group, from the comparison to the ledger.

mod groups;
mod users;

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{Directory, DirectoryUser};

use crate::client::Server;
use crate::person;
use crate::plan::Attributes;
use crate::port::PushStore;
use crate::target::Target;

/// So often one push starts anew because the server turned out to be different from what we knew.
const TURNS: usize = 3;

/// A push to one target, with what is assigned when it begins.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) target: Arc<Target>,
    pub(crate) server: Server,
    pub(crate) assigned: Arc<BTreeSet<DirectoryGroupId>>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) store: Arc<dyn PushStore>,
}

/// What has to be looked at because of a push.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Aftermath {
    /// Groups in which the person's membership may be another now.
    pub(crate) groups: BTreeSet<DirectoryGroupId>,
    /// People whom the server has no more.
    pub(crate) lost: BTreeSet<DirectoryUserId>,
    /// Who may take over what somebody who was deleted here had at the server.
    pub(crate) heirs: BTreeSet<DirectoryUserId>,
}

/// Whether somebody should be at the server: active, and in one of the groups.
pub(crate) fn is_wanted(directory: &Directory, assigned: &BTreeSet<DirectoryGroupId>, user: &DirectoryUser) -> bool {
    user.active && assigned.iter().any(|group| directory.is_member(group, &user.id))
}

impl Job {
    /// What the server should have of the person; nothing if they shouldn't be there.
    pub(crate) fn wanted(&self, user: &DirectoryUserId) -> Option<Attributes> {
        let user = self.directory.user(user)?;
        is_wanted(&self.directory, &self.assigned, &user).then(|| person::attributes(&user))
    }
}
