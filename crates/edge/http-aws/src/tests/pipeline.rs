use std::sync::atomic::Ordering;

use base::{AuditStep, Outcome, Principal, Secret};
use serde_json::json;

use super::world::{ACCOUNT, World};
use crate::BODY_BYTES_MAX;

#[tokio::test]
async fn root_learns_who_it_is() {
    let world = World::new().await;
    let reply = world.query("sts", "Action=GetCallerIdentity").send().await.ok();
    assert_eq!(reply.element("Arn"), "arn:aws:iam::123456789012:root");
    assert_eq!((reply.element("Account"), reply.element("UserId")), (ACCOUNT, ACCOUNT));
    assert!(reply.body.starts_with("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"));
    assert_eq!(reply.element("RequestId"), reply.request_id);
}

#[tokio::test]
async fn every_call_is_recorded() {
    let world = World::new().await;
    let reply = world.query("redshift", "Action=DescribeClusters&ClusterIdentifier=none").send().await;
    reply.fails(404, "ClusterNotFound", "none");
    let record = world.last_record();
    assert_eq!((record.step, record.outcome), (AuditStep::ApiCall, Outcome::Failed));
    assert_eq!(record.action, "redshift:DescribeClusters");
    assert_eq!(record.target, "arn:aws:redshift:us-east-1:123456789012:cluster:none");
    assert_eq!(record.principal, Principal::Root { account: ACCOUNT.to_owned() });
    assert_eq!(record.correlation.as_str(), reply.request_id);
    let key = world.state.iam.root().id.clone();
    for field in [
        ("source_ip", "192.0.2.7"),
        ("user_agent", "test/1"),
        ("error_code", "ClusterNotFound"),
        ("access_key_id", key.as_str()),
    ] {
        assert!(record.fields.contains(&(field.0, field.1.to_owned())), "{field:?}: {record:?}");
    }
    world.query("sts", "Action=GetCallerIdentity").send().await.ok();
    assert_eq!(world.last_record().outcome, Outcome::Allowed);
    assert_eq!(world.trail.records.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_answered() {
    let world = World::new().await;
    world.trail.full.store(true, Ordering::Relaxed);
    let reply = world.query("sts", "Action=GetCallerIdentity").send().await;
    reply.fails(503, "ServiceUnavailable", "audit trail");
    assert!(!reply.body.contains(":root"));
    let reply = world.json("sso", "ListInstances", &json!({})).send().await;
    reply.fails_json(503, "ServiceUnavailableException", "audit trail");
}

#[tokio::test]
async fn the_signature_is_verified_before_anything_else() {
    let world = World::new().await;
    let form = "Action=NoSuchOperation&Tags=x";
    let mut unsigned = world.query("redshift", form);
    unsigned.sign = false;
    unsigned.send().await.fails(403, "MissingAuthenticationToken", "Signature Version 4");
    assert_eq!(world.last_record().outcome, Outcome::Denied);
    assert_eq!(world.last_record().principal, Principal::Anonymous);

    let mut unknown = world.query("redshift", form);
    unknown.key = "AKIAAAAAAAAAAAAAAAAA".to_owned();
    unknown.send().await.fails(403, "InvalidClientTokenId", "invalid");

    let mut wrong = world.query("redshift", form);
    wrong.secret = Secret::from("another");
    wrong.send().await.fails(
        403,
        "SignatureDoesNotMatch",
        "The Canonical String for this request should have been\n'POST",
    );
    assert!(!format!("{:?}", world.last_record()).contains("Canonical"));

    let mut other = world.query("redshift", form);
    other.region = "eu-west-1".to_owned();
    other.send().await.fails(403, "SignatureDoesNotMatch", "valid region: 'us-east-1'");

    let mut other = world.query("redshift", form);
    other.service = "sts";
    other.send().await.fails(403, "SignatureDoesNotMatch", "correct service: 'redshift'");
}

#[tokio::test]
async fn json_services_have_their_own_names_for_it() {
    let world = World::new().await;
    let call = || world.json("sso", "ListInstances", &json!({}));
    let mut unsigned = call();
    unsigned.sign = false;
    unsigned.send().await.fails_json(403, "MissingAuthenticationTokenException", "Signature Version 4");
    let mut unknown = call();
    unknown.key = "AKIAAAAAAAAAAAAAAAAA".to_owned();
    unknown.send().await.fails_json(403, "UnrecognizedClientException", "invalid");
    let mut wrong = call();
    wrong.secret = Secret::from("another");
    wrong.send().await.fails_json(403, "InvalidSignatureException", "String-to-Sign");
}

#[tokio::test]
async fn a_request_expires() {
    let world = World::new().await;
    let root = world.state.iam.root();
    let headers = [("host", super::world::HOST)];
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let request = sigv4::Request { method: "POST", path: "/", query: "", headers: &headers, body: body.as_bytes() };
    let now = world.state.clock.now();
    let signature = sigv4::sign(&request, &root.id, &root.secret, ("us-east-1", "sts"), now).unwrap();
    for (minutes, expired) in [(15, false), (1, true)] {
        world.clock.advance(time::Duration::minutes(minutes));
        let mut client = world.client("sts", body);
        client.sign = false;
        client.headers =
            vec![("x-amz-date", signature.x_amz_date.clone()), ("authorization", signature.authorization.clone())];
        let reply = client.send().await;
        if expired {
            reply.fails(400, "RequestExpired", "Signature expired");
        } else {
            reply.ok();
        }
    }
}

#[tokio::test]
async fn sts_takes_the_global_region_too() {
    let world = World::in_region("eu-central-1").await;
    for region in ["eu-central-1", "us-east-1"] {
        let mut client = world.query("sts", "Action=GetCallerIdentity");
        client.region = region.to_owned();
        client.send().await.ok();
    }
    let mut client = world.query("redshift", "Action=DescribeClusters");
    client.region = "us-east-1".to_owned();
    client.send().await.fails(403, "SignatureDoesNotMatch", "eu-central-1");
}

#[tokio::test]
async fn a_get_with_a_query_string_is_a_query_request() {
    let world = World::new().await;
    let mut client = world.client("sts", "");
    client.method = "GET";
    client.query = "Action=GetCallerIdentity&Version=2011-06-15".to_owned();
    client.send().await.ok();
    let mut twice = world.query("sts", "Action=GetCallerIdentity");
    twice.query = "Action=Other".to_owned();
    twice.send().await.fails(400, "MalformedQueryString", "\"Action\" is given twice");
}

/// The query string of a presigned `method /`. `parameters` are encoded and stand before `X-Amz-Algorithm` in order.
fn presigned(world: &World, method: &str, parameters: &str) -> String {
    let sha256 = |text: &str| hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()));
    let scope = sigv4::Scope {
        date: "20260228".to_owned(),
        region: "us-east-1".to_owned(),
        service: "sts".to_owned(),
        terminator: sigv4::TERMINATOR.to_owned(),
    };
    let root = world.state.iam.root();
    let query = format!(
        "{parameters}&X-Amz-Algorithm={}&X-Amz-Credential={}%2F{}&X-Amz-Date=20260228T235930Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host",
        sigv4::ALGORITHM,
        root.id,
        scope.text().replace('/', "%2F")
    );
    let canonical = format!("{method}\n/\n{query}\nhost:{}\n\nhost\n{}", super::world::HOST, sha256(""));
    let to_sign = format!("{}\n20260228T235930Z\n{}\n{}", sigv4::ALGORITHM, scope.text(), sha256(&canonical));
    let signature = sigv4::SigningKey::derive(&root.secret, &scope).sign(&to_sign);
    format!("{query}&X-Amz-Signature={}", signature.expose())
}

#[tokio::test]
async fn a_presigned_request_needs_no_header() {
    let world = World::new().await;
    let send = async |method: &'static str, query: String| {
        let mut client = world.client("sts", "");
        (client.sign, client.method, client.query) = (false, method, query);
        client.send().await
    };
    let query = presigned(&world, "GET", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(send("GET", query.clone()).await.ok().element("Account"), ACCOUNT);
    assert_eq!(world.last_record().principal, Principal::Root { account: ACCOUNT.to_owned() });
    send("POST", query.clone()).await.fails(403, "SignatureDoesNotMatch", "POST");
    send("GET", query.replace("2011-06-15", "2012-12-01")).await.fails(403, "SignatureDoesNotMatch", "'redshift'");
    let more = presigned(&world, "GET", "Action=GetCallerIdentity&Extra=1&Version=2011-06-15");
    send("GET", more).await.fails(400, "InvalidParameterValue", "\"Extra\"");
    world.clock.advance(time::Duration::seconds(61));
    send("GET", query).await.fails(400, "RequestExpired", "X-Amz-Expires=60");
    let mut signed = world.query("sts", "Action=GetCallerIdentity");
    signed.body.push_str("&X-Amz-Date=20260228T235930Z");
    signed.send().await.fails(400, "InvalidParameterValue", "\"X-Amz-Date\"");
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_name() {
    let world = World::new().await;
    let refused = world.query("redshift", "Action=ResizeCluster&ClusterIdentifier=x").send().await;
    refused.fails(400, "UnsupportedOperation", "ResizeCluster is not supported");
    assert_eq!(world.last_record().action, "redshift:ResizeCluster");
    world.query("sts", "Action=AssumeRoot").send().await.fails(400, "UnsupportedOperation", "AssumeRoot");
    let refused = world.json("sso", "CreateInstance", &json!({})).send().await;
    refused.fails_json(400, "UnsupportedOperationException", "CreateInstance");
    let refused = world.query("sts", "Action=GetCallerIdentity&Extra.member.1=1").send().await;
    refused.fails(400, "InvalidParameterValue", "parameter \"Extra\" of GetCallerIdentity is not supported");
    let refused = world.json("sso", "ListInstances", &json!({"Extra": 1})).send().await;
    refused.fails_json(400, "ValidationException", "parameter \"Extra\" of ListInstances is not supported");
}

#[tokio::test]
async fn what_calls_nothing_of_ours_is_told_so() {
    let world = World::new().await;
    let mut other = world.client("sns", "Action=ListTopics&Version=2010-03-31");
    other.send().await.fails(400, "InvalidAction", "ListTopics for version 2010-03-31");
    other = world.client("dynamodb", "{}");
    other.headers = vec![("x-amz-target", "DynamoDB_20120810.ListTables".to_owned())];
    other.send().await.fails_json(400, "UnknownOperationException", "DynamoDB_20120810.ListTables");
    world.client("sts", "Version=2011-06-15").send().await.fails(400, "MissingAction", "names no operation");
    let mut nothing = world.client("sts", "");
    nothing.sign = false;
    nothing.method = "GET";
    nothing.send().await.fails(403, "MissingAuthenticationToken", "Signature");
    let large = world.client("sts", &"a".repeat(BODY_BYTES_MAX + 1));
    large.send().await.fails(413, "RequestEntityTooLarge", "1048576");
    assert!(world.trail.records.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_json_body_must_be_an_object() {
    let world = World::new().await;
    for body in ["", "[]", "{", "nul"] {
        let mut client = world.json("sso", "ListInstances", &json!({}));
        client.body = body.to_owned();
        client.send().await.fails_json(400, "SerializationException", "must be a JSON object");
    }
}

#[tokio::test]
async fn no_text_of_the_client_breaks_the_xml() {
    let world = World::new().await;
    let reply = world.query("redshift", "Action=DescribeClusters&ClusterIdentifier=%3C%26%00%01%5D%5D%3E").send().await;
    reply.fails(404, "ClusterNotFound", "&lt;&amp;\u{fffd}\u{fffd}]]&gt;");
}
