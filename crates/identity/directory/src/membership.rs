//! The ids of memberships: made from the store's number of a membership, so that nothing is kept for them.
//!
//! An id is the number, masked and signed with the store's salt: it can be turned back, one that was made up is noticed, and it
//! doesn't tell how many memberships there are.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::{constant_time, hmac};
use base::Secret;

/// A membership of a person in a group, UUID-shaped (identitystore's MembershipId). It stays while the membership does, and isn't
/// given again. Any text of a client can be one; what isn't ours names no membership.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MembershipId(Arc<str>);

impl MembershipId {
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MembershipId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes ids and turns them back.
pub(crate) struct MembershipIds {
    key: hmac::Key,
}

impl fmt::Debug for MembershipIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MembershipIds(…)")
    }
}

impl MembershipIds {
    pub(crate) fn new(salt: &Secret<String>) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, salt.expose().as_bytes()) }
    }

    /// The id of the membership with this number.
    pub(crate) fn id(&self, number: u64) -> MembershipId {
        let tag = self.eight("number", number);
        let masked = number ^ self.eight("mask", tag);
        let text = format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            masked >> 32,
            (masked >> 16) & 0xffff,
            masked & 0xffff,
            tag >> 48,
            tag & 0xffff_ffff_ffff
        );
        MembershipId(text.into())
    }

    /// The number that this id was made of; `None` when we didn't make it.
    pub(crate) fn number(&self, id: &MembershipId) -> Option<u64> {
        let parts: Vec<&str> = id.as_str().split('-').collect();
        if parts.iter().map(|part| part.len()).ne([8, 4, 4, 4, 12]) {
            return None;
        }
        let bytes: [u8; 16] = hex::decode(parts.concat()).ok()?.try_into().ok()?;
        let value = u128::from_be_bytes(bytes);
        let masked = u64::try_from(value >> 64).ok()?;
        let tag = u64::try_from(value & u128::from(u64::MAX)).ok()?;
        let number = masked ^ self.eight("mask", tag);
        let expected = self.eight("number", number).to_be_bytes();
        constant_time::verify_slices_are_equal(&expected, &tag.to_be_bytes()).ok().map(|()| number)
    }

    /// Eight bytes that nobody can compute without the salt.
    fn eight(&self, purpose: &str, value: u64) -> u64 {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(purpose.as_bytes());
        context.update(&value.to_be_bytes());
        let tag = context.sign();
        tag.as_ref().iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests;
