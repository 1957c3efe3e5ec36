use super::{ADMINISTRATOR, TRUST, all, call};
use crate::tests::world::World;

/// What a percent-encoded document says.
fn decoded(document: &str) -> String {
    percent_encoding::percent_decode_str(document).decode_utf8().unwrap().into_owned()
}

#[tokio::test]
async fn a_role_lives() {
    let world = World::new().await;
    let new = [
        ("RoleName", "redshift-sso"),
        ("Path", "/sso/"),
        ("AssumeRolePolicyDocument", TRUST),
        ("Description", "for drivers"),
        ("MaxSessionDuration", "7200"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "data"),
    ];
    let made = call(&world, "CreateRole", &new).await.ok();
    assert_eq!(made.element("Arn"), "arn:aws:iam::123456789012:role/sso/redshift-sso");
    assert!(made.element("RoleId").starts_with("AROA"));
    let document = made.element("AssumeRolePolicyDocument");
    assert!(document.starts_with("%7B%22Version%22%3A%222012-10-17%22%2C"), "{document}");
    assert_eq!(decoded(document), TRUST);
    call(&world, "CreateRole", &new).await.fails(409, "EntityAlreadyExists", "redshift-sso");

    let found = call(&world, "GetRole", &[("RoleName", "redshift-sso")]).await.ok();
    assert_eq!((found.element("MaxSessionDuration"), found.element("Description")), ("7200", "for drivers"));
    assert_eq!((found.element("RoleLastUsed"), all(&found, "Key")), ("", vec!["team"]));
    let listed = call(&world, "ListRoles", &[("PathPrefix", "/sso/")]).await.ok();
    assert_eq!(all(&listed, "RoleName"), ["redshift-sso"]);
    assert!(!listed.body.contains("<Tags>") && !listed.body.contains("RoleLastUsed"));

    let update = [("RoleName", "redshift-sso"), ("MaxSessionDuration", "3600"), ("Description", "x")];
    let updated = call(&world, "UpdateRole", &update).await.ok();
    assert!(updated.body.contains("<UpdateRoleResult></UpdateRoleResult>"), "{}", updated.body);
    let described = [("RoleName", "redshift-sso"), ("Description", "y")];
    let described = call(&world, "UpdateRoleDescription", &described).await.ok();
    assert_eq!((described.element("MaxSessionDuration"), described.element("Description")), ("3600", "y"));
    call(&world, "DeleteRole", &[("RoleName", "redshift-sso")]).await.ok();
    call(&world, "GetRole", &[("RoleName", "redshift-sso")]).await.fails(404, "NoSuchEntity", "redshift-sso");
}

#[tokio::test]
async fn the_trust_policy_is_changed_and_checked() {
    let world = World::new().await;
    let new = |trust| [("RoleName", "r"), ("AssumeRolePolicyDocument", trust)];
    call(&world, "CreateRole", &new("{")).await.fails(400, "MalformedPolicyDocument", "line 1");
    call(&world, "CreateRole", &new(ADMINISTRATOR)).await.fails(400, "MalformedPolicyDocument", "Statement");
    let nobody =
        TRUST.replace(r#""Service":"redshift.amazonaws.com""#, r#""AWS":"arn:aws:iam::123456789012:user/none""#);
    call(&world, "CreateRole", &new(&nobody)).await.fails(
        400,
        "MalformedPolicyDocument",
        "Invalid principal in policy",
    );
    call(&world, "CreateRole", &new(TRUST)).await.ok();
    let other = TRUST.replace("redshift.amazonaws.com", "redshift-serverless.amazonaws.com");
    call(&world, "UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &other)]).await.ok();
    let found = call(&world, "GetRole", &[("RoleName", "r")]).await.ok();
    assert_eq!(decoded(found.element("AssumeRolePolicyDocument")), other);
    let broken = [("RoleName", "r"), ("PolicyDocument", "[]")];
    call(&world, "UpdateAssumeRolePolicy", &broken).await.fails(400, "MalformedPolicyDocument", "");
    for seconds in ["3599", "43201", "x"] {
        let update = [("RoleName", "r"), ("MaxSessionDuration", seconds)];
        call(&world, "UpdateRole", &update).await.fails(400, "ValidationError", "axSessionDuration");
    }
}

#[tokio::test]
async fn policies_of_a_role_are_put_read_and_taken_away() {
    let world = World::new().await;
    call(&world, "CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await.ok();
    let put = [("RoleName", "r"), ("PolicyName", "all"), ("PolicyDocument", ADMINISTRATOR)];
    assert!(!call(&world, "PutRolePolicy", &put).await.ok().body.contains("Result"));
    let found = call(&world, "GetRolePolicy", &put[..2]).await.ok();
    assert_eq!((found.element("RoleName"), found.element("PolicyName")), ("r", "all"));
    assert_eq!(decoded(found.element("PolicyDocument")), ADMINISTRATOR);
    let names = call(&world, "ListRolePolicies", &[("RoleName", "r")]).await.ok();
    assert_eq!(names.element("PolicyNames"), "<member>all</member>");
    let broken = [put[0], put[1], ("PolicyDocument", r#"{"Statement":{"Effect":"Maybe"}}"#)];
    call(&world, "PutRolePolicy", &broken).await.fails(400, "MalformedPolicyDocument", "Effect");

    let reader = "arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess";
    let attach = [("RoleName", "r"), ("PolicyArn", reader)];
    call(&world, "AttachRolePolicy", &attach).await.ok();
    let attached = call(&world, "ListAttachedRolePolicies", &[("RoleName", "r")]).await.ok();
    assert_eq!(attached.element("PolicyName"), "AmazonRedshiftReadOnlyAccess");
    assert_eq!(attached.element("PolicyArn"), reader);
    let elsewhere = [("RoleName", "r"), ("PathPrefix", "/mine/")];
    let elsewhere = call(&world, "ListAttachedRolePolicies", &elsewhere).await.ok();
    assert_eq!(all(&elsewhere, "PolicyArn"), Vec::<&str>::new());
    call(&world, "DeleteRole", &[("RoleName", "r")]).await.fails(409, "DeleteConflict", "");
    call(&world, "DetachRolePolicy", &attach).await.ok();
    call(&world, "DetachRolePolicy", &attach).await.fails(404, "NoSuchEntity", "");
    call(&world, "DeleteRolePolicy", &put[..2]).await.ok();
    call(&world, "GetRolePolicy", &put[..2]).await.fails(404, "NoSuchEntity", "role policy with name all");
    call(&world, "DeleteRole", &[("RoleName", "r")]).await.ok();
}

#[tokio::test]
async fn a_service_gets_its_role_and_nobody_changes_it() {
    let world = World::new().await;
    let service = [("AWSServiceName", "redshift.amazonaws.com")];
    let made = call(&world, "CreateServiceLinkedRole", &service).await.ok();
    let arn = "arn:aws:iam::123456789012:role/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift";
    assert_eq!((made.element("Arn"), world.last_record().target.as_str()), (arn, arn));
    let name = [("RoleName", "AWSServiceRoleForRedshift")];
    call(&world, "DeleteRole", &name).await.fails(400, "UnmodifiableEntity", "");
    let put = [name[0], ("PolicyName", "all"), ("PolicyDocument", ADMINISTRATOR)];
    call(&world, "PutRolePolicy", &put).await.fails(400, "UnmodifiableEntity", "");
    let task = call(&world, "DeleteServiceLinkedRole", &name).await.ok();
    let task = [("DeletionTaskId", task.element("DeletionTaskId"))];
    let status = call(&world, "GetServiceLinkedRoleDeletionStatus", &task).await.ok();
    assert_eq!(status.element("Status"), "SUCCEEDED");
    let other = [("DeletionTaskId", "task/x")];
    call(&world, "GetServiceLinkedRoleDeletionStatus", &other).await.fails(404, "NoSuchEntity", "task/x");
    let other = [("AWSServiceName", "lambda.amazonaws.com")];
    call(&world, "CreateServiceLinkedRole", &other).await.fails(400, "InvalidInput", "lambda.amazonaws.com");
}
