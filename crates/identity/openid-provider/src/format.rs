//! How our credentials look: a prefix that secret scanners can find, and 256 random bits in base64url.

use base::random::is_token;
use base::{Secret, SecretHash};

/// Which credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Code,
    Device,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Access => "gate_ia_",
            Self::Code => "gate_ic_",
            Self::Device => "gate_id_",
        }
    }
}

/// Makes a credential.
pub(crate) fn mint(kind: Kind) -> Secret<String> {
    Secret::new(format!("{}{}", kind.prefix(), base::random::token().expose()))
}

const REFRESH: &str = "gate_ir_";

/// A refresh token: a part that all refresh tokens of one grant share, and a part that each has for itself. The shared part shows
/// that a used token was one of ours, however long ago, without a list of all that were ever used; nobody can make one up.
#[derive(Debug, Clone)]
pub(crate) struct RefreshToken {
    family: Secret<String>,
    own: Secret<String>,
}

impl RefreshToken {
    /// The first of a family.
    pub(crate) fn first() -> Self {
        Self { family: base::random::token(), own: base::random::token() }
    }

    /// The one that comes after this one.
    pub(crate) fn next(&self) -> Self {
        Self { family: self.family.clone(), own: base::random::token() }
    }

    /// `None` when it can't be one of ours.
    pub(crate) fn read(text: &Secret<String>) -> Option<Self> {
        let (family, own) = text.expose().strip_prefix(REFRESH)?.split_once('.')?;
        (is_token(family) && is_token(own)).then(|| Self { family: family.into(), own: own.into() })
    }

    pub(crate) fn write(&self) -> Secret<String> {
        Secret::new(format!("{REFRESH}{}.{}", self.family.expose(), self.own.expose()))
    }

    pub(crate) fn family(&self) -> SecretHash {
        SecretHash::of(&self.family)
    }

    pub(crate) fn own(&self) -> SecretHash {
        SecretHash::of(&self.own)
    }
}

#[cfg(test)]
mod tests;
