//! What IAM says about EC2's calls.

use serde_json::json;

use super::{call, fails, new_group};
use crate::tests::world::{Client, Reply, World};

struct User {
    key: String,
    secret: String,
}

/// A user with this one policy.
async fn user(world: &World, statement: &serde_json::Value) -> User {
    user_called(world, "anna", statement).await
}

async fn user_called(world: &World, name: &str, statement: &serde_json::Value) -> User {
    let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let document: String = form_urlencoded::byte_serialize(document.as_bytes()).collect();
    world.query("iam", &format!("Action=CreateUser&UserName={name}")).send().await.ok();
    let policy = format!("Action=PutUserPolicy&UserName={name}&PolicyName=own&PolicyDocument={document}");
    world.query("iam", &policy).send().await.ok();
    let key = world.query("iam", &format!("Action=CreateAccessKey&UserName={name}")).send().await.ok();
    User { key: key.element("AccessKeyId").to_owned(), secret: key.element("SecretAccessKey").to_owned() }
}

async fn call_as(world: &World, user: &User, form: &str) -> Reply {
    let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
    let client = world.client("ec2", &format!("{form}&Version=2016-11-15"));
    Client { headers, key: user.key.clone(), secret: user.secret.as_str().into(), ..client }.send().await
}

#[tokio::test]
async fn who_may_not_is_told_so_in_ec2s_words_with_the_decision_encoded() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    let anna = user(&world, &json!({"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"})).await;
    call_as(&world, &anna, "Action=DescribeSecurityGroups").await.ok();
    let form = format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={id}&IpProtocol=tcp&FromPort=1&ToPort=2&CidrIp=0.0.0.0/0"
    );
    for form in [form.clone(), format!("{form}&DryRun=true")] {
        let denied = call_as(&world, &anna, &form).await;
        let words = format!(
            "is not authorized to perform: ec2:AuthorizeSecurityGroupIngress on resource: arn:aws:ec2:us-east-1:123456789012:security-group/{id}"
        );
        fails(&denied, 403, "UnauthorizedOperation", &words);
        assert!(denied.element("Message").starts_with("You are not authorized to perform this operation."));
        assert!(denied.element("Message").contains("Encoded authorization failure message: "));
    }
    let shown = call(&world, &format!("Action=DescribeSecurityGroups&GroupId.1={id}")).await.ok();
    assert_eq!(shown.element("ipPermissions"), "");
}

#[tokio::test]
async fn policies_see_the_tags_of_a_group_and_those_of_a_request() {
    let world = World::new().await;
    let (own, other) = (new_group(&world, "own").await, new_group(&world, "other").await);
    call(&world, &format!("Action=CreateTags&ResourceId.1={own}&Tag.1.Key=team&Tag.1.Value=data")).await.ok();
    let statement = json!([
        {"Effect": "Allow", "Action": "ec2:DeleteSecurityGroup", "Resource": "*",
         "Condition": {"StringEquals": {"aws:ResourceTag/team": "data"}}},
        {"Effect": "Allow", "Action": "ec2:CreateVpc", "Resource": "*"},
        {"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*",
         "Condition": {"StringEquals": {"ec2:CreateAction": "CreateVpc", "aws:RequestTag/team": "data"}}},
    ]);
    let anna = user(&world, &statement).await;
    let denied = call_as(&world, &anna, &format!("Action=DeleteSecurityGroup&GroupId={other}")).await;
    fails(&denied, 403, "UnauthorizedOperation", "ec2:DeleteSecurityGroup");
    call_as(&world, &anna, &format!("Action=DeleteSecurityGroup&GroupId={own}")).await.ok();
    let tagged = |value: &str| {
        format!(
            "Action=CreateVpc&CidrBlock=10.1.0.0/16&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=team\
             &TagSpecification.1.Tag.1.Value={value}"
        )
    };
    fails(&call_as(&world, &anna, &tagged("sales")).await, 403, "UnauthorizedOperation", "ec2:CreateTags");
    call_as(&world, &anna, &tagged("data")).await.ok();
    let denied =
        call_as(&world, &anna, &format!("Action=CreateTags&ResourceId.1={other}&Tag.1.Key=team&Tag.1.Value=data"))
            .await;
    fails(&denied, 403, "UnauthorizedOperation", "ec2:CreateTags");
}

/// A policy that protects what has a tag protects it from losing the tag too.
#[tokio::test]
async fn a_tag_that_protects_cannot_be_taken_away() {
    let world = World::new().await;
    let group = new_group(&world, "own").await;
    let vpc = call(&world, "Action=DescribeVpcs").await.ok().element("vpcId").to_owned();
    for id in [&group, &vpc] {
        call(&world, &format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=locked&Tag.1.Value=yes")).await.ok();
    }
    for key in ["aws:ResourceTag/locked", "ec2:ResourceTag/locked"] {
        let statement = json!([
            {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {"StringEquals": {key: "yes"}}},
        ]);
        let anna = user_called(&world, if key.starts_with("aws") { "anna" } else { "berta" }, &statement).await;
        for form in [
            format!("Action=DeleteTags&ResourceId.1={group}&Tag.1.Key=locked"),
            format!("Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key=locked&Tag.1.Value=no"),
            format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=172.31.128.0/20"),
            format!("Action=CreateSecurityGroup&VpcId={vpc}&GroupName=mine&GroupDescription=mine"),
            format!("Action=DeleteSecurityGroup&GroupId={group}"),
        ] {
            fails(&call_as(&world, &anna, &form).await, 403, "UnauthorizedOperation", "explicit deny");
        }
        call_as(&world, &anna, "Action=DescribeSecurityGroups").await.ok();
    }
}
