use base::{CorrelationId, Fault as _};
use iam::Holder;
use time::Duration;

use super::fixture::{NOW, Said, World, peer};
use crate::{Ask, CallerIdentity};

const ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

#[tokio::test]
async fn it_has_its_user_s_permissions_but_not_for_iam() {
    let world = World::new().await;
    let (caller, _) = world.user("bob").await;
    world.allow(Holder::User("bob"), ALL).await;
    let issued = world.sts.get_session_token(&caller, None, &CorrelationId::resume("call-3")).unwrap();
    assert_eq!(issued.expires, NOW + Duration::hours(12));
    let session = world.caller(&issued).unwrap();
    assert_eq!(session.principal(), caller.principal());
    let allowed = |action: &str| world.sts.authorize(&session, &[Ask::new(action, "*")], peer()).allowed;
    assert!(allowed("redshift:DescribeClusters") && allowed("sts:AssumeRole") && allowed("sts:GetCallerIdentity"));
    assert!(!allowed("iam:ListUsers") && !allowed("sts:GetSessionToken") && !allowed("sts:DecodeAuthorizationMessage"));
    world.clock.advance(Duration::hours(12));
    assert_eq!(world.caller(&issued).unwrap_err().aws_name(), "ExpiredToken");
}

#[tokio::test]
async fn root_s_lasts_an_hour() {
    let world = World::new().await;
    let issued = world.sts.get_session_token(&world.root(), Some(43_200), &CorrelationId::fresh()).unwrap();
    assert_eq!(issued.expires, NOW + Duration::hours(1));
    assert_eq!(*world.caller(&issued).unwrap().identity(), CallerIdentity::Root);
}

#[tokio::test]
async fn a_session_gets_none() {
    let world = World::new().await;
    let session = world.caller(&world.session(&Said::new()).await).unwrap();
    let error = world.sts.get_session_token(&session, None, &CorrelationId::fresh()).unwrap_err();
    assert_eq!((error.code(), error.kind()), ("AccessDenied", base::ErrorKind::Denied));
    let (caller, _) = world.user("bob").await;
    for seconds in [899, 129_601] {
        let error = world.sts.get_session_token(&caller, Some(seconds), &CorrelationId::fresh()).unwrap_err();
        assert_eq!(error.code(), "ValidationError");
    }
}
