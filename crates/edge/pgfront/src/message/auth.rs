//! The login's messages: AuthenticationRequest out, the client's proof in (codes 3, 5; Redshift's 13 and 14).

use base::Secret;
use bytes::{BufMut as _, BytesMut};
use query::{Challenge, ChallengeAnswer};

use super::Reader;
use super::backend::{counted_length, frame};
use crate::error::WireError;

const OK: i32 = 0;
const CLEARTEXT: i32 = 3;
const MD5: i32 = 5;
const DIGEST: i32 = 13;
const TOKEN: i32 = 14;
/// Redshift digest algorithm 0.
const SHA256: i32 = 0;

/// AuthenticationOk.
pub(crate) fn put_ok(out: &mut BytesMut) -> Result<(), WireError> {
    frame(out, b'R', |out| {
        out.put_i32(OK);
        Ok(())
    })
}

/// AuthenticationRequest for `challenge`.
pub(crate) fn put_challenge(out: &mut BytesMut, challenge: &Challenge) -> Result<(), WireError> {
    frame(out, b'R', |out| {
        match challenge {
            Challenge::Token => out.put_i32(TOKEN),
            Challenge::Digest { salt, server_nonce } => {
                out.put_i32(DIGEST);
                out.put_i32(SHA256);
                out.put_i32(counted_length(salt.len())?);
                out.put_slice(salt);
                out.put_i32(counted_length(server_nonce.len())?);
                out.put_slice(server_nonce);
            }
            Challenge::Md5 { salt } => {
                out.put_i32(MD5);
                out.put_slice(salt);
            }
            Challenge::Cleartext => out.put_i32(CLEARTEXT),
        }
        Ok(())
    })
}

/// The answer to `challenge` in a message with type byte `tag`. Every error ends the login.
pub(crate) fn decode_answer(challenge: &Challenge, tag: u8, body: &[u8]) -> Result<ChallengeAnswer, WireError> {
    let (expected, name) = match challenge {
        Challenge::Token => (b'i', "token"),
        Challenge::Digest { .. } => (b'd', "digest"),
        Challenge::Md5 { .. } | Challenge::Cleartext => (b'p', "password"),
    };
    if tag != expected {
        return Err(WireError::Framing(format!("expected {name} response, got message type {tag}")));
    }
    let answer = match challenge {
        Challenge::Token => token(body),
        Challenge::Digest { .. } => digest(body),
        Challenge::Md5 { .. } => password(body).map(ChallengeAnswer::Md5),
        Challenge::Cleartext => password(body).map(ChallengeAnswer::Cleartext),
    };
    answer.map_err(|error| WireError::Framing(format!("invalid {name} message: {error}")))
}

/// The Python driver sends no terminator, the JDBC driver one NUL.
fn token(body: &[u8]) -> Result<ChallengeAnswer, WireError> {
    let token = body.strip_suffix(&[0]).unwrap_or(body);
    let token = std::str::from_utf8(token).map_err(|_| WireError::NotUtf8("token"))?;
    Ok(ChallengeAnswer::Token(Secret::from(token)))
}

fn digest(body: &[u8]) -> Result<ChallengeAnswer, WireError> {
    let mut reader = Reader::new(body);
    let missing = || WireError::Protocol("a length is negative".into());
    let digest = reader.counted()?.ok_or_else(missing)?.to_vec();
    let client_nonce = reader.counted()?.ok_or_else(missing)?.to_vec();
    reader.finish()?;
    Ok(ChallengeAnswer::Digest { digest, client_nonce })
}

fn password(body: &[u8]) -> Result<Secret<String>, WireError> {
    let mut reader = Reader::new(body);
    let password = Secret::from(reader.text("password")?);
    reader.finish()?;
    Ok(password)
}
