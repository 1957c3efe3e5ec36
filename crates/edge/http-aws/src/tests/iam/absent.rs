use super::{TRUST, call, call_as, user_with};
use crate::tests::world::World;

/// Terraform asks all of it before it deletes a role or a user.
#[tokio::test]
async fn what_nobody_has_is_said_to_be_none() {
    let world = World::new().await;
    call(&world, "CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await.ok();
    call(&world, "CreateUser", &[("UserName", "anna")]).await.ok();
    for (action, parameter, list) in [
        ("ListMFADevices", ("UserName", "anna"), "MFADevices"),
        ("ListSSHPublicKeys", ("UserName", "anna"), "SSHPublicKeys"),
        ("ListSigningCertificates", ("UserName", "anna"), "Certificates"),
        ("ListServiceSpecificCredentials", ("UserName", "anna"), "ServiceSpecificCredentials"),
        ("ListVirtualMFADevices", ("AssignmentStatus", "Any"), "VirtualMFADevices"),
        ("ListInstanceProfilesForRole", ("RoleName", "r"), "InstanceProfiles"),
    ] {
        let reply = call(&world, action, &[parameter]).await.ok();
        assert_eq!((reply.element(list), reply.element("IsTruncated")), ("", "false"), "{action}");
        call(&world, action, &[parameter, ("Marker", "x")]).await.fails(400, "InvalidInput", "Marker");
    }
    call(&world, "GetLoginProfile", &[("UserName", "anna")]).await.fails(
        404,
        "NoSuchEntity",
        "Login Profile for User anna",
    );
    call(&world, "DeleteLoginProfile", &[("UserName", "anna")]).await.fails(
        404,
        "NoSuchEntity",
        "Login Profile for User anna",
    );
    call(&world, "GetAccountPasswordPolicy", &[]).await.fails(404, "NoSuchEntity", "Password Policy");
}

#[tokio::test]
async fn it_is_said_of_who_is_there_to_who_may_know() {
    let world = World::new().await;
    call(&world, "ListMFADevices", &[("UserName", "ben")]).await.fails(404, "NoSuchEntity", "user with name ben");
    call(&world, "GetLoginProfile", &[("UserName", "ben")]).await.fails(404, "NoSuchEntity", "user with name ben");
    call(&world, "ListInstanceProfilesForRole", &[("RoleName", "r")]).await.fails(
        404,
        "NoSuchEntity",
        "role with name r",
    );
    call(&world, "ListVirtualMFADevices", &[("AssignmentStatus", "Lost")]).await.fails(400, "ValidationError", "Any");
    let own = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListMFADevices","Resource":"arn:aws:iam::123456789012:user/${aws:username}"}}"#;
    let key = user_with(&world, "anna", own).await;
    call_as(&world, &key, "ListMFADevices", &[]).await.ok();
    call_as(&world, &key, "ListMFADevices", &[("UserName", "ben")]).await.fails(
        403,
        "AccessDenied",
        "iam:ListMFADevices",
    );
    call_as(&world, &key, "GetLoginProfile", &[]).await.fails(403, "AccessDenied", "iam:GetLoginProfile");
}
