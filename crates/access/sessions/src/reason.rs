//! Why a session ended, in words for the one it ended for.

use base::PublicMessage;
use base::id::ApplicationArn;

/// Why a session must end or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndReason {
    UserDisabled,
    UserDeleted,
    /// Neither the person nor one of their groups is assigned to the application any more.
    AccessRemoved {
        application: ApplicationArn,
    },
    /// The warehouse's application was disabled or deleted, or lost the scope. `reason` and `hint` are full sentences.
    ApplicationClosed {
        application: ApplicationArn,
        reason: String,
        hint: String,
    },
    TokenRevoked,
    WarehouseDeleted,
    /// The warehouse lost the endpoint that the session came in by.
    WarehouseClosed,
    /// The warehouse is no longer publicly accessible, and the session comes from a public address.
    WarehousePrivate,
    Administrator,
    IdleTimeout,
    Shutdown,
}

impl EndReason {
    /// A stable name, for audit and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UserDisabled => "user_disabled",
            Self::UserDeleted => "user_deleted",
            Self::AccessRemoved { .. } => "access_removed",
            Self::ApplicationClosed { .. } => "application_closed",
            Self::TokenRevoked => "token_revoked",
            Self::WarehouseDeleted => "warehouse_deleted",
            Self::WarehouseClosed => "warehouse_closed",
            Self::WarehousePrivate => "warehouse_private",
            Self::Administrator => "administrator",
            Self::IdleTimeout => "idle_timeout",
            Self::Shutdown => "shutdown",
        }
    }

    /// What `user` is told when it ends a database session (57P01). Administrator, idle time and shutdown in PostgreSQL's words.
    #[must_use]
    pub fn public(&self, user: &str) -> PublicMessage {
        match self {
            Self::UserDisabled => PublicMessage::new(format!(
                "terminating connection: user \"{user}\" was deactivated at the identity provider"
            ))
            .with_hint("Ask your administrator to activate the user again."),
            Self::UserDeleted => PublicMessage::new(format!(
                "terminating connection: user \"{user}\" was deleted at the identity provider"
            ))
            .with_hint("Ask your administrator to provision the user again."),
            Self::AccessRemoved { application } => PublicMessage::new(format!(
                "terminating connection: user \"{user}\" is no longer assigned to the application"
            ))
            .with_detail(format!("Neither the user nor one of their groups is assigned to {application}."))
            .with_hint("Ask your administrator to assign the user or one of their groups to the application."),
            Self::ApplicationClosed { application: _, reason, hint } => PublicMessage::new(format!(
                "terminating connection: the application that user \"{user}\" connects through is closed"
            ))
            .with_detail(reason.clone())
            .with_hint(hint.clone()),
            Self::WarehouseDeleted => PublicMessage::new("terminating connection: the warehouse was deleted"),
            Self::WarehouseClosed => {
                PublicMessage::new("terminating connection: the warehouse has no endpoint any more")
                    .with_hint("Ask your administrator for its new endpoint (redshift-serverless CreateWorkgroup).")
            }
            Self::WarehousePrivate => PublicMessage::new(
                "terminating connection: the warehouse is no longer publicly accessible",
            )
            .with_hint("Connect from a private address, or ask your administrator to make it publicly accessible."),
            Self::TokenRevoked => {
                PublicMessage::new(format!("terminating connection: the access token of user \"{user}\" was revoked"))
                    .with_hint("Sign in again.")
            }
            Self::Administrator => PublicMessage::new("terminating connection due to administrator command"),
            Self::IdleTimeout => {
                PublicMessage::new("terminating connection due to idle-session timeout").with_hint("Connect again.")
            }
            Self::Shutdown => PublicMessage::new("terminating connection due to administrator command")
                .with_detail("The server is shutting down."),
        }
    }
}
