//! What a statement touches. Authorisation decides on this, never on the text.

use std::collections::BTreeSet;

use base::id::RelationId;

/// What may be done to an object. Which of them fit which object is `rbac`'s rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Privilege {
    Select,
    Insert,
    Update,
    Delete,
    Drop,
    References,
    Alter,
    Truncate,
    Create,
    Usage,
    Temporary,
}

impl Privilege {
    /// As GRANT spells it and `svv_relation_privileges` shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Drop => "DROP",
            Self::References => "REFERENCES",
            Self::Alter => "ALTER",
            Self::Truncate => "TRUNCATE",
            Self::Create => "CREATE",
            Self::Usage => "USAGE",
            Self::Temporary => "TEMPORARY",
        }
    }
}

/// One use of one relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    pub relation: RelationId,
    pub privilege: Privilege,
}

/// Every relation that a statement reads or writes, in the order in which the text names them, each pair once.
/// It exists only where every name was resolved: [`crate::bind`] refuses the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint {
    accesses: Vec<Access>,
}

impl Footprint {
    pub fn add(&mut self, relation: RelationId, privilege: Privilege) {
        let access = Access { relation, privilege };
        if !self.accesses.contains(&access) {
            self.accesses.push(access);
        }
    }

    #[must_use]
    pub fn accesses(&self) -> &[Access] {
        &self.accesses
    }

    /// The relations, each once.
    #[must_use]
    pub fn relations(&self) -> BTreeSet<RelationId> {
        self.accesses.iter().map(|access| access.relation).collect()
    }
}
