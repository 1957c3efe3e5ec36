//! What the catalog refuses, with PostgreSQL's and Redshift's texts and SQLSTATEs.

use base::{ErrorKind, Fault, PublicMessage};

/// Why a definition, a login or a row is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogState {
    /// A user, group, role or identity provider with this name exists.
    DuplicateObject,
    DuplicateSchema,
    DuplicateTable,
    DuplicateColumn,
    /// No user, group, role or identity provider has this name.
    UndefinedObject,
    UndefinedTable,
    UndefinedColumn,
    UndefinedSchema,
    UndefinedDatabase,
    /// It owns something, holds a privilege or is who is asking.
    ObjectInUse,
    /// Others depend on it; CASCADE or FORCE is missing.
    DependentObjects,
    ReservedName,
    InvalidName,
    InvalidParameter,
    InvalidDatetime,
    /// The privilege doesn't fit the object, the grantee can't hold it, or roles would hold each other.
    InvalidGrant,
    InvalidDefinition,
    TooManyColumns,
    Unsupported,
    /// A login that the catalog refuses.
    InvalidAuthorization,
    /// A stored row can't be read, or an operation would leave a dangling id: our own defect.
    Integrity,
}

impl CatalogState {
    /// The SQLSTATE.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DuplicateObject => "42710",
            Self::DuplicateSchema => "42P06",
            Self::DuplicateTable => "42P07",
            Self::DuplicateColumn => "42701",
            Self::UndefinedObject => "42704",
            Self::UndefinedTable => "42P01",
            Self::UndefinedColumn => "42703",
            Self::UndefinedSchema => "3F000",
            Self::UndefinedDatabase => "3D000",
            Self::ObjectInUse => "55006",
            Self::DependentObjects => "2BP01",
            Self::ReservedName => "42939",
            Self::InvalidName => "42602",
            Self::InvalidParameter => "22023",
            Self::InvalidDatetime => "22007",
            Self::InvalidGrant => "0LP01",
            Self::InvalidDefinition => "42P16",
            Self::TooManyColumns => "54011",
            Self::Unsupported => "0A000",
            Self::InvalidAuthorization => "28000",
            Self::Integrity => "XX000",
        }
    }

    const fn kind(self) -> ErrorKind {
        match self {
            Self::DuplicateObject
            | Self::DuplicateSchema
            | Self::DuplicateTable
            | Self::ObjectInUse
            | Self::DependentObjects => ErrorKind::Conflict,
            Self::UndefinedObject | Self::UndefinedTable | Self::UndefinedSchema | Self::UndefinedDatabase => {
                ErrorKind::NotFound
            }
            Self::DuplicateColumn
            | Self::UndefinedColumn
            | Self::ReservedName
            | Self::InvalidName
            | Self::InvalidParameter
            | Self::InvalidDatetime
            | Self::InvalidGrant
            | Self::InvalidDefinition => ErrorKind::InvalidInput,
            Self::TooManyColumns => ErrorKind::LimitExceeded,
            Self::Unsupported => ErrorKind::Unsupported,
            Self::InvalidAuthorization => ErrorKind::Unauthenticated,
            Self::Integrity => ErrorKind::Internal,
        }
    }
}

/// A refusal: first line, DETAIL and HINT as the client is to see them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", message.message)]
pub struct CatalogError {
    pub state: CatalogState,
    pub message: PublicMessage,
}

impl CatalogError {
    #[must_use]
    pub fn new(state: CatalogState, message: impl Into<String>) -> Self {
        Self { state, message: PublicMessage::new(message) }
    }

    /// What is understood but not carried out. Says so by name.
    #[must_use]
    pub fn unsupported(what: impl std::fmt::Display) -> Self {
        Self::new(CatalogState::Unsupported, format!("{what} is not supported"))
    }

    /// `user "x" does not exist`
    #[must_use]
    pub fn undefined(kind: &str, name: &str) -> Self {
        Self::new(CatalogState::UndefinedObject, format!("{kind} \"{name}\" does not exist"))
    }

    /// `user "x" already exists`
    #[must_use]
    pub fn duplicate(kind: &str, name: &str) -> Self {
        Self::new(CatalogState::DuplicateObject, format!("{kind} \"{name}\" already exists"))
    }

    pub(crate) fn integrity(what: impl std::fmt::Display) -> Self {
        Self::new(CatalogState::Integrity, format!("the catalog can't be changed: {what}"))
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.message = self.message.with_detail(detail);
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.message = self.message.with_hint(hint);
        self
    }

    #[must_use]
    pub const fn sqlstate(&self) -> &'static str {
        self.state.code()
    }
}

impl Fault for CatalogError {
    fn kind(&self) -> ErrorKind {
        self.state.kind()
    }

    fn public(&self) -> PublicMessage {
        self.message.clone()
    }
}
