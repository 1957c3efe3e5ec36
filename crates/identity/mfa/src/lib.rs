//! Second factors: one-time codes (RFC 6238), passkeys (WebAuthn), recovery codes.
//!
//! Pure: the time is an argument, and the caller keeps every state. What may count only once says so where it is returned.

mod passkey;
mod recovery;
mod totp;

pub use passkey::{
    Challenge, Claimed, PasskeyRefusal, PasskeyUser, Passkeys, PasskeysUnavailable, StoredPasskey, UsedPasskey,
    challenge_id,
};
pub use recovery::{
    NewRecoveryCodes, RecoveryRefusal, StoredRecoveryCodes, generate_recovery_codes, use_recovery_code,
};
pub use totp::{TotpRefusal, TotpSecret, verify_totp};
