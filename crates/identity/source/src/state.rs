//! The configuration in memory: an immutable snapshot with an index for every question that a sign-in asks.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base::id::{DirectoryGroupId, SourceId};
use saml::SigningKey;

use crate::error::SourceError;
use crate::model::IdentitySource;
use crate::port::SourceWrite;
use crate::stored;

/// What a change does to store and memory.
#[derive(Debug, Clone)]
pub(crate) enum StateChange {
    Put(Arc<IdentitySource>),
    Remove(SourceId),
    ForgetLinks(SourceId),
    Directory(bool),
    SigningKey { sealed: String, key: Arc<SigningKey> },
    Group { source: SourceId, group: DirectoryGroupId },
    ForgetGroup(DirectoryGroupId),
}

impl StateChange {
    pub(crate) fn write(&self) -> Result<SourceWrite, SourceError> {
        Ok(match self {
            Self::Put(source) => SourceWrite::PutSource(stored::write(source)?),
            Self::Remove(id) => SourceWrite::DeleteSource(id.clone()),
            Self::ForgetLinks(id) => SourceWrite::DeleteLinks(id.clone()),
            Self::Directory(enabled) => SourceWrite::SetDirectoryEnabled(*enabled),
            Self::SigningKey { sealed, key: _ } => SourceWrite::PutSigningKey(sealed.clone()),
            Self::Group { source, group } => SourceWrite::PutGroup { source: source.clone(), group: group.clone() },
            Self::ForgetGroup(group) => SourceWrite::DeleteGroup(group.clone()),
        })
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    sources: BTreeMap<SourceId, Arc<IdentitySource>>,
    by_domain: HashMap<String, SourceId>,
    pub(crate) directory_enabled: bool,
    pub(crate) signing_key: Option<Arc<SigningKey>>,
    pub(crate) groups: imbl::HashMap<DirectoryGroupId, SourceId>,
}

impl State {
    pub(crate) fn new(
        sources: impl IntoIterator<Item = IdentitySource>,
        directory_enabled: bool,
        signing_key: Option<SigningKey>,
        groups: impl IntoIterator<Item = (SourceId, DirectoryGroupId)>,
    ) -> Self {
        let mut state = Self { directory_enabled, signing_key: signing_key.map(Arc::new), ..Self::default() };
        for source in sources {
            state.put(Arc::new(source));
        }
        state.groups = groups.into_iter().map(|(source, group)| (group, source)).collect();
        state
    }

    /// Does in memory what the store did.
    pub(crate) fn apply(&mut self, change: &StateChange) {
        match change {
            StateChange::Put(source) => self.put(Arc::clone(source)),
            StateChange::Remove(id) => self.remove(id),
            StateChange::ForgetLinks(_) => {}
            StateChange::Directory(enabled) => self.directory_enabled = *enabled,
            StateChange::SigningKey { sealed: _, key } => self.signing_key = Some(Arc::clone(key)),
            StateChange::Group { source, group } => {
                self.groups.insert(group.clone(), source.clone());
            }
            StateChange::ForgetGroup(group) => {
                self.groups.remove(group);
            }
        }
    }

    /// Whether anybody can sign in.
    pub(crate) fn has_way_in(&self) -> bool {
        self.directory_enabled || self.sources.values().any(|source| source.enabled)
    }

    fn put(&mut self, source: Arc<IdentitySource>) {
        self.remove_domains(&source.id);
        for domain in &source.domains {
            self.by_domain.insert(domain.clone(), source.id.clone());
        }
        self.sources.insert(source.id.clone(), source);
    }

    fn remove(&mut self, id: &SourceId) {
        self.remove_domains(id);
        self.sources.remove(id);
        self.groups.retain(|_, owner| owner != id);
    }

    fn remove_domains(&mut self, id: &SourceId) {
        self.by_domain.retain(|_, owner| owner != id);
    }

    pub(crate) fn source(&self, id: &SourceId) -> Option<&Arc<IdentitySource>> {
        self.sources.get(id)
    }

    /// Ordered by id.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Arc<IdentitySource>> {
        self.sources.values()
    }

    /// Whose domain it is, enabled or not.
    pub(crate) fn owner(&self, domain: &str) -> Option<&Arc<IdentitySource>> {
        self.by_domain.get(domain).and_then(|id| self.sources.get(id))
    }
}
