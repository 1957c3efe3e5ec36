use std::sync::Arc;

use base::{
    AuditEvent, AuditLog as _, AuditStep, AuditTrail as _, CorrelationId, FixedClock, Outcome, Principal, TrailKey,
    TrailQuery,
};
use sqlx::Row as _;
use time::{Duration, OffsetDateTime};

use super::{SqliteTrail, statement};
use crate::Store;
use crate::audit::{SqliteAudit, verify};

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

struct World {
    _folder: tempfile::TempDir,
    store: Store,
    clock: Arc<FixedClock>,
    audit: SqliteAudit,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("control.sqlite")).await.unwrap();
        let clock = Arc::new(FixedClock::at(START));
        let audit = SqliteAudit::open(&store, clock.clone()).await.unwrap();
        Self { _folder: folder, store, clock, audit }
    }

    /// One call a minute.
    async fn call(&self, action: &str, target: &str) {
        let principal = Principal::Root { account: "123456789012".to_owned() };
        let event = AuditEvent::new(AuditStep::ApiCall, Outcome::Allowed, CorrelationId::fresh(), principal)
            .action(action)
            .target(target)
            .field("access_key_id", "AKIA1");
        self.audit.record(event).await.unwrap();
        self.clock.advance(Duration::minutes(1));
    }

    async fn found(&self, query: TrailQuery) -> Vec<String> {
        let limit = if query.limit == 0 { 50 } else { query.limit };
        let records = SqliteTrail::new(&self.store).lookup(&TrailQuery { limit, ..query }).await.unwrap();
        records.into_iter().map(|record| record.action).collect()
    }
}

fn by(key: TrailKey, value: &str) -> TrailQuery {
    TrailQuery { attribute: Some((key, value.to_owned())), ..TrailQuery::default() }
}

async fn filled() -> World {
    let world = World::new().await;
    let cluster = "arn:aws:redshift:us-east-1:123456789012:cluster:c";
    for (action, target) in [
        ("redshift:CreateCluster", cluster),
        ("redshift:DescribeClusters", "*"),
        ("sso:ListInstances", "*"),
        ("redshift:DeleteCluster", cluster),
    ] {
        world.call(action, target).await;
    }
    let statement = AuditEvent::new(AuditStep::Statement, Outcome::Allowed, CorrelationId::fresh(), Principal::System);
    world.audit.record(statement.action("SELECT")).await.unwrap();
    world
}

#[tokio::test]
async fn each_key_finds_its_events_newest_first() {
    let world = filled().await;
    let cluster = "arn:aws:redshift:us-east-1:123456789012:cluster:c";
    for (key, value, expected) in [
        (TrailKey::EventName, "CreateCluster", vec!["redshift:CreateCluster"]),
        (TrailKey::EventSource, "sso.amazonaws.com", vec!["sso:ListInstances"]),
        (TrailKey::ReadOnly, "false", vec!["redshift:DeleteCluster", "redshift:CreateCluster"]),
        (TrailKey::ReadOnly, "true", vec!["sso:ListInstances", "redshift:DescribeClusters"]),
        (TrailKey::ResourceName, cluster, vec!["redshift:DeleteCluster", "redshift:CreateCluster"]),
        (TrailKey::ResourceType, "AWS::Redshift::Cluster", vec!["redshift:DeleteCluster", "redshift:CreateCluster"]),
        (TrailKey::Username, "nobody", vec![]),
        (TrailKey::AccessKeyId, "AKIA2", vec![]),
    ] {
        assert_eq!(world.found(by(key, value)).await, expected, "{key:?} {value}");
    }
    assert_eq!(world.found(by(TrailKey::Username, "root")).await.len(), 4);
    assert_eq!(world.found(by(TrailKey::AccessKeyId, "AKIA1")).await.len(), 4);
    assert_eq!(world.found(TrailQuery::default()).await.len(), 4, "a statement is no event");
}

#[tokio::test]
async fn an_event_is_found_by_its_id() {
    let world = filled().await;
    let all = TrailQuery { limit: 1, ..TrailQuery::default() };
    let newest = SqliteTrail::new(&world.store).lookup(&all).await.unwrap().remove(0);
    let id = base::EventKeys::of(&newest).unwrap().id;
    assert_eq!(world.found(by(TrailKey::EventId, &id)).await, ["redshift:DeleteCluster"]);
}

#[tokio::test]
async fn times_and_pages_bound_what_is_found() {
    let world = filled().await;
    let within = |from, until| TrailQuery {
        start: Some(START + Duration::minutes(from)),
        end: Some(START + Duration::minutes(until)),
        ..TrailQuery::default()
    };
    assert_eq!(world.found(within(1, 2)).await, ["sso:ListInstances", "redshift:DescribeClusters"]);
    assert_eq!(world.found(within(-9, -1)).await, [""; 0]);
    assert_eq!(world.found(within(9, 10)).await, [""; 0]);
    let first = TrailQuery { limit: 2, ..TrailQuery::default() };
    assert_eq!(world.found(first.clone()).await, ["redshift:DeleteCluster", "sso:ListInstances"]);
    let next = TrailQuery { before: Some(3), ..first };
    assert_eq!(world.found(next).await, ["redshift:DescribeClusters", "redshift:CreateCluster"]);
}

#[tokio::test]
async fn records_from_before_the_index_are_found_and_the_chain_stays() {
    let world = filled().await;
    let forget =
        "DELETE FROM audit_event_resource; DELETE FROM audit_event; UPDATE audit_event_progress SET sequence = 0";
    sqlx::raw_sql(forget).execute(world.store.pool()).await.unwrap();
    let before = verify(&world.store).await.unwrap();
    assert!(world.found(TrailQuery::default()).await.is_empty());
    SqliteAudit::open(&world.store, world.clock.clone()).await.unwrap();
    assert_eq!(world.found(TrailQuery::default()).await.len(), 4);
    assert_eq!(verify(&world.store).await.unwrap(), before);
}

/// No look-up sorts or reads more than its page: the trail only grows.
#[tokio::test]
async fn every_look_up_follows_an_index() {
    let world = World::new().await;
    for key in std::iter::once(None).chain(TrailKey::ALL.map(Some)) {
        let plan = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement(key)));
        let rows = sqlx::query(plan).fetch_all(world.store.pool()).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        assert!(steps.iter().all(|step| step.starts_with("SEARCH ")), "{key:?}: {steps:?}");
        let bounded = ["sequence>", "rowid>"].iter().any(|bound| steps[0].contains(bound));
        assert!(bounded, "{key:?} doesn't end at the start time: {steps:?}");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_shows_nothing_outside_the_times() {
    let world = World::new().await;
    for action in ["sso:ListInstances", "sso:ListApplications", "sso:DescribeInstance"] {
        world.call(action, "*").await;
    }
    world.clock.advance(Duration::minutes(-2));
    world.call("sso:ListTagsForResource", "*").await;
    let until = |minutes| TrailQuery { end: Some(START + Duration::minutes(minutes)), ..TrailQuery::default() };
    assert_eq!(world.found(until(1)).await, ["sso:ListTagsForResource", "sso:ListApplications", "sso:ListInstances"]);
}

#[tokio::test]
async fn a_story_is_every_record_of_one_way_in_order() {
    let world = World::new().await;
    let way = CorrelationId::resume("way");
    for (correlation, action) in [("way", "first"), ("other", "no"), ("way", "second")] {
        let correlation = CorrelationId::resume(correlation);
        let event = AuditEvent::new(AuditStep::Statement, Outcome::Allowed, correlation, Principal::Anonymous);
        world.audit.record(event.action(action)).await.unwrap();
    }
    let told = SqliteTrail::new(&world.store).story(&way).await.unwrap();
    assert_eq!(told.iter().map(|record| record.action.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    assert!(SqliteTrail::new(&world.store).story(&CorrelationId::resume("none")).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_way_of_a_session_is_found_by_each_of_its_calls() {
    let world = World::new().await;
    let session = CorrelationId::fresh();
    let principal = Principal::RoleSession {
        account: "123456789012".to_owned(),
        role_name: "r".to_owned(),
        session_name: "ethan".to_owned(),
    };
    let requests: Vec<String> = (0..3).map(|number| format!("request-{number}")).collect();
    for request in &requests {
        let event = AuditEvent::new(AuditStep::ApiCall, Outcome::Denied, session.clone(), principal.clone())
            .action("redshift:GetClusterCredentials")
            .field("request_id", request.as_str());
        world.audit.record(event).await.unwrap();
    }
    let trail = SqliteTrail::new(&world.store);
    for reference in requests.iter().map(String::as_str).chain([session.as_str()]) {
        let story = trail.story(&CorrelationId::resume(reference)).await.unwrap();
        assert_eq!(story.len(), 3, "{reference}");
        assert!(story.iter().all(|record| record.correlation == session.as_str()));
    }
    assert!(trail.story(&CorrelationId::resume("request-9")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_way_that_is_too_long_is_told_to_the_call_that_was_asked_for() {
    let world = World::new().await;
    let session = CorrelationId::fresh();
    let total = i64::from(base::LONGEST_STORY) + 5;
    let call = |number: i64| {
        let event = AuditEvent::new(AuditStep::ApiCall, Outcome::Allowed, session.clone(), Principal::System)
            .action("redshift:DescribeClusters")
            .field("request_id", format!("request-{number}"));
        world.audit.record(event)
    };
    for written in futures_util::future::join_all((1..total).map(call)).await {
        written.unwrap();
    }
    call(total).await.unwrap();
    let story = SqliteTrail::new(&world.store).story(&CorrelationId::resume(format!("request-{total}"))).await.unwrap();
    assert_eq!(story.len(), usize::try_from(base::LONGEST_STORY).unwrap());
    let last = story.last().unwrap();
    assert_eq!(last.field("request_id"), Some(format!("request-{total}").as_str()));
}
