//! Filters: RFC 7644 3.4.2.2, all of its grammar, with limits.

mod evaluate;
mod lex;
mod lookup;
mod parse;

use serde_json::Number;

pub use lookup::Lookup;
pub(crate) use parse::parse_path;

use crate::error::ScimError;
use crate::json::Object;
use crate::path::AttrPath;
use crate::schema::ResourceType;

/// A filter's longest text in bytes, and its deepest nesting of parentheses and brackets.
pub const LONGEST: usize = 8 * 1024;
pub const DEEPEST: usize = 32;

/// A parsed filter whose attributes are resolved and whose comparisons make sense for their types.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    Present(AttrPath),
    Compare {
        path: AttrPath,
        operator: Operator,
        value: Literal,
    },
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    /// One entry of the multi-valued attribute matches the inner filter.
    Entry {
        path: AttrPath,
        filter: Box<Filter>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Text(String),
    Bool(bool),
    Number(Number),
    Null,
}

impl Filter {
    /// # Errors
    /// `invalidFilter` with what is wrong and where.
    pub fn parse(text: &str, resource_type: &ResourceType) -> Result<Self, ScimError> {
        parse::parse(text, resource_type).map_err(ScimError::InvalidFilter)
    }

    /// Whether the resource is one that the filter asks for.
    #[must_use]
    pub fn matches(&self, resource: &Object) -> bool {
        evaluate::matches(self, resource)
    }

    /// What an index can answer of it, and what is left.
    #[must_use]
    pub fn lookup(&self, resource_type: &ResourceType) -> Lookup {
        lookup::narrow(self, resource_type)
    }

    /// Whether it looks at the core attribute `name`.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        match self {
            Self::Present(path) | Self::Compare { path, .. } | Self::Entry { path, .. } => {
                path.extension.is_none() && path.name == name
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.mentions(name)),
            Self::Not(inner) => inner.mentions(name),
        }
    }
}

#[cfg(test)]
mod tests;
