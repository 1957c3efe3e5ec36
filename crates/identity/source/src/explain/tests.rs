use base::{AuditEvent, AuditStep, Checks, CorrelationId, Outcome, Principal, TrailRecord};
use time::{Duration, OffsetDateTime};

use super::explain;

fn event(step: AuditStep, outcome: Outcome) -> AuditEvent {
    let ethan = Principal::DirectoryUser {
        id: "0b1f3c1e-6a1f-4f6e-9c39-1f2f3a4b5c6d".to_owned(),
        user_name: "ethan".to_owned(),
    };
    AuditEvent::new(step, outcome, CorrelationId::resume("ref"), ethan)
}

fn records(events: &[AuditEvent]) -> Vec<TrailRecord> {
    let at = |sequence: i64| OffsetDateTime::UNIX_EPOCH + Duration::seconds(sequence);
    (1..).zip(events).map(|(sequence, event)| TrailRecord::of(event, sequence, at(sequence), "00")).collect()
}

fn checks(audience: bool) -> String {
    let mut checks = Checks::default();
    checks.note("signature", "one of 1 certificates", "it", true);
    checks.note("audience", "https://ours", "https://theirs", audience);
    checks.to_json()
}

#[test]
fn a_refused_sign_in_tells_the_check_that_failed_and_its_mend() {
    let denied = AuditEvent { principal: Principal::Anonymous, ..event(AuditStep::SignIn, Outcome::Denied) };
    let denied = denied
        .action("saml")
        .field("source", "ids-1")
        .field("checks", checks(false))
        .field("reason", "the audience is https://theirs")
        .field("mend", "Set the audience.");
    let story = explain("ref", &records(&[denied]));
    assert_eq!((story.outcome.as_str(), story.user_name, story.source.as_deref()), ("denied", None, Some("ids-1")));
    assert_eq!(story.summary, "The sign-in by SAML from ids-1 was denied.");
    let failed = story.failed.unwrap();
    assert_eq!(
        (failed.check.as_str(), failed.expected.as_str(), failed.found.as_str()),
        ("audience", "https://ours", "https://theirs")
    );
    assert_eq!(
        (story.reason.as_deref(), story.mend.as_deref()),
        (Some("the audience is https://theirs"), Some("Set the audience."))
    );
    assert_eq!(story.steps[0].checks.iter().map(|check| check.passed).collect::<Vec<_>>(), [true, false]);
    assert_eq!(story.steps[0].at, "1970-01-01T00:00:01Z");
}

#[test]
fn a_way_that_went_well_is_told_to_its_end() {
    let events = [
        event(AuditStep::SignIn, Outcome::Allowed)
            .action("oidc")
            .field("source", "ids-1")
            .field("checks", checks(true)),
        event(AuditStep::Token, Outcome::Allowed).action("authorization_code"),
        event(AuditStep::Connection, Outcome::Allowed).target("dev"),
        event(AuditStep::Statement, Outcome::Allowed).action("SELECT").target("sales.revenue"),
    ];
    let story = explain("ref", &records(&events));
    assert_eq!((story.outcome.as_str(), story.user_name.as_deref()), ("allowed", Some("ethan")));
    assert_eq!((story.failed, story.reason, story.mend), (None, None, None));
    assert_eq!(story.summary, "All 4 steps under this reference were allowed.");
    assert_eq!(story.steps[3].text, "The statement SELECT (sales.revenue)");
}

#[test]
fn what_was_denied_after_the_sign_in_is_told_with_its_reason() {
    let events = [
        event(AuditStep::SignIn, Outcome::Allowed).action("password"),
        event(AuditStep::Statement, Outcome::Denied).action("SELECT").field("reason", "permission denied"),
    ];
    let story = explain("ref", &records(&events));
    assert_eq!((story.outcome.as_str(), story.reason.as_deref()), ("allowed", Some("permission denied")));
    assert_eq!(story.summary, "The statement SELECT was denied.");
    let shown = serde_json::to_value(&story).unwrap();
    assert_eq!((&shown["Steps"][0]["Text"], shown.get("Mend")), (&"The sign-in with a password".into(), None));
}

#[test]
fn nothing_recorded_is_said() {
    let story = explain("ref", &[]);
    assert_eq!((story.summary.as_str(), story.steps.len()), ("Nothing is recorded under this reference.", 0));
    let broken = event(AuditStep::SignIn, Outcome::Denied).field("checks", "{broken");
    assert!(explain("ref", &records(&[broken])).steps[0].checks.is_empty());
}

#[test]
fn one_call_of_a_session_is_told_whatever_became_of_the_others() {
    let call = |request: &str, outcome| {
        AuditEvent::new(AuditStep::ApiCall, outcome, CorrelationId::resume("ref"), Principal::System)
            .action(format!("redshift:{request}"))
            .field("request_id", request)
            .field("person", "ethan@example.com")
            .field("mend", format!("Allow {request}."))
    };
    let failed = explain("four", &records(&[call("four", Outcome::Failed)]));
    assert_eq!(failed.summary, "The call redshift:four failed.");
    let records =
        records(&[call("one", Outcome::Denied), call("two", Outcome::Denied), call("three", Outcome::Allowed)]);
    let second = explain("two", &records);
    assert_eq!((second.mend.as_deref(), second.outcome.as_str()), (Some("Allow two."), "denied"));
    assert_eq!(second.user_name.as_deref(), Some("ethan@example.com"));
    let third = explain("three", &records);
    assert_eq!((third.summary.as_str(), third.mend), ("The call redshift:three was allowed.", None));
    assert_eq!(explain("ref", &records).mend.as_deref(), Some("Allow one."));
}
