use super::*;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn status(status: u16, retry_after: Option<&str>) -> Failure {
    Failure::Status { status, detail: String::new(), retry_after: retry_after.map(str::to_owned) }
}

fn seconds(failure: &Failure, attempts: u32, in_a_row: u32) -> (i64, Option<i64>, bool) {
    let decision = decide(failure, attempts, in_a_row, NOW);
    let hold = decision.hold_until.map(|until| (until - NOW).whole_seconds());
    ((decision.object_at - NOW).whole_seconds(), hold, decision.pause)
}

#[test]
fn a_refusal_of_one_person_waits_ever_longer_and_holds_nobody_up() {
    for (attempts, wait) in [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (u32::MAX, 3600)] {
        for failure in [status(400, None), status(409, None), status(500, None), Failure::Nonsense(String::new())] {
            assert_eq!(seconds(&failure, attempts, 1), (wait, None, false), "{failure:?}");
        }
    }
}

#[test]
fn a_refused_token_and_a_refused_address_pause() {
    for code in [301, 302, 308, 401] {
        assert!(seconds(&status(code, None), 1, 1).2, "{code}");
    }
    assert!(seconds(&Failure::Transport(TransportError::Refused("no".to_owned())), 1, 1).2);
    assert!(!seconds(&status(403, None), 1, 1).2);
}

#[test]
fn a_server_is_waited_for_as_long_as_it_asks() {
    for (asked, wait) in [
        ("30", 30),
        ("0", 1),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 120),
        ("Wed, 31 Dec 1969 23:00:00 GMT", 1),
        ("9999999", 86_400),
        ("soon", 5),
    ] {
        for code in [429, 503] {
            assert_eq!(seconds(&status(code, Some(asked)), 1, 1), (wait, Some(wait), false), "{asked}");
        }
    }
    assert_eq!(seconds(&status(429, None), 1, 3), (20, Some(20), false));
}

#[test]
fn a_server_that_is_away_holds_and_a_request_that_always_fails_falls_behind() {
    let away = Failure::Transport(TransportError::Unreachable("nobody answers".to_owned()));
    for failure in [away, status(502, None), status(504, None)] {
        assert_eq!(seconds(&failure, 1, 1), (5, Some(5), false));
        assert_eq!(seconds(&failure, 4, 1), (40, Some(5), false));
        assert_eq!(seconds(&failure, 20, 20), (300, Some(60), false), "it may be back, and somebody's loss waits");
    }
}

#[test]
fn a_loss_that_fails_doesnt_fall_behind_for_an_hour() {
    let failure = status(500, None);
    for (attempts, wait) in [(1, 5), (5, 80), (20, 300)] {
        let decision = decide(&failure, attempts, 1, NOW).of_a_loss(NOW);
        assert_eq!((decision.object_at - NOW).whole_seconds(), wait);
    }
    let asked = decide(&status(429, Some("900")), 9, 1, NOW).of_a_loss(NOW);
    assert_eq!((asked.object_at - NOW).whole_seconds(), 900, "a server gets the time that it asks for");
}

#[test]
fn messages_are_sentences_with_the_next_step() {
    for (code, words) in [
        (301, "It redirects; give the target the address that it redirects to."),
        (401, "give the target another one"),
        (403, "doesn't permit this"),
        (404, "Check the target's address."),
        (409, "Somebody else has one of these values"),
        (500, "The server answers 500."),
    ] {
        let message = status(code, None).message();
        assert!(message.contains(words) && message.ends_with('.'), "{message}");
    }
    let long = Failure::Status { status: 400, detail: "x\n".repeat(1000), retry_after: None };
    assert!(long.message().len() < 500 && !long.message().contains('\n'));
}
