//! What is wrong with a text, with the SQLSTATE that PostgreSQL and Redshift use for it.

use base::{ErrorKind, Fault, PublicMessage};

/// The SQLSTATEs that reading a statement can end in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlState {
    SyntaxError,
    FeatureNotSupported,
    UndefinedTable,
    UndefinedColumn,
    UndefinedFunction,
    UndefinedSchema,
    AmbiguousColumn,
    DuplicateAlias,
    UndefinedParameter,
    InvalidParameterValue,
    GroupingError,
    DatatypeMismatch,
    StatementTooComplex,
    /// A type that doesn't exist.
    UndefinedObject,
    /// A grant or admin option for somebody who can't hold one.
    InvalidGrantOperation,
    /// A text of more bytes than any type holds.
    StringTooLong,
    /// A character that no text may hold (NUL).
    CharacterNotInRepertoire,
}

impl SqlState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SyntaxError => "42601",
            Self::FeatureNotSupported => "0A000",
            Self::UndefinedTable => "42P01",
            Self::UndefinedColumn => "42703",
            Self::UndefinedFunction => "42883",
            Self::UndefinedSchema => "3F000",
            Self::AmbiguousColumn => "42702",
            Self::DuplicateAlias => "42712",
            Self::UndefinedParameter => "42P02",
            Self::InvalidParameterValue => "22023",
            Self::GroupingError => "42803",
            Self::DatatypeMismatch => "42804",
            Self::StatementTooComplex => "54001",
            Self::UndefinedObject => "42704",
            Self::InvalidGrantOperation => "0LP01",
            Self::StringTooLong => "22001",
            Self::CharacterNotInRepertoire => "22021",
        }
    }

    #[must_use]
    pub const fn kind(self) -> ErrorKind {
        match self {
            Self::FeatureNotSupported => ErrorKind::Unsupported,
            Self::UndefinedTable | Self::UndefinedSchema | Self::UndefinedObject => ErrorKind::NotFound,
            Self::StatementTooComplex => ErrorKind::LimitExceeded,
            Self::SyntaxError
            | Self::UndefinedColumn
            | Self::UndefinedFunction
            | Self::AmbiguousColumn
            | Self::DuplicateAlias
            | Self::UndefinedParameter
            | Self::InvalidParameterValue
            | Self::GroupingError
            | Self::DatatypeMismatch
            | Self::InvalidGrantOperation
            | Self::StringTooLong
            | Self::CharacterNotInRepertoire => ErrorKind::InvalidInput,
        }
    }
}

/// A refusal: `syntax error at or near "x"`, `relation "t" does not exist`, or what isn't supported, by name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", message.message)]
pub struct SqlError {
    pub state: SqlState,
    pub message: PublicMessage,
    /// 1-based position in characters in the statement, for psql's `^` marker, where it is known.
    pub position: Option<usize>,
}

impl SqlError {
    #[must_use]
    pub fn new(state: SqlState, message: impl Into<String>) -> Self {
        Self { state, message: PublicMessage::new(message), position: None }
    }

    /// What is understood but not carried out. Says so by name.
    #[must_use]
    pub fn unsupported(what: impl std::fmt::Display) -> Self {
        Self::new(SqlState::FeatureNotSupported, format!("{what} is not supported"))
    }

    #[must_use]
    pub fn syntax(near: &str) -> Self {
        Self::new(SqlState::SyntaxError, format!("syntax error at or near \"{near}\""))
    }

    /// The text stops where more was needed.
    #[must_use]
    pub fn end_of_input() -> Self {
        Self::new(SqlState::SyntaxError, "syntax error at end of input")
    }

    /// Where in the text it is: 1-based, in characters.
    #[must_use]
    pub const fn at(mut self, position: usize) -> Self {
        self.position = Some(position);
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.message = self.message.with_hint(hint);
        self
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.message = self.message.with_detail(detail);
        self
    }
}

impl Fault for SqlError {
    fn kind(&self) -> ErrorKind {
        self.state.kind()
    }

    fn public(&self) -> PublicMessage {
        self.message.clone()
    }
}
