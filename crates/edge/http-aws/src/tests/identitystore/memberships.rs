use serde_json::{Value, json};

use super::super::world::World;
use super::{call, conflicts, not_found};

const NOTHING: &str = "00000000-0000-4000-8000-000000000000";

fn pair(group: &str, user: &str) -> Value {
    json!({"GroupId": group, "MemberId": {"UserId": user}})
}

#[tokio::test]
async fn a_membership_lives_and_ends() {
    let world = World::new().await;
    let (group, user) = (world.group("sales").await, world.user("ethan").await);
    let store = &world.state.center.instance().identity_store_id;
    let made = call(&world, "CreateGroupMembership", pair(&group, &user)).await.ok().json();
    let id = made["MembershipId"].as_str().unwrap();
    let arn = format!("arn:aws:identitystore:::membership/{id}");
    assert_eq!(made, json!({"IdentityStoreId": store, "MembershipId": id, "MembershipArn": arn}));
    assert_eq!(call(&world, "GetGroupMembershipId", pair(&group, &user)).await.ok().json(), made);
    let expected = json!({
        "IdentityStoreId": store, "MembershipId": id, "MembershipArn": arn, "GroupId": group, "MemberId": {"UserId": user},
    });
    for name in [id, &arn] {
        assert_eq!(call(&world, "DescribeGroupMembership", json!({"MembershipId": name})).await.ok().json(), expected);
        assert_eq!(world.last_record().target, arn);
    }
    let list = call(&world, "ListGroupMemberships", json!({"GroupId": group})).await.ok().json();
    assert_eq!(list, json!({"GroupMemberships": [expected]}));
    let again = call(&world, "CreateGroupMembership", pair(&group, &user)).await;
    conflicts(&again, "UNIQUENESS_CONSTRAINT_VIOLATION", "already exists");

    assert_eq!(call(&world, "DeleteGroupMembership", json!({"MembershipId": arn})).await.ok().json(), json!({}));
    for operation in ["DeleteGroupMembership", "DescribeGroupMembership"] {
        not_found(&call(&world, operation, json!({"MembershipId": id})).await, "GROUP_MEMBERSHIP");
    }
    not_found(&call(&world, "GetGroupMembershipId", pair(&group, &user)).await, "GROUP_MEMBERSHIP");
    let list = call(&world, "ListGroupMemberships", json!({"GroupId": group})).await.ok().json();
    assert_eq!(list, json!({"GroupMemberships": []}));
}

#[tokio::test]
async fn memberships_are_listed_in_pages() {
    let world = World::new().await;
    let (mut groups, mut users) = (Vec::new(), Vec::new());
    for number in 0..3 {
        groups.push(world.group(&format!("g{number}")).await);
        users.push(world.user(&format!("u{number}")).await);
    }
    for (group, user) in [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0)] {
        call(&world, "CreateGroupMembership", pair(&groups[group], &users[user])).await.ok();
    }
    let of_group = json!({"GroupId": groups[0]});
    let of_user = json!({"MemberId": {"UserId": users[0]}});
    let mut expected = [users.clone(), groups.clone()];
    expected.iter_mut().for_each(|ids| ids.sort());
    for records in 1..=4 {
        let lists = [
            ("ListGroupMemberships", &of_group, "/MemberId/UserId"),
            ("ListGroupMembershipsForMember", &of_user, "/GroupId"),
        ];
        for ((operation, input, pointer), expected) in lists.into_iter().zip(&expected) {
            let (mut seen, mut token) = (Vec::new(), Value::Null);
            loop {
                let mut input = input.clone();
                input["MaxResults"] = json!(records);
                input["NextToken"] = token;
                let page = call(&world, operation, input).await.ok().json();
                let found = page["GroupMemberships"].as_array().unwrap();
                assert!(!found.is_empty() && found.len() <= records);
                seen.extend(found.iter().map(|one| one.pointer(pointer).unwrap().as_str().unwrap().to_owned()));
                token = page["NextToken"].clone();
                if token.is_null() {
                    break;
                }
            }
            assert_eq!(&seen, expected, "{operation}, {records} a page");
        }
    }
}

#[tokio::test]
async fn a_person_is_in_some_groups() {
    let world = World::new().await;
    let (sales, finance) = (world.group("sales").await, world.group("finance").await);
    let user = world.user("ethan").await;
    call(&world, "CreateGroupMembership", pair(&sales, &user)).await.ok();
    let ask = |groups: &[&str]| json!({"MemberId": {"UserId": user}, "GroupIds": groups});
    let arn = format!("arn:aws:identitystore:::group/{finance}");
    let reply = call(&world, "IsMemberInGroups", ask(&[&sales, &arn])).await.ok().json();
    let result =
        |group: &str, exists: bool| json!({"GroupId": group, "MemberId": {"UserId": user}, "MembershipExists": exists});
    assert_eq!(reply, json!({"Results": [result(&sales, true), result(&finance, false)]}));
    not_found(&call(&world, "IsMemberInGroups", ask(&[&sales, NOTHING])).await, "GROUP");
    for groups in [&[][..], &[NOTHING; 101][..]] {
        call(&world, "IsMemberInGroups", ask(groups)).await.fails_json(400, "ValidationException", "1 to 100 items");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    let (group, user) = (world.group("sales").await, world.user("ethan").await);
    for operation in ["CreateGroupMembership", "GetGroupMembershipId"] {
        not_found(&call(&world, operation, pair(NOTHING, &user)).await, "GROUP");
        not_found(&call(&world, operation, pair(&group, NOTHING)).await, "USER");
        let missing = json!({"GroupId": group, "MemberId": {}});
        call(&world, operation, missing).await.fails_json(400, "ValidationException", "MemberId");
        let other = json!({"GroupId": group, "MemberId": {"GroupId": group}});
        call(&world, operation, other).await.fails_json(400, "ValidationException", "MemberId");
    }
    not_found(&call(&world, "ListGroupMemberships", json!({"GroupId": NOTHING})).await, "GROUP");
    for operation in ["ListGroupMembershipsForMember", "IsMemberInGroups"] {
        let input = json!({"MemberId": {"UserId": NOTHING}});
        let mut asked = input.clone();
        if operation == "IsMemberInGroups" {
            asked["GroupIds"] = json!([group]);
        }
        not_found(&call(&world, operation, asked).await, "USER");
    }
    not_found(&call(&world, "DescribeGroupMembership", json!({"MembershipId": NOTHING})).await, "GROUP_MEMBERSHIP");
    let wrong = call(&world, "DescribeGroupMembership", json!({"MembershipId": "x"})).await;
    wrong.fails_json(400, "ValidationException", "MembershipId");
    let wrong = call(&world, "ListGroupMemberships", json!({"GroupId": group, "MaxResults": 0})).await;
    wrong.fails_json(400, "ValidationException", "MaxResults");
}
