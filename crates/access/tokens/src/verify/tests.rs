use std::collections::BTreeSet;

use base::CorrelationId;
use base::id::{ClientId, DirectoryUserId};
use time::Duration;
use time::macros::datetime;

use super::*;
use crate::claims::GrantId;

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05.5 UTC);

fn claims() -> AccessClaims {
    AccessClaims {
        user: DirectoryUserId::new("u-1"),
        user_name: "ethan".into(),
        client: ClientId::new("c-1"),
        scopes: BTreeSet::from([Scope::RedshiftConnect]),
        issuer: InstanceArn::new("instance-1"),
        audience: ApplicationArn::new("application-1"),
        correlation: CorrelationId::resume("way-1"),
        grant: GrantId::new("g-1"),
        issued: NOW - Duration::minutes(1),
        expires: NOW + Duration::minutes(59),
    }
}

fn application() -> OAuthApplication {
    OAuthApplication {
        arn: ApplicationArn::new("application-1"),
        name: "Redshift".into(),
        enabled: true,
        redshift: true,
        code_redirects: None,
        refresh_token: false,
        token_exchange: false,
        scopes: BTreeSet::from([Scope::RedshiftConnect]),
    }
}

fn required() -> Requirement {
    Requirement {
        scope: Scope::RedshiftConnect,
        audience: Audience::Application(ApplicationArn::new("application-1")),
        issuer: InstanceArn::new("instance-1"),
    }
}

#[test]
fn a_live_token_that_fits_is_accepted_until_its_last_instant() {
    let end = claims().expires;
    assert_eq!(decide(&claims(), None, Some(&application()), &required(), NOW), Ok(()));
    assert_eq!(decide(&claims(), None, Some(&application()), &required(), end - Duration::NANOSECOND), Ok(()));
    assert_eq!(
        decide(&claims(), None, Some(&application()), &required(), end),
        Err(TokenRefusal::Expired { since: end })
    );
}

#[test]
fn each_broken_rule_has_its_own_reason() {
    let revoked = Some(Revocation { at: NOW, reason: RevokeReason::UserDisabled });
    let issuer = InstanceArn::new("instance-2");
    let audience = Audience::Application(ApplicationArn::new("application-2"));
    let cases = [
        (claims(), revoked, required(), "was revoked because its user was deactivated at the identity provider"),
        (AccessClaims { expires: NOW, ..claims() }, None, required(), "expired at 2026-01-02T03:04:05Z"),
        (
            claims(),
            None,
            Requirement { issuer, ..required() },
            "issued by instance-1, and this warehouse trusts instance-2",
        ),
        (
            claims(),
            None,
            Requirement { audience, ..required() },
            "meant for application-1, and what was asked for is open to tokens for application-2",
        ),
        (
            AccessClaims { scopes: BTreeSet::new(), ..claims() },
            None,
            required(),
            "scopes [], and redshift:connect is needed",
        ),
    ];
    for (claims, revoked, required, expected) in cases {
        let refusal = decide(&claims, revoked, Some(&application()), &required, NOW).unwrap_err();
        assert!(refusal.reason().contains(expected), "{} should contain {expected}", refusal.reason());
    }
}

#[test]
fn revocation_is_named_before_expiry() {
    let revoked = Some(Revocation { at: NOW, reason: RevokeReason::RefreshReused });
    let late = NOW + Duration::days(1);
    let refusal = decide(&claims(), revoked, None, &required(), late);
    assert_eq!(refusal, Err(TokenRefusal::Revoked { reason: RevokeReason::RefreshReused }));
}

#[test]
fn a_token_of_any_redshift_application_fits_where_any_is_asked_for() {
    let any = Requirement { audience: Audience::AnyRedshift, ..required() };
    assert_eq!(decide(&claims(), None, Some(&application()), &any, NOW), Ok(()));
    let custom = OAuthApplication { redshift: false, ..application() };
    let refusal = decide(&claims(), None, Some(&custom), &any, NOW).unwrap_err();
    assert!(matches!(refusal, TokenRefusal::WrongAudience { .. }), "{refusal}");
}

#[test]
fn a_token_is_worth_nothing_while_its_application_is_closed_and_says_which_call_opens_it() {
    let cases = [
        (None, "does not exist", "ListApplications"),
        (Some(OAuthApplication { enabled: false, ..application() }), "is disabled", "UpdateApplication"),
        (
            Some(OAuthApplication { scopes: BTreeSet::new(), ..application() }),
            "doesn't have the access scope",
            "PutApplicationAccessScope",
        ),
    ];
    for (application, reason, call) in cases {
        let refusal = decide(&claims(), None, application.as_ref(), &required(), NOW).unwrap_err();
        let public = refusal.public();
        assert!(public.detail.unwrap().contains(reason) && public.hint.unwrap().contains(call), "{refusal:?}");
    }
}
