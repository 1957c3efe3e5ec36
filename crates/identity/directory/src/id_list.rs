//! A sorted list of ids that many snapshots share: a change copies one chunk, and a position is found without walking there.

use std::sync::Arc;

/// Longest chunk; a longer one is cut in half.
const LONGEST: usize = 256;
/// A shorter chunk joins its neighbour, if both fit into [`JOINED`].
const SHORTEST: usize = 64;
const JOINED: usize = 192;

/// Ascending, without duplicates. Cloning copies a pointer.
#[derive(Debug, Clone)]
pub(crate) enum IdList<T> {
    /// Most groups and nearly all people: one allocation as long as its ids.
    Short(Arc<[T]>),
    /// Chunks in order, none of them empty. How long each is stands beside its pointer, so that finding a position reads only this
    /// vector: 400 entries for 100,000 ids.
    Long { chunks: Arc<Vec<Arc<[T]>>>, length: usize },
}

impl<T> Default for IdList<T> {
    fn default() -> Self {
        Self::Short(Arc::from(Vec::new()))
    }
}

impl<T: Ord + Clone> IdList<T> {
    /// `ids` must be ascending and without duplicates.
    pub(crate) fn from_sorted(ids: Vec<T>) -> Self {
        if ids.len() <= LONGEST {
            return Self::Short(ids.into());
        }
        let length = ids.len();
        // Half full, so that what is inserted next doesn't cut every chunk.
        let chunks = ids.chunks(JOINED).map(Arc::from).collect();
        Self::Long { chunks: Arc::new(chunks), length }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Short(ids) => ids.len(),
            Self::Long { length, .. } => *length,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn chunks(&self) -> &[Arc<[T]>] {
        match self {
            Self::Short(ids) => std::slice::from_ref(ids),
            Self::Long { chunks, .. } => chunks,
        }
    }

    pub(crate) fn contains(&self, id: &T) -> bool {
        self.chunks().get(self.chunk_of(id)).is_some_and(|chunk| chunk.binary_search(id).is_ok())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks().iter().flat_map(|chunk| chunk.iter())
    }

    /// From the 0-based position on.
    pub(crate) fn starting_at(&self, start: usize) -> impl Iterator<Item = &T> {
        let mut before = 0;
        let chunks = self.chunks();
        let mut at = 0;
        for chunk in chunks {
            if before + chunk.len() > start {
                break;
            }
            before += chunk.len();
            at += 1;
        }
        chunks.iter().skip(at).flat_map(|chunk| chunk.iter()).skip(start.saturating_sub(before))
    }

    /// Behind `after`, whether it is in the list or not; from the first on without it.
    pub(crate) fn after(&self, after: Option<&T>) -> impl Iterator<Item = &T> {
        let (at, within) = after.map_or((0, 0), |after| {
            let at = self.chunk_of(after);
            (at, self.chunks().get(at).map_or(0, |chunk| chunk.partition_point(|id| id <= after)))
        });
        self.chunks().iter().skip(at).flat_map(|chunk| chunk.iter()).skip(within)
    }

    /// The chunk that holds `id` or would.
    fn chunk_of(&self, id: &T) -> usize {
        let behind = self.chunks().partition_point(|chunk| chunk.first().is_some_and(|first| first <= id));
        behind.saturating_sub(1)
    }

    /// Whether it wasn't in.
    pub(crate) fn insert(&mut self, id: T) -> bool {
        let at = self.chunk_of(&id);
        let Some(chunk) = self.chunks().get(at) else { return false };
        let Err(within) = chunk.binary_search(&id) else { return false };
        let mut ids = Vec::with_capacity(chunk.len() + 1);
        ids.extend(chunk.iter().take(within).cloned());
        ids.push(id);
        ids.extend(chunk.iter().skip(within).cloned());
        match self {
            Self::Short(_) => *self = Self::from_sorted(ids),
            Self::Long { chunks, length } => {
                *length += 1;
                let second = if ids.len() > LONGEST { ids.split_off(LONGEST / 2) } else { Vec::new() };
                let parts = [ids, second].into_iter().filter(|part| !part.is_empty()).map(Arc::from);
                Arc::make_mut(chunks).splice(at..=at, parts);
            }
        }
        true
    }

    /// Whether it was in.
    pub(crate) fn remove(&mut self, id: &T) -> bool {
        let at = self.chunk_of(id);
        let Some(chunk) = self.chunks().get(at) else { return false };
        let Ok(within) = chunk.binary_search(id) else { return false };
        let ids: Vec<T> = chunk.iter().take(within).chain(chunk.iter().skip(within + 1)).cloned().collect();
        match self {
            Self::Short(_) => *self = Self::Short(ids.into()),
            Self::Long { chunks, length } => {
                *length -= 1;
                if *length <= LONGEST / 2 {
                    let rest = chunks.iter().enumerate().flat_map(
                        |(number, chunk)| {
                            if number == at { ids.iter() } else { chunk.iter() }
                        },
                    );
                    *self = Self::Short(rest.cloned().collect());
                    return true;
                }
                replace_shorter(Arc::make_mut(chunks), at, ids);
            }
        }
        true
    }

    /// Adds and removes many at once; both ascending, with nobody in both.
    pub(crate) fn change(&mut self, add: &[T], remove: &[T]) {
        // One by one copies a chunk each; all at once copies the whole list.
        if (add.len() + remove.len()).saturating_mul(LONGEST) < self.len() {
            for id in add {
                self.insert(id.clone());
            }
            for id in remove {
                self.remove(id);
            }
            return;
        }
        let mut ids = Vec::with_capacity(self.len() + add.len());
        let mut joining = add.iter().peekable();
        for id in self.iter() {
            while let Some(new) = joining.next_if(|new| *new < id) {
                ids.push(new.clone());
            }
            joining.next_if(|new| *new == id);
            if remove.binary_search(id).is_err() {
                ids.push(id.clone());
            }
        }
        ids.extend(joining.cloned());
        *self = Self::from_sorted(ids);
    }
}

/// Puts `ids` in the place of the chunk `at`, joined with the next one where both are short.
fn replace_shorter<T: Clone>(chunks: &mut Vec<Arc<[T]>>, at: usize, ids: Vec<T>) {
    let next = chunks.get(at + 1).filter(|next| ids.len() < SHORTEST && ids.len() + next.len() <= JOINED);
    match next {
        Some(next) => {
            let joined: Vec<T> = ids.iter().chain(next.iter()).cloned().collect();
            chunks.splice(at..=at + 1, [Arc::from(joined)]);
        }
        None if ids.is_empty() => {
            chunks.remove(at);
        }
        None => {
            chunks.splice(at..=at, [Arc::from(ids)]);
        }
    }
}

#[cfg(test)]
mod tests;
