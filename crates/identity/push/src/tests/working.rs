//! With the workers running.

use super::*;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

async fn until(world: &World, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            world.server.asked.notified().await;
            // The answer comes after the question.
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it doesn't come");
}

#[tokio::test]
async fn changes_of_the_directory_arrive_by_themselves() {
    let world = World::new().await;
    world.pusher.start();
    let target = world.target_with(|new| new.pushed_groups = [world.sales.clone()].into()).await;
    let ethan = world.directory.create_user(new_user("ethan")).await.unwrap();
    let mut members = MemberEdit::default();
    members.add([ethan.id.clone()]);
    let edit = |group: &directory::DirectoryGroup| {
        Ok::<_, directory::DirectoryError>(GroupEdit { members, ..GroupEdit::from(group) })
    };
    world.directory.update_group(&world.sales, None, edit).await.unwrap();
    until(&world, || world.server.members("sales").is_some_and(|members| members.contains("ethan"))).await;
    let off = NewUser { active: false, ..NewUser::from(&*ethan) };
    world.directory.replace_user(&ethan.id, None, off).await.unwrap();
    until(&world, || world.at_server("ethan")["active"] == json!(false)).await;
    until(&world, || world.server.members("sales").is_some_and(|members| members.is_empty())).await;
    world.pusher.stop().await;
    assert_eq!(world.pusher.status(&target).await.unwrap().failed, 0);
}

#[tokio::test]
async fn a_full_sync_tells_how_far_it_is() {
    let world = World::new().await;
    for number in 0..40 {
        world.person(&format!("a{number}")).await;
    }
    let target = world.target().await;
    world.pusher.start();
    let mut progress = world.pusher.start_full_sync(&target).unwrap();
    let mut seen = Vec::new();
    let waiting = async {
        loop {
            let now = progress.borrow_and_update().clone();
            seen.push(now.done);
            if !now.running {
                return now;
            }
            progress.changed().await.unwrap();
        }
    };
    let last = tokio::time::timeout(PATIENCE, waiting).await.expect("it doesn't end");
    assert_eq!(last, Progress { total: 40, done: 40, errors: 0, running: false, paused: None });
    assert!(seen.len() > 2 && seen.is_sorted(), "{seen:?}");
    world.pusher.stop().await;
}

#[tokio::test]
async fn a_target_can_be_deleted_while_its_worker_works() {
    let world = World::new().await;
    for number in 0..40 {
        world.person(&format!("a{number}")).await;
    }
    world.pusher.start();
    let target = world.target().await;
    world.server.asked.notified().await;
    tokio::time::timeout(PATIENCE, world.pusher.delete_target(&target)).await.expect("it hangs").unwrap();
    assert_eq!(world.store.users_after(&target, None, 1000).await.unwrap(), []);
    world.pusher.stop().await;
}
