use iam::{Holder, KeyHolder, KeyOwner, NewUser, Tags};
use serde_json::json;

use super::{Session, allow, recorded, role, world};
use crate::tests::world::{Client, World};

/// A client of a user that may do everything.
async fn user<'a>(world: &'a World, form: &str) -> Client<'a> {
    let iam = &world.state.iam;
    let user = match iam.user("bob") {
        Some(user) => user,
        None => {
            let new = NewUser { name: "bob".to_owned(), path: None, boundary: None, tags: Tags::default() };
            let user = iam.create_user(new).await.unwrap();
            allow(world, Holder::User("bob"), "*").await;
            iam.create_access_key(KeyHolder::User("bob")).await.unwrap();
            user
        }
    };
    let key = iam.access_keys_of(&KeyOwner::User(user.id.clone())).into_iter().next().unwrap();
    Client { key: key.id.clone(), secret: key.secret.clone(), ..world.query("sts", form) }
}

#[tokio::test]
async fn a_role_is_assumed_with_tags_and_policies() {
    let world = world().await;
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]});
    role(&world, "target", &trust.to_string()).await;
    allow(&world, Holder::Role("target"), "sso:*").await;
    let only =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:ListInstances","Resource":"*"}]}"#;
    let only: String = form_urlencoded::byte_serialize(only.as_bytes()).collect();
    let form = format!(
        "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/target&RoleSessionName=work&DurationSeconds=900\
         &Tags.member.1.Key=team&Tags.member.1.Value=sales&TransitiveTagKeys.member.1=team&SourceIdentity=bob&Policy={only}\
         &PolicyArns.member.1.arn=arn:aws:iam::aws:policy/ReadOnlyAccess"
    );
    let reply = user(&world, &form).await.send().await.ok();
    assert_eq!(reply.element("Arn"), "arn:aws:sts::123456789012:assumed-role/target/work");
    assert_eq!((reply.element("SourceIdentity"), reply.element("PackedPolicySize")), ("bob", "2"));
    assert_eq!(recorded(&world, "issued_access_key_id").as_deref(), Some(reply.element("AccessKeyId")));
    let session = Session::of(&reply);
    session.sign(world.json("sso", "ListInstances", &json!({}))).send().await.ok();
    let denied = session.sign(world.json("sso", "CreateApplication", &json!({}))).send().await;
    denied.fails_json(400, "AccessDeniedException", "no session policy allows the sso:CreateApplication action");
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_name() {
    let world = world().await;
    let role = "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/target&RoleSessionName=work";
    for (more, name) in [
        ("&ProvidedContexts.member.1.ProviderArn=arn:aws:iam::aws:contextProvider/IdentityCenter", "ProvidedContexts"),
        ("&SerialNumber=arn:aws:iam::123456789012:mfa/bob", "SerialNumber"),
        ("&TokenCode=123456", "TokenCode"),
    ] {
        let reply = user(&world, &format!("{role}{more}")).await.send().await;
        reply.fails(400, "InvalidParameterValue", &format!("parameter \"{name}\""));
    }
    let mfa = user(&world, "Action=GetSessionToken&SerialNumber=x").await.send().await;
    mfa.fails(400, "InvalidParameterValue", "parameter \"SerialNumber\"");
    for operation in ["GetFederationToken&Name=bob", "AssumeRoot"] {
        let reply = user(&world, &format!("Action={operation}")).await.send().await;
        reply.fails(400, "UnsupportedOperation", operation.split('&').next().unwrap());
    }
}

#[tokio::test]
async fn a_session_token_of_one_s_own() {
    let world = world().await;
    let reply = user(&world, "Action=GetSessionToken&DurationSeconds=900").await.send().await.ok();
    let session = Session::of(&reply);
    let who = session.sign(world.query("sts", "Action=GetCallerIdentity")).send().await.ok();
    assert_eq!(who.element("Arn"), "arn:aws:iam::123456789012:user/bob");
    session.sign(world.json("sso", "ListInstances", &json!({}))).send().await.ok();
    let barred = session.sign(world.query("sts", "Action=GetSessionToken")).send().await;
    barred.fails(403, "AccessDenied", "Cannot call GetSessionToken with session credentials");
    let iam = session.sign(world.query("iam", "Action=ListUsers")).send().await;
    iam.fails(403, "AccessDenied", "GetSessionToken");
}

#[tokio::test]
async fn whose_account_a_key_is_of() {
    let world = world().await;
    let root = world.state.iam.root().id.clone();
    let ask = |key: &str| world.query("sts", &format!("Action=GetAccessKeyInfo&AccessKeyId={key}")).send();
    assert_eq!(ask(&root).await.ok().element("Account"), "123456789012");
    ask("AKIAAAAAAAAAAAAAAAAA").await.fails(400, "ValidationError", "accessKeyId");
    ask("x").await.fails(400, "ValidationError", "accessKeyId");
}
