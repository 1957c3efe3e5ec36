use super::*;

#[tokio::test]
async fn people_of_the_assigned_groups_are_created_and_nobody_else() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    world.directory.create_user(new_user("nina")).await.unwrap();
    let target = world.target().await;
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 1);
    let mut at_server = world.at_server("ethan");
    at_server.as_object_mut().unwrap().remove("id");
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ethan",
        "externalId": ethan.as_str(),
        "active": true,
        "displayName": "ETHAN",
        "name": {"givenName": "Given", "familyName": "Family"},
        "emails": [{"value": "ethan@example.com", "type": "work", "primary": true}],
    });
    assert_eq!(at_server, expected);
}

#[tokio::test]
async fn an_inactive_person_isnt_created() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    world.change(&ethan, |ethan| ethan.active = false).await;
    let target = world.target().await;
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 0);
}

#[tokio::test]
async fn a_change_is_sent_attribute_by_attribute_and_nothing_when_nothing_changed() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    world.server.taken_log();
    world.heard_user(&ethan);
    world.settle(&target).await;
    assert_eq!(world.server.taken_log(), Vec::<String>::new());
    world
        .change(&ethan, |ethan| {
            ethan.family_name = Some("Hunt".to_owned());
            ethan.display_name = None;
        })
        .await;
    world.settle(&target).await;
    let log = world.server.taken_log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert!(log[0].contains(r#"{"op":"replace","path":"name.familyName","value":"Hunt"}"#), "{log:?}");
    assert!(log[0].contains(r#"{"op":"remove","path":"displayName"}"#), "{log:?}");
    assert!(!log[0].contains("givenName"), "{log:?}");
}

#[tokio::test]
async fn a_deactivated_person_is_deactivated_before_anybody_is_created() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    world.server.taken_log();
    for number in 0..50 {
        world.person(&format!("a{number}")).await;
    }
    world.change(&ethan, |ethan| ethan.active = false).await;
    world.settle(&target).await;
    let log = world.server.taken_log();
    assert!(log[0].starts_with("PATCH") && log[0].contains(r#""value":{"active":false}"#), "{}", log[0]);
    assert_eq!(world.at_server("ethan")["active"], json!(false));
    assert_eq!(world.server.user_count(), 51);
}

#[tokio::test]
async fn a_lost_assignment_deactivates_and_a_new_one_activates() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    world.change_members(&world.sales, &[], &[&ethan]).await;
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(false));
    world.change_members(&world.sales, &[&ethan], &[]).await;
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(true));
    assert_eq!(world.server.user_count(), 1);
}

#[tokio::test]
async fn a_deleted_person_is_deactivated_there_and_one_of_the_same_name_takes_their_place() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    world.directory.delete_user(&ethan, None).await.unwrap();
    world.pusher.heard(&directory::DirectoryChange::UserDeleted(ethan.clone()));
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(false));
    let again = world.person("ethan").await;
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["externalId"], json!(again.as_str()));
    assert_eq!((world.at_server("ethan")["active"].clone(), world.server.user_count()), (json!(true), 1));
    assert!(world.failures(&target).await.is_empty());
}

#[tokio::test]
async fn people_are_deleted_where_that_is_chosen() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let target = world.target_with(|new| new.deprovision = Deprovision::Delete).await;
    world.settle(&target).await;
    world.change(&ethan, |ethan| ethan.active = false).await;
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 0);
    assert_eq!(world.pusher.status(&target).await.unwrap().users, 0);
    world.change(&ethan, |ethan| ethan.active = true).await;
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(true));
}

#[tokio::test]
async fn somebody_who_is_there_is_adopted_by_user_name_and_keeps_what_isnt_ours() {
    let world = World::new().await;
    let there = json!({"userName": "Ethan", "title": "Agent", "active": false, "emails": [{"value": "e@home.example", "type": "home"}]});
    world.server.put_user(there);
    let ethan = world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    let at_server = world.at_server("ethan");
    assert_eq!(world.server.user_count(), 1);
    assert_eq!((&at_server["title"], &at_server["active"]), (&json!("Agent"), &json!(true)));
    assert_eq!(at_server["externalId"], json!(ethan.as_str()));
}

#[tokio::test]
async fn somebody_who_is_there_under_our_id_is_found_by_it() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    world.server.put_user(json!({"userName": "former", "externalId": ethan.as_str(), "active": true}));
    let target = world.target().await;
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 1);
    assert_eq!(world.at_server("ethan")["displayName"], json!("ETHAN"));
}

#[tokio::test]
async fn others_at_the_server_arent_touched() {
    let world = World::new().await;
    world.server.put_user(json!({"userName": "their-own", "active": true}));
    world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    world.full_sync(&target).await;
    assert_eq!(world.at_server("their-own"), json!({"userName": "their-own", "active": true, "id": "r1"}));
}

#[tokio::test]
async fn a_full_sync_mends_what_was_changed_there() {
    let world = World::new().await;
    world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    world.server.set("ethan", "displayName", json!("Somebody"));
    world.server.set("ethan", "active", json!(false));
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["displayName"], "Somebody", "nothing is asked for no reason");
    let progress = world.full_sync(&target).await;
    assert_eq!(progress, Progress { total: 1, done: 1, errors: 0, running: false, paused: None });
    assert_eq!(world.at_server("ethan")["displayName"], "ETHAN");
    assert_eq!(world.at_server("ethan")["active"], json!(true));
}

#[tokio::test]
async fn who_was_deleted_there_is_created_again() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    world.server.remove_user("ethan");
    world.change(&ethan, |ethan| ethan.display_name = Some("Ethan".to_owned())).await;
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["displayName"], "Ethan");
    world.server.remove_user("ethan");
    world.change(&ethan, |ethan| ethan.active = false).await;
    world.settle(&target).await;
    assert_eq!((world.server.user_count(), world.failures(&target).await.len()), (0, 0));
}

#[tokio::test]
async fn who_appears_between_the_search_and_the_creation_is_adopted() {
    let world = World::new().await;
    world.person("ethan").await;
    let server = Arc::clone(&world.server);
    let mut is_first = true;
    world.server.fault(move |request| {
        if request.method == Method::Post && std::mem::take(&mut is_first) {
            server.put_user(json!({"userName": "ethan", "active": true}));
        }
        None
    });
    let target = world.target().await;
    world.settle(&target).await;
    assert_eq!((world.server.user_count(), world.failures(&target).await.len()), (1, 0));
    assert_eq!(world.at_server("ethan")["displayName"], "ETHAN");
}

#[tokio::test]
async fn two_people_of_ours_never_share_one_there() {
    let world = World::new().await;
    world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    // The server says that the newcomer is Ethan.
    world.server.fault(|request| {
        let is_search = request.url.contains("filter=userName") && request.url.contains("fiona");
        is_search.then(|| server::answer(200, json!({"Resources": [{"id": "r1", "userName": "fiona"}]})))
    });
    world.person("fiona").await;
    world.settle(&target).await;
    let failures = world.failures(&target).await;
    assert_eq!(failures.len(), 1);
    assert!(failures[0].message.contains("is ethan already"), "{}", failures[0].message);
    assert_eq!(world.at_server("ethan")["userName"], "ethan");
}

#[tokio::test]
async fn a_server_that_doesnt_filter_gives_away_nobody() {
    let world = World::new().await;
    world.server.put_user(json!({"userName": "somebody-else", "active": true}));
    world.person("ethan").await;
    world.server.fault(|request| {
        let all = json!({"totalResults": 1, "Resources": [{"id": "r1", "userName": "somebody-else"}]});
        request.url.contains("filter=").then(|| server::answer(200, all))
    });
    let target = world.target().await;
    world.settle(&target).await;
    assert_eq!((world.server.user_count(), &world.at_server("somebody-else")["displayName"]), (2, &Value::Null));
}

#[tokio::test]
async fn a_dry_run_says_everything_and_writes_nothing() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let fiona = world.person("fiona").await;
    let target = world.target_with(|new| new.pushed_groups = [world.sales.clone()].into()).await;
    world.settle(&target).await;
    world.pusher.stop().await;
    world.server.put_user(json!({"userName": "nina", "active": true}));
    world.server.set("fiona", "displayName", json!("F"));
    world.change(&ethan, |ethan| ethan.active = false).await;
    world.person("olivia").await;
    world.person("nina").await;
    world.server.taken_log();
    let plan = world.pusher.dry_run(&target).await.unwrap();
    assert!(world.server.taken_log().iter().all(|line| line.starts_with("GET")));
    let said: Vec<String> = plan.rows().into_iter().map(|row| row.join(" | ")).collect();
    assert_eq!(
        said,
        [
            "deactivate user | ethan | ".to_owned(),
            "create user | olivia | ".to_owned(),
            "adopt user | nina | displayName: (none) -> NINA".to_owned(),
            " |  | emails: (none) -> [{\"primary\":true,\"type\":\"work\",\"value\":\"nina@example.com\"}]".to_owned(),
            format!(" |  | externalId: (none) -> {}", world.directory.user_by_name("nina").unwrap().id),
            " |  | name.familyName: (none) -> Family".to_owned(),
            " |  | name.givenName: (none) -> Given".to_owned(),
            "change user | fiona | displayName: F -> FIONA".to_owned(),
            "remove member | sales | ethan".to_owned(),
            "add member | sales | nina".to_owned(),
            "add member | sales | olivia".to_owned(),
        ]
    );
    let counts = Counts {
        users_created: 1,
        users_changed: 2,
        users_removed: 1,
        members_added: 2,
        members_removed: 1,
        ..Counts::default()
    };
    assert_eq!(plan.counts, counts);
    let read_back: Plan = serde_json::from_value(serde_json::to_value(&plan).unwrap()).unwrap();
    assert_eq!(read_back, plan);
    assert!(world.directory.active_user(&fiona).is_some());
}
