//! The trail's protection from strangers: refusals of people whom nobody knows are recorded up to a bound, then counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use time::{Duration, OffsetDateTime};

use crate::{AuditEvent, AuditLog, AuditStep, AuditUnavailable, Clock, CorrelationId, Outcome, Principal};

/// How long refusals are counted together.
pub const WINDOW: Duration = Duration::minutes(1);
/// Refusals of one source that are recorded one by one in a window.
pub const RECORDED_MAX: u32 = 300;
/// Sources that are told apart; strangers beyond them share one count.
const SOURCES_MAX: usize = 10_000;

/// What a source was refused in its present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusals {
    pub began: OffsetDateTime,
    pub count: u32,
}

/// What to do with one more refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Record it.
    Each,
    /// Record it, and before it that so many of the last window weren't.
    EachAfterSummary { unrecorded: u32 },
    /// Only count it.
    Count,
}

/// Decides, and answers the source's next state.
#[must_use]
pub fn decide(known: Option<Refusals>, now: OffsetDateTime) -> (Recording, Refusals) {
    let fresh = Refusals { began: now, count: 1 };
    match known {
        None => (Recording::Each, fresh),
        Some(known) if now - known.began >= WINDOW => match known.count.saturating_sub(RECORDED_MAX) {
            0 => (Recording::Each, fresh),
            unrecorded => (Recording::EachAfterSummary { unrecorded }, fresh),
        },
        Some(known) => {
            let next = Refusals { count: known.count.saturating_add(1), ..known };
            (if known.count < RECORDED_MAX { Recording::Each } else { Recording::Count }, next)
        }
    }
}

/// An [`AuditLog`] that keeps strangers from filling the one behind it. Everything else passes.
#[derive(Debug)]
pub struct BoundedAudit {
    inner: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
    sources: Mutex<HashMap<String, Refusals>>,
}

impl BoundedAudit {
    #[must_use]
    pub fn new(inner: Arc<dyn AuditLog>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, clock, sources: Mutex::default() }
    }

    fn decide(&self, source: &str) -> Recording {
        let now = self.clock.now();
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if sources.len() >= SOURCES_MAX && !sources.contains_key(source) {
            sources.retain(|_, known| now - known.began < WINDOW || known.count > RECORDED_MAX);
        }
        let source = if sources.len() >= SOURCES_MAX && !sources.contains_key(source) { "others" } else { source };
        let (recording, next) = decide(sources.get(source).copied(), now);
        sources.insert(source.to_owned(), next);
        recording
    }
}

#[async_trait::async_trait]
impl AuditLog for BoundedAudit {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        let Some(source) = stranger(&event).map(str::to_owned) else { return self.inner.record(event).await };
        match self.decide(&source) {
            Recording::Each => self.inner.record(event).await,
            Recording::EachAfterSummary { unrecorded } => {
                self.inner.record(summary(&source, unrecorded)).await?;
                self.inner.record(event).await
            }
            Recording::Count => Ok(()),
        }
    }
}

/// The address of a refused stranger; `None` for everything that is always recorded.
fn stranger(event: &AuditEvent) -> Option<&str> {
    if event.principal != Principal::Anonymous || event.outcome == Outcome::Allowed {
        return None;
    }
    let names = ["source_ip", "client_address", "peer", "remote_host"];
    let address = event.fields.iter().find(|(name, _)| names.contains(name)).map(|(_, value)| value.as_str());
    Some(address.unwrap_or("unknown"))
}

fn summary(source: &str, unrecorded: u32) -> AuditEvent {
    AuditEvent::new(AuditStep::Administration, Outcome::Denied, CorrelationId::fresh(), Principal::System)
        .action("RefusalsNotRecorded")
        .target(source)
        .field("unrecorded", unrecorded.to_string())
        .field("reason", format!("more than {RECORDED_MAX} refused requests a minute"))
}

#[cfg(test)]
mod tests;
