use super::*;

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn session(last_seen: Duration) -> StoredSession {
    StoredSession {
        id: SessionId::fresh(),
        hash: SecretHash::of(&Secret::from("cookie")),
        user: DirectoryUserId::new("u1"),
        correlation: CorrelationId::fresh(),
        factors: vec![Factor::Password],
        authenticated: START,
        last_seen: START + last_seen,
        participants: Vec::new(),
    }
}

#[test]
fn a_session_ends_eight_hours_after_the_sign_in_and_an_hour_after_its_use() {
    for (last_seen, now, over) in [
        (Duration::ZERO, Duration::minutes(59), false),
        (Duration::ZERO, Duration::minutes(60), true),
        (Duration::minutes(30), Duration::minutes(89), false),
        (Duration::minutes(475), Duration::minutes(479), false),
        (Duration::minutes(475), Duration::minutes(480), true),
    ] {
        assert_eq!(is_over(&session(last_seen), START + now), over, "{last_seen} {now}");
    }
}

#[test]
fn a_session_shows_the_password_that_was_before_it() {
    let session = session(Duration::ZERO);
    assert!(!is_before_password(&session, None));
    assert!(!is_before_password(&session, Some(START)));
    assert!(is_before_password(&session, Some(START + Duration::NANOSECOND)));
}
