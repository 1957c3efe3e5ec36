//! Who may do what: the requirements of a statement, a decision with its reasons, and a denial that says what would help.
//!
//! ```text
//! Statement + Footprint --requirements--> [Requirement] --decide(Catalog, EffectivePrincipals)--> Allowed(because) | Denied(Denial)
//! ```
//!
//! Invariants: everything here is pure. A statement that isn't resolved is denied. Only `decide` makes a [`Decision`].

mod decide;
mod denial;
mod membership;
mod requirement;
#[cfg(test)]
mod testing;

pub use decide::{Because, Decision, Reason, decide};
pub use denial::{Denial, text, unmapped_group};
pub use membership::{EffectivePrincipals, RoleSource, SessionPrincipals, effective_principals};
pub use requirement::{Requirement, SuperuserAction, requirements};
