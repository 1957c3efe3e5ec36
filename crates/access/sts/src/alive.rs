//! The rule: is what a credential comes from still there?

use iam::{Iam, OidcProvider};

use crate::revocations::Revocations;
use crate::session::Origin;

/// What a credential came from is gone, or it isn't allowed any more. `Display` is a whole statement without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Ended {
    pub reason: String,
    /// What would mend it: full sentences.
    pub mend: String,
}

/// Whether every origin is alive and none is revoked.
///
/// # Errors
/// [`Ended`]: the first that isn't.
pub(crate) fn check(iam: &Iam, revocations: &Revocations, origins: &[Origin]) -> Result<(), Ended> {
    for origin in origins {
        if revocations.ended(origin) {
            return Err(ended(
                match origin {
                    Origin::Role { .. } => "an administrator revoked the role's sessions",
                    Origin::Key { .. } | Origin::User { .. } | Origin::Session { .. } | Origin::Provider { .. } => {
                        "an administrator revoked the session"
                    }
                },
                "Sign in again: a new session is not affected.",
            ));
        }
        lives(iam, origin)?;
    }
    Ok(())
}

fn lives(iam: &Iam, origin: &Origin) -> Result<(), Ended> {
    match origin {
        Origin::Key { id } => match iam.access_key(id) {
            Some(key) if key.active => Ok(()),
            Some(_) => Err(ended(
                format!("the access key {id} is deactivated"),
                format!("Activate the access key {id} (UpdateAccessKey), or use another."),
            )),
            None => Err(ended(format!("the access key {id} is deleted"), "Use another access key.")),
        },
        Origin::User { id } => match iam.user_by_id(id) {
            Some(_) => Ok(()),
            None => Err(ended(format!("the user {id} is deleted"), "Use a user that exists.")),
        },
        Origin::Role { id, issued: _ } => match iam.role_by_id(id) {
            Some(_) => Ok(()),
            None => Err(ended(
                format!("the role {id} is deleted"),
                "Assume the role again if it was made anew: a role of the same name is another role.",
            )),
        },
        Origin::Session { .. } => Ok(()),
        Origin::Provider { arn, made } => {
            let now = iam.saml_provider(arn).map(|provider| provider.uuid.clone());
            let now = now.or_else(|| iam.oidc_provider(arn).map(|provider| mark_of_oidc(&provider)));
            if now.as_ref() == Some(made) {
                return Ok(());
            }
            let happened = if now.is_some() { "made anew" } else { "deleted" };
            Err(ended(format!("the identity provider {arn} was {happened}"), "Sign in again through the provider."))
        }
    }
}

/// What tells a provider from one of the same ARN that was made later.
pub(crate) fn mark_of_oidc(provider: &OidcProvider) -> String {
    provider.created.unix_timestamp_nanos().to_string()
}

fn ended(reason: impl Into<String>, mend: impl Into<String>) -> Ended {
    Ended { reason: reason.into(), mend: mend.into() }
}
