//! Session tokens: everything about a temporary credential, sealed. Nothing is looked up but what may have ended since.

use base::{Sealer, Secret};
use serde::{Deserialize, Serialize};

use crate::caller::SealedCaller;
use crate::error::StsError;

const PURPOSE: &str = "sts session token";
/// What is longer is no token of ours; in bytes.
const LONGEST: usize = 32 * 1024;

#[derive(Serialize, Deserialize)]
struct Payload {
    secret: String,
    caller: SealedCaller,
}

/// The secret access key, and the token that holds it and its caller.
pub(crate) fn seal(sealer: &Sealer, caller: &SealedCaller) -> Result<(Secret<String>, Secret<String>), StsError> {
    use base64::Engine as _;
    let secret = base64::engine::general_purpose::STANDARD.encode(base::random::bytes::<30>());
    let payload = Payload { secret: secret.clone(), caller: caller.clone() };
    let text = serde_json::to_vec(&payload).map_err(|_| StsError::Sealing)?;
    let token = sealer.seal_text(PURPOSE, &text).map_err(|_| StsError::Sealing)?;
    Ok((Secret::new(secret), Secret::new(token)))
}

/// `None` for what isn't a token of ours.
pub(crate) fn open(sealer: &Sealer, token: &str) -> Option<(Secret<String>, SealedCaller)> {
    if token.len() > LONGEST {
        return None;
    }
    let text = sealer.open_text(PURPOSE, token)?;
    let Payload { secret, caller } = serde_json::from_slice(text.expose()).ok()?;
    Some((Secret::new(secret), caller))
}
