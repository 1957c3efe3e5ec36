use serde_json::json;

use super::{ADMINISTRATOR, TRUST, all, allowing, call};
use crate::tests::world::{Reply, World};

/// Two statements: one allows by tag, one denies.
const CONNECT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Connect", "Effect": "Allow", "Action": "redshift:GetClusterCredentials", "Resource": "*",
     "Condition": {"StringEquals": {"aws:PrincipalTag/team": "data"}}},
    {"Effect": "Deny", "Action": "redshift:JoinGroup", "Resource": "arn:aws:redshift:us-east-1:123456789012:dbgroup:c/root"}
  ]
}"#;

async fn custom(world: &World, parameters: &[(&str, &str)]) -> Reply {
    let input = [("PolicyInputList.member.1", CONNECT)];
    call(world, "SimulateCustomPolicy", &[input.as_slice(), parameters].concat()).await
}

#[tokio::test]
async fn policies_of_ones_own_are_tried_out() {
    let world = World::new().await;
    let action = ("ActionNames.member.1", "redshift:GetClusterCredentials");
    let denied = custom(&world, &[action]).await.ok();
    assert_eq!((denied.element("EvalDecision"), denied.element("EvalResourceName")), ("implicitDeny", "*"));
    assert_eq!(denied.element("EvalActionName"), "redshift:GetClusterCredentials");
    assert_eq!(all(&denied, "MissingContextValues")[0], "<member>aws:principaltag/team</member>");
    assert_eq!((denied.element("MatchedStatements"), denied.element("ResourceSpecificResults")), ("", ""));

    let entry = [
        action,
        ("ContextEntries.member.1.ContextKeyName", "aws:PrincipalTag/team"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "data"),
    ];
    let allowed = custom(&world, &entry).await.ok();
    assert_eq!(allowed.element("EvalDecision"), "allowed");
    assert_eq!((allowed.element("SourcePolicyId"), allowed.element("SourcePolicyType")), ("PolicyInputList.1", "none"));
    assert_eq!(allowed.element("StartPosition"), "<Line>4</Line><Column>5</Column>");
    assert_eq!(allowed.element("EndPosition"), "<Line>5</Line><Column>71</Column>");
}

#[tokio::test]
async fn each_action_is_tried_on_each_resource() {
    let world = World::new().await;
    let group = |name: &str| format!("arn:aws:redshift:us-east-1:123456789012:dbgroup:c/{name}");
    let (root, readers) = (group("root"), group("readers"));
    let questions = [
        ("PolicyInputList.member.2", ADMINISTRATOR),
        ("ActionNames.member.1", "redshift:JoinGroup"),
        ("ActionNames.member.2", "redshift:DescribeClusters"),
        ("ResourceArns.member.1", root.as_str()),
        ("ResourceArns.member.2", readers.as_str()),
    ];
    let reply = custom(&world, &questions).await.ok();
    assert_eq!(all(&reply, "EvalDecision"), ["explicitDeny", "allowed", "allowed", "allowed"]);
    assert_eq!(all(&reply, "EvalResourceDecision"), all(&reply, "EvalDecision"));
    assert_eq!(all(&reply, "SourcePolicyId")[..3], ["PolicyInputList.1", "PolicyInputList.1", "PolicyInputList.2"]);
    assert_eq!(reply.element("StartPosition"), "<Line>6</Line><Column>5</Column>");

    let first = custom(&world, &[questions.as_slice(), &[("MaxItems", "3")]].concat()).await.ok();
    assert_eq!((all(&first, "EvalDecision").len(), first.element("IsTruncated")), (3, "true"));
    let rest = [questions.as_slice(), &[("MaxItems", "3"), ("Marker", first.element("Marker"))]].concat();
    let rest = custom(&world, &rest).await.ok();
    assert_eq!((all(&rest, "EvalDecision").len(), rest.element("IsTruncated")), (1, "false"));
    assert_eq!(rest.element("EvalActionName"), "redshift:DescribeClusters");
}

/// A caller's megabyte of policies must not keep the server from everybody else for minutes.
#[tokio::test]
async fn long_policies_make_short_pages() {
    let world = World::new().await;
    let long = allowing("redshift:*", &format!("arn:aws:redshift:*:*:cluster:{}", "x".repeat(120_000)));
    let actions: Vec<_> =
        (1..=100).map(|number| (format!("ActionNames.member.{number}"), format!("redshift:A{number}"))).collect();
    let mut questions = vec![("PolicyInputList.member.1", long.as_str())];
    questions.extend(actions.iter().map(|(name, action)| (name.as_str(), action.as_str())));
    let first = call(&world, "SimulateCustomPolicy", &questions).await.ok();
    assert_eq!((all(&first, "EvalActionName").len(), first.element("IsTruncated")), (66, "true"));
    questions.push(("Marker", first.element("Marker")));
    let rest = call(&world, "SimulateCustomPolicy", &questions).await.ok();
    assert_eq!((all(&rest, "EvalActionName").len(), rest.element("IsTruncated")), (34, "false"));
    assert_eq!(all(&rest, "EvalActionName")[0], "redshift:A67");
}

#[tokio::test]
async fn a_boundary_caps_and_is_told() {
    let world = World::new().await;
    let boundary = allowing("redshift:*", "*");
    let questions = [
        ("PolicyInputList.member.2", ADMINISTRATOR),
        ("PermissionsBoundaryPolicyInputList.member.1", boundary.as_str()),
        ("ActionNames.member.1", "iam:CreateUser"),
        ("ActionNames.member.2", "redshift:DescribeClusters"),
    ];
    let reply = custom(&world, &questions).await.ok();
    assert_eq!(all(&reply, "EvalDecision"), ["implicitDeny", "allowed"]);
    assert_eq!(all(&reply, "AllowedByPermissionsBoundary"), ["false", "true"]);
    let two = [questions.as_slice(), &[("PermissionsBoundaryPolicyInputList.member.2", ADMINISTRATOR)]].concat();
    custom(&world, &two).await.fails(400, "InvalidInput", "one boundary");
}

#[tokio::test]
async fn a_users_own_policies_are_tried_out() {
    let world = World::new().await;
    let tags = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "data")];
    call(&world, "CreateUser", &[[("UserName", "anna")].as_slice(), &tags].concat()).await.ok();
    let put = [("UserName", "anna"), ("PolicyName", "connect"), ("PolicyDocument", CONNECT)];
    call(&world, "PutUserPolicy", &put).await.ok();
    call(&world, "CreateGroup", &[("GroupName", "readers")]).await.ok();
    let reader = ("PolicyArn", "arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess");
    call(&world, "AttachGroupPolicy", &[("GroupName", "readers"), reader]).await.ok();
    call(&world, "AddUserToGroup", &[("GroupName", "readers"), ("UserName", "anna")]).await.ok();
    let arn = ("PolicySourceArn", "arn:aws:iam::123456789012:user/anna");
    let actions = [
        arn,
        ("ActionNames.member.1", "redshift:GetClusterCredentials"),
        ("ActionNames.member.2", "redshift:DescribeClusters"),
        ("ActionNames.member.3", "iam:CreateUser"),
    ];
    let reply = call(&world, "SimulatePrincipalPolicy", &actions).await.ok();
    assert_eq!(all(&reply, "EvalDecision"), ["allowed", "allowed", "implicitDeny"]);
    assert_eq!(all(&reply, "SourcePolicyId"), ["user_anna_connect", "AmazonRedshiftReadOnlyAccess"]);
    assert_eq!(all(&reply, "SourcePolicyType"), ["user", "aws-managed"]);

    let boundary =
        [("UserName", "anna"), ("PermissionsBoundary", "arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess")];
    call(&world, "PutUserPermissionsBoundary", &boundary).await.ok();
    let reply = call(&world, "SimulatePrincipalPolicy", &actions).await.ok();
    assert_eq!(all(&reply, "EvalDecision"), ["implicitDeny", "allowed", "implicitDeny"]);
    let other = [actions.as_slice(), &[("PermissionsBoundaryPolicyInputList.member.1", ADMINISTRATOR)]].concat();
    let reply = call(&world, "SimulatePrincipalPolicy", &other).await.ok();
    assert_eq!(all(&reply, "EvalDecision"), ["allowed", "allowed", "implicitDeny"]);

    let group = [("PolicySourceArn", "arn:aws:iam::123456789012:group/readers"), actions[2]];
    let group = call(&world, "SimulatePrincipalPolicy", &[group[0], ("ActionNames.member.1", group[1].1)]).await.ok();
    assert_eq!(all(&group, "EvalDecision"), ["allowed"]);
}

#[tokio::test]
async fn a_roles_policies_are_tried_out() {
    let world = World::new().await;
    call(&world, "CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await.ok();
    let arn = ("PolicySourceArn", "arn:aws:iam::123456789012:role/r");
    let action = ("ActionNames.member.1", "redshift:DescribeClusters");
    let reply = call(&world, "SimulatePrincipalPolicy", &[arn, action]).await.ok();
    assert_eq!(reply.element("EvalDecision"), "implicitDeny");
    let input = allowing("redshift:Describe*", "*");
    let more = [arn, action, ("PolicyInputList.member.1", input.as_str())];
    let reply = call(&world, "SimulatePrincipalPolicy", &more).await.ok();
    assert_eq!(reply.element("EvalDecision"), "allowed");
    for (other, code) in [
        ("arn:aws:iam::123456789012:role/other/r", "NoSuchEntity"),
        ("arn:aws:iam::123456789012:role/none", "NoSuchEntity"),
        ("arn:aws:iam::123456789012:root", "InvalidInput"),
        ("arn:aws:iam::210987654321:role/r", "InvalidInput"),
        ("arn:aws:sts::123456789012:assumed-role/r/s", "InvalidInput"),
    ] {
        let reply = call(&world, "SimulatePrincipalPolicy", &[("PolicySourceArn", other), action]).await;
        reply.fails(if code == "NoSuchEntity" { 404 } else { 400 }, code, other);
    }
}

#[tokio::test]
async fn a_resource_policy_counts_for_its_caller() {
    let world = World::new().await;
    call(&world, "CreateUser", &[("UserName", "anna")]).await.ok();
    let anna = "arn:aws:iam::123456789012:user/anna";
    let resource = json!({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": anna}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
    });
    let resource = resource.to_string();
    let questions = [
        ("ActionNames.member.1", "secretsmanager:GetSecretValue"),
        ("ResourceArns.member.1", "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"),
        ("ResourcePolicy", resource.as_str()),
    ];
    custom(&world, &questions).await.fails(400, "InvalidInput", "CallerArn is required");
    let by_anna = custom(&world, &[questions.as_slice(), &[("CallerArn", anna)]].concat()).await.ok();
    assert_eq!(by_anna.element("EvalDecision"), "allowed");
    assert_eq!(
        (by_anna.element("SourcePolicyId"), by_anna.element("SourcePolicyType")),
        ("ResourcePolicy", "resource")
    );
    let nobody = [questions.as_slice(), &[("CallerArn", "arn:aws:iam::123456789012:user/none")]].concat();
    custom(&world, &nobody).await.fails(404, "NoSuchEntity", "CallerArn");
    let role = [questions.as_slice(), &[("CallerArn", "arn:aws:iam::123456789012:role/r")]].concat();
    custom(&world, &role).await.fails(400, "InvalidInput", "CallerArn");
}

#[tokio::test]
async fn wrong_input_is_refused_by_name() {
    let world = World::new().await;
    let long_resource = format!("arn:aws:redshift:us-east-1:123456789012:cluster:{}", "x".repeat(2048));
    let long_action = format!("redshift:{}", "x".repeat(128));
    let action = ("ActionNames.member.1", "redshift:DescribeClusters");
    let entry = |kind: &'static str, value: &'static str| {
        vec![
            action,
            ("ContextEntries.member.1.ContextKeyName", "aws:SourceIp"),
            ("ContextEntries.member.1.ContextKeyType", kind),
            ("ContextEntries.member.1.ContextKeyValues.member.1", value),
        ]
    };
    for (parameters, code, message) in [
        (vec![], "ValidationError", "ActionNames"),
        (vec![("ActionNames.member.1", "redshift:*")], "InvalidInput", "without wildcards"),
        (vec![("ActionNames.member.1", "DescribeClusters")], "InvalidInput", "DescribeClusters"),
        (vec![action, ("ResourceArns.member.1", "cluster")], "InvalidInput", "ResourceArn"),
        (vec![action, ("ResourceArns.member.1", long_resource.as_str())], "InvalidInput", "at most 2048"),
        (vec![("ActionNames.member.1", long_action.as_str())], "InvalidInput", "Invalid ActionName"),
        (vec![action, ("PolicyInputList.member.2", "{}")], "InvalidInput", "PolicyInputList.2"),
        (vec![action, ("ResourceOwner", "210987654321")], "InvalidInput", "ResourceOwner"),
        (vec![action, ("ResourceHandlingOption", "EC2-VPC-EBS")], "InvalidParameterValue", "ResourceHandlingOption"),
        (
            vec![action, ("PolicyExclusionList.member.1.PolicyType", "scp")],
            "InvalidParameterValue",
            "PolicyExclusionList",
        ),
        (vec![action, ("Marker", "x")], "InvalidInput", "Marker"),
        (entry("ip", "somewhere"), "InvalidInput", "somewhere"),
        (entry("numeric", "ten"), "InvalidInput", "ten"),
        (entry("boolean", "yes"), "InvalidInput", "yes"),
        (entry("date", "now"), "InvalidInput", "now"),
        (entry("binary", "!"), "InvalidInput", "binary"),
        (entry("colour", "red"), "InvalidInput", "colour"),
    ] {
        custom(&world, &parameters).await.fails(400, code, message);
    }
    for (kind, value) in [
        ("ip", "10.0.0.0/8"),
        ("ipList", "::1"),
        ("numeric", "3600"),
        ("boolean", "true"),
        ("date", "2026-03-01T00:00:00Z"),
        ("dateList", "1772323170"),
        ("binary", "AAA="),
    ] {
        custom(&world, &entry(kind, value)).await.ok();
    }
}

#[tokio::test]
async fn the_keys_that_policies_ask_for_are_told() {
    let world = World::new().await;
    let input = ("PolicyInputList.member.1", CONNECT);
    let keys = call(&world, "GetContextKeysForCustomPolicy", &[input]).await.ok();
    assert_eq!(keys.element("ContextKeyNames"), "<member>aws:principaltag/team</member>");
    call(&world, "CreateUser", &[("UserName", "anna")]).await.ok();
    let put = [("UserName", "anna"), ("PolicyName", "connect"), ("PolicyDocument", CONNECT)];
    call(&world, "PutUserPolicy", &put).await.ok();
    let arn = ("PolicySourceArn", "arn:aws:iam::123456789012:user/anna");
    let keys = call(&world, "GetContextKeysForPrincipalPolicy", &[arn]).await.ok();
    assert_eq!(keys.element("ContextKeyNames"), "<member>aws:principaltag/team</member>");
    call(&world, "GetContextKeysForCustomPolicy", &[]).await.fails(400, "ValidationError", "PolicyInputList");
}
