//! Redshift SQL in, one closed [`Statement`] out; and from it the engine's dialect. Pure: no catalog, no engine, no clock.
//!
//! ```text
//! text --parse--> Statement --bind(Names)--> Bound + Footprint --render(Cage)--> EngineText
//! ```
//!
//! Invariants: what isn't understood is refused ([`SqlError`], 0A000), never passed through. Nothing of the client's text
//! reaches an engine: [`EngineText`] is rendered from our own tree, functions from an allow-list, every table behind a cage.

pub mod ast;
pub mod bind;
mod error;
#[cfg(test)]
mod fake;
pub mod footprint;
mod functions;
mod lower;
pub mod parse;
pub mod render;
pub mod statement;
pub mod types;

pub use bind::{Bound, ColumnShape, NamedRelation, Names, RelationKind, ResultColumn, SearchPath, bind};
pub use error::{SqlError, SqlState};
pub use footprint::{Access, Footprint, Privilege};
pub use parse::{ParsedStatement, parse};
pub use render::{Cage, CageSource, EngineText, Literal, SessionValues};
pub use statement::Statement;
pub use types::DataType;
