//! A store that forgets everything when it is dropped.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::id::{DirectoryGroupId, DirectoryUserId, SourceId};
use time::{Duration, OffsetDateTime};

use crate::port::{Link, SourceStore, SourceStoreUnavailable, SourceWrite, StoredSource, StoredSources, UseMark};

/// Keeps sources in memory, for tests. It knows no people: a link stays when its person goes.
#[derive(Debug, Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    sources: BTreeMap<SourceId, StoredSource>,
    directory_enabled: Option<bool>,
    signing_key: Option<String>,
    groups: BTreeMap<DirectoryGroupId, SourceId>,
    links: BTreeMap<(SourceId, String), DirectoryUserId>,
    marks: BTreeMap<String, OffsetDateTime>,
    forgotten: Option<OffsetDateTime>,
}

impl MemoryStore {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn apply(&mut self, write: &SourceWrite) {
        match write {
            SourceWrite::PutSource(source) => {
                self.sources.insert(source.id.clone(), StoredSource::clone(source));
            }
            SourceWrite::DeleteSource(id) => {
                self.sources.remove(id);
                self.groups.retain(|_, owner| owner != id);
                self.links.retain(|(source, _), _| source != id);
            }
            SourceWrite::DeleteLinks(id) => self.links.retain(|(source, _), _| source != id),
            SourceWrite::DeleteLink { source, subject } => {
                self.links.remove(&(source.clone(), subject.clone()));
            }
            SourceWrite::SetDirectoryEnabled(enabled) => self.directory_enabled = Some(*enabled),
            SourceWrite::PutSigningKey(key) => self.signing_key = Some(key.clone()),
            SourceWrite::PutGroup { source, group } => {
                self.groups.insert(group.clone(), source.clone());
            }
            SourceWrite::DeleteGroup(group) => {
                self.groups.remove(group);
            }
        }
    }

    fn use_once(&mut self, marks: &[UseMark], now: OffsetDateTime) -> bool {
        let kept_from = now - Duration::DAY;
        let gone = self.marks.values().filter(|until| **until < kept_from).max().copied();
        self.forgotten = self.forgotten.max(gone);
        self.marks.retain(|_, until| *until >= kept_from);
        let is_used = |mark: &UseMark| {
            self.marks.contains_key(&mark.key) || self.forgotten.is_some_and(|forgotten| mark.until <= forgotten)
        };
        if marks.iter().any(is_used) {
            return false;
        }
        self.marks.extend(marks.iter().map(|mark| (mark.key.clone(), mark.until)));
        true
    }
}

#[async_trait::async_trait]
impl SourceStore for MemoryStore {
    async fn load(&self) -> Result<StoredSources, SourceStoreUnavailable> {
        let kept = self.kept();
        Ok(StoredSources {
            sources: kept.sources.values().cloned().collect(),
            directory_enabled: kept.directory_enabled,
            signing_key: kept.signing_key.clone(),
            groups: kept.groups.iter().map(|(group, source)| (source.clone(), group.clone())).collect(),
        })
    }

    async fn apply(&self, writes: &[SourceWrite]) -> Result<(), SourceStoreUnavailable> {
        let mut kept = self.kept();
        for write in writes {
            kept.apply(write);
        }
        Ok(())
    }

    async fn use_once(&self, marks: &[UseMark], now: OffsetDateTime) -> Result<bool, SourceStoreUnavailable> {
        Ok(self.kept().use_once(marks, now))
    }

    async fn linked_user(
        &self,
        source: &SourceId,
        subject: &str,
    ) -> Result<Option<DirectoryUserId>, SourceStoreUnavailable> {
        Ok(self.kept().links.get(&(source.clone(), subject.to_owned())).cloned())
    }

    async fn linked_subject(
        &self,
        source: &SourceId,
        user: &DirectoryUserId,
    ) -> Result<Option<String>, SourceStoreUnavailable> {
        let kept = self.kept();
        let found = kept.links.iter().find(|((owner, _), linked)| owner == source && *linked == user);
        Ok(found.map(|((_, subject), _)| subject.clone()))
    }

    async fn link(&self, link: &Link) -> Result<bool, SourceStoreUnavailable> {
        let mut kept = self.kept();
        let key = (link.source.clone(), link.subject.clone());
        let is_other = |(source, subject): &(SourceId, String), user: &DirectoryUserId| {
            *source == link.source && (*subject == link.subject) != (*user == link.user)
        };
        if !kept.sources.contains_key(&link.source) || kept.links.iter().any(|(key, user)| is_other(key, user)) {
            return Ok(false);
        }
        kept.links.insert(key, link.user.clone());
        Ok(true)
    }
}
