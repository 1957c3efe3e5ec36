//! What something lasting was allowed on: asked again whenever IAM changes.

use serde::{Deserialize, Serialize};

use crate::ask::Ask;
use crate::caller::{Caller, SealedCaller};
use crate::peer::Peer;
use crate::session::Origin;

/// The call that allowed it: who made it, what was asked, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    pub caller: SealedCaller,
    pub asks: Vec<Ask>,
    pub peer: Peer,
}

impl Grounds {
    #[must_use]
    pub fn new(caller: &Caller, asks: Vec<Ask>, peer: Peer) -> Self {
        Self { caller: caller.to_sealed(), asks, peer }
    }

    /// What they depend on.
    #[must_use]
    pub fn origins(&self) -> &[Origin] {
        &self.caller.origin
    }
}
