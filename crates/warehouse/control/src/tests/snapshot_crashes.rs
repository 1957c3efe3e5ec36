//! A kill -9 after each effect of what copies, closes and opens clusters.

use base::id::ClusterId;

use super::crashes::crash_everywhere;
use super::fake::{World, new_cluster};
use super::snapshots::{new_snapshot, restore};
use crate::{ClusterStatus, FinalSnapshot, NewCluster};

fn id(text: &str) -> ClusterId {
    ClusterId::new(text)
}

async fn prepare(world: &World) {
    world.control.create_cluster(NewCluster { port: Some(5450), ..new_cluster("one") }).await.unwrap();
}

async fn prepare_snapshot(world: &World) {
    prepare(world).await;
    world.control.create_snapshot(new_snapshot("first", "one")).await.unwrap();
}

fn status(world: &World, identifier: &str) -> Option<ClusterStatus> {
    world.control.cluster(&id(identifier)).map(|cluster| cluster.status)
}

#[tokio::test]
async fn while_a_snapshot_is_taken_and_deleted() {
    let take = async |world: &World| world.control.create_snapshot(new_snapshot("first", "one")).await.map(drop);
    crash_everywhere(prepare, take, async |world, acknowledged| {
        assert_eq!(world.control.snapshot("first").is_some(), acknowledged);
        assert_eq!(status(world, "one"), Some(ClusterStatus::Available));
    })
    .await;
    let delete = async |world: &World| world.control.delete_snapshot("first", None).await.map(drop);
    crash_everywhere(prepare_snapshot, delete, async |world, acknowledged| {
        assert!(!(acknowledged && world.control.snapshot("first").is_some()));
    })
    .await;
}

#[tokio::test]
async fn while_a_cluster_is_restored() {
    let made = async |world: &World| world.control.restore_cluster(restore("first", "two")).await.map(drop);
    crash_everywhere(prepare_snapshot, made, async |world, acknowledged| {
        assert_eq!(status(world, "two"), acknowledged.then_some(ClusterStatus::Available));
        assert!(world.control.snapshot("first").is_some());
        if !acknowledged {
            world.control.restore_cluster(restore("first", "two")).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn while_a_cluster_is_paused_resumed_and_rebooted() {
    let pause = async |world: &World| world.control.pause_cluster(&id("one")).await.map(drop);
    crash_everywhere(prepare, pause, async |world, acknowledged| {
        let status = status(world, "one").unwrap();
        assert!(status == ClusterStatus::Paused || !acknowledged, "{status:?}");
    })
    .await;
    let paused = async |world: &World| {
        prepare(world).await;
        pause(world).await.unwrap();
    };
    let resume = async |world: &World| world.control.resume_cluster(&id("one")).await.map(drop);
    crash_everywhere(paused, resume, async |world, acknowledged| {
        let status = status(world, "one").unwrap();
        assert!(status == ClusterStatus::Available || !acknowledged, "{status:?}");
    })
    .await;
    let reboot = async |world: &World| world.control.reboot_cluster(&id("one")).await.map(drop);
    crash_everywhere(prepare, reboot, async |world, _| {
        assert_eq!(status(world, "one"), Some(ClusterStatus::Available));
    })
    .await;
}

#[tokio::test]
async fn while_a_cluster_is_copied_for_the_last_time_and_deleted() {
    let last = || FinalSnapshot { identifier: "last".to_owned(), retention: None };
    let delete = async |world: &World| world.control.delete_cluster_after_snapshot(&id("one"), last()).await.map(drop);
    let check = async |world: &World, acknowledged: bool| {
        let kept = world.control.snapshot("last").is_some();
        // never is the data in neither place
        assert!(kept || status(world, "one").is_some());
        assert!(!acknowledged || (kept && status(world, "one").is_none()));
        if !kept {
            delete(world).await.unwrap();
        }
    };
    crash_everywhere(prepare, delete, check).await;
    let paused = async |world: &World| {
        prepare(world).await;
        world.control.pause_cluster(&id("one")).await.unwrap();
    };
    crash_everywhere(paused, delete, async |world, acknowledged| {
        let left = status(world, "one");
        assert!(left.is_none() || left == Some(ClusterStatus::Paused) || !acknowledged, "{left:?}");
        assert!(world.control.snapshot("last").is_some() || left == Some(ClusterStatus::Paused), "{left:?}");
    })
    .await;
}
