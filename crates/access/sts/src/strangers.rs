//! The rule: how many calls without a signature an address may be refused. Each costs a signature's check and a record, and nobody is known
//! who could be asked to stop.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::{Duration, OffsetDateTime};

/// Refusals of one address in a window. Fewer than the audit trail records of it ([`base`]'s `strangers`), so that who waits can look up why.
pub(crate) const REFUSED_MAX: u32 = 200;
pub(crate) const WINDOW: Duration = Duration::minutes(1);
/// Addresses that are told apart. Those beyond them aren't limited: nobody is kept out because of others.
const ADDRESSES_MAX: usize = 10_000;
/// How often addresses whose window is over are looked for when there are that many.
const SWEPT_EVERY: Duration = Duration::seconds(1);

/// The calls of an address that were refused in its present window, and those that aren't answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tries {
    began: OffsetDateTime,
    count: u32,
}

/// Whether one more call is carried out, and the address's next state.
pub(crate) fn decide(known: Option<Tries>, now: OffsetDateTime) -> (bool, Tries) {
    match known.filter(|known| lasts(known, now)) {
        None => (true, Tries { began: now, count: 1 }),
        Some(known) if known.count >= REFUSED_MAX => (false, known),
        Some(known) => (true, Tries { count: known.count.saturating_add(1), ..known }),
    }
}

/// A window that begins later than now is one of before the clock was set back.
fn lasts(known: &Tries, now: OffsetDateTime) -> bool {
    (Duration::ZERO..WINDOW).contains(&(now - known.began))
}

/// Whom an address counts as: IPv6 gives everybody a network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

/// What every address was refused lately. In memory: a restart forgets it.
#[derive(Debug, Default)]
pub(crate) struct Strangers(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    tries: HashMap<IpAddr, Tries>,
    swept: Option<OffsetDateTime>,
}

impl Strangers {
    /// Counts a call of an address as refused, until [`Self::forgive`] takes it back. `false`: it was refused too often.
    pub(crate) fn admit(&self, address: IpAddr, now: OffsetDateTime) -> bool {
        let address = network(address);
        let mut kept = self.kept();
        if kept.tries.len() >= ADDRESSES_MAX && !kept.tries.contains_key(&address) {
            let Kept { tries, swept } = &mut *kept;
            if swept.is_none_or(|swept| !(Duration::ZERO..SWEPT_EVERY).contains(&(now - swept))) {
                tries.retain(|_, known| lasts(known, now));
                *swept = Some(now);
            }
            if tries.len() >= ADDRESSES_MAX {
                return true;
            }
        }
        let (admitted, next) = decide(kept.tries.get(&address).copied(), now);
        kept.tries.insert(address, next);
        admitted
    }

    /// A call that was admitted wasn't refused.
    pub(crate) fn forgive(&self, address: IpAddr) {
        let address = network(address);
        let mut kept = self.kept();
        let Some(known) = kept.tries.get_mut(&address) else { return };
        known.count = known.count.saturating_sub(1);
        if known.count == 0 {
            kept.tries.remove(&address);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
