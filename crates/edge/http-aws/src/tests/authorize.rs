//! Every call is asked about, and its denial is told in its protocol's words.

use base::{Checks, Outcome};
use iam::{Holder, KeyHolder, NewUser, Tags};
use serde_json::{Value, json};

use super::ec2;
use super::redshift::cluster_form;
use super::world::{Client, World};

/// A user and their key.
pub(super) async fn user(world: &World, name: &str) -> (String, base::Secret<String>) {
    let new = NewUser { name: name.to_owned(), path: None, boundary: None, tags: Tags::default() };
    world.state.iam.create_user(new).await.unwrap();
    let key = world.state.iam.create_access_key(KeyHolder::User(name)).await.unwrap();
    (key.id.clone(), key.secret.clone())
}

pub(super) fn signed<'a>(client: Client<'a>, (key, secret): &(String, base::Secret<String>)) -> Client<'a> {
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

/// The ARN is what IAM is asked about; the cluster beside it must not lead to another snapshot.
#[tokio::test]
async fn a_snapshot_is_the_one_that_its_arn_names() {
    let world = World::new().await;
    for form in [
        cluster_form("one", ""),
        cluster_form("two", ""),
        "Action=CreateClusterSnapshot&ClusterIdentifier=two&SnapshotIdentifier=private&Tags.Tag.1.Key=team&Tags.Tag.1.Value=b"
            .to_owned(),
    ] {
        world.query("redshift", &form).send().await.ok();
    }
    let bob = user(&world, "bob").await;
    let arn = |rest: &str| format!("arn:aws:redshift:us-east-1:123456789012:{rest}");
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "redshift:*", "Resource": [arn("snapshot:one/*"), arn("cluster:new*")]},
        {"Effect": "Allow", "Action": "redshift:DescribeClusterSnapshots", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "b"}}},
    ]});
    world.state.iam.put_policy(Holder::User("bob"), "p", &document.to_string()).await.unwrap();
    let restore = "Action=RestoreFromClusterSnapshot&ClusterIdentifier=new&SnapshotClusterIdentifier=two";
    for form in [
        format!("{restore}&SnapshotIdentifier=private"),
        format!("{restore}&SnapshotArn={}", arn("snapshot:one/private")),
        format!("{restore}&SnapshotArn={}", arn("snapshot:two/private")),
        format!("Action=DescribeClusterSnapshots&ClusterIdentifier=two&SnapshotArn={}", arn("snapshot:one/private")),
        format!("Action=DescribeClusterSnapshots&SnapshotArn={}", arn("snapshot:two/PRIVATE")),
    ] {
        let reply = signed(world.query("redshift", &form.replace(':', "%3A").replace('/', "%2F")), &bob).send().await;
        assert!(reply.status == 403 || reply.body.contains("ClusterSnapshotNotFound"), "{form}: {}", reply.body);
        assert!(!reply.body.contains("<Snapshot>"), "{form}: {}", reply.body);
    }
    assert!(world.state.control.cluster(&base::id::ClusterId::new("new")).is_none());
}

/// Puts these statements on a user.
async fn hold(world: &World, name: &str, statements: Value) {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    world.state.iam.put_policy(Holder::User(name), "p", &document.to_string()).await.unwrap();
}

/// Each with a tag that the policy keeps from the caller: by the tag that is given or taken away, and by the tag that is there.
#[tokio::test]
async fn tags_count_wherever_something_is_tagged() {
    let world = World::new().await;
    let bob = user(&world, "bob").await;
    world.query("redshift", &cluster_form("one", "")).send().await.ok();
    let made =
        world.json("redshift-serverless", "CreateNamespace", &json!({"namespaceName": "sales"})).send().await.ok();
    let namespace = made.json()["namespace"]["namespaceArn"].as_str().unwrap().to_owned();
    let cluster = "arn:aws:redshift:us-east-1:123456789012:cluster:one";
    let instance = world.state.center.instance().arn.to_string();
    let (tag, lower) = (json!([{"Key": "team", "Value": "b"}]), json!([{"key": "team", "value": "b"}]));
    let call = |service: &'static str, operation: &str, body: Value| {
        let client = match body.as_str() {
            Some(form) => world.query(service, &format!("Action={operation}&{form}")),
            None => world.json(service, operation, &body),
        };
        signed(client, &bob).send()
    };
    let form = "Tags.Tag.1.Key=team&Tags.Tag.1.Value=b";
    let tagging = [
        ("redshift", "CreateTags", json!(format!("ResourceName={cluster}&{form}"))),
        ("redshift", "DeleteTags", json!(format!("ResourceName={cluster}&TagKeys.TagKey.1=team"))),
        ("redshift-serverless", "TagResource", json!({"resourceArn": namespace, "tags": lower})),
        ("redshift-serverless", "UntagResource", json!({"resourceArn": namespace, "tagKeys": ["team"]})),
        ("redshift-serverless", "CreateNamespace", json!({"namespaceName": "more", "tags": lower})),
        ("sso", "TagResource", json!({"ResourceArn": instance, "Tags": tag})),
        ("sso", "UntagResource", json!({"ResourceArn": instance, "TagKeys": ["team"]})),
    ];
    let deny = |condition: Value| {
        json!([{"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}])
    };
    hold(&world, "bob", deny(json!({"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}))).await;
    for (service, operation, body) in &tagging {
        let reply = call(service, operation, body.clone()).await;
        assert!(reply.body.contains("explicit deny"), "{service} {operation}: {}", reply.body);
    }
    for arn in [cluster, &namespace] {
        world.state.control.tag(arn, [("team".to_owned(), "b".to_owned())].into()).await.unwrap();
    }
    world.state.center.tag(&instance, [("team".to_owned(), "b".to_owned())].into()).await.unwrap();
    hold(&world, "bob", deny(json!({"StringEquals": {"aws:ResourceTag/team": "b"}}))).await;
    let about = [
        ("redshift", "DescribeTags", json!(format!("ResourceName={cluster}"))),
        ("redshift", "DescribeClusters", json!("ClusterIdentifier=one")),
        ("redshift-serverless", "GetNamespace", json!({"namespaceName": "sales"})),
        ("redshift-serverless", "DeleteNamespace", json!({"namespaceName": "sales"})),
        ("sso", "DescribeInstance", json!({"InstanceArn": instance})),
    ];
    let made = |operation: &&str| *operation != "CreateNamespace";
    for (service, operation, body) in about.iter().chain(tagging.iter().filter(|(_, operation, _)| made(operation))) {
        let reply = call(service, operation, body.clone()).await;
        assert!(reply.body.contains("explicit deny"), "{service} {operation}: {}", reply.body);
    }
}

/// A person put into a group gets what the group has: both are asked about.
#[tokio::test]
async fn a_membership_asks_for_the_person_too() {
    let world = World::new().await;
    let bob = user(&world, "bob").await;
    let (group, person) = (world.group("sales").await, world.user("ethan").await);
    hold(
        &world,
        "bob",
        json!([
            {"Effect": "Allow", "Action": "identitystore:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "*", "Resource": format!("arn:aws:identitystore:::user/{person}")},
        ]),
    )
    .await;
    let store = world.state.center.instance().identity_store_id.to_string();
    let body = json!({"IdentityStoreId": store, "GroupId": group, "MemberId": {"UserId": person}});
    let reply = signed(world.json("identitystore", "CreateGroupMembership", &body), &bob).send().await;
    reply.fails_json(400, "AccessDeniedException", &format!("user/{person} with an explicit deny"));
}

#[tokio::test]
async fn what_everybody_may_call_everybody_is_told_how_to() {
    let world = World::new().await;
    let bob = user(&world, "bob").await;
    for form in ["Action=GetSessionToken&DurationSeconds=x", "Action=AssumeRole&RoleSessionName=s"] {
        signed(world.query("sts", form), &bob).send().await.fails(400, "ValidationError", "");
    }
}
