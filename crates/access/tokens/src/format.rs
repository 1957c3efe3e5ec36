//! How our credentials look: a prefix that secret scanners can find, and 256 random bits in base64url.

use base::Secret;
use base::random::{is_base64url, is_token};

/// Which credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Refresh,
    Code,
    ClientSecret,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Access => "gate_at_",
            Self::Refresh => "gate_rt_",
            Self::Code => "gate_ac_",
            Self::ClientSecret => "gate_cs_",
        }
    }
}

/// Makes a credential.
pub(crate) fn mint(kind: Kind) -> Secret<String> {
    Secret::new(format!("{}{}", kind.prefix(), base::random::token().expose()))
}

/// What a presented text looks like, before any look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Access,
    Jwt,
    Other,
}

pub(crate) fn shape(text: &str) -> Shape {
    if text.strip_prefix(Kind::Access.prefix()).is_some_and(is_token) {
        return Shape::Access;
    }
    // Three parts, the third may be empty (`alg: none`).
    let mut parts = text.split('.');
    let header = parts.next().unwrap_or_default();
    let is_jwt =
        parts.clone().count() == 2 && header.starts_with("eyJ") && parts.all(|part| part.bytes().all(is_base64url));
    if is_jwt { Shape::Jwt } else { Shape::Other }
}
