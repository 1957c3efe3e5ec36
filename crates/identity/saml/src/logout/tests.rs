use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::Duration;

use super::*;
use crate::signature::{Part, enveloped};
use crate::testing::{IDP, NOW, SP, field, key, other_key};
use crate::xml::{self, ns};
use crate::{Binding, Check, Endpoint, NAME_ID_PERSISTENT, Outgoing, Refusal, instant};

const SLO: &str = "https://idp.example.com/saml/slo";

fn endpoint(binding: Binding) -> Endpoint {
    Endpoint { binding, location: SLO.to_owned() }
}

fn name_id() -> NameId {
    NameId { value: "f3a1".to_owned(), format: Some(NAME_ID_PERSISTENT.to_owned()), ..NameId::default() }
}

fn request(binding: Binding) -> Outgoing {
    let (destination, name_id) = (endpoint(binding), name_id());
    let sessions = ["_session1".to_owned(), "_session2".to_owned()];
    let request = SendRequest {
        id: "_logout1",
        issuer: SP,
        destination: &destination,
        name_id: &name_id,
        session_indexes: &sessions,
        now: NOW,
        relay_state: Some("state"),
    };
    send_request(&request, &key()).unwrap()
}

fn response(binding: Binding, status: LogoutStatus) -> Outgoing {
    let destination = endpoint(binding);
    let response = SendResponse {
        id: "_answer1",
        issuer: SP,
        destination: &destination,
        in_response_to: "_logout1",
        status,
        now: NOW,
        relay_state: None,
    };
    send_response(&response, &key()).unwrap()
}

/// Hands a message over in its binding.
fn over<T>(outgoing: &Outgoing, name: &str, read: impl FnOnce(&Incoming<'_>) -> T) -> T {
    let text = field(outgoing, name);
    match outgoing {
        Outgoing::Redirect(_) => read(&Incoming::Redirect { query: &text }),
        Outgoing::Post { .. } => read(&Incoming::Post { message: &text, relay_state: Some("state") }),
    }
}

fn expected(certificates: &[SigningCertificate]) -> ExpectedLogout<'_> {
    ExpectedLogout { issuer: SP, certificates, destination: SLO, now: NOW, skew: Duration::minutes(1) }
}

fn read(outgoing: &Outgoing, change: impl FnOnce(&mut ExpectedLogout<'_>)) -> Result<LogoutRequest, Refusal> {
    let certificates = [key().certificate().clone()];
    let mut expected = expected(&certificates);
    change(&mut expected);
    over(outgoing, "SAMLRequest", |incoming| read_request(incoming, &expected).outcome)
}

#[test]
fn a_request_is_understood_in_both_bindings() {
    for binding in [Binding::Redirect, Binding::Post] {
        let read = read(&request(binding), |_| ()).unwrap();
        assert_eq!(read.name_id, name_id());
        assert_eq!(read.session_indexes, ["_session1", "_session2"]);
        assert_eq!((read.id.as_str(), read.issuer.as_str()), ("_logout1", SP));
        assert_eq!(read.relay_state.as_deref(), Some("state"));
        let peeked = over(&request(binding), "SAMLRequest", peek).unwrap();
        assert_eq!(peeked.issuer.as_deref(), Some(SP));
    }
}

#[test]
fn a_request_that_is_wrong_is_refused_by_name() {
    for binding in [Binding::Redirect, Binding::Post] {
        let message = request(binding);
        let stranger = [other_key().certificate().clone()];
        let by_stranger =
            over(&message, "SAMLRequest", |incoming| read_request(incoming, &expected(&stranger)).outcome);
        assert_eq!(by_stranger.unwrap_err().check, Check::Signature);
        let untrusted = over(&message, "SAMLRequest", |incoming| read_request(incoming, &expected(&[])).outcome);
        assert_eq!(untrusted.unwrap_err().check, Check::Signature);
        assert_eq!(read(&message, |wanted| wanted.issuer = IDP).unwrap_err().check, Check::Issuer);
        assert_eq!(read(&message, |wanted| wanted.destination = SP).unwrap_err().check, Check::Destination);
        let late = read(&message, |wanted| wanted.now = NOW + Duration::minutes(6)).unwrap_err();
        assert_eq!(late.check, Check::NotOnOrAfter);
    }
}

#[test]
fn a_request_is_old_after_a_few_minutes_whatever_end_it_gives_itself() {
    let certificates = [key().certificate().clone()];
    let signed = |end: Option<&str>, now| {
        let (destination, name_id) = (endpoint(Binding::Post), name_id());
        let element = xml::protocol("LogoutRequest")
            .declaring(&[ns::PROTOCOL, ns::ASSERTION])
            .with("ID", "_logout1")
            .with("Version", "2.0")
            .with("IssueInstant", &instant::format(NOW))
            .with("Destination", &destination.location)
            .with_some("NotOnOrAfter", end)
            .child(xml::assertion("Issuer").holding(SP))
            .child(name_id.element());
        let message = STANDARD.encode(enveloped(&element, &[Part::Message], &key()).unwrap());
        let wanted = ExpectedLogout { now, ..expected(&certificates) };
        read_request(&Incoming::Post { message: &message, relay_state: None }, &wanted).outcome
    };
    for end in [None, Some("2099-01-01T00:00:00Z")] {
        let read = signed(end, NOW + Duration::minutes(10)).unwrap();
        assert_eq!(read.replay_until, NOW + Duration::minutes(11), "with the skew");
        assert_eq!(signed(end, read.replay_until).unwrap_err().check, Check::NotOnOrAfter);
    }
    let own_end = instant::format(NOW + Duration::minutes(2));
    assert_eq!(signed(Some(&own_end), NOW).unwrap().replay_until, NOW + Duration::minutes(3));
}

#[test]
fn an_unsigned_request_ends_nothing() {
    let query = field(&request(Binding::Redirect), "");
    let unsigned = query.split("&SigAlg").next().unwrap();
    let certificates = [key().certificate().clone()];
    let refusal = read_request(&Incoming::Redirect { query: unsigned }, &expected(&certificates)).outcome.unwrap_err();
    assert_eq!(refusal.check, Check::Signed);
}

#[test]
fn the_answer_says_whether_all_sessions_ended() {
    let certificates = [key().certificate().clone()];
    for binding in [Binding::Redirect, Binding::Post] {
        for (status, complete) in [(LogoutStatus::Success, true), (LogoutStatus::Partial, false)] {
            let answer = over(&response(binding, status), "SAMLResponse", |incoming| {
                read_response(incoming, &expected(&certificates), "_logout1").outcome
            });
            assert_eq!(answer.unwrap().complete, complete);
        }
        let denied = over(&response(binding, LogoutStatus::Denied), "SAMLResponse", |incoming| {
            read_response(incoming, &expected(&certificates), "_logout1").outcome
        });
        assert_eq!(denied.unwrap_err().check, Check::Status);
        let other = over(&response(binding, LogoutStatus::Success), "SAMLResponse", |incoming| {
            read_response(incoming, &expected(&certificates), "_logout2").outcome
        });
        assert_eq!(other.unwrap_err().check, Check::InResponseTo);
    }
}

#[test]
fn a_request_is_no_answer() {
    let certificates = [key().certificate().clone()];
    let message = field(&request(Binding::Post), "SAMLRequest");
    let incoming = Incoming::Post { message: &message, relay_state: None };
    let refusal = read_response(&incoming, &expected(&certificates), "_logout1").outcome.unwrap_err();
    assert_eq!(refusal.check, Check::Message);
}
