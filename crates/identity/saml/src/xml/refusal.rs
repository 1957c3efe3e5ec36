//! Why a document isn't read.

use super::{DEEPEST, MOST_ATTRIBUTES, MOST_NODES};

/// Each sentence says what is in the document that may not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlRefusal {
    #[error("it has {length} bytes, more than {longest}")]
    TooLong { length: usize, longest: usize },
    #[error("it isn't UTF-8")]
    NotUtf8,
    #[error("it declares {0}, not XML 1.0 in UTF-8")]
    Declaration(String),
    #[error("its elements are nested deeper than {DEEPEST}")]
    TooDeep,
    #[error("it has more than {MOST_NODES} elements and texts")]
    TooManyNodes,
    #[error("its element {0} has more than {MOST_ATTRIBUTES} attributes")]
    TooManyAttributes(String),
    #[error("it has a document type declaration (DOCTYPE)")]
    DocumentType,
    #[error("it has a processing instruction")]
    ProcessingInstruction,
    #[error("it has a comment")]
    Comment,
    #[error("it has the entity reference &{0};")]
    Entity(String),
    #[error("it isn't well-formed: {0}")]
    NotWellFormed(String),
    #[error("its namespaces are wrong: {0}")]
    Namespace(String),
    #[error("two of its elements have the id {0}")]
    DuplicateId(String),
}
