use super::{ADMINISTRATOR, all, allowing, call, call_as, user_with};
use crate::tests::world::World;

#[tokio::test]
async fn a_group_lives() {
    let world = World::new().await;
    let made = call(&world, "CreateGroup", &[("GroupName", "readers"), ("Path", "/data/")]).await.ok();
    assert_eq!(made.element("Arn"), "arn:aws:iam::123456789012:group/data/readers");
    assert!(made.element("GroupId").starts_with("AGPA"));
    for name in ["anna", "ben"] {
        call(&world, "CreateUser", &[("UserName", name)]).await.ok();
        call(&world, "AddUserToGroup", &[("GroupName", "readers"), ("UserName", name)]).await.ok();
    }
    let first = call(&world, "GetGroup", &[("GroupName", "readers"), ("MaxItems", "1")]).await.ok();
    assert_eq!((all(&first, "UserName"), first.element("IsTruncated")), (vec!["anna"], "true"));
    let next = [("GroupName", "readers"), ("Marker", first.element("Marker"))];
    assert_eq!(all(&call(&world, "GetGroup", &next).await.ok(), "UserName"), ["ben"]);
    let of_anna = call(&world, "ListGroupsForUser", &[("UserName", "anna")]).await.ok();
    assert_eq!(all(&of_anna, "GroupName"), ["readers"]);

    call(&world, "DeleteGroup", &[("GroupName", "readers")]).await.fails(409, "DeleteConflict", "");
    let rename = [("GroupName", "readers"), ("NewGroupName", "writers")];
    call(&world, "UpdateGroup", &rename).await.ok();
    assert_eq!(all(&call(&world, "ListGroups", &[]).await.ok(), "GroupName"), ["writers"]);
    for name in ["anna", "ben"] {
        call(&world, "RemoveUserFromGroup", &[("GroupName", "writers"), ("UserName", name)]).await.ok();
    }
    call(&world, "DeleteGroup", &[("GroupName", "writers")]).await.ok();
    call(&world, "GetGroup", &[("GroupName", "writers")]).await.fails(404, "NoSuchEntity", "writers");
    let nobody = [("GroupName", "none"), ("UserName", "anna")];
    call(&world, "AddUserToGroup", &nobody).await.fails(404, "NoSuchEntity", "none");
}

#[tokio::test]
async fn what_a_group_may_its_members_may_until_they_leave() {
    let world = World::new().await;
    let key = user_with(&world, "anna", &allowing("iam:GetUser", "*")).await;
    call(&world, "CreateGroup", &[("GroupName", "admins")]).await.ok();
    let policy = [("GroupName", "admins"), ("PolicyName", "all"), ("PolicyDocument", ADMINISTRATOR)];
    call(&world, "PutGroupPolicy", &policy).await.ok();
    call_as(&world, &key, "ListRoles", &[]).await.fails(403, "AccessDenied", "iam:ListRoles");
    let member = [("GroupName", "admins"), ("UserName", "anna")];
    call(&world, "AddUserToGroup", &member).await.ok();
    call_as(&world, &key, "ListRoles", &[]).await.ok();
    call(&world, "RemoveUserFromGroup", &member).await.ok();
    call_as(&world, &key, "ListRoles", &[]).await.fails(403, "AccessDenied", "iam:ListRoles");
}
