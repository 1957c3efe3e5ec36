//! How often a password may be tried: a delay that doubles, per account and per source address, and that always ends.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use time::{Duration, OffsetDateTime};

use crate::state::fold;

/// How failures turn into waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptRule {
    /// So many failures in a row cost nothing.
    pub free_failures: u32,
    /// The delay after the first failure that isn't free; it doubles with each further one.
    pub first_delay: Duration,
    /// The delay never grows beyond this.
    pub longest_delay: Duration,
    /// Without a further failure for so long, all is forgotten.
    pub forgotten_after: Duration,
}

/// For one account, from wherever it is tried. The cap is short, since strangers can cause it.
pub const ACCOUNT: AttemptRule = AttemptRule {
    free_failures: 10,
    first_delay: Duration::SECOND,
    longest_delay: Duration::minutes(5),
    forgotten_after: Duration::hours(1),
};

/// For one source address (an IPv6 /64), whatever accounts it tries. People behind one proxy share it.
pub const SOURCE: AttemptRule = AttemptRule {
    free_failures: 50,
    first_delay: Duration::SECOND,
    longest_delay: Duration::minutes(15),
    forgotten_after: Duration::hours(1),
};

/// Failures in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptHistory {
    pub failures: u32,
    pub last_failure: OffsetDateTime,
}

/// Whether the password is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptDecision {
    Proceed,
    Wait { retry_after_seconds: u64 },
}

/// The rule: pure, the time is an argument.
#[must_use]
pub fn decide(rule: &AttemptRule, history: Option<&AttemptHistory>, now: OffsetDateTime) -> AttemptDecision {
    let Some(history) = history else { return AttemptDecision::Proceed };
    // A clock that was set back must not lengthen the delay.
    let elapsed = (now - history.last_failure).max(Duration::ZERO);
    if history.failures < rule.free_failures || elapsed >= rule.forgotten_after {
        return AttemptDecision::Proceed;
    }
    let doublings = (history.failures - rule.free_failures).min(20);
    let delay = (rule.first_delay * 2_i32.pow(doublings)).min(rule.longest_delay);
    if elapsed >= delay {
        return AttemptDecision::Proceed;
    }
    let left = delay - elapsed;
    let seconds = left.whole_seconds() + i64::from(left.subsec_nanoseconds() > 0);
    AttemptDecision::Wait { retry_after_seconds: u64::try_from(seconds).unwrap_or(1).max(1) }
}

/// Histories by key, bounded: two generations, the older one is dropped whole.
#[derive(Debug)]
struct Ledger<K> {
    rule: AttemptRule,
    current: HashMap<K, AttemptHistory>,
    previous: HashMap<K, AttemptHistory>,
    turned: OffsetDateTime,
}

/// So many keys of one generation are remembered.
const GENERATION: usize = 50_000;

impl<K: std::hash::Hash + Eq + Clone> Ledger<K> {
    fn new(rule: AttemptRule, now: OffsetDateTime) -> Self {
        Self { rule, current: HashMap::new(), previous: HashMap::new(), turned: now }
    }

    fn history(&self, key: &K) -> Option<&AttemptHistory> {
        self.current.get(key).or_else(|| self.previous.get(key))
    }

    fn add_failure(&mut self, key: &K, now: OffsetDateTime) {
        if self.current.len() >= GENERATION || now - self.turned >= self.rule.forgotten_after {
            self.previous = std::mem::take(&mut self.current);
            self.turned = now;
        }
        let before = self.history(key).filter(|history| now - history.last_failure < self.rule.forgotten_after);
        let failures = before.map_or(0, |history| history.failures).saturating_add(1);
        self.current.insert(key.clone(), AttemptHistory { failures, last_failure: now });
    }

    fn take_back(&mut self, key: &K) {
        for generation in [&mut self.current, &mut self.previous] {
            if let Some(history) = generation.get_mut(key) {
                history.failures = history.failures.saturating_sub(1);
                return;
            }
        }
    }

    fn forget(&mut self, key: &K) {
        self.current.remove(key);
        self.previous.remove(key);
    }
}

/// Who tries, and from where, in the form in which it is counted.
#[derive(Debug, Clone)]
pub struct Attempt {
    account: String,
    source: IpAddr,
}

impl Attempt {
    pub fn new(user_name: &str, source: IpAddr) -> Self {
        // Nobody's name is that long, and what strangers send must not fill the memory.
        let account = if user_name.len() > 512 { String::new() } else { fold(user_name) };
        Self { account, source: network(source) }
    }
}

fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The attempts of this process. They are forgotten at a restart.
#[derive(Debug)]
pub struct Attempts {
    accounts: Ledger<String>,
    sources: Ledger<IpAddr>,
}

impl Attempts {
    pub fn new(now: OffsetDateTime) -> Self {
        Self { accounts: Ledger::new(ACCOUNT, now), sources: Ledger::new(SOURCE, now) }
    }

    /// Counts the attempt as failed until it is known better, so that attempts sent at once don't slip through.
    pub fn admit(&mut self, attempt: &Attempt, now: OffsetDateTime) -> AttemptDecision {
        let account = decide(&ACCOUNT, self.accounts.history(&attempt.account), now);
        let source = decide(&SOURCE, self.sources.history(&attempt.source), now);
        match (account, source) {
            (AttemptDecision::Proceed, AttemptDecision::Proceed) => {
                self.accounts.add_failure(&attempt.account, now);
                self.sources.add_failure(&attempt.source, now);
                AttemptDecision::Proceed
            }
            (AttemptDecision::Wait { retry_after_seconds: a }, AttemptDecision::Wait { retry_after_seconds: b }) => {
                AttemptDecision::Wait { retry_after_seconds: a.max(b) }
            }
            (AttemptDecision::Wait { .. }, AttemptDecision::Proceed) => account,
            (AttemptDecision::Proceed, AttemptDecision::Wait { .. }) => source,
        }
    }

    /// The account's failures are forgotten. The source's are not: a guesser may have an account too.
    pub fn succeeded(&mut self, attempt: &Attempt) {
        self.accounts.forget(&attempt.account);
        self.sources.take_back(&attempt.source);
    }

    /// The password wasn't looked at after all.
    pub fn abandoned(&mut self, attempt: &Attempt) {
        self.accounts.take_back(&attempt.account);
        self.sources.take_back(&attempt.source);
    }
}

#[cfg(test)]
mod tests;
