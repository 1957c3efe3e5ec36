//! Proofs that wait for their one use.

use std::collections::HashMap;

use base::SecretHash;
use time::OffsetDateTime;

use crate::sign_in::Flow;

/// By the hash of their token, with the time from which on they are refused. Each took a right password; a restart forgets them.
#[derive(Debug, Default)]
pub(super) struct KeptProofs {
    proofs: HashMap<SecretHash, (Flow, OffsetDateTime)>,
    next_sweep: usize,
}

impl KeptProofs {
    pub(super) fn keep(&mut self, token: SecretHash, flow: Flow, until: OffsetDateTime, now: OffsetDateTime) {
        if self.proofs.len() >= self.next_sweep {
            self.proofs.retain(|_, (_, until)| now < *until);
            // So that each is looked at a bounded number of times.
            self.next_sweep = self.proofs.len() * 2 + 1024;
        }
        self.proofs.insert(token, (flow, until));
    }

    /// Takes it out, whatever becomes of it.
    pub(super) fn take(&mut self, token: &SecretHash) -> Option<(Flow, OffsetDateTime)> {
        self.proofs.remove(token)
    }
}
