//! The port that keeps sources, and what must be remembered of sign-ins.

use std::fmt;
use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId, SourceId};
use time::OffsetDateTime;

/// A source as it is kept. `definition` is JSON, written and read by this crate; secrets in it are sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSource {
    pub id: SourceId,
    pub definition: String,
    pub version: u64,
    pub created: OffsetDateTime,
    pub modified: OffsetDateTime,
}

/// Everything but links and marks, as it is loaded at start. In no order.
#[derive(Debug, Clone, Default)]
pub struct StoredSources {
    pub sources: Vec<StoredSource>,
    /// Whether people sign in with passwords; `None`: never decided, so they do.
    pub directory_enabled: Option<bool>,
    /// The key that requests are signed with: sealed JSON.
    pub signing_key: Option<String>,
    /// Groups that the sign-ins of a source made. Some may be gone from the directory.
    pub groups: Vec<(SourceId, DirectoryGroupId)>,
}

/// One change. A list of them is one transaction.
#[derive(Debug, Clone)]
pub enum SourceWrite {
    /// Inserts or replaces the source.
    PutSource(Arc<StoredSource>),
    /// Deletes the source with its links and its claim to groups. The groups themselves stay.
    DeleteSource(SourceId),
    /// Deletes all links of the source: it is another provider now, or names people otherwise.
    DeleteLinks(SourceId),
    /// Deletes one link.
    DeleteLink {
        source: SourceId,
        subject: String,
    },
    SetDirectoryEnabled(bool),
    /// Sealed JSON.
    PutSigningKey(String),
    /// The group is the source's; there may be no such group yet.
    PutGroup {
        source: SourceId,
        group: DirectoryGroupId,
    },
    /// The group is nobody's any more.
    DeleteGroup(DirectoryGroupId),
}

/// Who a provider's unchanging name for somebody means. One subject names one person, and one person has one subject per source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub source: SourceId,
    pub subject: String,
    pub user: DirectoryUserId,
}

/// Something that counts once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseMark {
    /// At most 64 characters, unique for what is used.
    pub key: String,
    /// It isn't accepted any more after this time.
    pub until: OffsetDateTime,
}

/// The store can't be used; what was asked for may or may not have been kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SourceStoreUnavailable(pub String);

/// Keeps sources, links and marks.
#[async_trait::async_trait]
pub trait SourceStore: Send + Sync + fmt::Debug {
    /// Reads everything but links and marks.
    async fn load(&self) -> Result<StoredSources, SourceStoreUnavailable>;

    /// Applies all writes in order in one transaction, or none. When it returns, they would survive a kill -9.
    async fn apply(&self, writes: &[SourceWrite]) -> Result<(), SourceStoreUnavailable>;

    /// Marks all as used in one transaction. `false`, and nothing is marked, when one of them was used before, or ended so early that
    /// the mark of its use may have been forgotten. Marks may be forgotten a day after their end by `now`.
    async fn use_once(&self, marks: &[UseMark], now: OffsetDateTime) -> Result<bool, SourceStoreUnavailable>;

    /// Who is linked.
    async fn linked_user(
        &self,
        source: &SourceId,
        subject: &str,
    ) -> Result<Option<DirectoryUserId>, SourceStoreUnavailable>;

    /// The subject that the person is linked to in this source.
    async fn linked_subject(
        &self,
        source: &SourceId,
        user: &DirectoryUserId,
    ) -> Result<Option<String>, SourceStoreUnavailable>;

    /// Keeps the link; the same link again is fine. `false`, and nothing is kept, when the subject or the person is linked otherwise,
    /// or when there is no such person or source. A link goes with its person.
    async fn link(&self, link: &Link) -> Result<bool, SourceStoreUnavailable>;
}
