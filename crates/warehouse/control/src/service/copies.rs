//! The copies that are under way, for whoever asks how far they are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::CopyProgress;

/// By the id of the snapshot that is taken, or of the warehouse that is restored.
#[derive(Debug, Default, Clone)]
pub(super) struct Copies(Arc<Mutex<BTreeMap<String, Arc<CopyProgress>>>>);

/// A copy under way; no longer when dropped.
#[derive(Debug)]
pub(super) struct Copy {
    copies: Copies,
    id: String,
    progress: Arc<CopyProgress>,
}

impl Copies {
    pub(super) fn begin(&self, id: &str) -> Copy {
        let progress = Arc::<CopyProgress>::default();
        self.lock().insert(id.to_owned(), Arc::clone(&progress));
        Copy { copies: self.clone(), id: id.to_owned(), progress }
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<CopyProgress>> {
        self.lock().get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<CopyProgress>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Copy {
    pub(super) const fn progress(&self) -> &Arc<CopyProgress> {
        &self.progress
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.copies.lock().remove(&self.id);
    }
}
