//! Why a session ended, in words for the one it ended for.

use base::PublicMessage;
use base::id::ApplicationArn;

use crate::grounds::GroundsEnded;

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
    /// Who opened it with temporary credentials wouldn't get them any more.
    NotAllowed(GroundsEnded),
    /// The warehouse's identity provider whose token opened it doesn't stand for it any more.
    ProviderEnded(GroundsEnded),
    WarehouseDeleted,
    /// Its cluster is paused.
    WarehousePaused,
    /// Its cluster is rebooted.
    WarehouseRebooted,
    /// The warehouse lost the endpoint that the session came in by.
    WarehouseClosed,
    /// The warehouse is no longer publicly accessible, and the session comes from a public address.
    WarehousePrivate,
    /// The security groups of the warehouse no longer admit the address that the session comes from. A full sentence, and the
    /// command that would admit it, where there is one.
    NotAdmitted {
        reason: String,
        mend: Option<String>,
    },
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
            Self::NotAllowed(_) => "not_allowed",
            Self::ProviderEnded(_) => "provider_ended",
            Self::WarehouseDeleted => "warehouse_deleted",
            Self::WarehousePaused => "warehouse_paused",
            Self::WarehouseRebooted => "warehouse_rebooted",
            Self::WarehouseClosed => "warehouse_closed",
            Self::WarehousePrivate => "warehouse_private",
            Self::NotAdmitted { .. } => "not_admitted",
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
            Self::WarehousePaused => PublicMessage::new("terminating connection: the cluster is paused")
                .with_hint("Connect again when your administrator has resumed it (redshift ResumeCluster)."),
            Self::WarehouseRebooted => PublicMessage::new("terminating connection: the cluster is rebooted")
                .with_hint("Connect again in a moment."),
            Self::WarehouseClosed => {
                PublicMessage::new("terminating connection: the warehouse has no endpoint any more")
                    .with_hint("Ask your administrator for its new endpoint (redshift-serverless CreateWorkgroup).")
            }
            Self::WarehousePrivate => PublicMessage::new(
                "terminating connection: the warehouse is no longer publicly accessible",
            )
            .with_hint("Connect from a private address, or ask your administrator to make it publicly accessible."),
            Self::NotAdmitted { reason, mend } => {
                let message = "terminating connection: the security groups of the warehouse no longer admit it";
                let message = PublicMessage::new(message).with_detail(reason.clone());
                match mend {
                    Some(mend) => message.with_hint(format!("Ask your administrator for a rule: {mend}")),
                    None => message.with_hint("Connect again."),
                }
            }
            Self::TokenRevoked => {
                PublicMessage::new(format!("terminating connection: the access token of user \"{user}\" was revoked"))
                    .with_hint("Sign in again.")
            }
            Self::NotAllowed(GroundsEnded { reason, mend }) => PublicMessage::new(format!(
                "terminating connection: IAM no longer allows what user \"{user}\" connected with"
            ))
            .with_detail(reason.clone())
            .with_hint(mend.clone()),
            Self::ProviderEnded(GroundsEnded { reason, mend }) => PublicMessage::new(format!(
                "terminating connection: the identity provider that user \"{user}\" came through takes no logins any more"
            ))
            .with_detail(reason.clone())
            .with_hint(mend.clone()),
            Self::Administrator => PublicMessage::new("terminating connection due to administrator command"),
            Self::IdleTimeout => {
                PublicMessage::new("terminating connection due to idle-session timeout").with_hint("Connect again.")
            }
            Self::Shutdown => PublicMessage::new("terminating connection due to administrator command")
                .with_detail("The server is shutting down."),
        }
    }
}
