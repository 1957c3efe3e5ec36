use base::id::{ApplicationArn, DirectoryUserId};
use base::{CorrelationId, SecretHash};
use time::Duration;
use time::macros::datetime;

use super::*;

#[test]
fn a_session_ends_for_the_first_reason_that_holds() {
    let arn = ApplicationArn::new("arn:aws:sso::123456789012:application/ssoins-1/apl-1");
    let lost = |lack| {
        Err(NoAccess { application: Some(arn.clone()), lack, reason: "It is lost.".into(), hint: "Ask.".into() })
    };
    let removed = Some(EndReason::AccessRemoved { application: arn.clone() });
    let closed = Some(EndReason::ApplicationClosed {
        application: arn.clone(),
        reason: "It is lost.".into(),
        hint: "Ask.".into(),
    });
    let (token, with) = (Some(EndReason::TokenRevoked), Some(RevokeReason::Administrator));
    let cases = [
        (Activity::Active, None, None, None),
        (Activity::Active, Some((&arn, Ok(()))), None, None),
        (Activity::Active, Some((&arn, lost(Lack::Assignment))), None, removed.clone()),
        (Activity::Active, Some((&arn, lost(Lack::Assignment))), with, removed),
        (Activity::Active, Some((&arn, lost(Lack::Disabled))), None, closed.clone()),
        (Activity::Active, Some((&arn, lost(Lack::Scope))), None, closed),
        (Activity::Active, Some((&arn, Ok(()))), with, token.clone()),
        (Activity::Active, Some((&arn, Ok(()))), Some(RevokeReason::ParentRevoked), token),
        (Activity::Active, Some((&arn, Ok(()))), Some(RevokeReason::AccessRemoved), None),
        (Activity::Active, Some((&arn, Ok(()))), Some(RevokeReason::ApplicationClosed), None),
        (Activity::Disabled, None, None, Some(EndReason::UserDisabled)),
        (Activity::Disabled, Some((&arn, Ok(()))), with, Some(EndReason::UserDisabled)),
        (Activity::Deleted, Some((&arn, lost(Lack::Assignment))), None, Some(EndReason::UserDeleted)),
    ];
    for (activity, application, revoked, expected) in cases {
        let said = format!("{activity:?} {application:?} {revoked:?}");
        assert_eq!(still_allowed(activity, application, revoked), expected, "{said}");
    }
}

#[test]
fn a_browser_session_ends_after_an_idle_hour_and_after_eight_hours() {
    let created = datetime!(2026-01-02 08:00 UTC);
    let limits = BrowserLimits::default();
    let at = |last_seen| BrowserSession {
        hash: SecretHash::of(&base::Secret::from("cookie")),
        user: DirectoryUserId::new("u"),
        correlation: CorrelationId::resume("c"),
        created,
        last_seen,
        federated: None,
    };
    let second = Duration::seconds(1);
    assert!(!browser_over(&at(created), &limits, created + Duration::HOUR - second));
    assert!(browser_over(&at(created), &limits, created + Duration::HOUR));
    let end = created + Duration::hours(8);
    assert!(!browser_over(&at(end - second), &limits, end - second));
    assert!(browser_over(&at(end - second), &limits, end));
}
