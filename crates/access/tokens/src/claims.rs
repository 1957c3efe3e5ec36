//! What an access token says, and the type that proves that it was checked.

use std::collections::BTreeSet;
use std::fmt;

use base::CorrelationId;
use base::id::{ApplicationArn, ClientId, DirectoryUserId, InstanceArn};
use time::OffsetDateTime;

/// What a token permits. Only what this server carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Connect to the warehouse and read as oneself.
    RedshiftConnect,
}

impl Scope {
    /// As clients write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RedshiftConnect => "redshift:connect",
        }
    }

    /// Reads a scope; `None` for one that this server doesn't carry out.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text == Self::RedshiftConnect.name()).then_some(Self::RedshiftConnect)
    }

    /// `a b`, as OAuth lists scopes.
    #[must_use]
    pub fn list(scopes: &BTreeSet<Self>) -> String {
        scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
    }
}

/// One authorisation, with everything that was issued from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GrantId(String);

impl GrantId {
    /// The id that the store wrote down.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// The person.
    pub user: DirectoryUserId,
    /// Their user name when they signed in; the directory knows the present one.
    pub user_name: String,
    pub client: ClientId,
    pub scopes: BTreeSet<Scope>,
    /// The Identity Center instance that issued it.
    pub issuer: InstanceArn,
    /// The application it is meant for.
    pub audience: ApplicationArn,
    /// From the sign-in that it goes back to.
    pub correlation: CorrelationId,
    pub grant: GrantId,
    pub issued: OffsetDateTime,
    pub expires: OffsetDateTime,
}

/// A value whose credential was live, unrevoked and meant for the one who asked, when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    value: T,
}

impl<T> Verified<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { value }
    }

    #[must_use]
    pub const fn get(&self) -> &T {
        &self.value
    }
}
