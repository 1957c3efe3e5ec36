//! What Identity Center needs from others.

use std::fmt;

use base::id::{ApplicationArn, DirectoryGroupId, DirectoryUserId};

use crate::{Application, AssignedPrincipal, CenterStoreError, Instance, InstanceSettings};

/// Everything that is stored, read once at the start.
#[derive(Debug, Clone, Default)]
pub struct StoredCenter {
    pub instance: Option<Instance>,
    pub settings: InstanceSettings,
    pub applications: Vec<Application>,
    pub assignments: Vec<(ApplicationArn, AssignedPrincipal)>,
}

/// One change. Each is one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one is under way at a time")]
pub enum CenterWrite {
    CreateInstance(Instance),
    PutInstanceSettings(InstanceSettings),
    /// A new application, or the new state of one; its assignments stay.
    PutApplication(Application),
    /// The application and its assignments.
    DeleteApplication(ApplicationArn),
    CreateAssignment(ApplicationArn, AssignedPrincipal),
    DeleteAssignment(ApplicationArn, AssignedPrincipal),
    /// Every assignment of a principal that has left the directory.
    DeletePrincipal(AssignedPrincipal),
}

/// The port to durable state. `apply` returns when the change would survive a kill -9.
#[async_trait::async_trait]
pub trait CenterStore: Send + Sync + fmt::Debug {
    async fn load(&self) -> Result<StoredCenter, CenterStoreError>;
    async fn apply(&self, write: CenterWrite) -> Result<(), CenterStoreError>;
}

/// Who exists. The directory is one.
pub trait PrincipalLookup {
    fn user_exists(&self, id: &DirectoryUserId) -> bool;
    fn group_exists(&self, id: &DirectoryGroupId) -> bool;
}

impl PrincipalLookup for directory::Directory {
    fn user_exists(&self, id: &DirectoryUserId) -> bool {
        self.user(id).is_some()
    }

    fn group_exists(&self, id: &DirectoryGroupId) -> bool {
        self.group(id).is_some()
    }
}
