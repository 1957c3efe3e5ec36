use time::Duration;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn grant() -> Grant {
    Grant {
        id: GrantId::new("g-1"),
        user: DirectoryUserId::new("u-1"),
        user_name: "ethan".into(),
        client: ClientId::new("c-1"),
        scopes: BTreeSet::from([Scope::RedshiftConnect]),
        issuer: InstanceArn::new("instance-1"),
        application: ApplicationArn::new("application-1"),
        correlation: CorrelationId::resume("way-1"),
        parent: None,
        created: NOW,
        ends: NOW + Duration::minutes(1),
        revoked: None,
    }
}

fn code() -> StoredCode {
    StoredCode {
        hash: SecretHash::of(&Secret::from("code")),
        grant: GrantId::new("g-1"),
        redirect_uri: RedirectUri::parse("http://127.0.0.1:7890").unwrap(),
        challenge: Some(pkce::challenge_of(&Secret::from(VERIFIER))),
        expires: NOW + Duration::minutes(1),
        used: None,
    }
}

fn check(
    code: &StoredCode,
    grant: &Grant,
    client: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<(), GrantRefusal> {
    let verifier = Secret::from(verifier);
    let presented = PresentedCode { client: &ClientId::new(client), redirect_uri, verifier: Some(&verifier) };
    decide_code(code, grant, &presented, NOW)
}

#[test]
fn a_code_is_exchanged_only_by_who_got_it_as_it_was_asked_for_and_once() {
    const URI: &str = "http://127.0.0.1:7890";
    let revoked = Grant { revoked: Some(Revocation { at: NOW, reason: RevokeReason::Administrator }), ..grant() };
    let used = StoredCode { used: Some(NOW), ..code() };
    let expired = StoredCode { expires: NOW, ..code() };
    let wrong = "aBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(check(&code(), &grant(), "c-1", URI, VERIFIER), Ok(()));
    assert_eq!(check(&code(), &grant(), "c-2", URI, VERIFIER), Err(GrantRefusal::OtherClient));
    // Another client can't set off the revocation.
    assert_eq!(check(&used, &grant(), "c-2", URI, VERIFIER), Err(GrantRefusal::OtherClient));
    assert_eq!(check(&used, &grant(), "c-1", URI, VERIFIER), Err(GrantRefusal::Replayed));
    assert_eq!(check(&code(), &revoked, "c-1", URI, VERIFIER), Err(GrantRefusal::Revoked(RevokeReason::Administrator)));
    assert_eq!(check(&expired, &grant(), "c-1", URI, VERIFIER), Err(GrantRefusal::Expired { since: NOW }));
    assert_eq!(check(&code(), &grant(), "c-1", "http://127.0.0.1:7891", VERIFIER), Err(GrantRefusal::RedirectMismatch));
    assert_eq!(check(&code(), &grant(), "c-1", URI, wrong), Err(GrantRefusal::VerifierMismatch));
}

#[test]
fn a_verifier_comes_exactly_where_there_was_a_challenge() {
    const URI: &str = "http://127.0.0.1:7890";
    let client = ClientId::new("c-1");
    let bare = StoredCode { challenge: None, ..code() };
    let none = PresentedCode { client: &client, redirect_uri: URI, verifier: None };
    assert_eq!(decide_code(&bare, &grant(), &none, NOW), Ok(()));
    assert_eq!(decide_code(&code(), &grant(), &none, NOW), Err(GrantRefusal::VerifierMissing));
    assert_eq!(check(&bare, &grant(), "c-1", URI, VERIFIER), Err(GrantRefusal::VerifierUnexpected));
}

#[test]
fn every_reason_is_read_as_it_was_written() {
    for reason in RevokeReason::ALL {
        assert_eq!(RevokeReason::parse(reason.name()), Some(reason));
    }
    assert_eq!(RevokeReason::parse("bored"), None);
}
