use super::*;

const WITH_IAM: &str = "Action=GetClusterCredentialsWithIAM&ClusterIdentifier=c&DbName=dev";

#[tokio::test]
async fn the_database_user_is_the_identitys_own() {
    let world = world().await;
    let reply = as_role(&world, &session(&world, &[]).await, WITH_IAM).await.ok();
    assert_eq!((reply.element("DbUser"), reply.element("Expiration")), ("IAMR:Analysts", "2026-03-01T00:14:30.000Z"));
    assert!(!reply.element("NextRefreshTime").is_empty());
    let kept = world.state.credentials.candidates(&warehouse(&world), "IAMR:Analysts").remove(0);
    assert_eq!(kept.user().db_user(), "IAMR:Analysts");
    let key = world.state.iam.create_access_key(KeyHolder::User("alice")).await.unwrap();
    let client = world.query("redshift", WITH_IAM);
    let reply = Client { key: key.id.clone(), secret: key.secret.clone(), ..client }.send().await.ok();
    assert_eq!(reply.element("DbUser"), "IAM:alice");
    call(&world, WITH_IAM).await.fails(400, "UnsupportedOperation", "root has no database user");
}

#[tokio::test]
async fn the_database_must_be_allowed() {
    let world = world().await;
    let session = session(&world, &[]).await;
    let other = WITH_IAM.replace("DbName=dev", "DbName=other");
    as_role(&world, &session, &other).await.fails(403, "AccessDenied", &format!("{DB_NAME}/other"));
    let any = WITH_IAM.replace("&DbName=dev", "");
    as_role(&world, &session, &any).await.fails(403, "AccessDenied", &format!("{DB_NAME}/*"));
    as_role(&world, &session, &format!("{WITH_IAM}&DurationSeconds=3601")).await.fails(
        400,
        "InvalidParameterValue",
        "900 to 3600",
    );
}

#[tokio::test]
async fn tags_of_the_principal_name_roles_groups_and_user() {
    let world = world().await;
    let tags = [("RedshiftDbRoles", "reader:writer"), ("RedshiftDbGroups", "Redshift_DbGroup")];
    as_role(&world, &session(&world, &tags).await, WITH_IAM).await.ok();
    let kept = world.state.credentials.candidates(&warehouse(&world), "IAMR:Analysts").remove(0);
    assert_eq!(kept.roles(), ["reader", "writer"]);
    assert_eq!(kept.groups(), ["redshift_dbgroup"]);
    let reply = as_role(&world, &session(&world, &[("RedshiftDbUser", "bob")]).await, WITH_IAM).await.ok();
    assert_eq!(reply.element("DbUser"), "IAMA:bob");
}

/// Whoever could choose their tags must not become anybody by them.
#[tokio::test]
async fn tags_give_nothing_that_policies_do_not() {
    let world = world().await;
    for (tag, value, action) in [
        ("RedshiftDbUser", "awsuser", "redshift:GetClusterCredentials"),
        ("RedshiftDbUser", "carol", "redshift:CreateClusterUser"),
        ("RedshiftDbGroups", "redshift_dbgroup:admins", "redshift:JoinGroup"),
    ] {
        let reply = as_role(&world, &session(&world, &[(tag, value)]).await, WITH_IAM).await;
        reply.fails(403, "AccessDenied", action);
        // each session is made with a key of its own, and a user has two
        for key in
            world.state.iam.access_keys_of(&iam::KeyOwner::User(world.state.iam.user("alice").unwrap().id.clone()))
        {
            world.state.iam.delete_access_key(KeyHolder::User("alice"), &key.id).await.unwrap();
        }
    }
    let reply = as_role(&world, &session(&world, &[("RedshiftDbUser", "IAM:x")]).await, WITH_IAM).await;
    reply.fails(400, "InvalidParameterValue", "RedshiftDbUser");
}

/// What a tag gave goes with the tag, from the session that has it too.
#[tokio::test]
async fn a_tag_that_is_taken_away_takes_its_roles_along() {
    let world = world().await;
    let tags = iam::Tags::read([("RedshiftDbRoles".to_owned(), "reader".to_owned())]).unwrap();
    world.state.iam.tag(iam::Taggable::User("alice"), tags).await.unwrap();
    let key = world.state.iam.create_access_key(KeyHolder::User("alice")).await.unwrap();
    let client = world.query("redshift", WITH_IAM);
    Client { key: key.id.clone(), secret: key.secret.clone(), ..client }.send().await.ok();
    let kept = world.state.credentials.candidates(&warehouse(&world), "IAM:alice").remove(0);
    let grounds = world.state.credentials.grounds(&kept);
    assert_eq!((kept.roles(), grounds.ended()), (&["reader".to_owned()][..], None));
    world.state.iam.untag(iam::Taggable::User("alice"), &["RedshiftDbRoles".to_owned()]).await.unwrap();
    assert!(grounds.ended().unwrap().reason.contains("The tag RedshiftDbRoles"));
}
