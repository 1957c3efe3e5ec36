//! Cancel keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Which running session a cancel key stops: by process id, the secret and the session's interrupt. One for all warehouses of a
/// server.
#[derive(Debug, Default)]
pub struct CancelKeys(Mutex<HashMap<i32, Cancellable>>);

type Cancellable = (i32, Arc<dyn engine::Interrupt>);

impl CancelKeys {
    pub(crate) fn put(&self, process_id: i32, secret_key: i32, interrupt: Arc<dyn engine::Interrupt>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(process_id, (secret_key, interrupt));
    }

    pub(crate) fn remove(&self, process_id: i32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&process_id);
    }

    /// Says nothing about whether the key fits, as PostgreSQL does.
    pub(crate) fn cancel(&self, process_id: i32, secret_key: i32) {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&process_id).cloned();
        if let Some((expected, interrupt)) = found
            && base::Secret::new(expected.to_be_bytes()).matches(&secret_key.to_be_bytes())
        {
            interrupt.interrupt();
        }
    }

    #[cfg(test)]
    pub(crate) fn contains(&self, process_id: i32) -> bool {
        self.0.lock().unwrap().contains_key(&process_id)
    }
}
