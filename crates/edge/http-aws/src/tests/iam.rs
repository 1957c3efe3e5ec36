mod absent;
mod account;
mod authorisation;
mod groups;
mod pages;
mod policies;
mod providers;
mod roles;
mod simulate;
mod users;

use super::world::{Client, Reply, World};

/// Everything.
pub(super) const ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}]}"#;
/// Redshift may assume the role.
pub(super) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn form(action: &str, parameters: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action).extend_pairs(parameters);
    form.finish()
}

fn client<'a>(world: &'a World, action: &str, parameters: &[(&str, &str)]) -> Client<'a> {
    Client { region: "us-east-1".to_owned(), ..world.query("iam", &form(action, parameters)) }
}

async fn call(world: &World, action: &str, parameters: &[(&str, &str)]) -> Reply {
    client(world, action, parameters).send().await
}

/// What the elements of this name hold, in order.
fn all<'a>(reply: &'a Reply, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    reply.body.split(&open).skip(1).map(|rest| rest.split_once(&close).unwrap().0).collect()
}

/// A policy document with one statement.
fn allowing(action: &str, resource: &str) -> String {
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": action, "Resource": resource},
    })
    .to_string()
}

/// Makes a user with a key and this policy of their own.
struct Key {
    id: String,
    secret: String,
}

async fn user_with(world: &World, name: &str, document: &str) -> Key {
    call(world, "CreateUser", &[("UserName", name)]).await.ok();
    let policy = [("UserName", name), ("PolicyName", "own"), ("PolicyDocument", document)];
    call(world, "PutUserPolicy", &policy).await.ok();
    let key = call(world, "CreateAccessKey", &[("UserName", name)]).await.ok();
    Key { id: key.element("AccessKeyId").to_owned(), secret: key.element("SecretAccessKey").to_owned() }
}

async fn call_as(world: &World, key: &Key, action: &str, parameters: &[(&str, &str)]) -> Reply {
    let mut client = client(world, action, parameters);
    client.key = key.id.clone();
    client.secret = key.secret.as_str().into();
    client.send().await
}

#[tokio::test]
async fn it_is_signed_for_one_region() {
    let world = World::in_region("eu-west-1").await;
    call(&world, "ListUsers", &[]).await.ok();
    let mut elsewhere = client(&world, "ListUsers", &[]);
    elsewhere.region = "eu-west-1".to_owned();
    elsewhere.send().await.fails(403, "SignatureDoesNotMatch", "valid region: 'us-east-1'");
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_name() {
    let world = World::new().await;
    for operation in [
        "CreateLoginProfile",
        "CreateInstanceProfile",
        "GenerateServiceLastAccessedDetails",
        "CreateAccountAlias",
        "CreateVirtualMFADevice",
        "UploadServerCertificate",
    ] {
        call(&world, operation, &[]).await.fails(400, "UnsupportedOperation", operation);
    }
    let more = [("UserName", "anna"), ("Colour", "red")];
    call(&world, "CreateUser", &more).await.fails(400, "InvalidParameterValue", "Colour");
    call(&world, "GetUser", &[("UserName", "anna")]).await.fails(404, "NoSuchEntity", "anna");
}

/// A pattern in a policy would be matched against it for seconds.
#[tokio::test]
async fn what_is_longer_than_any_arn_is_refused_before_policies_are_asked() {
    let world = World::new().await;
    let long = format!("arn:aws:iam::123456789012:policy/{}", "a".repeat(2048));
    call(&world, "CreateUser", &[("UserName", "anna")]).await.ok();
    for (action, parameters) in [
        ("GetPolicy", vec![("PolicyArn", long.as_str())]),
        ("GetUser", vec![("UserName", long.as_str())]),
        ("AttachUserPolicy", vec![("UserName", "anna"), ("PolicyArn", long.as_str())]),
    ] {
        call(&world, action, &parameters).await.fails(400, "ValidationError", "at most 2048 characters");
    }
}

#[tokio::test]
async fn parameters_are_validated_under_the_name_that_iam_has_for_it() {
    let world = World::new().await;
    for (action, parameters, message) in [
        ("CreateUser", vec![], "UserName"),
        ("CreateUser", vec![("UserName", "a/b")], "userName"),
        ("ListUsers", vec![("MaxItems", "0")], "from 1 to 1000"),
        ("ListUsers", vec![("MaxItems", "1001")], "from 1 to 1000"),
        ("ListUsers", vec![("PathPrefix", "teams/")], "PathPrefix"),
        ("CreateUser", vec![("UserName", "anna"), ("Tags.member.1.Key", "k")], "Value"),
        ("ListPolicies", vec![("Scope", "Mine")], "All, AWS, Local"),
        ("UntagUser", vec![("UserName", "anna")], "TagKeys"),
    ] {
        call(&world, action, &parameters).await.fails(400, "ValidationError", message);
    }
}
