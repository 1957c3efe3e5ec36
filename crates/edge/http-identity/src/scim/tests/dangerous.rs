//! The six bugs that other servers had, each over HTTP (reference/standards.md 1.3).

use super::*;

struct Team {
    world: Arc<World>,
    path: String,
    people: Vec<String>,
}

async fn team(size: usize) -> Team {
    let world = Arc::new(world().await);
    let mut people = Vec::new();
    for number in 0..size {
        people.push(world.user(&format!("user{number}")).await);
    }
    people.sort();
    let members: Vec<&str> = people.iter().map(String::as_str).collect();
    let path = format!("/Groups/{}", world.group("team", &members).await);
    Team { world, path, people }
}

impl Team {
    async fn patch(&self, operation: Value) -> Vec<String> {
        let answer = self.world.patch(&self.path, json!([operation])).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        members(&self.world.get(&self.path).await.body)
    }
}

#[tokio::test]
async fn bug_1_remove_with_a_value_list_removes_those_listed_and_nobody_else() {
    let team = team(3).await;
    let value = json!([{"value": team.people[1]}]);
    let left = team.patch(json!({"op": "remove", "path": "members", "value": value})).await;
    assert_eq!(left, [team.people[0].clone(), team.people[2].clone()]);
}

#[tokio::test]
async fn bug_2_replacing_something_else_leaves_the_members() {
    let team = team(2).await;
    assert_eq!(team.patch(json!({"op": "replace", "path": "displayName", "value": "x"})).await, team.people);
    assert_eq!(team.patch(json!({"op": "replace", "value": {"displayName": "y"}})).await, team.people);
}

#[tokio::test]
async fn bug_3_a_selected_member_is_removed_alone_and_add_adds() {
    let team = team(3).await;
    let path = format!("members[value eq \"{}\"]", team.people[0]);
    assert_eq!(team.patch(json!({"op": "remove", "path": path})).await, team.people[1..]);
    let value = json!([{"value": team.people[0]}]);
    assert_eq!(team.patch(json!({"op": "add", "path": "members", "value": value})).await, team.people);
}

#[tokio::test]
async fn bug_4_replacing_the_members_by_nobody_is_possible() {
    let team = team(2).await;
    assert!(team.patch(json!({"op": "replace", "path": "members", "value": []})).await.is_empty());
}

#[tokio::test]
async fn bug_5_adding_a_member_again_makes_no_second_one_and_no_new_version() {
    let team = team(2).await;
    let version = team.world.get(&team.path).await.body["meta"]["version"].clone();
    let value = json!([{"value": team.people[0]}, {"value": team.people[0]}]);
    assert_eq!(team.patch(json!({"op": "add", "path": "members", "value": value})).await, team.people);
    assert_eq!(team.world.get(&team.path).await.body["meta"]["version"], version);
}

#[tokio::test]
async fn bug_6_member_changes_at_the_same_time_are_all_kept() {
    let team = team(40).await;
    let (leaving, staying) = team.people.split_at(20);
    let mut joining = Vec::new();
    for number in 0..20 {
        joining.push(team.world.user(&format!("new{number}")).await);
    }
    let changes = leaving.iter().map(|id| ("remove", id)).chain(joining.iter().map(|id| ("add", id)));
    let requests: Vec<_> = changes
        .map(|(op, id)| {
            let (world, path) = (Arc::clone(&team.world), team.path.clone());
            let operations = json!([{"op": op, "path": "members", "value": [{"value": id}]}]);
            base::task::spawn("a client", async move { world.patch(&path, operations).await.status })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), 200);
    }
    let mut expected = [staying, &joining].concat();
    expected.sort();
    assert_eq!(members(&team.world.get(&team.path).await.body), expected);
}
