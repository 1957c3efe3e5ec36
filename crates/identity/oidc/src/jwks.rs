//! The keys of a provider (RFC 7517), and which of them verifies a token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use crate::OidcError;
use crate::error::shown;
use crate::jws::{Algorithm, KeyType};

pub(crate) const DOCUMENT: &str = "key set";
const SMALLEST_RSA_BITS: usize = 2048;
const LARGEST_RSA_BITS: usize = 8192;
/// Nobody rolls more keys over.
const MOST_KEYS: usize = 100;

#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
    /// Why the others aren't taken: `kid` and the reason.
    unusable: Vec<(Option<String>, String)>,
}

#[derive(Debug)]
struct Key {
    kid: Option<String>,
    key_type: KeyType,
    /// The only one it is for, if it says so.
    algorithm: Option<String>,
    key: DecodingKey,
}

/// Why no key of the set verifies a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyProblem {
    /// The set doesn't have it, or not yet.
    Unknown(String),
    /// As in "… came".
    Refused(String),
}

impl KeySet {
    /// # Errors
    /// [`OidcError::Document`] where it isn't a key set, or has no key that can be used.
    pub(crate) fn read(body: &[u8], url: &str) -> Result<Self, OidcError> {
        let bad = |problem: String| OidcError::Document { document: DOCUMENT, url: url.to_owned(), problem };
        let document = base::strict_json::read(body).map_err(|error| bad(format!("is not JSON ({error})")))?;
        let listed = document.get("keys").and_then(Value::as_array).ok_or_else(|| bad("has no list of keys".into()))?;
        if listed.len() > MOST_KEYS {
            return Err(bad(format!("has {} keys, more than {MOST_KEYS}", listed.len())));
        }
        let mut set = Self { keys: Vec::new(), unusable: Vec::new() };
        for value in listed {
            let Some(object) = value.as_object() else { return Err(bad("has a key that is not an object".into())) };
            match Key::read(object) {
                Ok(key) => set.keys.push(key),
                Err(reason) => set.unusable.push((text(object, "kid").map(str::to_owned), shown(&reason))),
            }
        }
        if set.keys.is_empty() {
            let reasons: Vec<&str> = set.unusable.iter().map(|(_, reason)| reason.as_str()).collect();
            return Err(bad(format!("has no key that can be used [{}]", shown(&reasons.join("; ")))));
        }
        Ok(set)
    }

    /// The one key that a token with this header may be signed by: by its `kid`, without one only where no other key fits. The
    /// key's type is bound to the algorithm.
    pub(crate) fn choose(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&DecodingKey, KeyProblem> {
        let named = |key: &&Key| kid.is_none() || key.kid.as_deref() == kid;
        let shown = kid.map_or_else(|| "no kid".to_owned(), |kid| format!("the kid {kid}"));
        let mut fitting = self.keys.iter().filter(named).filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(&key.key),
            (Some(_), Some(_)) => Err(KeyProblem::Refused(format!("{shown}, which several keys fit"))),
            (None, _) => Err(self.problem(kid, &shown, algorithm)),
        }
    }

    fn problem(&self, kid: Option<&str>, shown: &str, algorithm: Algorithm) -> KeyProblem {
        if kid.is_some() && self.keys.iter().any(|key| key.kid.as_deref() == kid) {
            return KeyProblem::Refused(format!("{shown} of a key that isn't for {}", algorithm.name()));
        }
        let unusable = self.unusable.iter().find(|(other, _)| kid.is_some() && other.as_deref() == kid);
        match unusable {
            Some((_, reason)) => KeyProblem::Refused(format!("{shown}: {reason}")),
            None => KeyProblem::Unknown(shown.to_owned()),
        }
    }
}

impl Key {
    fn read(object: &Map<String, Value>) -> Result<Self, String> {
        if object.contains_key("d") || object.contains_key("k") {
            return Err("a private or shared key, which nobody may publish".into());
        }
        if object.contains_key("use") && text(object, "use") != Some("sig") {
            return Err("a key that isn't for signatures (use)".into());
        }
        let verifies = |operations: &Value| {
            operations.as_array().is_some_and(|list| list.iter().any(|operation| operation.as_str() == Some("verify")))
        };
        if object.get("key_ops").is_some_and(|operations| !verifies(operations)) {
            return Err("a key that isn't for verifying (key_ops)".into());
        }
        let (key_type, key) = match text(object, "kty") {
            Some("RSA") => (KeyType::Rsa, rsa(object)?),
            Some("EC") => elliptic(object)?,
            other => return Err(format!("a key of the type {}", other.unwrap_or("unknown"))),
        };
        let kid = text(object, "kid").map(str::to_owned);
        Ok(Self { kid, key_type, algorithm: text(object, "alg").map(str::to_owned), key })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        self.key_type == algorithm.key_type() && self.algorithm.as_deref().is_none_or(|only| only == algorithm.name())
    }
}

fn rsa(object: &Map<String, Value>) -> Result<DecodingKey, String> {
    let (modulus, exponent) = (number(object, "n")?, number(object, "e")?);
    let leading = modulus.first().map_or(0, |byte| byte.leading_zeros());
    let bits = (modulus.len() * 8).saturating_sub(usize::try_from(leading).unwrap_or(0));
    if !(SMALLEST_RSA_BITS..=LARGEST_RSA_BITS).contains(&bits) {
        return Err(format!("an RSA key of {bits} bits; {SMALLEST_RSA_BITS} to {LARGEST_RSA_BITS} are taken"));
    }
    Ok(DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}

fn elliptic(object: &Map<String, Value>) -> Result<(KeyType, DecodingKey), String> {
    let (key_type, length) = match text(object, "crv") {
        Some("P-256") => (KeyType::P256, 32),
        Some("P-384") => (KeyType::P384, 48),
        other => return Err(format!("a key on the curve {}", other.unwrap_or("unknown"))),
    };
    for name in ["x", "y"] {
        if decoded(object, name)?.len() != length {
            return Err(format!("a key whose {name} hasn't {length} bytes"));
        }
    }
    let (x, y) = (text(object, "x").unwrap_or_default(), text(object, "y").unwrap_or_default());
    let key = DecodingKey::from_ec_components(x, y).map_err(|error| format!("a key that can't be read ({error})"))?;
    Ok((key_type, key))
}

/// Big-endian, without leading zeros.
fn number(object: &Map<String, Value>, name: &str) -> Result<Vec<u8>, String> {
    Ok(decoded(object, name)?.into_iter().skip_while(|byte| *byte == 0).collect())
}

fn decoded(object: &Map<String, Value>, name: &str) -> Result<Vec<u8>, String> {
    let value = text(object, name).ok_or_else(|| format!("a key without {name}"))?;
    URL_SAFE_NO_PAD.decode(value).map_err(|_| format!("a key whose {name} is not base64url"))
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}
