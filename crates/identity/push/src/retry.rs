//! When a push that failed is tried again.

#[cfg(test)]
mod tests;

use time::format_description::well_known::Rfc2822;
use time::{Duration, OffsetDateTime};

use crate::error::PushStoreUnavailable;
use crate::port::TransportError;

const FIRST: Duration = Duration::seconds(5);
const LONGEST: Duration = Duration::hours(1);
/// A server that is away is asked again after this at the latest: what waits for it may be somebody's deactivation.
const LONGEST_HOLD: Duration = Duration::minutes(1);
/// And so is whoever loses something, and whom a server that was away has kept waiting.
const LONGEST_LOSS: Duration = Duration::minutes(5);
/// A server that asks for longer is asked again after this.
pub(crate) const LONGEST_ASKED: Duration = Duration::hours(24);
/// Of what a server says in an error.
const DETAIL_MAX: usize = 300;

/// Why a push failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server answered, and not with success. `detail` is its own words.
    Status {
        status: u16,
        detail: String,
        retry_after: Option<String>,
    },
    Transport(TransportError),
    /// The server's answer isn't SCIM. A sentence without a full stop.
    Nonsense(String),
    /// Our own store.
    Store(PushStoreUnavailable),
}

impl From<PushStoreUnavailable> for Failure {
    fn from(error: PushStoreUnavailable) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    /// Whole sentences: what happened, and what to do.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Status { status, detail, .. } => {
                let detail: String = detail.chars().filter(|letter| !letter.is_control()).take(DETAIL_MAX).collect();
                let said = if detail.is_empty() { String::new() } else { format!(" and says: {detail}") };
                format!("The server answers {status}{said}{}", mend(*status))
            }
            Self::Transport(error) => format!("{}.", capitalised(&error.to_string())),
            Self::Nonsense(what) => format!("{}.", capitalised(what)),
            Self::Store(error) => format!("{}.", capitalised(&error.to_string())),
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const fn mend(status: u16) -> &'static str {
    match status {
        300..=399 => ". It redirects; give the target the address that it redirects to.",
        400 => ". Change the person or the group accordingly; it is tried again when they change.",
        401 => ". The token is wrong or has expired; give the target another one.",
        403 => ". The token doesn't permit this; give the target one that does.",
        404 => ". Check the target's address.",
        409 => ". Somebody else has one of these values there; change it on one of the sides.",
        429 | 503 => ". It is tried again when the server is ready.",
        _ => ".",
    }
}

/// What is done about a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// When this person or group is tried again.
    pub(crate) object_at: OffsetDateTime,
    /// Until when nothing is sent to this server.
    pub(crate) hold_until: Option<OffsetDateTime>,
    /// Nothing is sent until an administrator does something.
    pub(crate) pause: bool,
}

/// `attempts`: of this person or group, this one too. `in_a_row`: failures of the server itself without a success between, this one
/// too. A refused token and a wrong address pause; a server that is away or overloaded is left alone as a whole, for as long as it
/// asks or ever longer; what concerns one person holds up nobody else.
pub(crate) fn decide(failure: &Failure, attempts: u32, in_a_row: u32, now: OffsetDateTime) -> Decision {
    let object_at = now + backoff(attempts);
    let own = Decision { object_at, hold_until: None, pause: false };
    let hold = |until: OffsetDateTime| Decision { object_at: until, hold_until: Some(until), pause: false };
    match failure {
        Failure::Status { status: 300..=399 | 401, .. } | Failure::Transport(TransportError::Refused(_)) => {
            Decision { object_at: now, hold_until: None, pause: true }
        }
        Failure::Status { status: 429 | 503, retry_after, .. } => {
            let asked = retry_after.as_deref().and_then(|text| wait(text, now));
            hold(now + asked.unwrap_or_else(|| backoff(in_a_row).min(LONGEST_HOLD)))
        }
        Failure::Status { status: 502 | 504, .. }
        | Failure::Transport(TransportError::Unreachable(_))
        | Failure::Store(_) => hold(now + backoff(in_a_row).min(LONGEST_HOLD)).after(object_at.min(now + LONGEST_LOSS)),
        Failure::Status { .. } | Failure::Nonsense(_) | Failure::Transport(TransportError::TooLarge(_)) => own,
    }
}

impl Decision {
    /// Whoever loses something doesn't keep it for an hour because it failed before.
    pub(crate) fn of_a_loss(self, now: OffsetDateTime) -> Self {
        let latest = self.hold_until.unwrap_or(now).max(now + LONGEST_LOSS);
        Self { object_at: self.object_at.min(latest), ..self }
    }

    /// A request that fails each time mustn't be the first one after each pause.
    fn after(self, object_at: OffsetDateTime) -> Self {
        Self { object_at: self.object_at.max(object_at), ..self }
    }
}

/// 5 s, then twice as long each time, an hour at most.
fn backoff(attempts: u32) -> Duration {
    let doubled = 2_i32.checked_pow(attempts.saturating_sub(1)).map(|factor| FIRST.saturating_mul(factor));
    doubled.map_or(LONGEST, |wait| wait.min(LONGEST))
}

/// `Retry-After` (RFC 9110 10.2.3): seconds, or a date. At least a second, a day at most.
fn wait(text: &str, now: OffsetDateTime) -> Option<Duration> {
    let text = text.trim();
    let asked = match text.parse::<u32>() {
        Ok(seconds) => Duration::seconds(seconds.into()),
        // An HTTP date is one of RFC 2822 whose zone is written GMT.
        Err(_) => OffsetDateTime::parse(text, &Rfc2822).ok()? - now,
    };
    Some(asked.clamp(Duration::SECOND, LONGEST_ASKED))
}
