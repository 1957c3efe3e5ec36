mod with_iam;

use iam::{Holder, KeyHolder, NewRole, NewUser, Tags};
use serde_json::json;
use sigv4::CredentialLookup as _;
use sts::{AssumeRoleRequest, Issued, Peer};
use time::Duration;

use super::{call, cluster_form};
use crate::tests::world::{Client, Reply, World};

const DB_USER: &str = "arn:aws:redshift:us-east-1:123456789012:dbuser:c";
const DB_NAME: &str = "arn:aws:redshift:us-east-1:123456789012:dbname:c";
const DB_GROUP: &str = "arn:aws:redshift:us-east-1:123456789012:dbgroup:c";
const ONE: &str = "Action=GetClusterCredentials&DbUser=bob&ClusterIdentifier=c";

/// The cluster `c`, and the role `Analysts` with the policy of seed 004: the caller's own database user, the group
/// `redshift_dbgroup`, the database `dev`.
async fn world() -> World {
    let world = World::new().await;
    call(&world, &cluster_form("c", "")).await.ok();
    let iam = &world.state.iam;
    iam.create_user(NewUser { name: "alice".to_owned(), ..NewUser::default() }).await.unwrap();
    let any = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    iam.put_policy(Holder::User("alice"), "all", any).await.unwrap();
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":["sts:AssumeRole","sts:SetSourceIdentity","sts:TagSession"]}}"#;
    let role =
        NewRole { name: "Analysts".to_owned(), trust: trust.to_owned(), tags: Tags::default(), ..NewRole::default() };
    iam.create_role(role).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AllowGetClusterCreds", "Effect": "Allow", "Action": "redshift:GetClusterCredentials",
         "Resource": [format!("{DB_USER}/${{redshift:DbUser}}"), format!("{DB_NAME}/dev")],
         "Condition": {"NumericLessThanEquals": {"redshift:DurationSeconds": "1800"}, "StringNotEquals": {"redshift:DbUser": "awsuser"}}},
        {"Sid": "AllowCreateClusterUser", "Effect": "Allow", "Action": "redshift:CreateClusterUser",
         "Resource": format!("{DB_USER}/${{redshift:DbUser}}"),
         "Condition": {"StringNotEquals": {"redshift:DbUser": "carol"}}},
        {"Sid": "AllowJoinGroup", "Effect": "Allow", "Action": "redshift:JoinGroup",
         "Resource": format!("{DB_GROUP}/redshift_dbgroup")},
        {"Sid": "WithIam", "Effect": "Allow", "Action": "redshift:GetClusterCredentialsWithIAM", "Resource": format!("{DB_NAME}/dev")},
    ]});
    iam.put_policy(Holder::Role("Analysts"), "seed", &policy.to_string()).await.unwrap();
    world
}

/// A session of the role for an hour, made with alice's key.
async fn session(world: &World, tags: &[(&str, &str)]) -> Issued {
    let key = world.state.iam.create_access_key(KeyHolder::User("alice")).await.unwrap();
    let alice = world.state.sts.find(&key.id, None).unwrap().caller;
    let request = AssumeRoleRequest {
        role_arn: "arn:aws:iam::123456789012:role/Analysts".to_owned(),
        session_name: "ethan".to_owned(),
        source_identity: Some("ethan@example.com".to_owned()),
        tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        ..AssumeRoleRequest::default()
    };
    let way = base::CorrelationId::resume("way-1");
    world.state.sts.assume_role(&alice, &request, Peer::default(), &way).outcome.unwrap()
}

fn signed_by<'a>(client: Client<'a>, session: &Issued) -> Client<'a> {
    let mut headers = client.headers.clone();
    headers.push(("x-amz-security-token", session.session_token.expose().clone()));
    Client { headers, key: session.access_key_id.clone(), secret: session.secret.clone(), ..client }
}

async fn as_role(world: &World, session: &Issued, form: &str) -> Reply {
    signed_by(world.query("redshift", form), session).send().await
}

fn warehouse(world: &World) -> base::id::WarehouseId {
    world.state.control.cluster(&base::id::ClusterId::new("c")).unwrap().warehouse.clone()
}

#[tokio::test]
async fn a_password_for_a_database_user() {
    let world = world().await;
    let session = session(&world, &[]).await;
    let form = format!("{ONE}&DbName=dev&DbGroups.DbGroup.1=Redshift_DbGroup&AutoCreate=true&DurationSeconds=1800");
    let reply = as_role(&world, &session, &form).await.ok();
    assert_eq!((reply.element("DbUser"), reply.element("Expiration")), ("IAMA:bob", "2026-03-01T00:29:30.000Z"));
    let kept = world.state.credentials.candidates(&warehouse(&world), "IAMA:bob").remove(0);
    assert!(kept.password().matches(reply.element("DbPassword").as_bytes()));
    assert_eq!((kept.groups(), kept.db_name()), (&["redshift_dbgroup".to_owned()][..], Some("dev")));
    assert_eq!((kept.person(), kept.request()), (Some("ethan@example.com"), reply.request_id.as_str()));
    assert_eq!(kept.correlation().as_str(), "way-1");
    let asks: Vec<_> = kept.grounds().asks.iter().map(|ask| format!("{} {}", ask.action, ask.resource)).collect();
    assert_eq!(
        asks,
        [
            format!("redshift:GetClusterCredentials {DB_USER}/bob"),
            format!("redshift:GetClusterCredentials {DB_NAME}/dev"),
            format!("redshift:CreateClusterUser {DB_USER}/bob"),
            format!("redshift:JoinGroup {DB_GROUP}/redshift_dbgroup"),
        ]
    );
    let record = format!("{:?}", world.last_record());
    assert!(!record.contains(reply.element("DbPassword")), "{record}");
}

/// No DbUser in the answer's name is another one's: without AutoCreate, and for 900 seconds by default.
#[tokio::test]
async fn defaults() {
    let world = world().await;
    let reply = as_role(&world, &session(&world, &[]).await, ONE).await.ok();
    assert_eq!((reply.element("DbUser"), reply.element("Expiration")), ("IAM:bob", "2026-03-01T00:14:30.000Z"));
    let kept = world.state.credentials.candidates(&warehouse(&world), "IAM:bob").remove(0);
    assert!(kept.groups().is_empty() && kept.db_name().is_none());
    // the drivers' empty list
    as_role(&world, &session(&world, &[]).await, &format!("{ONE}&DbGroups=")).await.ok();
}

#[tokio::test]
async fn each_question_must_be_allowed() {
    let world = world().await;
    let session = session(&world, &[]).await;
    for (form, action, resource) in [
        ("&DbUser=awsuser", "GetClusterCredentials", format!("{DB_USER}/awsuser")),
        ("&DbName=other", "GetClusterCredentials", format!("{DB_NAME}/other")),
        ("&DurationSeconds=1801", "GetClusterCredentials", format!("{DB_USER}/bob")),
        ("&DbUser=carol&AutoCreate=true", "CreateClusterUser", format!("{DB_USER}/carol")),
        ("&DbGroups.DbGroup.1=redshift_dbgroup&DbGroups.DbGroup.2=admins", "JoinGroup", format!("{DB_GROUP}/admins")),
        (
            "&ClusterIdentifier=d",
            "GetClusterCredentials",
            "arn:aws:redshift:us-east-1:123456789012:dbuser:d/bob".into(),
        ),
    ] {
        let mut whole = ONE.to_owned();
        for (name, own) in [("&DbUser=", "&DbUser=bob"), ("&ClusterIdentifier=", "&ClusterIdentifier=c")] {
            if form.contains(name) {
                whole = whole.replace(own, "");
            }
        }
        let reply = as_role(&world, &session, &format!("{whole}{form}")).await;
        let said = format!(
            "arn:aws:sts::123456789012:assumed-role/Analysts/ethan is not authorized to perform: redshift:{action} on \
             resource: {resource}"
        );
        reply.fails(403, "AccessDenied", &said);
    }
    assert!(world.state.credentials.candidates(&warehouse(&world), "IAM:bob").is_empty());
}

#[tokio::test]
async fn what_is_asked_for_must_be_right() {
    let world = world().await;
    for (form, status, code, message) in [
        ("&DurationSeconds=899", 400, "InvalidParameterValue", "900 to 3600"),
        ("&DurationSeconds=3601", 400, "InvalidParameterValue", "900 to 3600"),
        ("&DurationSeconds=x", 400, "InvalidParameterValue", "DurationSeconds"),
        ("&DbGroups.DbGroup.1=a%3Ab", 400, "InvalidParameterValue", "DbGroups"),
        ("&DbGroups.DbGroup.1=public", 400, "InvalidParameterValue", "everybody"),
        ("&DbGroups.DbGroup.2=a", 400, "MalformedQueryString", "without a gap"),
        ("&DbName=a%2Fb", 400, "InvalidParameterValue", "DbName"),
        ("&AutoCreate=yes", 400, "InvalidParameterValue", "true or false"),
        ("&CustomDomainName=x", 400, "InvalidParameterCombination", "CustomDomainName"),
        ("&Unknown=1", 400, "InvalidParameterValue", "Unknown"),
    ] {
        call(&world, &format!("{ONE}{form}")).await.fails(status, code, message);
    }
    for (user, message) in [
        ("", "1 to 64"),
        ("PUBLIC", "PUBLIC"),
        ("table", "reserved word"),
        ("a%3Ab", "must not contain"),
        ("a%2Fb", "must not contain"),
        ("rdsdb", "own user"),
        ("1a", "begin with a letter"),
    ] {
        let form = format!("Action=GetClusterCredentials&DbUser={user}&ClusterIdentifier=c");
        call(&world, &form).await.fails(400, "InvalidParameterValue", message);
    }
    call(&world, "Action=GetClusterCredentials&ClusterIdentifier=c").await.fails(400, "MissingParameter", "DbUser");
}

/// The order in which drivers try (apis.md 1.8): each failure leads them on to the next.
#[tokio::test]
async fn drivers_find_their_way_to_the_cluster() {
    let world = world().await;
    let session = session(&world, &[]).await;
    for action in ["GetClusterCredentials&DbUser=bob", "GetClusterCredentialsWithIAM"] {
        for domain in ["127.0.0.1", ""] {
            let form = format!("Action={action}&DbName=dev&CustomDomainName={domain}");
            as_role(&world, &session, &form).await.fails(404, "ClusterNotFound", "Give ClusterIdentifier");
        }
        let form = format!("Action={action}&DbName=dev");
        as_role(&world, &session, &form).await.fails(400, "MissingParameter", "ClusterIdentifier");
        as_role(&world, &session, &format!("{form}&ClusterIdentifier=c")).await.ok();
        let unknown = format!("Action={action}&DbName=dev&ClusterIdentifier=none");
        call(&world, &unknown).await.fails(404, "ClusterNotFound", "Cluster none not found");
    }
    let form = "Action=DescribeCustomDomainAssociations";
    let reply = call(&world, &format!("{form}&CustomDomainName=127.0.0.1")).await;
    reply.fails(404, "CustomDomainAssociationNotFoundFault", "127.0.0.1");
    assert_eq!(call(&world, form).await.ok().element("Associations"), "");
    call(&world, &format!("{form}&Marker=x")).await.fails(400, "InvalidParameterValue", "Marker");
}

#[tokio::test]
async fn a_session_near_its_end_gives_no_longer_password() {
    let world = world().await;
    let session = session(&world, &[]).await;
    world.clock.advance(Duration::minutes(50));
    let reply = as_role(&world, &session, ONE).await.ok();
    assert_eq!(reply.element("Expiration"), "2026-03-01T00:59:30.000Z");
}
