use base::id::{DirectoryGroupId, DirectoryUserId};
use serde_json::{Value, json};

use super::super::world::World;
use super::{MISSING, MISSING_INSTANCE, application, instance, ok, refused, with};

const LIST: &str = "ListApplicationAssignmentsForPrincipal";

async fn assign(world: &World, arn: &str, kind: &str, id: &str) {
    let body = json!({"ApplicationArn": arn, "PrincipalType": kind, "PrincipalId": id});
    ok(world, "CreateApplicationAssignment", &body).await;
}

#[tokio::test]
async fn a_persons_assignments_are_their_own_and_their_groups() {
    let world = World::new().await;
    let (ethan, nina) = (world.user("ethan").await, world.user("nina").await);
    let groups = [world.group("sales").await, world.group("finance").await, world.group("others").await];
    for group in &groups[..2] {
        let (group, user) = (DirectoryGroupId::new(group.as_str()), DirectoryUserId::new(ethan.as_str()));
        world.state.directory.change_members(&group, &[user], &[]).await.unwrap();
    }
    let arns = [application(&world).await, application(&world).await, application(&world).await];
    let mut expected = Vec::new();
    for arn in &arns {
        for (kind, id) in [("USER", &ethan), ("GROUP", &groups[0]), ("GROUP", &groups[1])] {
            assign(&world, arn, kind, id).await;
            expected.push(json!({"ApplicationArn": arn, "PrincipalType": kind, "PrincipalId": id}));
        }
        assign(&world, arn, "GROUP", &groups[2]).await;
    }
    let place = |one: &Value| {
        let member = |name: &str| one[name].as_str().unwrap().to_owned();
        (member("PrincipalType") == "GROUP", member("PrincipalId"), member("ApplicationArn"))
    };
    expected.sort_by_key(place);
    let list = json!({"InstanceArn": instance(&world), "PrincipalType": "USER", "PrincipalId": ethan});
    for records in 1..=10 {
        for only in [None, Some(&arns[1])] {
            let wanted: Vec<_> =
                expected.iter().filter(|one| only.is_none_or(|arn| one["ApplicationArn"] == arn.as_str())).collect();
            let filter = only.map_or(Value::Null, |arn| json!({"ApplicationArn": arn}));
            let mut body = with(&with(&list, "Filter", filter), "MaxResults", json!(records));
            let mut seen = Vec::new();
            loop {
                let page = ok(&world, LIST, &body).await;
                let items = page["ApplicationAssignments"].as_array().unwrap().clone();
                assert!(!items.is_empty() && items.len() <= records);
                seen.extend(items);
                body = with(&body, "NextToken", page["NextToken"].clone());
                if page["NextToken"].is_null() {
                    break;
                }
            }
            assert_eq!(seen.iter().collect::<Vec<_>>(), wanted, "{records} a page");
        }
    }
    let group = json!({"InstanceArn": instance(&world), "PrincipalType": "GROUP", "PrincipalId": groups[0]});
    let of_group = ok(&world, LIST, &group).await;
    assert_eq!(of_group["ApplicationAssignments"].as_array().unwrap().len(), 3);
    let nobody = with(&list, "PrincipalId", json!(nina));
    assert_eq!(ok(&world, LIST, &nobody).await, json!({"ApplicationAssignments": []}));
}

#[tokio::test]
async fn the_list_is_refused_for_a_reason() {
    let world = World::new().await;
    let ethan = world.user("ethan").await;
    let list = json!({"InstanceArn": instance(&world), "PrincipalType": "USER", "PrincipalId": ethan});
    let (invalid, missing) = ("ValidationException", "ResourceNotFoundException");
    for (member, value, code) in [
        ("InstanceArn", json!("x"), invalid),
        ("InstanceArn", json!(MISSING_INSTANCE), missing),
        ("PrincipalType", json!("GROUP"), missing),
        ("PrincipalId", json!("00000000-0000-0000-0000-000000000000"), missing),
        ("PrincipalId", json!("x"), invalid),
        ("Filter", json!({"ApplicationArn": "x"}), invalid),
        ("Filter", json!({"ApplicationArn": MISSING}), missing),
        ("Filter", json!({"Name": "x"}), invalid),
        ("NextToken", json!("eA"), invalid),
        ("MaxResults", json!(0), invalid),
    ] {
        refused(&world, LIST, &with(&list, member, value), code, "").await;
    }
}
