use base::Principal;
use iam::Holder;
use serde_json::{Value, json};

use super::{ROLE, allow, recorded, session, world};

#[tokio::test]
async fn a_session_signs_calls_and_is_recorded_with_who_is_behind_it() {
    let world = world().await;
    let (session, first) = session(&world).await;
    let reply = session.sign(world.query("sts", "Action=GetCallerIdentity")).send().await.ok();
    assert_eq!(reply.element("Arn"), "arn:aws:sts::123456789012:assumed-role/redshift-sso-role/ethan@example.com");
    assert_eq!(reply.element("UserId"), first.element("AssumedRoleId"));
    allow(&world, Holder::Role("redshift-sso-role"), "redshift:DescribeClusters").await;
    session.sign(world.query("redshift", "Action=DescribeClusters")).send().await.ok();
    let record = world.last_record();
    assert!(matches!(record.principal, Principal::RoleSession { .. }));
    for (name, value) in [
        ("access_key_id", session.key.as_str()),
        ("person", "ethan@example.com"),
        ("role_arn", ROLE),
        ("session_issued", "2026-02-28T23:59:30Z"),
    ] {
        assert_eq!(recorded(&world, name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_token_of_another_key_an_absent_one_and_one_too_many_are_refused() {
    let world = world().await;
    let (one, other) = (session(&world).await.0, session(&world).await.0);
    let call = || world.query("sts", "Action=GetCallerIdentity");
    let mut crossed = one.clone();
    crossed.token = other.token.clone();
    crossed.sign(call()).send().await.fails(403, "InvalidClientTokenId", "invalid");
    let mut bare = call();
    (bare.key, bare.secret) = (one.key.clone(), one.secret.clone());
    bare.send().await.fails(403, "InvalidClientTokenId", "invalid");
    let mut root = call();
    root.headers.push(("x-amz-security-token", one.token.clone()));
    root.send().await.fails(403, "InvalidClientTokenId", "invalid");
    let mut unsigned = one.clone();
    unsigned.secret = other.secret.clone();
    unsigned.sign(call()).send().await.fails(403, "SignatureDoesNotMatch", "Canonical String");
    one.sign(call()).send().await.ok();
}

#[tokio::test]
async fn an_expired_session_has_its_name_in_each_protocol() {
    let world = world().await;
    let (session, _) = session(&world).await;
    world.clock.advance(time::Duration::hours(1));
    let query = session.sign(world.query("sts", "Action=GetCallerIdentity")).send().await;
    query.fails(403, "ExpiredToken", "The security token included in the request is expired");
    let json = session.sign(world.json("sso", "ListInstances", &json!({}))).send().await;
    json.fails_json(403, "ExpiredTokenException", "expired");
}

#[tokio::test]
async fn an_administrator_ends_sessions() {
    let world = world().await;
    let (first, _) = session(&world).await;
    let call = |session: &super::Session| session.sign(world.query("sts", "Action=GetCallerIdentity")).send();
    call(&first).await.ok();
    let revoke = |body: Value| world.json("gatehouse", "RevokeRoleSessions", &body).send();
    revoke(json!({"RoleName": "redshift-sso-role"})).await.ok();
    call(&first).await.fails(403, "InvalidClientTokenId", "invalid");
    world.clock.advance(time::Duration::seconds(1));
    let (second, third) = (session(&world).await.0, session(&world).await.0);
    revoke(json!({"AccessKeyId": second.key})).await.ok();
    call(&second).await.fails(403, "InvalidClientTokenId", "invalid");
    call(&third).await.ok();
    revoke(json!({"RoleName": "nobody"})).await.fails_json(404, "ResourceNotFoundException", "nobody");
    revoke(json!({"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA"})).await.fails_json(
        400,
        "ValidationException",
        "UpdateAccessKey",
    );
    revoke(json!({})).await.fails_json(400, "ValidationException", "RoleName");
    revoke(json!({"RoleName": "a", "AccessKeyId": "b"})).await.fails_json(400, "ValidationException", "not both");
}

#[tokio::test]
async fn cloudtrail_shows_the_session_and_who_assumed_it() {
    let world = world().await;
    let (session, _) = session(&world).await;
    session.sign(world.query("redshift", "Action=DescribeClusters")).send().await;
    let found = world.json("cloudtrail", "LookupEvents", &json!({})).send().await.ok().json();
    let events = found["Events"].as_array().unwrap();
    let detail = |name: &str| -> Value {
        let event = events.iter().find(|event| event["EventName"] == name).unwrap();
        serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap()
    };
    let called = detail("DescribeClusters");
    let identity = &called["userIdentity"];
    assert_eq!((&identity["type"], &identity["accessKeyId"]), (&json!("AssumedRole"), &json!(session.key)));
    let issuer = &identity["sessionContext"]["sessionIssuer"];
    assert_eq!((&issuer["arn"], &issuer["userName"]), (&json!(ROLE), &json!("redshift-sso-role")));
    assert_eq!(identity["sessionContext"]["attributes"]["creationDate"], "2026-02-28T23:59:30Z");
    assert_eq!(called["errorCode"], "AccessDenied");
    let assumed = detail("AssumeRoleWithSAML");
    assert_eq!(assumed["userIdentity"]["type"], "SAMLUser");
    assert_eq!(assumed["userIdentity"]["userName"], "ethan@example.com");
    let of_session = events.iter().find(|event| event["EventName"] == "DescribeClusters").unwrap();
    assert_eq!(of_session["Username"], "ethan@example.com");
}
