use iam::Holder;
use serde_json::Value;
use time::Duration;

use super::fixture::{NOW, Said, World, peer};
use crate::{Ask, AuthDecision, Caller, Peer};

fn ask(world: &World, caller: &Caller, action: &str) -> AuthDecision {
    world.sts.authorize(caller, &[Ask::new(action, "*")], peer())
}

fn allowing(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"S","Effect":"Allow","Action":"redshift:*","Resource":"*","Condition":{condition}}}]}}"#
    )
}

#[tokio::test]
async fn nobody_but_root_may_do_anything_without_a_policy() {
    let world = World::new().await;
    let (user, _) = world.user("bob").await;
    let session = world.caller(&world.session(&Said::new()).await).unwrap();
    assert!(ask(&world, &world.root(), "redshift:DeleteCluster").allowed);
    for caller in [user, session] {
        let decision = ask(&world, &caller, "redshift:DescribeClusters");
        assert!(!decision.allowed);
        assert_eq!(decision.because, "because no identity-based policy allows the redshift:DescribeClusters action");
        assert!(decision.mend("bob").starts_with("Allow redshift:DescribeClusters on * in a policy of bob."));
        assert!(ask(&world, &caller, "sts:GetCallerIdentity").allowed, "it can't be denied");
    }
}

#[tokio::test]
async fn who_one_is_can_not_be_denied() {
    let world = World::new().await;
    let (user, _) = world.user("bob").await;
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    world.allow(Holder::User("bob"), deny).await;
    assert!(ask(&world, &user, "sts:GetCallerIdentity").allowed);
    assert_eq!(ask(&world, &user, "sts:AssumeRole").because, "with an explicit deny in an identity-based policy");
}

#[tokio::test]
async fn every_question_must_be_allowed() {
    let world = World::new().await;
    let (user, _) = world.user("bob").await;
    let one = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"redshift:GetClusterCredentials","Resource":"*"}]}"#;
    world.allow(Holder::User("bob"), one).await;
    let asks = [Ask::new("redshift:GetClusterCredentials", "*"), Ask::new("redshift:JoinGroup", "arn:g")];
    let decision = world.sts.authorize(&user, &asks, peer());
    assert_eq!(decision.denied.unwrap().ask.action, "redshift:JoinGroup");
}

#[tokio::test]
async fn the_keys_of_caller_connection_and_time() {
    let world = World::new().await;
    let said = Said::new().with("PrincipalTag:team", &["sales"]).with("SourceIdentity", &["ethan"]);
    let session = world.caller(&world.session(&said).await).unwrap();
    let role = session.role_session().unwrap().role_id.clone();
    let now = NOW.unix_timestamp();
    let conditions = [
        (
            r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/redshift-sso-role"}}"#.to_owned(),
            true,
        ),
        (format!(r#"{{"StringEquals":{{"aws:userid":"{role}:ethan@example.com"}}}}"#), true),
        (
            r#"{"StringEquals":{"aws:PrincipalType":"AssumedRole","aws:PrincipalAccount":"123456789012"}}"#.to_owned(),
            true,
        ),
        (r#"{"StringEquals":{"aws:PrincipalTag/team":"sales","aws:SourceIdentity":"ethan"}}"#.to_owned(), true),
        (r#"{"StringEquals":{"saml:sub":"ethan@example.com"}}"#.to_owned(), true),
        (r#"{"StringEquals":{"saml:aud":"http://localhost:7890/redshift/"}}"#.to_owned(), false),
        (r#"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#.to_owned(), true),
        (r#"{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}"#.to_owned(), false),
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#.to_owned(), true),
        (r#"{"DateLessThan":{"aws:CurrentTime":"2026-11-22T16:00:01Z"}}"#.to_owned(), true),
        (r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-11-22T16:00:01Z"}}"#.to_owned(), false),
        (format!(r#"{{"NumericEquals":{{"aws:EpochTime":"{now}"}}}}"#), true),
        (r#"{"DateLessThan":{"aws:TokenIssueTime":"2026-11-22T16:30:00Z"}}"#.to_owned(), true),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#.to_owned(), false),
        (r#"{"Null":{"aws:username":"false"}}"#.to_owned(), false),
        (r#"{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#.to_owned(), true),
        (
            r#"{"StringEquals":{"aws:FederatedProvider":"arn:aws:iam::123456789012:saml-provider/redshift-sso"}}"#
                .to_owned(),
            true,
        ),
    ];
    for (condition, allowed) in conditions {
        world.allow(Holder::Role("redshift-sso-role"), &allowing(&condition)).await;
        assert_eq!(ask(&world, &session, "redshift:DescribeClusters").allowed, allowed, "{condition}");
    }
}

#[tokio::test]
async fn a_long_lived_key_has_no_keys_of_a_session() {
    let world = World::new().await;
    let (user, _) = world.user("bob").await;
    for (condition, allowed) in [
        (r#"{"StringEquals":{"aws:username":"bob"}}"#, true),
        (r#"{"Null":{"aws:TokenIssueTime":"true","aws:MultiFactorAuthPresent":"true"}}"#, true),
        (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#, true),
    ] {
        world.allow(Holder::User("bob"), &allowing(condition)).await;
        assert_eq!(ask(&world, &user, "redshift:DescribeClusters").allowed, allowed, "{condition}");
    }
}

#[tokio::test]
async fn a_call_can_not_speak_for_its_caller() {
    let world = World::new().await;
    let (user, _) = world.user("bob").await;
    world.allow(Holder::User("bob"), &allowing(r#"{"StringEquals":{"aws:username":"admin"}}"#)).await;
    let forged = Ask::new("redshift:DescribeClusters", "*").with("AWS:username", "admin");
    assert!(!world.sts.authorize(&user, &[forged], peer()).allowed);
    world.allow(Holder::User("bob"), &allowing(r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#)).await;
    let nowhere = Peer { address: None, secure: true };
    assert!(!world.sts.authorize(&user, &[Ask::new("redshift:DescribeClusters", "*")], nowhere).allowed);
    let mapped = Peer { address: Some("::ffff:192.0.2.7".parse().unwrap()), secure: true };
    assert!(world.sts.authorize(&user, &[Ask::new("redshift:DescribeClusters", "*")], mapped).allowed);
}

#[tokio::test]
async fn aws_s_way_of_revoking_older_sessions_works_through_policy() {
    let world = World::new().await;
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"redshift:*","Resource":"*"},
        {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-22T16:10:00Z"}}}]}"#;
    world.allow(Holder::Role("redshift-sso-role"), all).await;
    let older = world.caller(&world.session(&Said::new()).await).unwrap();
    assert!(!ask(&world, &older, "redshift:DescribeClusters").allowed);
    world.clock.advance(Duration::minutes(11));
    let newer = world.caller(&world.session(&Said::new()).await).unwrap();
    assert!(ask(&world, &newer, "redshift:DescribeClusters").allowed);
}

#[tokio::test]
async fn a_service_acts_in_a_role_that_trusts_it() {
    let world = World::new().await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["redshift.amazonaws.com"]},"Action":"sts:AssumeRole"}]}"#;
    world.role("idc", trust).await;
    let arn = "arn:aws:iam::123456789012:role/idc";
    let asks = [Ask::new("sso:DescribeApplication", "*")];
    let decide = |service: &str| world.sts.authorize_role(service, arn, &asks);
    let lacking = decide("redshift.amazonaws.com");
    assert_eq!(lacking.denied.as_ref().unwrap().ask.action, "sso:DescribeApplication");
    let may = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:Describe*","Resource":"*"}]}"#;
    world.allow(Holder::Role("idc"), may).await;
    assert!(decide("redshift.amazonaws.com").allowed);
    let stranger = decide("ec2.amazonaws.com");
    assert_eq!(stranger.denied.as_ref().unwrap().ask.action, "sts:AssumeRole");
    assert!(stranger.because.contains("trust policy"), "{}", stranger.because);
    assert!(!world.sts.authorize_role("redshift.amazonaws.com", "arn:aws:iam::123456789012:role/x", &asks).allowed);
}

#[tokio::test]
async fn an_encoded_message_tells_the_decision() {
    let world = World::new().await;
    let (user, _) = world.user("bob").await;
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Sid":"No","Effect":"Deny","Action":"ec2:*","Resource":"*"}]}"#;
    world.allow(Holder::User("bob"), deny).await;
    let decision = ask(&world, &user, "ec2:DescribeVpcs");
    let encoded = world.sts.encode_denial(&user, &decision).unwrap();
    assert!(!encoded.contains("bob"));
    let told: Value = serde_json::from_str(&world.sts.decode_message(&encoded).unwrap()).unwrap();
    assert_eq!((told["allowed"].as_bool(), told["explicitDeny"].as_bool()), (Some(false), Some(true)));
    assert_eq!(told["matchedStatements"]["items"][0]["statementId"], "No");
    assert_eq!(told["context"]["action"], "ec2:DescribeVpcs");
    assert_eq!(told["context"]["principal"]["arn"], "arn:aws:iam::123456789012:user/staff/bob");
    for bad in ["", "x", &encoded.to_lowercase(), &"A".repeat(10_241)] {
        let error = world.sts.decode_message(bad).unwrap_err();
        assert_eq!(error.code(), "InvalidAuthorizationMessageException");
    }
    let allowed = ask(&world, &world.root(), "ec2:DescribeVpcs");
    assert_eq!(world.sts.encode_denial(&user, &allowed), None);
}
