//! IAM's policy language: documents are read completely and strictly, and a request is decided from them with its reasons. Pure.
//!
//! Invariant: what isn't understood is refused when a document is read; what no statement allows is denied.

mod arn;
mod condition;
mod context;
mod decision;
mod document;
mod evaluate;
mod explain;
mod principal;
mod statement;
mod subject;
mod template;
#[cfg(test)]
mod tests;
mod value;

pub use context::Context;
pub use decision::{Counted, Decision, Effect, Outcome, PolicyClass};
pub use document::{Document, DocumentError, DocumentKind};
pub use evaluate::{NamedPolicy, Policies, Request, evaluate};
pub use subject::{Subject, SubjectKind};
