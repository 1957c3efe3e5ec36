//! Received logout messages.

use time::{Duration, OffsetDateTime};

use super::{ExpectedLogout, LogoutAnswer, LogoutRequest};
use crate::binding::{Field, Incoming};
use crate::check::{Check, Refusal, Story, Verdict};
use crate::envelope;
use crate::instant;
use crate::message::{Authentic, From, authentic};
use crate::name_id::NameId;
use crate::status;
use crate::xml::{Element, ns};

/// More sessions of one person are hardly meant.
const MOST_SESSIONS: usize = 100;
/// A request older than this isn't carried out, whatever end it gives itself: it goes straight from one server to the other.
const LONGEST: Duration = Duration::minutes(10);

/// Reads a signed LogoutRequest.
#[must_use]
pub fn read_request(incoming: &Incoming<'_>, expected: &ExpectedLogout<'_>) -> Verdict<LogoutRequest> {
    let mut story = Story::default();
    let outcome = request(&mut story, incoming, expected);
    story.verdict(outcome)
}

/// Reads the signed LogoutResponse to the request `in_response_to`. Anything but a success, whole or in part, is refused.
#[must_use]
pub fn read_response(
    incoming: &Incoming<'_>,
    expected: &ExpectedLogout<'_>,
    in_response_to: &str,
) -> Verdict<LogoutAnswer> {
    let mut story = Story::default();
    let outcome = response(&mut story, incoming, expected, in_response_to);
    story.verdict(outcome)
}

fn from<'a>(expected: &ExpectedLogout<'a>) -> From<'a> {
    From {
        issuer: Some(expected.issuer),
        certificates: expected.certificates,
        must_be_signed: true,
        destination: expected.destination,
        now: expected.now,
        skew: expected.skew,
    }
}

fn request(
    story: &mut Story,
    incoming: &Incoming<'_>,
    expected: &ExpectedLogout<'_>,
) -> Result<LogoutRequest, Refusal> {
    let kind = (Field::Request, "LogoutRequest");
    let Authentic { id, received, issued, .. } = authentic(story, incoming, kind, &from(expected))?;
    let root = &received.root;
    let replay_until = end(story, root, issued, expected)?;
    let names = [
        (ns::ASSERTION, "Issuer"),
        (ns::SIGNATURE, "Signature"),
        (ns::ASSERTION, "EncryptedID"),
        (ns::ASSERTION, "NameID"),
    ];
    let sessions: Vec<&Element> = root.named(ns::PROTOCOL, "SessionIndex").collect();
    let known = |child: &Element| names.iter().any(|(namespace, local)| child.is(namespace, local));
    let other = root.elements().find(|child| !known(child) && !child.is(ns::PROTOCOL, "SessionIndex"));
    if let Some(other) = other {
        return story.failed(Check::RequestContent, "NameID and SessionIndex", other.described());
    }
    let name_id = NameId::read(story, root)?;
    let session_indexes: Vec<String> = sessions.iter().filter_map(|one| one.value()).map(str::to_owned).collect();
    let plain = session_indexes.len() == sessions.len() && sessions.len() <= MOST_SESSIONS;
    let found = format!("{} sessions", sessions.len());
    story.note(Check::RequestContent, format!("at most {MOST_SESSIONS} plain SessionIndex"), found, plain)?;
    let issuer = expected.issuer.to_owned();
    Ok(LogoutRequest { id, issuer, name_id, session_indexes, relay_state: received.relay_state, replay_until })
}

/// Until when the request counts: as long as it says itself, and a few minutes at most. It passes through browsers, whose history
/// and whose proxies' logs keep it, and whoever finds it there later must not end sessions with it.
fn end(
    story: &mut Story,
    root: &Element,
    issued: OffsetDateTime,
    expected: &ExpectedLogout<'_>,
) -> Result<OffsetDateTime, Refusal> {
    let words = format!("an end after {}", instant::format(expected.now));
    let latest = issued.saturating_add(LONGEST);
    let end = match root.attribute("NotOnOrAfter") {
        None => latest,
        Some(text) => match instant::parse(text) {
            Some(end) => end.min(latest),
            None => return story.failed(Check::NotOnOrAfter, words, text),
        },
    };
    let open = instant::is_open(end, expected.now, expected.skew);
    let found = if open { instant::format(end) } else { format!("until {}", instant::behind(end, expected.now)) };
    story.note(Check::NotOnOrAfter, words, found, open)?;
    Ok(end.saturating_add(instant::bounded(expected.skew)))
}

fn response(
    story: &mut Story,
    incoming: &Incoming<'_>,
    expected: &ExpectedLogout<'_>,
    in_response_to: &str,
) -> Result<LogoutAnswer, Refusal> {
    let kind = (Field::Response, "LogoutResponse");
    let Authentic { id, received, .. } = authentic(story, incoming, kind, &from(expected))?;
    let root = &received.root;
    let names = [
        (ns::ASSERTION, "Issuer"),
        (ns::SIGNATURE, "Signature"),
        (ns::PROTOCOL, "Extensions"),
        (ns::PROTOCOL, "Status"),
    ];
    envelope::check_children(story, Check::Message, root, &names)?;
    let found = root.attribute("InResponseTo").unwrap_or("no request");
    story.note(Check::InResponseTo, in_response_to, found, found == in_response_to)?;
    // Partial logout is the second code below either kind of first one (SAML core 3.7.3.2).
    let (codes, _) = status::codes(root);
    let partial = codes.iter().any(|code| code == status::PARTIAL_LOGOUT);
    if !partial {
        status::check(story, root)?;
    }
    let in_response_to = in_response_to.to_owned();
    Ok(LogoutAnswer { id, in_response_to, relay_state: received.relay_state, complete: !partial })
}
