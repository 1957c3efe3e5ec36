//! Who signed a token: form, type, algorithm, key, signature, in that order.

use serde_json::{Map, Value};

use crate::jwks::{KeyProblem, KeySet};
use crate::jws::{self, Algorithm, Unverified};
use crate::refusal::Noted;
use crate::{Check, OidcRefusal};

/// A token whose form, type and algorithm are acceptable; its signature isn't checked yet.
#[derive(Debug)]
pub(crate) struct Acceptable<'a> {
    token: Unverified<'a>,
    pub(crate) algorithm: Algorithm,
}

/// What a signature that was verified says.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) claims: Map<String, Value>,
    pub(crate) algorithm: Algorithm,
}

/// `kinds`: the header's `typ` that are taken beside none and `JWT`, so that no token of one kind passes for another.
pub(crate) fn accept<'a>(
    token: &'a str,
    kinds: &[&str],
    allowed: &[Algorithm],
    noted: &mut Noted<'_>,
) -> Result<Acceptable<'a>, OidcRefusal> {
    const FORM: &str = "a signed token (JWS) of three parts";
    let token = Unverified::read(token).map_err(|found| noted.refusal(Check::Form, FORM, &found))?;
    noted.check(Check::Form, FORM, "one", true)?;
    let found = token.kind.clone().unwrap_or_else(|| "not given".into());
    let bare = found.to_ascii_lowercase();
    let bare = bare.strip_prefix("application/").unwrap_or(&bare);
    let taken = token.kind.is_none() || bare == "jwt" || kinds.contains(&bare);
    let expected = [&["JWT"], kinds].concat().join(" or ");
    noted.check(Check::Type, &expected, &found, taken)?;
    let algorithm = Algorithm::named(&token.algorithm).filter(|algorithm| allowed.contains(algorithm));
    let expected = format!("one of {}", jws::names(allowed));
    noted.check(Check::Algorithm, &expected, &token.algorithm, algorithm.is_some())?;
    match algorithm {
        Some(algorithm) => Ok(Acceptable { token, algorithm }),
        None => Err(noted.refusal(Check::Algorithm, &expected, &token.algorithm)),
    }
}

impl Acceptable<'_> {
    /// Whether the set lacks the key that the token names: it may have been added since the set was fetched.
    pub(crate) fn needs_newer(&self, keys: &KeySet) -> bool {
        matches!(keys.choose(self.token.kid.as_deref(), self.algorithm), Err(KeyProblem::Unknown(_)))
    }

    pub(crate) fn verify(self, keys: &KeySet, noted: &mut Noted<'_>) -> Result<Signed, OidcRefusal> {
        let Self { token, algorithm } = self;
        let expected = format!("one key of the provider's key set for {}", algorithm.name());
        let key = match keys.choose(token.kid.as_deref(), algorithm) {
            Ok(key) => key,
            Err(KeyProblem::Unknown(found)) => {
                return Err(noted.refusal(Check::Key, &expected, &format!("{found}, which the key set doesn't have")));
            }
            Err(KeyProblem::Refused(found)) => return Err(noted.refusal(Check::Key, &expected, &found)),
        };
        noted.check(Check::Key, &expected, token.kid.as_deref().unwrap_or("the only one"), true)?;
        let signed = token.is_signed_by(key, algorithm);
        noted.check(Check::Signature, "one by this key", if signed { "one" } else { "another one" }, signed)?;
        Ok(Signed { claims: token.claims, algorithm })
    }
}
