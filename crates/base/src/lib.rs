//! What every crate may assume: ids, the clock, secrets, kinds of errors and audit events. No I/O.
//!
//! Invariant: nothing here knows SQL, HTTP, XML or a database.

pub mod audit;
pub mod check;
pub mod clock;
pub mod fault;
pub mod id;
pub mod kept;
pub mod pkce;
pub mod principal;
pub mod random;
pub mod seal;
pub mod secret;
pub mod secret_hash;
pub mod strangers;
pub mod strict_json;
pub mod task;
pub mod trail;

pub use audit::{AuditEvent, AuditLog, AuditStep, AuditUnavailable, CorrelationId, Outcome};
pub use check::{Checked, Checks};
pub use clock::{Clock, FixedClock, SystemClock};
pub use fault::{ErrorKind, Fault, PublicMessage};
pub use kept::{Backing, Kept, Turn};
pub use principal::{Principal, RecordedPerson};
pub use seal::Sealer;
pub use secret::Secret;
pub use secret_hash::SecretHash;
pub use strangers::BoundedAudit;
pub use trail::{AuditTrail, EventKeys, LONGEST_STORY, TrailKey, TrailQuery, TrailRecord};
