//! One-time codes of an authenticator app: RFC 6238 with SHA-1, six digits and 30 seconds, which is what every app takes.

#[cfg(test)]
mod tests;

mod qr;

use base::{ErrorKind, Fault, PublicMessage, Secret};
use time::OffsetDateTime;
use totp_rs::{Builder, Totp};

const STEP_SECONDS: u64 = 30;
/// Codes of so many steps before and after the current one are accepted, for clocks that differ (RFC 6238 5.2).
const DRIFT_STEPS: u64 = 1;
const DIGITS: usize = 6;
/// 160 bits, as RFC 4226 4 recommends.
const SECRET_BYTES: usize = 20;
/// Longer names are cut in the app's list, so that the QR code stays readable.
const LONGEST_LABEL: usize = 100;

/// What the authenticator app and the server share.
#[derive(Debug, Clone)]
pub struct TotpSecret(Secret<[u8; SECRET_BYTES]>);

/// Why a one-time code doesn't count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TotpRefusal {
    #[error("not a one-time code of {DIGITS} digits")]
    Malformed,
    #[error("not the one-time code of this time")]
    Wrong,
    /// Right, but this code or a later one was used already.
    #[error("the one-time code of step {step} was used already")]
    Replayed { step: u64 },
    #[error("one-time codes have a defect: {0}")]
    Internal(String),
}

impl Fault for TotpRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed => ErrorKind::InvalidInput,
            Self::Wrong | Self::Replayed { .. } => ErrorKind::Denied,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Malformed => PublicMessage::new(format!("A one-time code has {DIGITS} digits."))
                .with_hint("Type the digits that your authenticator app shows for this account."),
            Self::Wrong => PublicMessage::new("This one-time code isn't right.").with_hint(
                "Type the code that your authenticator app shows now. If it is refused again, the clock of your device may be \
                 wrong: set it to automatic time.",
            ),
            Self::Replayed { .. } => PublicMessage::new("This one-time code was used already.")
                .with_hint("Wait until your authenticator app shows the next one, at most half a minute."),
            Self::Internal(_) => PublicMessage::new("One-time codes can't be checked at the moment.")
                .with_hint("The server's log has the cause."),
        }
    }
}

impl TotpSecret {
    #[must_use]
    pub fn generate() -> Self {
        Self(Secret::new(base::random::bytes()))
    }

    /// What was kept of [`Self::expose`]: exactly 20 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Secret::new(bytes.try_into().ok()?)))
    }

    /// The 20 bytes, to be sealed and kept.
    #[must_use]
    pub const fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// Base32 in groups of four, to be typed where no camera is at hand.
    #[must_use]
    pub fn in_words(&self) -> Secret<String> {
        let mut text = String::new();
        for (place, letter) in totp_rs::Secret::from(*self.0.expose()).to_base32().chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push(' ');
            }
            text.push(letter);
        }
        Secret::new(text)
    }

    /// The `otpauth://totp/…` address that authenticator apps read. A colon in a name becomes a space: it separates the names.
    ///
    /// # Errors
    /// `Internal`; never with names of people.
    pub fn otpauth_uri(&self, issuer: &str, account: &str) -> Result<Secret<String>, TotpRefusal> {
        let named = Builder::new()
            .with_secret(*self.0.expose())
            .with_issuer(Some(label(issuer)))
            .with_account_name(label(account))
            .build()
            .map_err(internal)?;
        named.to_url().map(Secret::new).map_err(internal)
    }

    /// [`Self::otpauth_uri`] as a QR code: an `<svg>` element with a title, dark on light in every colour scheme. It is secret.
    ///
    /// # Errors
    /// `Internal`; never with names of people.
    pub fn qr_svg(&self, issuer: &str, account: &str) -> Result<Secret<String>, TotpRefusal> {
        qr::svg(&self.otpauth_uri(issuer, account)?).map(Secret::new).map_err(internal)
    }

    fn generator(&self) -> Result<Totp, TotpRefusal> {
        Builder::new().with_secret(*self.0.expose()).with_step_duration(STEP_SECONDS).build().map_err(internal)
    }
}

/// Whether a code is the secret's at this time, and newer than the last one that counted. Blanks in the code are ignored.
///
/// Answers the code's step: the next call's `last_step`. It must be stored by compare-and-set before the person is let in, so that
/// of two requests with one code only one wins.
///
/// # Errors
/// `Malformed`, `Wrong`, or `Replayed` for a code whose step is `last_step` or before it.
pub fn verify_totp(
    secret: &TotpSecret,
    code: &str,
    now: OffsetDateTime,
    last_step: Option<u64>,
) -> Result<u64, TotpRefusal> {
    let code: String = code.chars().filter(|character| !character.is_whitespace()).take(DIGITS + 1).collect();
    if code.len() != DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(TotpRefusal::Malformed);
    }
    let seconds = u64::try_from(now.unix_timestamp()).map_err(|_| TotpRefusal::Wrong)?;
    let (generator, current) = (secret.generator()?, seconds / STEP_SECONDS);
    let mut matched = None;
    // All are compared, and the newest counts.
    for step in current.saturating_sub(DRIFT_STEPS)..=current.saturating_add(DRIFT_STEPS) {
        let right = Secret::new(generator.generate(step.saturating_mul(STEP_SECONDS)).to_string());
        if right.matches(code.as_bytes()) {
            matched = Some(step);
        }
    }
    match (matched, last_step) {
        (None, _) => Err(TotpRefusal::Wrong),
        (Some(step), Some(last)) if step <= last => Err(TotpRefusal::Replayed { step }),
        (Some(step), _) => Ok(step),
    }
}

fn label(name: &str) -> String {
    let plain = |character: char| if character == ':' || character.is_control() { ' ' } else { character };
    let label: String = name.chars().map(plain).take(LONGEST_LABEL).collect();
    let label = label.trim();
    if label.is_empty() { "-".into() } else { label.into() }
}

fn internal(error: impl std::fmt::Display) -> TotpRefusal {
    TotpRefusal::Internal(error.to_string())
}
