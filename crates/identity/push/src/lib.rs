//! SCIM push: people and groups of the built-in identity provider, kept the same at a SCIM server.
//!
//! What should be there is decided from the directory, what is there from the ledger (what was pushed, and accepted) or by asking the
//! server; [`plan`] compares the two. A push that fails is retried, for each person by itself; a lost assignment goes first.

mod client;
mod error;
mod memory;
mod person;
pub mod plan;
mod port;
mod queue;
mod report;
mod retry;
mod run;
mod service;
pub mod target;
#[cfg(test)]
mod tests;

pub use error::{PushError, PushStoreUnavailable};
pub use memory::MemoryStore;
pub use port::{
    Failed, Method, Object, PushStore, PushWrite, PushedGroup, PushedUser, Roster, ScimAnswer, ScimRequest,
    ScimTransport, Totals, TransportError,
};
pub use report::{Action, Counts, Line, Plan};
pub use service::{Ports, Progress, Pusher, Status};
pub use target::{Assigned, Deprovision, NewTarget, Target, TargetEdit};
