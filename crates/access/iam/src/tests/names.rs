use super::fixture::{Fixture, policy, refused, role};
use crate::{Listing, NewUser, Tags, names};

fn named(name: &str) -> NewUser {
    NewUser { name: name.to_owned(), ..NewUser::default() }
}

#[tokio::test]
async fn names_have_iams_characters_and_lengths() {
    let fixture = Fixture::new().await;
    for name in ["", "a b", "a/b", "é", &"a".repeat(65)] {
        refused(fixture.iam.create_user(named(name)).await, "ValidationError", "userName");
        refused(fixture.iam.create_role(role(name, "*")).await, "ValidationError", "roleName");
    }
    refused(fixture.iam.create_group(&"a".repeat(129), None).await, "ValidationError", "groupName");
    refused(fixture.iam.create_policy(policy(&"a".repeat(129))).await, "ValidationError", "policyName");
    fixture.iam.create_user(named(&"a".repeat(64))).await.unwrap();
    fixture.iam.create_user(named("Bob_+=,.@-1")).await.unwrap();
    fixture.iam.create_group(&"a".repeat(128), None).await.unwrap();
}

#[tokio::test]
async fn names_that_differ_in_case_alone_are_one_name_and_are_found_by_their_spelling() {
    let fixture = Fixture::new().await;
    fixture.user("Bob").await;
    fixture.role("Reader").await;
    fixture.policy("Look").await;
    fixture.iam.create_group("People", None).await.unwrap();
    refused(fixture.iam.create_user(named("bob")).await, "EntityAlreadyExists", "User with name bob already exists.");
    refused(fixture.iam.create_role(role("READER", "*")).await, "EntityAlreadyExists", "Role with name READER");
    refused(
        fixture.iam.create_policy(policy("look")).await,
        "EntityAlreadyExists",
        "A policy called look already exists",
    );
    refused(fixture.iam.create_group("people", None).await, "EntityAlreadyExists", "Group with name people");
    assert!(fixture.iam.user("Bob").is_some());
    assert!(fixture.iam.user("bob").is_none());
    let renamed = fixture.iam.update_user("Bob", Some("bob"), None).await.unwrap();
    assert_eq!(renamed.arn, "arn:aws:iam::123456789012:user/bob");
}

#[tokio::test]
async fn a_path_is_between_slashes_and_not_aws_own() {
    let fixture = Fixture::new().await;
    let at = |path: &str| NewUser { path: Some(path.to_owned()), ..named("bob") };
    for path in ["", "sales", "/sales", "sales/", "/sa les/", "//"] {
        let result = fixture.iam.create_user(at(path)).await;
        refused(result, "ValidationError", "path");
    }
    for path in ["/aws-reserved/", "/aws-reserved/sso/", "/aws-service-role/redshift.amazonaws.com/"] {
        refused(fixture.iam.create_user(at(path)).await, "ValidationError", "reserved for AWS");
        let role = crate::NewRole { path: Some(path.to_owned()), ..role("r", "*") };
        refused(fixture.iam.create_role(role).await, "ValidationError", "reserved for AWS");
    }
    let bob = fixture.iam.create_user(at("/sales/emea/")).await.unwrap();
    assert_eq!(bob.arn, "arn:aws:iam::123456789012:user/sales/emea/bob");
    assert_eq!(fixture.iam.user_by_arn(&bob.arn), Some(bob.clone()));
    assert_eq!(fixture.iam.role_by_arn(&bob.arn), None);
    names::path_prefix("/sales/").unwrap();
    names::path_prefix("sales").unwrap_err();
}

#[tokio::test]
async fn names_of_aws_own_roles_are_refused() {
    let fixture = Fixture::new().await;
    for name in
        ["AWSServiceRoleForRedshift", "awsservicerolefoo".replace("foo", "forx").as_str(), "AWSReservedSSO_Admin_1"]
    {
        refused(fixture.iam.create_role(role(name, "*")).await, "InvalidInput", "reserved for AWS");
    }
}

#[tokio::test]
async fn tags_have_iams_shape_and_keys_without_case() {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    refused(Tags::read([pair("", "x")]), "ValidationError", "tags.member.key");
    refused(Tags::read([pair(&"k".repeat(129), "x")]), "ValidationError", "tags.member.key");
    refused(Tags::read([pair("k", &"v".repeat(257))]), "ValidationError", "tags.member.value");
    refused(Tags::read([pair("k", "a;b")]), "ValidationError", "tags.member.value");
    refused(Tags::read([pair("aws:x", "y")]), "InvalidInput", "reserved for AWS");
    refused(Tags::read([pair("Team", "a"), pair("team", "b")]), "InvalidInput", "Duplicate tag keys");
    let tags = Tags::read([pair("Team", "sales"), pair("Zone", "")]).unwrap();
    assert_eq!((tags.get("team"), tags.get("ZONE"), tags.len()), (Some("sales"), Some(""), 2));
}

#[tokio::test]
async fn a_list_comes_in_parts_with_what_fits() {
    let fixture = Fixture::new().await;
    for number in 0..5 {
        let path = if number % 2 == 0 { "/even/" } else { "/odd/" };
        let user = NewUser { path: Some(path.to_owned()), ..named(&format!("u{number}")) };
        fixture.iam.create_user(user).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let listing = Listing { path_prefix: "/even/", after: after.as_deref(), limit: 2 };
        let page = fixture.iam.list_users(&listing);
        assert!(page.items.len() <= 2);
        seen.extend(page.items.iter().map(|user| user.name.clone()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["u0", "u2", "u4"]);
}
