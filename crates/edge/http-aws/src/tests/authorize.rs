//! Every call is asked about, and its denial is told in its protocol's words.

use base::{Checks, Outcome};
use iam::{Holder, KeyHolder, NewUser, Tags};
use serde_json::{Value, json};

use super::ec2;
use super::world::{Client, World};

/// A user and their key.
async fn user(world: &World, name: &str) -> (String, base::Secret<String>) {
    let new = NewUser { name: name.to_owned(), path: None, boundary: None, tags: Tags::default() };
    world.state.iam.create_user(new).await.unwrap();
    let key = world.state.iam.create_access_key(KeyHolder::User(name)).await.unwrap();
    (key.id.clone(), key.secret.clone())
}

fn signed<'a>(client: Client<'a>, (key, secret): &(String, base::Secret<String>)) -> Client<'a> {
    Client { key: key.clone(), secret: secret.clone(), ..client }
}

async fn allow(world: &World, name: &str, action: &str, resource: &str) {
    let document =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]});
    world.state.iam.put_policy(Holder::User(name), "p", &document.to_string()).await.unwrap();
}

#[tokio::test]
async fn a_user_without_a_policy_is_denied_in_aws_s_words() {
    let world = World::new().await;
    let bob = user(&world, "bob").await;
    let reply = signed(world.query("redshift", "Action=DescribeClusters&ClusterIdentifier=c"), &bob).send().await;
    reply.fails(
        403,
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: redshift:DescribeClusters on resource: \
         arn:aws:redshift:us-east-1:123456789012:cluster:c because no identity-based policy allows the \
         redshift:DescribeClusters action",
    );
    let record = world.last_record();
    assert_eq!(record.outcome, Outcome::Denied);
    let mend = &record.fields.iter().find(|(name, _)| *name == "mend").unwrap().1;
    assert!(mend.starts_with("Allow redshift:DescribeClusters on "), "{mend}");
    let reply = signed(world.json("sso", "ListInstances", &json!({})), &bob).send().await;
    reply.fails_json(400, "AccessDeniedException", "no identity-based policy allows the sso:ListInstances action");
}

#[tokio::test]
async fn a_policy_counts_from_the_next_call_on() {
    let world = World::new().await;
    let bob = user(&world, "bob").await;
    let call = || signed(world.json("sso", "ListInstances", &json!({})), &bob);
    allow(&world, "bob", "sso:List*", "*").await;
    call().send().await.ok();
    let checks = world.last_record().fields.into_iter().find(|(name, _)| *name == "checks").unwrap().1;
    let checks = Checks::from_json(&checks).unwrap();
    let [checked] = checks.list() else { panic!("{checks:?}") };
    assert_eq!((checked.check.as_str(), checked.passed), ("sso:ListInstances", true));
    assert!(checked.found.contains("allows it"), "{checked:?}");
    world.state.iam.delete_policy_of(Holder::User("bob"), "p").await.unwrap();
    call().send().await.fails_json(400, "AccessDeniedException", "ListInstances");
}

#[tokio::test]
async fn a_deactivated_key_signs_nothing() {
    let world = World::new().await;
    let bob = user(&world, "bob").await;
    let call = || signed(world.query("sts", "Action=GetCallerIdentity"), &bob);
    let reply = call().send().await.ok();
    assert_eq!(reply.element("Arn"), "arn:aws:iam::123456789012:user/bob");
    assert!(reply.element("UserId").starts_with("AIDA"));
    world.state.iam.set_access_key_active(KeyHolder::User("bob"), &bob.0, false).await.unwrap();
    call().send().await.fails(403, "InvalidClientTokenId", "invalid");
}

#[tokio::test]
async fn ec2_tells_its_denial_in_an_encoded_message() {
    let world = World::new().await;
    let bob = user(&world, "bob").await;
    let headers = vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
    let form = "Action=DescribeVpcs&Version=2016-11-15";
    let client = Client { headers, ..world.client("ec2", form) };
    let reply = signed(client, &bob).send().await;
    ec2::fails(&reply, 403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
    let (_, encoded) = reply.element("Message").split_once("Encoded authorization failure message: ").unwrap();
    let decode = || world.query("sts", &format!("Action=DecodeAuthorizationMessage&EncodedMessage={encoded}"));
    let denied = signed(decode(), &bob).send().await;
    denied.fails(403, "AccessDenied", "sts:DecodeAuthorizationMessage");
    allow(&world, "bob", "sts:DecodeAuthorizationMessage", "*").await;
    let told = signed(decode(), &bob).send().await.ok();
    let told: Value = serde_json::from_str(&told.element("DecodedMessage").replace("&quot;", "\"")).unwrap();
    assert_eq!(told["context"]["action"], "ec2:DescribeVpcs");
    assert_eq!(told["context"]["principal"]["name"], "bob");
    let forged = world.query("sts", "Action=DecodeAuthorizationMessage&EncodedMessage=xyz").send().await;
    forged.fails(400, "InvalidAuthorizationMessageException", "not valid");
}

#[tokio::test]
async fn conditions_see_where_the_call_came_from() {
    let world = World::new().await;
    let bob = user(&world, "bob").await;
    for (network, status) in [("192.0.2.0/24", 200), ("198.51.100.0/24", 400)] {
        let document = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sso:ListInstances", "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": network}}}]});
        world.state.iam.put_policy(Holder::User("bob"), "p", &document.to_string()).await.unwrap();
        let reply = signed(world.json("sso", "ListInstances", &json!({})), &bob).send().await;
        assert_eq!(reply.status, status, "{network}: {}", reply.body);
    }
}

#[tokio::test]
async fn who_may_not_call_is_not_told_how_to() {
    let world = World::new().await;
    let bob = user(&world, "bob").await;
    let reply = signed(world.json("sso", "ListInstances", &json!({"Nonsense": 1})), &bob).send().await;
    reply.fails_json(400, "AccessDeniedException", "sso:ListInstances");
}
