//! What the push needs from outside: a place for what was pushed, a way to the server, and who is assigned.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId, PushTargetId, SsoApplicationId};
use serde_json::Value;
use time::OffsetDateTime;

use crate::error::PushStoreUnavailable;
use crate::target::Target;

type Kept<T> = Result<T, PushStoreUnavailable>;

/// A person or a group of the provider's directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Object {
    User(DirectoryUserId),
    Group(DirectoryGroupId),
}

impl Object {
    /// `user` or `group`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
        }
    }

    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::Group(id) => id.as_str(),
        }
    }

    /// From [`Self::kind`] and [`Self::id`].
    #[must_use]
    pub fn from_parts(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "user" => Some(Self::User(DirectoryUserId::new(id))),
            "group" => Some(Self::Group(DirectoryGroupId::new(id))),
            _ => None,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.id())
    }
}

/// A person as the server accepted them from us. One remote id is one person's.
#[derive(Debug, Clone, PartialEq)]
pub struct PushedUser {
    pub target: PushTargetId,
    pub user: DirectoryUserId,
    /// The id that the server gave.
    pub remote: String,
    /// The attributes that were sent last, as one JSON object; `active` among them.
    pub sent: serde_json::Map<String, Value>,
}

/// A group as the server accepted it from us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedGroup {
    pub target: PushTargetId,
    pub group: DirectoryGroupId,
    pub remote: String,
    pub display_name: String,
    /// Whether we made it: a group that was there before is given back, not deleted.
    pub created: bool,
}

/// A person or a group that couldn't be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub target: PushTargetId,
    pub object: Object,
    /// userName or displayName, as it was then.
    pub name: String,
    /// What the server, or the way to it, said. A sentence.
    pub message: String,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// The first of these attempts.
    pub since: OffsetDateTime,
    pub next_retry: OffsetDateTime,
}

/// One change. A list of them is one transaction.
#[derive(Debug, Clone)]
pub enum PushWrite {
    /// Inserts or replaces the target.
    PutTarget(Target),
    /// Deletes the target with all that is kept for it.
    DeleteTarget(PushTargetId),
    /// Whoever had this id of the server before has it no more; the memberships stay with the id. Ends [`Self::Begin`].
    PutUser(PushedUser),
    /// Deletes the person with their pushed memberships.
    DeleteUser {
        target: PushTargetId,
        user: DirectoryUserId,
    },
    /// Ends [`Self::Begin`].
    PutGroup(PushedGroup),
    /// Deletes the group with its pushed members.
    DeleteGroup {
        target: PushTargetId,
        group: DirectoryGroupId,
    },
    /// The members that we added, by the server's ids. Who is one already stays one.
    AddMembers {
        target: PushTargetId,
        group: DirectoryGroupId,
        members: Vec<String>,
    },
    RemoveMembers {
        target: PushTargetId,
        group: DirectoryGroupId,
        members: Vec<String>,
    },
    /// The server is about to be asked to create this, or to add members to it: until the answer is written down, it may have.
    Begin {
        target: PushTargetId,
        object: Object,
    },
    /// The server's answer is known.
    End {
        target: PushTargetId,
        object: Object,
    },
    PutFailed(Failed),
    DeleteFailed {
        target: PushTargetId,
        object: Object,
    },
    /// Deletes all that is kept for the target, but not the target: its server is another one.
    Forget(PushTargetId),
}

/// How much is kept for a target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub users: u64,
    pub groups: u64,
    pub failed: u64,
}

/// Keeps targets and the ledger. Every read is by an index.
#[async_trait::async_trait]
pub trait PushStore: Send + Sync + fmt::Debug {
    /// Every target, in no order.
    async fn targets(&self) -> Kept<Vec<Target>>;

    async fn user(&self, target: &PushTargetId, user: &DirectoryUserId) -> Kept<Option<PushedUser>>;

    /// At most `limit` people behind `after`, ordered by their ids in the directory.
    async fn users_after(
        &self,
        target: &PushTargetId,
        after: Option<&DirectoryUserId>,
        limit: u32,
    ) -> Kept<Vec<PushedUser>>;

    /// The server's ids of those of these people who were pushed.
    async fn remote_ids(
        &self,
        target: &PushTargetId,
        users: &[DirectoryUserId],
    ) -> Kept<BTreeMap<DirectoryUserId, String>>;

    /// Those of these ids of the server that are people whom we pushed, and who they are.
    async fn ours(&self, target: &PushTargetId, remotes: &[String]) -> Kept<BTreeMap<String, DirectoryUserId>>;

    async fn group(&self, target: &PushTargetId, group: &DirectoryGroupId) -> Kept<Option<PushedGroup>>;

    /// Ordered by id. As long as the list of pushed groups.
    async fn groups(&self, target: &PushTargetId) -> Kept<Vec<PushedGroup>>;

    /// The members that we added, by the server's ids. As long as the group.
    async fn members(&self, target: &PushTargetId, group: &DirectoryGroupId) -> Kept<BTreeSet<String>>;

    /// Those of these ids that we added to the group.
    async fn members_among(
        &self,
        target: &PushTargetId,
        group: &DirectoryGroupId,
        remotes: &[String],
    ) -> Kept<BTreeSet<String>>;

    /// The groups that we added this id of the server to.
    async fn groups_of(&self, target: &PushTargetId, remote: &str) -> Kept<Vec<DirectoryGroupId>>;

    /// At most `limit` failures behind `after`, ordered by [`Object`].
    async fn failed_after(&self, target: &PushTargetId, after: Option<&Object>, limit: u32) -> Kept<Vec<Failed>>;

    /// Everything that was begun and not ended, in no order: as much as is under way at a time.
    async fn begun(&self, target: &PushTargetId) -> Kept<Vec<Object>>;

    async fn totals(&self, target: &PushTargetId) -> Kept<Totals>;

    /// Applies all writes in order in one transaction, or none. When it returns, they would survive a kill -9.
    async fn apply(&self, writes: &[PushWrite]) -> Kept<()>;
}

/// Who may open an SSO application.
pub trait Roster: Send + Sync + fmt::Debug {
    /// The groups whose people may; `None` when there is no such application.
    fn groups(&self, application: &SsoApplicationId) -> Option<BTreeSet<DirectoryGroupId>>;
}

/// How a SCIM server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// One request to a SCIM server.
#[derive(Debug, Clone)]
pub struct ScimRequest {
    pub method: Method,
    pub url: String,
    pub token: Secret<String>,
    /// Sent as `application/scim+json`.
    pub body: Option<Value>,
    /// Whether the server may be in a private network.
    pub private_network: bool,
}

/// What it answered, whatever the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimAnswer {
    pub status: u16,
    /// The header `Retry-After`, as it came.
    pub retry_after: Option<String>,
    pub body: Vec<u8>,
}

/// There is no answer. A sentence without a full stop, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The server isn't there, doesn't answer in time, or breaks off: it may later.
    #[error("{0}")]
    Unreachable(String),
    /// The request isn't made: its address isn't allowed, or the server doesn't prove who it is. Somebody has to change something.
    #[error("{0}")]
    Refused(String),
    /// The answer is larger than is read.
    #[error("{0}")]
    TooLarge(String),
}

/// Asks SCIM servers. No redirect is followed; time and size are bounded.
#[async_trait::async_trait]
pub trait ScimTransport: Send + Sync + fmt::Debug {
    async fn send(&self, request: ScimRequest) -> Result<ScimAnswer, TransportError>;
}
