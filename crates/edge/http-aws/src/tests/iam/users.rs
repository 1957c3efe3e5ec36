use super::{ADMINISTRATOR, all, call, call_as, user_with};
use crate::tests::world::{ACCOUNT, World};

#[tokio::test]
async fn a_user_lives() {
    let world = World::new().await;
    let tags = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "data")];
    let new = [&[("UserName", "anna"), ("Path", "/people/")], tags.as_slice()].concat();
    let made = call(&world, "CreateUser", &new).await.ok();
    assert!(made.body.starts_with("<CreateUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"));
    assert_eq!(made.element("Arn"), "arn:aws:iam::123456789012:user/people/anna");
    assert!(made.element("UserId").starts_with("AIDA"));
    assert_eq!(made.element("CreateDate").len(), "2026-03-01T00:00:00Z".len());
    assert_eq!(made.element("Tags"), "<member><Key>team</Key><Value>data</Value></member>");
    assert_eq!(world.last_record().target, "arn:aws:iam::123456789012:user/people/anna");
    call(&world, "CreateUser", &new).await.fails(409, "EntityAlreadyExists", "anna");

    let found = call(&world, "GetUser", &[("UserName", "anna")]).await.ok();
    assert_eq!(found.element("UserId"), made.element("UserId"));
    let listed = call(&world, "ListUsers", &[("PathPrefix", "/people/")]).await.ok();
    assert_eq!((all(&listed, "UserName"), listed.element("IsTruncated")), (vec!["anna"], "false"));
    assert!(!listed.body.contains("<Tags>"));
    let elsewhere = call(&world, "ListUsers", &[("PathPrefix", "/machines/")]).await.ok();
    assert_eq!(all(&elsewhere, "UserName"), Vec::<&str>::new());

    let rename = [("UserName", "anna"), ("NewUserName", "anne"), ("NewPath", "/")];
    assert!(!call(&world, "UpdateUser", &rename).await.ok().body.contains("Result"));
    call(&world, "GetUser", &[("UserName", "anna")]).await.fails(404, "NoSuchEntity", "anna");
    let found = call(&world, "GetUser", &[("UserName", "anne")]).await.ok();
    assert_eq!(found.element("Arn"), "arn:aws:iam::123456789012:user/anne");
    call(&world, "DeleteUser", &[("UserName", "anne")]).await.ok();
    call(&world, "DeleteUser", &[("UserName", "anne")]).await.fails(404, "NoSuchEntity", "anne");
}

#[tokio::test]
async fn a_user_with_keys_or_policies_stays() {
    let world = World::new().await;
    let key = user_with(&world, "anna", ADMINISTRATOR).await;
    call(&world, "DeleteUser", &[("UserName", "anna")]).await.fails(409, "DeleteConflict", "");
    call(&world, "DeleteAccessKey", &[("UserName", "anna"), ("AccessKeyId", &key.id)]).await.ok();
    call(&world, "DeleteUser", &[("UserName", "anna")]).await.fails(409, "DeleteConflict", "");
    call(&world, "DeleteUserPolicy", &[("UserName", "anna"), ("PolicyName", "own")]).await.ok();
    call(&world, "DeleteUser", &[("UserName", "anna")]).await.ok();
}

#[tokio::test]
async fn tags_of_a_user_are_set_listed_and_taken_away() {
    let world = World::new().await;
    call(&world, "CreateUser", &[("UserName", "anna")]).await.ok();
    let tags = [
        ("UserName", "anna"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "data"),
        ("Tags.member.2.Key", "stage"),
        ("Tags.member.2.Value", ""),
    ];
    call(&world, "TagUser", &tags).await.ok();
    let first = call(&world, "ListUserTags", &[("UserName", "anna"), ("MaxItems", "1")]).await.ok();
    assert_eq!((all(&first, "Key"), first.element("IsTruncated")), (vec!["stage"], "true"));
    let marker = first.element("Marker");
    let next = call(&world, "ListUserTags", &[("UserName", "anna"), ("Marker", marker)]).await.ok();
    assert_eq!((all(&next, "Key"), next.element("IsTruncated")), (vec!["team"], "false"));
    call(&world, "UntagUser", &[("UserName", "anna"), ("TagKeys.member.1", "team")]).await.ok();
    let left = call(&world, "ListUserTags", &[("UserName", "anna")]).await.ok();
    assert_eq!(all(&left, "Key"), ["stage"]);
    let twice = [&tags[..3], &[("Tags.member.2.Key", "TEAM"), ("Tags.member.2.Value", "")]].concat();
    call(&world, "TagUser", &twice).await.fails(400, "InvalidInput", "Duplicate tag keys");
    call(&world, "TagUser", &[("UserName", "anna")]).await.fails(400, "ValidationError", "Tags");
}

#[tokio::test]
async fn keys_are_made_listed_switched_and_deleted() {
    let world = World::new().await;
    let key = user_with(&world, "anna", ADMINISTRATOR).await;
    assert!(key.id.starts_with("AKIA"));
    assert!(!format!("{:?}", world.trail.records.lock().unwrap()).contains(&key.secret));
    let listed = call(&world, "ListAccessKeys", &[("UserName", "anna")]).await.ok();
    assert_eq!((all(&listed, "AccessKeyId"), listed.element("Status")), (vec![key.id.as_str()], "Active"));
    assert!(!listed.body.contains("Secret"));
    call_as(&world, &key, "ListUsers", &[]).await.ok();

    let switch = |status| [("UserName", "anna"), ("AccessKeyId", key.id.as_str()), ("Status", status)];
    call(&world, "UpdateAccessKey", &switch("Off")).await.fails(400, "ValidationError", "Active, Inactive");
    call(&world, "UpdateAccessKey", &switch("Inactive")).await.ok();
    call_as(&world, &key, "ListUsers", &[]).await.fails(403, "InvalidClientTokenId", "");
    call(&world, "UpdateAccessKey", &switch("Active")).await.ok();
    call_as(&world, &key, "ListUsers", &[]).await.ok();

    call(&world, "CreateAccessKey", &[("UserName", "anna")]).await.ok();
    call(&world, "CreateAccessKey", &[("UserName", "anna")]).await.fails(409, "LimitExceeded", "2");
    let used = call(&world, "GetAccessKeyLastUsed", &[("AccessKeyId", &key.id)]).await.ok();
    assert_eq!((used.element("UserName"), used.element("ServiceName")), ("anna", "iam"));
    let unknown = [("AccessKeyId", "AKIAAAAAAAAAAAAAAAAA")];
    call(&world, "GetAccessKeyLastUsed", &unknown).await.fails(404, "NoSuchEntity", "AKIAAAAAAAAAAAAAAAAA");
    let foreign = [("UserName", "anna"), unknown[0]];
    call(&world, "DeleteAccessKey", &foreign).await.fails(404, "NoSuchEntity", "");
}

#[tokio::test]
async fn without_a_name_it_is_the_caller() {
    let world = World::new().await;
    let root = call(&world, "GetUser", &[]).await.ok();
    assert_eq!((root.element("Arn"), root.element("UserId")), ("arn:aws:iam::123456789012:root", ACCOUNT));
    let keys = call(&world, "ListAccessKeys", &[]).await.ok();
    assert_eq!(all(&keys, "AccessKeyId").len(), 1);

    let key = user_with(&world, "anna", ADMINISTRATOR).await;
    let own = call_as(&world, &key, "GetUser", &[]).await.ok();
    assert_eq!(own.element("UserName"), "anna");
    let own = call_as(&world, &key, "ListAccessKeys", &[]).await.ok();
    assert_eq!((own.element("UserName"), own.element("AccessKeyId")), ("anna", key.id.as_str()));
}

#[tokio::test]
async fn a_boundary_is_put_and_taken_away() {
    let world = World::new().await;
    let power = "arn:aws:iam::aws:policy/PowerUserAccess";
    call(&world, "CreateUser", &[("UserName", "anna"), ("PermissionsBoundary", power)]).await.ok();
    let found = call(&world, "GetUser", &[("UserName", "anna")]).await.ok();
    assert_eq!(found.element("PermissionsBoundaryArn"), power);
    let count = call(&world, "GetPolicy", &[("PolicyArn", power)]).await.ok();
    assert_eq!((count.element("PermissionsBoundaryUsageCount"), count.element("AttachmentCount")), ("1", "0"));
    call(&world, "DeleteUserPermissionsBoundary", &[("UserName", "anna")]).await.ok();
    let found = call(&world, "GetUser", &[("UserName", "anna")]).await.ok();
    assert!(!found.body.contains("PermissionsBoundary"));
    let put = [("UserName", "anna"), ("PermissionsBoundary", power)];
    call(&world, "PutUserPermissionsBoundary", &put).await.ok();
    let none = [("UserName", "anna"), ("PermissionsBoundary", "arn:aws:iam::123456789012:policy/none")];
    call(&world, "PutUserPermissionsBoundary", &none).await.fails(404, "NoSuchEntity", "none");
}
