use super::*;

#[tokio::test]
async fn a_name_is_taken_once() {
    let world = World::new().await;
    let first = world.target().await;
    let again = NewTarget {
        name: " identity CENTER ".to_owned(),
        url: "https://other.example.com".to_owned(),
        token: Secret::from(TOKEN),
        private_network: false,
        assigned: Assigned::Groups(BTreeSet::new()),
        pushed_groups: BTreeSet::new(),
        deprovision: Deprovision::Deactivate,
        enabled: true,
    };
    let error = world.pusher.create_target(again).await.unwrap_err();
    assert_eq!(error, PushError::NameTaken { name: "identity CENTER".to_owned(), holder: first.clone() });
    assert_eq!(world.pusher.target_by_name("identity center").unwrap().id, first);
}

#[tokio::test]
async fn groups_and_applications_have_to_be_there() {
    let world = World::new().await;
    let target = world.target().await;
    let gone = DirectoryGroupId::new("gone");
    for (edit, words) in [
        (TargetEdit { pushed_groups: Some([gone.clone()].into()), ..TargetEdit::default() }, "no group gone"),
        (TargetEdit { assigned: Some(Assigned::Groups([gone].into())), ..TargetEdit::default() }, "no group gone"),
        (
            TargetEdit {
                assigned: Some(Assigned::Application(SsoApplicationId::new("app-1"))),
                ..TargetEdit::default()
            },
            "no SSO application app-1",
        ),
    ] {
        let error = world.pusher.update_target(&target, None, edit).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(world.pusher.target(&target).unwrap().version, 1);
}

#[tokio::test]
async fn who_may_open_an_application_is_pushed() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let application = SsoApplicationId::new("app-1");
    let assign = |groups: BTreeSet<DirectoryGroupId>| {
        world.applications.0.lock().unwrap().insert(application.clone(), groups);
        world.pusher.application_changed(&application);
    };
    assign(BTreeSet::new());
    let target = world.target_with(|new| new.assigned = Assigned::Application(application.clone())).await;
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 0);
    assign([world.sales.clone()].into());
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(true));
    assign(BTreeSet::new());
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(false));
    assert!(world.directory.active_user(&ethan).is_some());
}

#[tokio::test]
async fn an_application_that_is_gone_takes_nobody_away_and_is_said() {
    let world = World::new().await;
    world.person("ethan").await;
    let application = SsoApplicationId::new("app-1");
    world.applications.0.lock().unwrap().insert(application.clone(), [world.sales.clone()].into());
    let target = world.target_with(|new| new.assigned = Assigned::Application(application.clone())).await;
    world.settle(&target).await;
    world.applications.0.lock().unwrap().clear();
    world.pusher.application_changed(&application);
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(true));
    let paused = world.pusher.status(&target).await.unwrap().paused.unwrap();
    assert!(paused.contains("application of this target is gone"), "{paused}");
    let edit = TargetEdit { assigned: Some(Assigned::Groups(BTreeSet::new())), ..TargetEdit::default() };
    world.pusher.update_target(&target, None, edit).await.unwrap();
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(false));
}

#[tokio::test]
async fn a_target_that_is_switched_off_is_left_alone() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    let switch = |enabled| TargetEdit { enabled: Some(enabled), ..TargetEdit::default() };
    world.pusher.update_target(&target, None, switch(false)).await.unwrap();
    world.server.taken_log();
    world.change(&ethan, |ethan| ethan.active = false).await;
    world.settle(&target).await;
    assert_eq!(world.server.taken_log(), Vec::<String>::new());
    assert!(matches!(world.pusher.start_full_sync(&target), Err(PushError::SwitchedOff { .. })));
    world.pusher.update_target(&target, None, switch(true)).await.unwrap();
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(false));
}

#[tokio::test]
async fn another_address_is_another_server() {
    let world = World::new().await;
    world.person("ethan").await;
    let target = world.target_with(|new| new.pushed_groups = [world.sales.clone()].into()).await;
    world.settle(&target).await;
    let edit = TargetEdit { url: Some("https://other.example.com/scim".to_owned()), ..TargetEdit::default() };
    world.pusher.update_target(&target, None, edit).await.unwrap();
    assert_eq!(world.pusher.status(&target).await.unwrap().users, 0);
    world.server.taken_log();
    world.settle(&target).await;
    let log = world.server.taken_log();
    assert!(log.iter().any(|line| line.contains("externalId eq")), "everybody is looked for anew: {log:?}");
    assert_eq!((world.server.user_count(), world.pusher.status(&target).await.unwrap().users), (1, 1));
}

#[tokio::test]
async fn a_change_that_was_based_on_an_old_version_is_refused() {
    let world = World::new().await;
    let target = world.target().await;
    let rename = |name: &str| TargetEdit { name: Some(name.to_owned()), ..TargetEdit::default() };
    assert_eq!(world.pusher.update_target(&target, Some(1), rename("a")).await.unwrap().version, 2);
    let error = world.pusher.update_target(&target, Some(1), rename("b")).await.unwrap_err();
    assert_eq!(error, PushError::VersionMismatch { expected: 1, found: 2 });
    assert_eq!(world.pusher.update_target(&target, None, rename("a")).await.unwrap().version, 2);
}

#[tokio::test]
async fn a_deleted_target_is_gone_and_the_server_keeps_what_it_has() {
    let mut world = World::new().await;
    world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    world.pusher.delete_target(&target).await.unwrap();
    assert_eq!(world.pusher.status(&target).await, Err(PushError::UnknownTarget(target.clone())));
    assert_eq!(world.at_server("ethan")["active"], json!(true));
    world.reopen().await;
    assert!(world.pusher.targets().is_empty());
}

#[tokio::test]
async fn a_token_of_another_key_pauses_and_says_so() {
    let mut world = World::new().await;
    world.person("ethan").await;
    let target = world.target().await;
    world.sealer = Arc::new(Sealer::new(&Secret::new(vec![8; 32])).unwrap());
    world.reopen().await;
    world.settle(&target).await;
    let paused = world.pusher.status(&target).await.unwrap().paused.unwrap();
    assert!(paused.contains("give the target its token again"), "{paused}");
}
