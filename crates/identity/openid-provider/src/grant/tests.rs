//! Each rule that a code or a refresh token can break.

use time::Duration;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "https://app.example.com/cb";

fn code() -> StoredCode {
    StoredCode {
        hash: SecretHash::of_text("code"),
        redirect_uri: REDIRECT.into(),
        challenge: pkce::challenge_of(&VERIFIER.into()),
        expires: NOW + Duration::MINUTE,
        used: None,
    }
}

fn refresh() -> StoredRefresh {
    StoredRefresh {
        family: SecretHash::of_text("family"),
        newest: SecretHash::of_text("newest"),
        expires: NOW + Duration::HOUR,
    }
}

fn grant() -> Grant {
    Grant {
        id: GrantId::new("g-1"),
        user: DirectoryUserId::new("u-1"),
        user_name: "ethan".into(),
        application: SsoApplicationId::new("app-1"),
        scopes: BTreeSet::from([Scope::OpenId]),
        nonce: None,
        authenticated: NOW,
        methods: Vec::new(),
        session: "ses-1".into(),
        correlation: CorrelationId::resume("way-1"),
        created: NOW,
        ends: NOW,
        code: Some(code()),
        refresh: Some(refresh()),
        revoked: None,
    }
}

fn redeem(code: &StoredCode, grant: &Grant, application: &str, redirect: &str, verifier: &str) -> Option<GrantRefusal> {
    let (application, verifier) = (SsoApplicationId::new(application), Secret::from(verifier));
    let presented = PresentedCode { application: &application, redirect_uri: redirect, verifier: &verifier };
    decide_code(code, grant, &presented, NOW).err()
}

#[test]
fn a_code_is_redeemed_by_its_client_at_its_address_with_its_verifier() {
    let (code, grant) = (code(), grant());
    assert_eq!(redeem(&code, &grant, "app-1", REDIRECT, VERIFIER), None);
    assert_eq!(redeem(&code, &grant, "app-2", REDIRECT, VERIFIER), Some(GrantRefusal::OtherClient));
    let other = "https://app.example.com/other";
    assert_eq!(redeem(&code, &grant, "app-1", other, VERIFIER), Some(GrantRefusal::RedirectMismatch));
    let wrong = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX";
    assert_eq!(redeem(&code, &grant, "app-1", REDIRECT, wrong), Some(GrantRefusal::VerifierMismatch));
}

#[test]
fn a_code_is_good_once_and_until_it_expires() {
    let used = StoredCode { used: Some(NOW), expires: NOW - Duration::HOUR, ..code() };
    assert_eq!(redeem(&used, &grant(), "app-1", REDIRECT, VERIFIER), Some(GrantRefusal::Replayed));
    let expired = StoredCode { expires: NOW, ..code() };
    let refusal = redeem(&expired, &grant(), "app-1", REDIRECT, VERIFIER);
    assert_eq!(refusal, Some(GrantRefusal::Expired { since: NOW }));
    let revoked = Some(Revocation { at: NOW, reason: RevokeReason::CodeReplayed });
    let revoked = Grant { revoked, ..grant() };
    let refusal = redeem(&code(), &revoked, "app-1", REDIRECT, VERIFIER);
    assert_eq!(refusal, Some(GrantRefusal::Revoked(RevokeReason::CodeReplayed)));
}

#[test]
fn another_client_can_not_cause_a_revocation() {
    let used = StoredCode { used: Some(NOW), ..code() };
    assert_eq!(redeem(&used, &grant(), "app-2", REDIRECT, VERIFIER), Some(GrantRefusal::OtherClient));
    let old = SecretHash::of_text("old");
    let refusal = decide_refresh(&refresh(), &grant(), &old, &SsoApplicationId::new("app-2"), NOW);
    assert_eq!(refusal, Err(GrantRefusal::OtherClient));
}

#[test]
fn only_the_newest_refresh_token_is_good_and_only_until_the_family_expires() {
    let application = SsoApplicationId::new("app-1");
    let decide = |own: &str, now| decide_refresh(&refresh(), &grant(), &SecretHash::of_text(own), &application, now);
    assert_eq!(decide("newest", NOW), Ok(()));
    assert_eq!(decide("old", NOW), Err(GrantRefusal::Replayed));
    let end = NOW + Duration::HOUR;
    assert_eq!(decide("newest", end), Err(GrantRefusal::Expired { since: end }));
    assert_eq!(decide("old", end), Err(GrantRefusal::Replayed));
}

#[test]
fn every_reason_is_read_as_it_was_written() {
    for reason in RevokeReason::ALL {
        assert_eq!(RevokeReason::parse(reason.name()), Some(reason));
    }
    assert_eq!(RevokeReason::parse("other"), None);
}
