//! Gatehouse-Dry-Run: what would be, and nothing of it is.

use super::*;

impl World {
    /// Everybody with the number of their groups, and every group.
    fn everything(&self) -> String {
        let mut text = String::new();
        for user in self.directory.users_at(0, usize::MAX).0 {
            text.push_str(&format!("{user:?} in {}\n", self.directory.group_count_of(&user.id)));
        }
        for group in self.directory.groups_at(0, usize::MAX).0 {
            text.push_str(&format!("{group:?}\n"));
        }
        text
    }

    async fn dry(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/scim+json");
        let request = request.header("gatehouse-dry-run", "true").body(Body::from(body.to_string())).unwrap();
        let before = self.everything();
        let answer = self.send(request).await;
        assert_eq!(self.everything(), before);
        assert_eq!(field(&self.last_event(), "dry_run"), "true");
        answer
    }
}

/// Who gains and loses, in short: `ethan +sales.orders -hr.pay`.
fn access(body: &Value) -> Vec<String> {
    let people = body["access"].as_array().unwrap().iter();
    people
        .map(|person| {
            let mut text = person["userName"].as_str().unwrap().to_owned();
            for warehouse in person["warehouses"].as_array().unwrap() {
                for (key, sign) in [("gains", '+'), ("loses", '-')] {
                    for table in warehouse[key].as_array().unwrap() {
                        let (name, table) =
                            (warehouse["warehouse"].as_str().unwrap(), table["table"].as_str().unwrap());
                        text.push_str(&format!(" {sign}{name}:{table}"));
                    }
                }
            }
            text
        })
        .collect()
}

fn patch(operations: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

#[tokio::test]
async fn a_member_who_would_join_and_one_who_would_leave() {
    let world = world().await;
    let (ethan, fiona) = (world.user("ethan").await, world.user("fiona").await);
    let group = format!("/Groups/{}", world.group("sales", &[&fiona]).await);
    let operations = json!([{"op": "replace", "path": "members", "value": [{"value": ethan}]}]);
    let answer = world.dry("PATCH", &group, patch(operations)).await;
    assert_eq!(
        (answer.status, &answer.body["schemas"]),
        (200, &json!(["urn:gatehouse:params:scim:api:messages:2.0:DryRun"]))
    );
    assert_eq!((&answer.body["status"], members(&answer.body["response"])), (&json!("200"), vec![ethan.clone()]));
    let change = &answer.body["changes"][0];
    assert_eq!((&change["resourceType"], &change["change"]), (&json!("Group"), &json!("updated")));
    assert_eq!((&change["membersAdded"], &change["membersRemoved"]), (&json!([ethan]), &json!([fiona])));
    assert_eq!((&change["membersAddedCount"], &answer.body["peopleConcerned"]), (&json!(1), &json!(2)));
    let mut found = access(&answer.body);
    found.sort();
    assert_eq!(found, ["ethan +testcluster:schema.sales", "fiona -testcluster:schema.sales"]);
    assert_eq!(members(&world.get(&group).await.body), [fiona]);
}

#[tokio::test]
async fn deactivation_renaming_and_deletion() {
    let world = world().await;
    let ethan = world.user("ethan").await;
    let group = format!("/Groups/{}", world.group("sales", &[&ethan]).await);
    let path = format!("/Users/{ethan}");
    let off = world.dry("PATCH", &path, patch(json!([{"op": "replace", "value": {"active": false}}]))).await.body;
    assert_eq!(off["changes"][0]["active"], json!({"before": true, "after": false}));
    assert_eq!(
        (&off["changes"][0]["attributes"], access(&off)),
        (&json!(["active"]), vec!["ethan -testcluster:schema.sales".to_owned()])
    );
    let renamed =
        world.dry("PATCH", &group, patch(json!([{"op": "replace", "path": "displayName", "value": "hr"}]))).await.body;
    assert_eq!(access(&renamed), ["ethan +testcluster:schema.hr -testcluster:schema.sales"]);
    let deleted = world.dry("DELETE", &group, Value::Null).await.body;
    assert_eq!((&deleted["status"], &deleted["changes"][0]["change"]), (&json!("204"), &json!("deleted")));
    assert_eq!((deleted.get("response"), access(&deleted)), (None, vec!["ethan -testcluster:schema.sales".to_owned()]));
    let nothing = world.dry("PATCH", &path, patch(json!([{"op": "replace", "value": {"active": true}}]))).await.body;
    assert_eq!((&nothing["changes"], &nothing["access"]), (&json!([]), &json!([])));
    let put = world.dry("PUT", &path, json!({"userName": "ethan", "password": "t3stPassw0rd"})).await.body;
    assert_eq!(put["changes"][0]["attributes"], json!(["password"]));
    assert!(!put.to_string().contains("t3stPassw0rd"));
    assert_eq!(world.get(&path).await.body["active"], json!(true));
}

#[tokio::test]
async fn creation_and_what_would_be_refused() {
    let world = world().await;
    let created = world.dry("POST", "/Users", json!({"userName": "nina"})).await;
    assert_eq!((created.status, &created.body["status"]), (200, &json!("201")));
    assert_eq!(created.body["location"], created.body["response"]["meta"]["location"]);
    assert_eq!(created.body["changes"][0]["change"], "created");
    world.user("nina").await;
    let taken = world.dry("POST", "/Users", json!({"userName": "NINA"})).await;
    assert_eq!((taken.status, taken.body["scimType"].as_str()), (409, Some("uniqueness")));
    assert_eq!(world.dry("PUT", "/Users/x", json!({"userName": "x"})).await.status, 404);
    assert_eq!(world.dry("POST", "/Groups", json!({"displayName": ""})).await.status, 400);
    let request = world.request("DELETE", "/Users/x").header("gatehouse-dry-run", "perhaps");
    assert_eq!(world.send(request.body(Body::empty()).unwrap()).await.status, 400);
}

#[tokio::test]
async fn a_bulk_request_is_tried_whole() {
    let world = world().await;
    let ethan = world.user("ethan").await;
    let operations = json!({"Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "sales", "members": [{"value": ethan}, {"value": "bulkId:n"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "n", "data": {"userName": "nina"}},
        {"method": "DELETE", "path": "/Users/nobody"},
    ]});
    let answer = world.dry("POST", "/Bulk", operations).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let statuses: Vec<&Value> =
        answer.body["response"]["Operations"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["201", "201", "404"]);
    let mut found = access(&answer.body);
    found.sort();
    assert_eq!(found, ["ethan +testcluster:schema.sales", "nina +testcluster:schema.sales"]);
    let events = world.audit.events.lock().unwrap();
    assert!(events.iter().skip(1).all(|event| field(event, "dry_run") == "true"));
}

#[tokio::test]
async fn of_very_many_people_the_first_thousand_are_examined() {
    let world = world().await;
    let mut members = Vec::new();
    for number in 0..1010 {
        let new = directory::NewUser { user_name: format!("u{number}"), active: true, ..directory::NewUser::default() };
        members.push(world.directory.create_user(new).await.unwrap().id.to_string());
    }
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let group = format!("/Groups/{}", world.group("sales", &members).await);
    let body = world.dry("DELETE", &group, Value::Null).await.body;
    assert_eq!((&body["peopleConcerned"], &body["peopleNotExamined"]), (&json!(1010), &json!(10)));
    assert_eq!(body["access"].as_array().unwrap().len(), 1000);
    assert_eq!(body["changes"][0]["membersRemovedCount"], 1010);
    assert_eq!(body["changes"][0]["membersRemoved"].as_array().unwrap().len(), 1000);
}

#[test]
fn what_is_gained_and_lost_is_told_by_warehouse_and_privilege() {
    let access = |warehouse: &str, table: &str, privileges: &[&'static str]| TableAccess {
        warehouse: warehouse.to_owned(),
        table: table.to_owned(),
        privileges: privileges.iter().copied().collect(),
    };
    let before = [access("a", "s.t", &["SELECT", "INSERT"]), access("b", "s.t", &["SELECT"])];
    let after =
        [access("a", "s.t", &["SELECT", "DELETE"]), access("a", "s.u", &["SELECT"]), access("b", "s.t", &["SELECT"])];
    assert_eq!(
        preview::compare(&before, &after),
        [json!({
            "warehouse": "a",
            "gains": [{"table": "s.t", "privileges": ["DELETE"]}, {"table": "s.u", "privileges": ["SELECT"]}],
            "loses": [{"table": "s.t", "privileges": ["INSERT"]}],
        })]
    );
    assert!(preview::compare(&before, &before).is_empty());
}
