use std::sync::{Arc, Mutex};

use time::{Duration, OffsetDateTime};

use super::{BoundedAudit, RECORDED_MAX, Recording, Refusals, WINDOW, decide};
use crate::{AuditEvent, AuditLog, AuditStep, AuditUnavailable, CorrelationId, FixedClock, Outcome, Principal};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

#[test]
fn the_rule() {
    let known = |count| Some(Refusals { began: NOW, count });
    let within = NOW + Duration::seconds(59);
    let after = NOW + WINDOW;
    for (source, now, recording, count) in [
        (None, NOW, Recording::Each, 1),
        (known(1), within, Recording::Each, 2),
        (known(RECORDED_MAX - 1), within, Recording::Each, RECORDED_MAX),
        (known(RECORDED_MAX), within, Recording::Count, RECORDED_MAX + 1),
        (known(RECORDED_MAX), after, Recording::Each, 1),
        (known(RECORDED_MAX + 7), after, Recording::EachAfterSummary { unrecorded: 7 }, 1),
    ] {
        let (decided, next) = decide(source, now);
        assert_eq!((decided, next.count), (recording, count), "{source:?} at {now}");
    }
}

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<AuditEvent>>);

#[async_trait::async_trait]
impl AuditLog for Kept {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        self.0.lock().unwrap().push(event);
        Ok(())
    }
}

fn refusal(address: &str) -> AuditEvent {
    AuditEvent::new(AuditStep::ApiCall, Outcome::Denied, CorrelationId::fresh(), Principal::Anonymous)
        .field("source_ip", address)
}

#[tokio::test]
async fn a_flood_of_one_source_is_summed_up_and_hides_nobody_else() {
    let kept = Arc::new(Kept::default());
    let clock = Arc::new(FixedClock::at(NOW));
    let audit = BoundedAudit::new(kept.clone(), clock.clone());
    for _ in 0..RECORDED_MAX + 50 {
        audit.record(refusal("192.0.2.1")).await.unwrap();
    }
    audit.record(refusal("192.0.2.2")).await.unwrap();
    let root = Principal::Root { account: "1".to_owned() };
    audit.record(AuditEvent { principal: root, ..refusal("192.0.2.1") }).await.unwrap();
    assert_eq!(kept.0.lock().unwrap().len(), usize::try_from(RECORDED_MAX).unwrap() + 2);
    clock.advance(WINDOW);
    audit.record(refusal("192.0.2.1")).await.unwrap();
    let records = kept.0.lock().unwrap();
    let summary = &records[records.len() - 2];
    assert_eq!((summary.action.as_str(), summary.target.as_str()), ("RefusalsNotRecorded", "192.0.2.1"));
    assert!(summary.fields.contains(&("unrecorded", "50".to_owned())));
}
