//! JSON Web Signatures in compact form (RFC 7515), and the algorithms that are taken (RFC 7518).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

/// Groups can make an ID token long; beyond that it is no token.
const LONGEST: usize = 256 * 1024;

/// What a key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyType {
    Rsa,
    P256,
    P384,
}

macro_rules! algorithms {
    ($($variant:ident $name:literal $jose:ident $key:ident $digest:ident),* $(,)?) => {
        /// The allow-list. No `none`, and nothing with a shared secret.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Algorithm { $($variant,)* }

        impl Algorithm {
            pub(crate) fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            pub(crate) const fn key_type(self) -> KeyType {
                match self { $(Self::$variant => KeyType::$key,)* }
            }

            /// The hash of `at_hash` (OpenID Connect Core 3.1.3.6).
            pub(crate) fn digest(self) -> &'static digest::Algorithm {
                match self { $(Self::$variant => &digest::$digest,)* }
            }

            const fn jose(self) -> jsonwebtoken::Algorithm {
                match self { $(Self::$variant => jsonwebtoken::Algorithm::$jose,)* }
            }
        }
    };
}

algorithms! {
    Rs256 "RS256" RS256 Rsa SHA256,
    Rs384 "RS384" RS384 Rsa SHA384,
    Rs512 "RS512" RS512 Rsa SHA512,
    Ps256 "PS256" PS256 Rsa SHA256,
    Ps384 "PS384" PS384 Rsa SHA384,
    Ps512 "PS512" PS512 Rsa SHA512,
    Es256 "ES256" ES256 P256 SHA256,
    Es384 "ES384" ES384 P384 SHA384,
}

pub(crate) fn names(algorithms: &[Algorithm]) -> String {
    algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
}

/// A token that was read and not verified.
#[derive(Debug)]
pub(crate) struct Unverified<'a> {
    pub(crate) algorithm: String,
    pub(crate) kid: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Unverified<'a> {
    /// Three parts of base64url without padding, the first two JSON objects without a name twice.
    ///
    /// # Errors
    /// What it is instead, as in "… came".
    pub(crate) fn read(token: &'a str) -> Result<Self, String> {
        if token.len() > LONGEST {
            return Err(format!("one of {} bytes", token.len()));
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else {
            return Err(match parts.len() {
                5 => "an encrypted token (JWE)".into(),
                number => format!("something of {number} parts"),
            });
        };
        let header_object = object(header, "header")?;
        if header_object.contains_key("crit") || header_object.contains_key("b64") {
            return Err("a token whose header demands an extension (crit)".into());
        }
        let text = |name: &str| match header_object.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_str().map(|text| Some(text.to_owned())).ok_or(format!("a header whose {name} is not text"))
            }
        };
        Ok(Self {
            algorithm: text("alg")?.ok_or("a header without alg")?,
            kid: text("kid")?,
            kind: text("typ")?,
            claims: object(payload, "payload")?,
            signed: token.get(..header.len() + 1 + payload.len()).unwrap_or_default(),
            signature,
        })
    }

    /// The algorithm is our caller's, chosen from the allow-list and bound to the key; never the token's alone.
    pub(crate) fn is_signed_by(&self, key: &DecodingKey, algorithm: Algorithm) -> bool {
        self.algorithm == algorithm.name()
            && jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, algorithm.jose())
                .unwrap_or(false)
    }
}

fn object(part: &str, what: &str) -> Result<Map<String, Value>, String> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| format!("a {what} that is not base64url"))?;
    match base::strict_json::read(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(format!("a {what} that is not a JSON object")),
        Err(error) => Err(format!("a {what} that is not JSON ({error})")),
    }
}
