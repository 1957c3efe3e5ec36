use base::CorrelationId;
use iam::Holder;
use time::Duration;

use super::fixture::{ACCOUNT, NOW, Said, World, peer};
use crate::{Ask, AssumeRoleRequest, Caller, Issued, StsError};

const TARGET: &str = "arn:aws:iam::123456789012:role/target";

fn trusting(principal: &str, more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},
        "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]{more}}}]}}"#
    )
}

fn may_assume() -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
        "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Resource":"{TARGET}"}}]}}"#
    )
}

fn asked() -> AssumeRoleRequest {
    AssumeRoleRequest { role_arn: TARGET.to_owned(), session_name: "work".to_owned(), ..AssumeRoleRequest::default() }
}

fn assume(world: &World, caller: &Caller, request: &AssumeRoleRequest) -> Result<Issued, StsError> {
    world.sts.assume_role(caller, request, peer(), &CorrelationId::resume("call-2")).outcome
}

fn refused(world: &World, caller: &Caller, request: &AssumeRoleRequest, code: &str, message: &str) {
    let error = assume(world, caller, request).unwrap_err();
    let public = base::Fault::public(&error).message;
    assert_eq!((error.code(), public.contains(message)), (code, true), "{public:?}");
}

async fn world_with(trust: &str) -> (World, Caller) {
    let world = World::new().await;
    let (caller, _) = world.user("bob").await;
    world.role_for("target", trust, 43_200, &[("team", "data")]).await;
    (world, caller)
}

#[tokio::test]
async fn the_trust_policy_and_the_caller_s_own_must_allow_it() {
    let (world, caller) = world_with(&trusting(&format!("arn:aws:iam::{ACCOUNT}:root"), "")).await;
    let not = "User: arn:aws:iam::123456789012:user/staff/bob is not authorized to perform: sts:AssumeRole on resource: \
               arn:aws:iam::123456789012:role/target";
    refused(&world, &caller, &asked(), "AccessDenied", not);
    world.allow(Holder::User("bob"), &may_assume()).await;
    let issued = assume(&world, &caller, &asked()).unwrap();
    let session = world.caller(&issued).unwrap();
    assert_eq!(session.principal().to_string(), "arn:aws:sts::123456789012:assumed-role/target/work");
    assert_eq!(session.tag("team"), Some("data"));
    assert_eq!((issued.expires, issued.packed_policy_size), (NOW + Duration::hours(1), None));
    let other = trusting("arn:aws:iam::123456789012:role/redshift-sso-role", "");
    world.iam.update_trust("target", &other).await.unwrap();
    refused(&world, &caller, &asked(), "AccessDenied", not);
}

#[tokio::test]
async fn a_trust_policy_that_names_the_caller_is_enough() {
    let world = World::new().await;
    let (caller, _) = world.user("bob").await;
    world.role("target", &trusting("arn:aws:iam::123456789012:user/staff/bob", "")).await;
    assume(&world, &caller, &asked()).unwrap();
}

#[tokio::test]
async fn root_assumes_no_role_and_no_role_is_assumed_that_is_not_there() {
    let (world, caller) = world_with(&trusting(&format!("arn:aws:iam::{ACCOUNT}:root"), "")).await;
    refused(&world, &world.root(), &asked(), "AccessDenied", "Roles may not be assumed by root accounts.");
    world.allow(Holder::User("bob"), &may_assume().replace(TARGET, "*")).await;
    let nobody = AssumeRoleRequest { role_arn: TARGET.replace("target", "nobody"), ..asked() };
    refused(&world, &caller, &nobody, "AccessDenied", "role/nobody");
}

#[tokio::test]
async fn an_external_id_is_what_the_trust_policy_wants() {
    let condition = r#","Condition":{"StringEquals":{"sts:ExternalId":"42-secret"}}"#;
    let (world, caller) = world_with(&trusting(&format!("arn:aws:iam::{ACCOUNT}:root"), condition)).await;
    world.allow(Holder::User("bob"), &may_assume()).await;
    refused(&world, &caller, &asked(), "AccessDenied", "not authorized");
    let with = |id: &str| AssumeRoleRequest { external_id: Some(id.to_owned()), ..asked() };
    refused(&world, &caller, &with("43-secret"), "AccessDenied", "not authorized");
    refused(&world, &caller, &with("x"), "ValidationError", "externalId");
    assume(&world, &caller, &with("42-secret")).unwrap();
}

#[tokio::test]
async fn chained_sessions_last_an_hour_and_keep_who_is_behind_them() {
    let world = World::new().await;
    world.role_for("target", &trusting(&format!("arn:aws:iam::{ACCOUNT}:root"), ""), 43_200, &[]).await;
    world.allow(Holder::Role("redshift-sso-role"), &may_assume()).await;
    let said = Said::new()
        .with("PrincipalTag:team", &["sales"])
        .with("PrincipalTag:floor", &["3"])
        .with("TransitiveTagKeys", &["team"])
        .with("SourceIdentity", &["ethan"]);
    let caller = world.caller(&world.session(&said).await).unwrap();
    let long = AssumeRoleRequest { duration_seconds: Some(3601), ..asked() };
    refused(&world, &caller, &long, "ValidationError", "1 hour session limit for roles assumed by role chaining");
    let chained = world.caller(&assume(&world, &caller, &asked()).unwrap()).unwrap();
    assert_eq!((chained.tag("team"), chained.tag("floor")), (Some("sales"), None));
    assert_eq!((chained.source_identity(), chained.person()), (Some("ethan"), Some("ethan@example.com")));
    assert_eq!(chained.correlation().unwrap().as_str(), "call-1");
    let of_saml = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"StringEquals":{"saml:sub":"ethan@example.com"}}}]}"#;
    world.allow(Holder::Role("target"), of_saml).await;
    let asks = [Ask::new("redshift:DescribeClusters", "*")];
    assert!(!world.sts.authorize(&chained, &asks, peer()).allowed, "the assertion was for another role");
    let another = AssumeRoleRequest { source_identity: Some("olivia".to_owned()), ..asked() };
    refused(&world, &caller, &another, "AccessDenied", "can't be changed");
    let retagged = AssumeRoleRequest { tags: vec![("Team".to_owned(), "x".to_owned())], ..asked() };
    refused(&world, &caller, &retagged, "ValidationError", "conflicts with a transitive tag key");
}

#[tokio::test]
async fn tags_need_to_be_allowed_and_take_the_role_s_place() {
    let trust = trusting(&format!("arn:aws:iam::{ACCOUNT}:root"), "");
    let (world, caller) = world_with(&trust).await;
    world.allow(Holder::User("bob"), &may_assume()).await;
    let tagged = AssumeRoleRequest {
        tags: vec![("Team".to_owned(), "sales".to_owned())],
        transitive_tag_keys: vec!["team".to_owned()],
        source_identity: Some("bob".to_owned()),
        ..asked()
    };
    let session = world.caller(&assume(&world, &caller, &tagged).unwrap()).unwrap();
    assert_eq!(session.tags().len(), 1, "{:?}", session.tags());
    assert_eq!((session.tag("team"), session.person()), (Some("sales"), Some("bob")));
    for needed in ["sts:TagSession", "sts:SetSourceIdentity"] {
        let without = trust.replace(&format!(r#","{needed}""#), "");
        world.iam.update_trust("target", &without).await.unwrap();
        refused(&world, &caller, &tagged, "AccessDenied", needed);
    }
}

#[tokio::test]
async fn parameters_are_as_aws_has_them() {
    let (world, caller) = world_with(&trusting(&format!("arn:aws:iam::{ACCOUNT}:root"), "")).await;
    world.allow(Holder::User("bob"), &may_assume()).await;
    let cases = [
        (AssumeRoleRequest { session_name: "x".to_owned(), ..asked() }, "ValidationError", "roleSessionName"),
        (AssumeRoleRequest { session_name: "a b".to_owned(), ..asked() }, "ValidationError", "roleSessionName"),
        (AssumeRoleRequest { role_arn: "target".to_owned(), ..asked() }, "ValidationError", "roleArn"),
        (AssumeRoleRequest { duration_seconds: Some(899), ..asked() }, "ValidationError", "durationSeconds"),
        (AssumeRoleRequest { duration_seconds: Some(43_201), ..asked() }, "ValidationError", "durationSeconds"),
        (AssumeRoleRequest { policy: Some("{".to_owned()), ..asked() }, "MalformedPolicyDocument", ""),
        (AssumeRoleRequest { policy: Some("x".repeat(2049)), ..asked() }, "ValidationError", "policy"),
        (
            AssumeRoleRequest { policy_arns: vec!["arn:aws:iam::aws:policy/NoSuchPolicy".to_owned()], ..asked() },
            "ValidationError",
            "does not exist",
        ),
        (AssumeRoleRequest { transitive_tag_keys: vec!["a".to_owned()], ..asked() }, "ValidationError", "transitive"),
        (
            AssumeRoleRequest { source_identity: Some("aws:x".to_owned()), ..asked() },
            "ValidationError",
            "sourceIdentity",
        ),
    ];
    for (request, code, message) in cases {
        refused(&world, &caller, &request, code, message);
    }
    assume(&world, &caller, &AssumeRoleRequest { duration_seconds: Some(43_200), ..asked() }).unwrap();
}

#[tokio::test]
async fn a_session_ends_with_what_it_was_made_with() {
    let (world, caller) = world_with(&trusting(&format!("arn:aws:iam::{ACCOUNT}:root"), "")).await;
    for holder in [Holder::User("bob"), Holder::Role("target")] {
        world.allow(holder, &may_assume()).await;
    }
    let short = world.sts.get_session_token(&caller, Some(900), &CorrelationId::resume("call-3")).unwrap();
    let ends = NOW + Duration::minutes(15);
    world.clock.advance(Duration::minutes(5));
    let first = assume(&world, &world.caller(&short).unwrap(), &asked()).unwrap();
    assert_eq!(first.expires, ends);
    let again = assume(&world, &world.caller(&first).unwrap(), &asked()).unwrap();
    assert_eq!(again.expires, ends, "a role that may assume itself isn't kept for ever");
    world.clock.advance(Duration::minutes(10));
    assert_eq!(world.caller(&again).unwrap_err(), sigv4::SigV4Error::ExpiredToken);
}

#[tokio::test]
async fn a_transitive_tag_is_the_same_in_another_case_of_any_alphabet() {
    let (world, caller) = world_with(&trusting(&format!("arn:aws:iam::{ACCOUNT}:root"), "")).await;
    for holder in [Holder::User("bob"), Holder::Role("target")] {
        world.allow(holder, &may_assume()).await;
    }
    let tagged = |key: &str, value: &str, transitive: &[&str]| AssumeRoleRequest {
        tags: vec![(key.to_owned(), value.to_owned())],
        transitive_tag_keys: transitive.iter().map(|key| (*key).to_owned()).collect(),
        ..asked()
    };
    let low = assume(&world, &caller, &tagged("\u{c9}quipe", "low", &["\u{e9}quipe"])).unwrap();
    let low = world.caller(&low).unwrap();
    refused(
        &world,
        &low,
        &tagged("\u{e9}quipe", "high", &[]),
        "ValidationError",
        "conflicts with a transitive tag key",
    );
    let kept = world.caller(&assume(&world, &low, &asked()).unwrap()).unwrap();
    assert_eq!(kept.tag("\u{e9}quipe"), Some("low"));
}
