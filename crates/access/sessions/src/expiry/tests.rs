use base::CorrelationId;
use base::id::{ApplicationArn, DirectoryUserId};
use time::Duration;
use time::macros::datetime;
use tokens::TokenHash;

use super::*;

#[test]
fn a_session_ends_for_the_first_reason_that_holds() {
    let arn = ApplicationArn::new("arn:aws:sso::123456789012:application/ssoins-1/apl-1");
    let removed = Some(EndReason::AccessRemoved { application: arn.clone() });
    let cases = [
        (Activity::Active, None, None),
        (Activity::Active, Some((&arn, true)), None),
        (Activity::Active, Some((&arn, false)), removed),
        (Activity::Disabled, None, Some(EndReason::UserDisabled)),
        (Activity::Disabled, Some((&arn, true)), Some(EndReason::UserDisabled)),
        (Activity::Deleted, Some((&arn, false)), Some(EndReason::UserDeleted)),
    ];
    for (activity, application, expected) in cases {
        assert_eq!(still_allowed(activity, application), expected, "{activity:?} {application:?}");
    }
}

#[test]
fn a_browser_session_ends_after_an_idle_hour_and_after_eight_hours() {
    let created = datetime!(2026-01-02 08:00 UTC);
    let limits = BrowserLimits::default();
    let at = |last_seen| BrowserSession {
        hash: TokenHash::of(&base::Secret::from("cookie")),
        user: DirectoryUserId::new("u"),
        correlation: CorrelationId::resume("c"),
        created,
        last_seen,
    };
    let second = Duration::seconds(1);
    assert!(!browser_over(&at(created), &limits, created + Duration::HOUR - second));
    assert!(browser_over(&at(created), &limits, created + Duration::HOUR));
    let end = created + Duration::hours(8);
    assert!(!browser_over(&at(end - second), &limits, end - second));
    assert!(browser_over(&at(end - second), &limits, end));
}
