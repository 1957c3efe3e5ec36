//! Who asks, as policies see it.

/// The one who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Twelve digits; empty for who belongs to no account (a service, an anonymous caller, a public identity provider).
    pub account: String,
    pub kind: SubjectKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubjectKind {
    /// The account's root user.
    Root,
    /// A user of IAM: `arn:aws:iam::ACCOUNT:user/PATH/NAME`, `AIDA…`.
    User {
        arn: String,
        id: String,
    },
    /// A session of a role: `arn:aws:iam::ACCOUNT:role/PATH/NAME`, `AROA…`, `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
    Role {
        role_arn: String,
        role_id: String,
        session_arn: String,
        session_name: String,
    },
    /// Somebody whom an identity provider vouches for, while they assume a role: the provider's ARN, or the name of a public one
    /// (`accounts.google.com`).
    Federated {
        provider: String,
    },
    /// An AWS service in its own name, `redshift.amazonaws.com`.
    Service {
        name: String,
    },
    Anonymous,
}

impl Subject {
    /// The ARN (or name) that denials show.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.kind {
            SubjectKind::Root => format!("arn:aws:iam::{}:root", self.account),
            SubjectKind::User { arn, .. } => arn.clone(),
            SubjectKind::Role { session_arn, .. } => session_arn.clone(),
            SubjectKind::Federated { provider } => provider.clone(),
            SubjectKind::Service { name } => name.clone(),
            SubjectKind::Anonymous => "anonymous".to_owned(),
        }
    }

    /// Whether the account's own policies say what this subject may do. For the others only a resource's policy does.
    pub(crate) const fn has_identity_policies(&self) -> bool {
        match self.kind {
            SubjectKind::Root | SubjectKind::User { .. } | SubjectKind::Role { .. } => true,
            SubjectKind::Federated { .. } | SubjectKind::Service { .. } | SubjectKind::Anonymous => false,
        }
    }
}
