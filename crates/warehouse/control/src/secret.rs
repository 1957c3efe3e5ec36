//! Passwords of administrators that the control plane makes and keeps (`ManageMasterPassword`), as AWS Secrets Manager shows them.

use base::{Sealer, Secret};
use time::OffsetDateTime;

use crate::ControlError;

/// For [`base::Sealer`]; with it goes the secret's name, so that one isn't taken for another.
const PURPOSE: &str = "control managed password";

/// A managed password. Its ARN is `arn:aws:secretsmanager:REGION:ACCOUNT:secret:<name>-<suffix>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedSecret {
    /// `redshift!<cluster or namespace>-<administrator>`, as they were called when it was made.
    pub name: String,
    /// Six letters and digits.
    pub suffix: String,
    /// A UUID, or what the client called it that had it rotated.
    pub version: String,
    /// The password, sealed.
    pub sealed: String,
    pub created: OffsetDateTime,
    /// When the password became this one.
    pub changed: OffsetDateTime,
    /// The password that the warehouse is being given: version and sealed text. On disk before the warehouse has it.
    pub pending: Option<(String, String)>,
}

impl ManagedSecret {
    /// With a password that nobody has seen.
    pub(crate) fn make(
        owner: &str,
        administrator: &str,
        sealer: &Sealer,
        now: OffsetDateTime,
    ) -> Result<Self, ControlError> {
        let name = format!("redshift!{owner}-{administrator}");
        let (version, sealed) = fresh(&name, sealer)?;
        let suffix = base::random::upper_alphanumeric(6);
        Ok(Self { name, suffix, version, sealed, created: now, changed: now, pending: None })
    }

    /// The same secret with another password to come, whose version is called that where it is given.
    pub(crate) fn rotating(&self, sealer: &Sealer, version: Option<&str>) -> Result<Self, ControlError> {
        let (made, sealed) = fresh(&self.name, sealer)?;
        Ok(Self { pending: Some((version.map_or(made, str::to_owned), sealed)), ..self.clone() })
    }

    /// Its password isn't the warehouse's yet.
    pub(crate) fn awaited(self) -> Self {
        Self { pending: Some((self.version.clone(), self.sealed.clone())), ..self }
    }

    /// The pending password is the warehouse's now.
    pub(crate) fn rotated(&self, now: OffsetDateTime) -> Self {
        match &self.pending {
            None => self.clone(),
            Some((version, sealed)) => {
                Self { version: version.clone(), sealed: sealed.clone(), changed: now, pending: None, ..self.clone() }
            }
        }
    }

    /// The password that counts.
    pub(crate) fn password(&self, sealer: &Sealer) -> Result<Secret<String>, ControlError> {
        open(&self.name, &self.sealed, sealer)
    }

    /// The password to come, where there is one; else the one that counts.
    pub(crate) fn newest(&self, sealer: &Sealer) -> Result<Secret<String>, ControlError> {
        let (_, sealed) =
            self.pending.as_ref().map_or((&self.version, &self.sealed), |(version, sealed)| (version, sealed));
        open(&self.name, sealed, sealer)
    }
}

/// A secret as Secrets Manager shows it, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretView {
    pub arn: String,
    pub name: String,
    /// The version that counts.
    pub version: String,
    /// The administrator whose password it is.
    pub username: String,
    /// The ARN of the cluster, or of the namespace, that has it.
    pub owner_arn: String,
    pub created: OffsetDateTime,
    pub changed: OffsetDateTime,
}

/// A version and its sealed password. 32 characters with what Redshift's rule asks for.
fn fresh(name: &str, sealer: &Sealer) -> Result<(String, String), ControlError> {
    let password = format!("Gh1{}", base::random::hex::<24>());
    let sealed = sealer.seal_text(&purpose(name), password.as_bytes());
    let sealed = sealed.map_err(|error| ControlError::Host(error.to_string()))?;
    Ok((base::id::uuid(), sealed))
}

fn open(name: &str, sealed: &str, sealer: &Sealer) -> Result<Secret<String>, ControlError> {
    let broken = || ControlError::Host(format!("the password of {name} was sealed with another key"));
    let bytes = sealer.open_text(&purpose(name), sealed).ok_or_else(broken)?;
    String::from_utf8(bytes.into_exposed()).map(Secret::new).map_err(|_| broken())
}

fn purpose(name: &str) -> String {
    format!("{PURPOSE} {name}")
}
