use base::{Checks, Outcome, Principal};
use serde_json::json;

use super::{ISSUER, RECIPIENT, ROLE, assertion, recorded, session, with_saml, world};
use crate::tests::world::Client;

#[tokio::test]
async fn an_assertion_gives_credentials_without_a_signature() {
    let world = world().await;
    let (_, reply) = session(&world).await;
    assert!(reply.element("AccessKeyId").starts_with("ASIA"));
    assert_eq!(reply.element("Expiration"), "2026-03-01T00:59:30.000Z");
    assert_eq!(reply.element("Subject"), "ethan@example.com");
    assert_eq!(reply.element("SubjectType"), "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress");
    assert_eq!((reply.element("Issuer"), reply.element("Audience")), (ISSUER, RECIPIENT));
    assert_eq!(reply.element("NameQualifier").len(), 28);
    assert!(reply.element("AssumedRoleId").starts_with("AROA"));
    let arn = "arn:aws:sts::123456789012:assumed-role/redshift-sso-role/ethan@example.com";
    assert_eq!(reply.element("Arn"), arn);
    let record = world.last_record();
    assert_eq!((record.outcome, record.principal.to_string().as_str()), (Outcome::Allowed, arn));
    assert_eq!((record.correlation.as_str(), record.target.as_str()), (reply.request_id.as_str(), ROLE));
    assert_eq!(recorded(&world, "person").as_deref(), Some("ethan@example.com"));
    let checks = Checks::from_json(&recorded(&world, "checks").unwrap()).unwrap();
    assert!(checks.failed().is_none() && checks.list().len() > 20);
    let whole = format!("{record:?}");
    for secret in [reply.element("SecretAccessKey"), reply.element("SessionToken")] {
        assert!(!whole.contains(secret));
    }
}

#[tokio::test]
async fn a_wrong_recipient_is_denied_and_its_record_tells_the_mend() {
    let world = world().await;
    let wrong = assertion(&world, "http://localhost:7891/redshift/");
    let reply = with_saml(&world, &wrong, "").await;
    reply.fails(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML");
    assert!(!reply.body.contains("7890"));
    let record = world.last_record();
    assert_eq!((record.outcome, &record.principal), (Outcome::Denied, &Principal::Anonymous));
    let mend = recorded(&world, "mend").unwrap();
    assert!(mend.contains("7891") && mend.contains(RECIPIENT), "{mend}");
    assert_eq!(
        Checks::from_json(&recorded(&world, "checks").unwrap()).unwrap().failed().unwrap().check,
        "trust policy"
    );
}

#[tokio::test]
async fn each_negative_has_aws_s_code() {
    let world = world().await;
    let good = assertion(&world, RECIPIENT);
    let tampered = {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::STANDARD;
        let xml = String::from_utf8(engine.decode(&good).unwrap()).unwrap();
        engine.encode(xml.replace("ethan@", "admin@"))
    };
    with_saml(&world, &tampered, "").await.fails(400, "InvalidIdentityToken", "Response signature invalid");
    with_saml(&world, &good, "&DurationSeconds=43201").await.fails(400, "ValidationError", "durationSeconds");
    with_saml(&world, &good, "&DurationSeconds=3601").await.fails(400, "ValidationError", "MaxSessionDuration");
    with_saml(&world, &good, "&DurationSeconds=x").await.fails(400, "ValidationError", "durationSeconds");
    with_saml(&world, &good, "&Policy=%7B").await.fails(400, "MalformedPolicyDocument", "");
    with_saml(&world, &good, "&Nonsense=1").await.fails(400, "InvalidParameterValue", "\"Nonsense\"");
    with_saml(&world, &good, "").await.ok();
    with_saml(&world, &good, "").await.fails(400, "InvalidIdentityToken", "used before");
    let late = assertion(&world, RECIPIENT);
    world.clock.advance(time::Duration::minutes(7));
    with_saml(&world, &late, "").await.fails(400, "ExpiredTokenException", "validity window");
    let nothing = Client { sign: false, ..world.query("sts", "Action=AssumeRoleWithSAML") };
    nothing.send().await.fails(400, "ValidationError", "Value null at 'roleArn'");
}

#[tokio::test]
async fn what_a_stranger_sends_is_cut() {
    let world = world().await;
    with_saml(&world, &"A".repeat(99_999), "").await.fails(400, "InvalidIdentityToken", "");
    let kept: usize = world.last_record().fields.iter().map(|(_, value)| value.len()).sum();
    assert!(kept < 8192, "{kept}");
}

#[tokio::test]
async fn the_way_is_told_by_the_session_s_and_by_each_call_s_reference() {
    let world = world().await;
    let (session, first) = session(&world).await;
    let denied = session.sign(world.query("redshift", "Action=DescribeClusters")).send().await;
    denied.fails(403, "AccessDenied", "assumed-role/redshift-sso-role/ethan@example.com is not authorized");
    assert_ne!(denied.request_id, first.request_id);
    assert_eq!(world.last_record().correlation.as_str(), first.request_id);
    assert_eq!(recorded(&world, "request_id").as_deref(), Some(denied.request_id.as_str()));
    for reference in [&first.request_id, &denied.request_id] {
        let told = world.json("gatehouse", "ExplainLogin", &json!({ "Reference": reference })).send().await.ok();
        assert!(told.json()["Steps"].as_array().unwrap().len() >= 2, "{}", told.body);
    }
}

#[tokio::test]
async fn a_web_identity_without_a_provider_is_refused() {
    let world = world().await;
    let form = "Action=AssumeRoleWithWebIdentity&RoleArn=arn:aws:iam::123456789012:role/x&RoleSessionName=me&WebIdentityToken=abcd";
    let call = |more: &str| Client { sign: false, ..world.query("sts", &format!("{form}{more}")) };
    call("").send().await.fails(400, "InvalidIdentityToken", "No OpenIDConnect provider");
    call("&ProviderId=www.amazon.com").send().await.fails(400, "InvalidParameterValue", "\"ProviderId\"");
}
