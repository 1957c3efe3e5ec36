//! What a server did and couldn't say, who inherits whose account there, and clocks that are set.

use super::*;

fn delete(world: &World, user: &DirectoryUserId) {
    world.pusher.heard(&directory::DirectoryChange::UserDeleted(user.clone()));
}

#[tokio::test]
async fn who_was_created_without_our_learning_of_it_loses_it_all_the_same() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    world.server.lose_answers(Method::Post);
    let target = world.target().await;
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(true));
    world.server.mended();
    world.change(&ethan, |ethan| ethan.active = false).await;
    world.clock.advance(Duration::minutes(1));
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(false));
    assert_eq!(world.store.begun(&target).await.unwrap(), []);
}

#[tokio::test]
async fn who_was_being_created_when_the_server_was_killed_is_looked_for_after_it() {
    let mut world = World::new().await;
    let ethan = world.person("ethan").await;
    let target = world.target_with(|new| new.pushed_groups = [world.sales.clone()].into()).await;
    world.server.never_answer(Method::Post);
    let pusher = Arc::clone(&world.pusher);
    tokio::select! {
        () = pusher.settle_now(&target) => panic!("it is answered"),
        () = world.server.did.notified() => {}
    }
    drop(pusher);
    world.server.mended();
    world.reopen().await;
    let user = world.directory.user(&ethan).unwrap();
    world.directory.delete_user(&user.id, None).await.unwrap();
    world.settle(&target).await;
    assert_eq!(world.at_server("ethan")["active"], json!(false));
    assert_eq!(world.store.begun(&target).await.unwrap(), []);
}

#[tokio::test]
async fn a_group_that_was_created_without_our_learning_of_it_is_taken_away() {
    let world = World::new().await;
    world.person("ethan").await;
    let target = world.target().await;
    world.settle(&target).await;
    world.server.lose_answers(Method::Post);
    let edit = |groups| TargetEdit { pushed_groups: Some(groups), ..TargetEdit::default() };
    world.pusher.update_target(&target, None, edit([world.sales.clone()].into())).await.unwrap();
    world.settle(&target).await;
    assert!(world.server.members("sales").is_some());
    world.server.mended();
    world.pusher.update_target(&target, None, edit(BTreeSet::new())).await.unwrap();
    world.clock.advance(Duration::minutes(1));
    world.settle(&target).await;
    assert_eq!((world.server.members("sales"), world.store.begun(&target).await.unwrap()), (None, Vec::new()));
}

#[tokio::test]
async fn who_was_being_added_when_the_server_was_killed_and_left_since_is_removed() {
    let mut world = World::new().await;
    let ethan = world.person("ethan").await;
    let secret = world.group("secret").await;
    let target = world.target_with(|new| new.pushed_groups = [secret.clone()].into()).await;
    world.settle(&target).await;
    world.change_members(&secret, &[&ethan], &[]).await;
    world.server.never_answer(Method::Patch);
    let pusher = Arc::clone(&world.pusher);
    tokio::select! {
        () = pusher.settle_now(&target) => panic!("it is answered"),
        () = world.server.did.notified() => {}
    }
    drop(pusher);
    assert_eq!(world.server.members("secret").unwrap(), ["ethan".to_owned()].into());
    world.server.mended();
    world.change_members(&secret, &[], &[&ethan]).await;
    world.reopen().await;
    world.settle(&target).await;
    assert_eq!(world.server.members("secret").unwrap(), BTreeSet::new());
    assert_eq!(world.store.begun(&target).await.unwrap(), []);
}

#[tokio::test]
async fn somebody_made_again_doesnt_inherit_memberships() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let secret = world.group("secret").await;
    world.change_members(&secret, &[&ethan], &[]).await;
    let groups = [world.sales.clone(), secret.clone()];
    let target = world.target_with(|new| new.pushed_groups = groups.into()).await;
    world.settle(&target).await;
    // The push of the deletion is under way for as long as it takes the new one to be looked at.
    world.server.fault(|request| (request.method == Method::Patch).then(|| server::error(500, "oops")));
    world.directory.delete_user(&ethan, None).await.unwrap();
    delete(&world, &ethan);
    let again = world.person("ethan").await;
    assert_ne!(again, ethan);
    world.settle(&target).await;
    let failures = format!("{:?}", world.failures(&target).await);
    assert!(failures.contains("who was deleted here"), "{failures}");
    world.server.mended();
    world.clock.advance(Duration::seconds(10));
    world.settle(&target).await;
    let ethan = world.at_server("ethan");
    assert_eq!((&ethan["active"], ethan["externalId"].as_str()), (&json!(true), Some(again.as_str())));
    assert_eq!(world.server.members("secret").unwrap(), BTreeSet::new());
    assert_eq!(world.server.members("sales").unwrap(), ["ethan".to_owned()].into());
    assert_eq!((world.server.user_count(), world.failures(&target).await.len()), (1, 0));
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_nobody_wait() {
    let world = World::new().await;
    world.clock.advance(Duration::days(30));
    world.person("ethan").await;
    world.server.fault(|_| Some(Err(TransportError::Unreachable("nobody answers".to_owned()))));
    let target = world.target().await;
    world.settle(&target).await;
    world.server.mended();
    world.clock.advance(-Duration::days(30));
    world.settle(&target).await;
    world.clock.advance(Duration::seconds(5));
    world.settle(&target).await;
    assert_eq!(world.server.user_count(), 1);
}

#[tokio::test]
async fn a_change_of_address_that_nobody_waits_for_is_made_whole() {
    let world = World::new().await;
    world.person("ethan").await;
    let target = world.target().await;
    world.server.never_answer(Method::Post);
    world.pusher.start();
    world.server.did.notified().await;
    let edit = TargetEdit { url: Some("https://other.example.com/scim".to_owned()), ..TargetEdit::default() };
    let asked = tokio::time::timeout(std::time::Duration::ZERO, world.pusher.update_target(&target, None, edit)).await;
    assert!(asked.is_err(), "whoever asked has gone while a request is under way");
    world.server.mended();
    world.server.answer_now();
    let moved = async {
        while world.pusher.target(&target).is_none_or(|target| target.version == 1)
            || world.pusher.status(&target).await.unwrap().users == 0
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), moved).await.expect("the target stands still");
    world.pusher.stop().await;
}
