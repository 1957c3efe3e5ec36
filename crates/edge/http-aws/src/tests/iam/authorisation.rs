//! A limited administrator can't exceed themselves where the policy says so.

use serde_json::json;

use super::{ADMINISTRATOR, TRUST, allowing, call, call_as, user_with};
use crate::tests::world::World;

fn document(statements: serde_json::Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

#[tokio::test]
async fn a_denial_names_the_caller_the_action_and_the_resource() {
    let world = World::new().await;
    let key = user_with(&world, "anna", &allowing("iam:GetUser", "*")).await;
    call(&world, "CreateRole", &[("RoleName", "r"), ("Path", "/data/"), ("AssumeRolePolicyDocument", TRUST)])
        .await
        .ok();
    call_as(&world, &key, "DeleteRole", &[("RoleName", "r")]).await.fails(
        403,
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/anna is not authorized to perform: iam:DeleteRole on resource: \
         arn:aws:iam::123456789012:role/data/r because no identity-based policy allows the iam:DeleteRole action",
    );
    call(&world, "GetRole", &[("RoleName", "r")]).await.ok();
    // Nor is somebody who may not call it told how to.
    call_as(&world, &key, "CreateRole", &[]).await.fails(403, "AccessDenied", "iam:CreateRole");
}

#[tokio::test]
async fn names_in_another_case_and_paths_lead_nowhere_else() {
    let world = World::new().await;
    let own = document(json!([
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::123456789012:user/admins/root-like"},
    ]));
    let key = user_with(&world, "anna", &own).await;
    call(&world, "CreateUser", &[("UserName", "root-like"), ("Path", "/admins/")]).await.ok();
    // In another case it is nobody's name, and free to nobody.
    for (name, status, code) in [("root-like", 403, "AccessDenied"), ("ROOT-LIKE", 404, "NoSuchEntity")] {
        let put = [("UserName", name), ("PolicyName", "x"), ("PolicyDocument", ADMINISTRATOR)];
        call_as(&world, &key, "PutUserPolicy", &put).await.fails(status, code, "");
        call_as(&world, &key, "CreateAccessKey", &[("UserName", name)]).await.fails(status, code, "");
    }
    call_as(&world, &key, "CreateUser", &[("UserName", "ROOT-LIKE")]).await.fails(409, "EntityAlreadyExists", "");
    let rename = [("UserName", "anna"), ("NewUserName", "root-like"), ("NewPath", "/admins/")];
    call_as(&world, &key, "UpdateUser", &rename).await.fails(403, "AccessDenied", "explicit deny");
}

#[tokio::test]
async fn users_are_made_only_with_the_boundary_that_is_asked_for() {
    let world = World::new().await;
    let boundary = "arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess";
    let own = document(json!([{
        "Effect": "Allow",
        "Action": ["iam:CreateUser", "iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:PutUserPermissionsBoundary",
            "iam:DeleteUserPermissionsBoundary"],
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}},
    }, {
        "Effect": "Deny", "Action": "iam:DeleteUserPermissionsBoundary", "Resource": "*",
    }]));
    let key = user_with(&world, "delegate", &own).await;
    let with = |boundary| [("UserName", "b"), ("PermissionsBoundary", boundary)];
    call_as(&world, &key, "CreateUser", &with(boundary)[..1]).await.fails(403, "AccessDenied", "iam:CreateUser");
    let wide = "arn:aws:iam::aws:policy/AdministratorAccess";
    call_as(&world, &key, "CreateUser", &with(wide)).await.fails(403, "AccessDenied", "iam:CreateUser");
    call_as(&world, &key, "CreateUser", &with(boundary)).await.ok();
    let put = |name| [("UserName", name), ("PolicyName", "x"), ("PolicyDocument", ADMINISTRATOR)];
    call_as(&world, &key, "PutUserPolicy", &put("b")).await.ok();
    call_as(&world, &key, "PutUserPolicy", &put("delegate")).await.fails(403, "AccessDenied", "iam:PutUserPolicy");
    let widen = [("UserName", "b"), ("PermissionsBoundary", wide)];
    call_as(&world, &key, "PutUserPermissionsBoundary", &widen).await.fails(403, "AccessDenied", "Boundary");
    let delete = [("UserName", "b")];
    call_as(&world, &key, "DeleteUserPermissionsBoundary", &delete).await.fails(403, "AccessDenied", "explicit deny");
}

#[tokio::test]
async fn only_the_policies_that_are_allowed_are_attached() {
    let world = World::new().await;
    let reader = "arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess";
    let own = document(json!({
        "Effect": "Allow", "Action": "iam:AttachRolePolicy", "Resource": "*",
        "Condition": {"ArnEquals": {"iam:PolicyARN": reader}},
    }));
    let key = user_with(&world, "delegate", &own).await;
    call(&world, "CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await.ok();
    call_as(&world, &key, "AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", reader)]).await.ok();
    let wide = [("RoleName", "r"), ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess")];
    call_as(&world, &key, "AttachRolePolicy", &wide).await.fails(403, "AccessDenied", "iam:AttachRolePolicy");
}

#[tokio::test]
async fn tags_are_asked_about_on_the_request_and_on_the_resource() {
    let world = World::new().await;
    let own = document(json!([
        {"Effect": "Allow", "Action": ["iam:CreateRole", "iam:TagRole"], "Resource": "*",
         "Condition": {"StringEquals": {"aws:RequestTag/team": "data"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}},
        {"Effect": "Allow", "Action": "iam:DeleteRole", "Resource": "*",
         "Condition": {"StringEquals": {"aws:ResourceTag/team": "data", "iam:ResourceTag/team": "data"}}},
    ]));
    let key = user_with(&world, "delegate", &own).await;
    let new = |name, value| {
        [
            ("RoleName", name),
            ("AssumeRolePolicyDocument", TRUST),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", value),
        ]
    };
    call_as(&world, &key, "CreateRole", &new("mine", "data")).await.ok();
    call_as(&world, &key, "CreateRole", &new("yours", "ops")).await.fails(403, "AccessDenied", "iam:CreateRole");
    call_as(&world, &key, "CreateRole", &new("none", "data")[..2]).await.fails(403, "AccessDenied", "iam:CreateRole");
    call(&world, "CreateRole", &new("yours", "ops")).await.ok();
    call_as(&world, &key, "DeleteRole", &[("RoleName", "yours")]).await.fails(403, "AccessDenied", "iam:DeleteRole");
    call_as(&world, &key, "DeleteRole", &[("RoleName", "mine")]).await.ok();
}

#[tokio::test]
async fn making_something_with_tags_needs_leave_to_tag_it() {
    let world = World::new().await;
    let key = user_with(&world, "delegate", &allowing("iam:CreateUser", "*")).await;
    let tagged = [("UserName", "b"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "data")];
    call_as(&world, &key, "CreateUser", &tagged).await.fails(403, "AccessDenied", "iam:TagUser");
    call_as(&world, &key, "CreateUser", &tagged[..1]).await.ok();
}

#[tokio::test]
async fn a_role_is_handed_to_a_service_only_by_who_may_pass_it() {
    let world = World::new().await;
    let role = "arn:aws:iam::123456789012:role/connect";
    let own = |service: &str| {
        document(json!([
            {"Effect": "Allow", "Action": ["redshift-serverless:*"], "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role,
             "Condition": {"StringEquals": {"iam:PassedToService": service}}},
        ]))
    };
    let key = user_with(&world, "delegate", &own("redshift-serverless.amazonaws.com")).await;
    let other = user_with(&world, "other", &own("lambda.amazonaws.com")).await;
    let create = |key: &super::Key, name: &str, role: &str| {
        let body = json!({"namespaceName": name, "iamRoles": [role]});
        let mut client = world.json("redshift-serverless", "CreateNamespace", &body);
        client.key = key.id.clone();
        client.secret = key.secret.as_str().into();
        client.send()
    };
    create(&other, "one", role).await.fails_json(400, "AccessDeniedException", "iam:PassRole");
    let wide = "arn:aws:iam::123456789012:role/admin";
    create(&key, "one", wide).await.fails_json(
        400,
        "AccessDeniedException",
        "iam:PassRole on resource: arn:aws:iam::123456789012:role/admin",
    );
    create(&key, "one", role).await.ok();
}

#[tokio::test]
async fn a_user_may_be_let_manage_their_own_keys() {
    let world = World::new().await;
    let own = allowing("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}");
    let key = user_with(&world, "anna", &own).await;
    call(&world, "CreateUser", &[("UserName", "ben")]).await.ok();
    call_as(&world, &key, "CreateAccessKey", &[]).await.ok();
    call_as(&world, &key, "ListAccessKeys", &[("UserName", "anna")]).await.ok();
    call_as(&world, &key, "CreateAccessKey", &[("UserName", "ben")]).await.fails(403, "AccessDenied", "user/ben");
}

#[tokio::test]
async fn a_cluster_gets_no_role_that_its_maker_may_not_pass() {
    let world = World::new().await;
    let key = user_with(&world, "delegate", &allowing("redshift:*", "*")).await;
    let role = "IamRoles.IamRoleArn.1=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fadmin";
    let instance = world.state.center.instance().arn.clone();
    for form in [
        crate::tests::redshift::cluster_form("c", &format!("&{role}")),
        format!("Action=ModifyClusterIamRoles&ClusterIdentifier=c&Add{role}"),
        format!("Action=RestoreFromClusterSnapshot&ClusterIdentifier=c&SnapshotIdentifier=s&{role}"),
        format!(
            "Action=CreateRedshiftIdcApplication&IdcInstanceArn={instance}&RedshiftIdcApplicationName=a&IdcDisplayName=a\
             &IamRoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fadmin"
        ),
    ] {
        let mut client = world.query("redshift", &form);
        client.key = key.id.clone();
        client.secret = key.secret.as_str().into();
        let message = "iam:PassRole on resource: arn:aws:iam::123456789012:role/admin";
        client.send().await.fails(403, "AccessDenied", message);
    }
}
