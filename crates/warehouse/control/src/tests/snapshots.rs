use base::Fault as _;
use base::id::ClusterId;
use time::Duration;

use super::fake::{World, new_cluster, tags};
use crate::{
    Closing, ClusterOptions, ClusterStatus, ControlError, FinalSnapshot, HostError, NewCluster, NewSnapshot,
    RestoreCluster, SnapshotAttribute, SnapshotFilter, SnapshotKind, SnapshotOrder, SnapshotStatus, TagFilter,
    TaggedType,
};

fn id(text: &str) -> ClusterId {
    ClusterId::new(text)
}

pub(super) fn new_snapshot(identifier: &str, cluster: &str) -> NewSnapshot {
    NewSnapshot { identifier: identifier.to_owned(), cluster: id(cluster), retention: None, tags: tags(&[]) }
}

pub(super) fn restore(snapshot: &str, identifier: &str) -> RestoreCluster {
    RestoreCluster::new(snapshot, id(identifier))
}

/// With a cluster "one" that keeps automated snapshots for two days.
async fn world() -> World {
    let world = World::new().await;
    let options = ClusterOptions { automated_retention: 2, node_count: 3, ..ClusterOptions::default() };
    world.control.create_cluster(NewCluster { port: Some(5450), options, ..new_cluster("one") }).await.unwrap();
    world
}

fn names(world: &World, filter: &SnapshotFilter) -> Vec<String> {
    world.control.snapshots(filter, None, 100).items.iter().map(|one| one.identifier.clone()).collect()
}

#[tokio::test]
async fn a_snapshot_has_what_a_new_cluster_is_made_of() {
    let world = world().await;
    let one = world.control.cluster(&id("one")).unwrap();
    let taken = world.control.create_snapshot(new_snapshot("First", "one")).await.unwrap();
    assert_eq!(
        (taken.identifier.as_str(), taken.status, taken.kind),
        ("first", SnapshotStatus::Available, SnapshotKind::Manual)
    );
    assert_eq!((taken.bytes, &taken.source.warehouse), (4 << 20, &one.warehouse));
    let arn = "arn:aws:redshift:us-east-1:123456789012:snapshot:one/first";
    assert_eq!(world.control.snapshot_arn(&taken), arn);
    // its data is of that moment, whatever becomes of the cluster
    world.control.delete_cluster(&id("one")).await.unwrap();
    let world = world.restarted().await;
    assert_eq!(world.control.snapshot("FIRST"), Some(taken));
    let made = world.control.restore_cluster(restore("first", "two")).await.unwrap();
    assert_eq!((made.status, made.port, made.node_count), (ClusterStatus::Available, 5450, 3));
    assert_eq!((made.automated_retention, made.db_name.as_str()), (2, "dev"));
    assert_ne!(made.warehouse, one.warehouse);
    assert_eq!(world.disk.warehouses.lock().unwrap()[&made.warehouse], "Passw0rd");
    assert!(world.control.is_in_service(&made.warehouse));
    for world in [&world, &world.restarted().await] {
        let copy = world.control.restore_copy(&made).unwrap();
        assert_eq!((copy.completed, copy.done_bytes, copy.total_bytes), (true, 4 << 20, 4 << 20));
    }
    assert!(world.host.specs.lock().unwrap().is_empty(), "nothing empty was made");
}

#[tokio::test]
async fn what_a_restore_is_told_counts_more_than_the_snapshot() {
    let world = world().await;
    world.control.create_snapshot(new_snapshot("first", "one")).await.unwrap();
    let told = RestoreCluster {
        node_type: Some("ra3.4xlarge".to_owned()),
        node_count: Some(2),
        port: Some(5451),
        automated_retention: Some(0),
        publicly_accessible: true,
        manage_master_password: true,
        ..restore("first", "two")
    };
    let made = world.control.restore_cluster(told).await.unwrap();
    assert_eq!((made.node_type.as_str(), made.node_count, made.port), ("ra3.4xlarge", 2, 5451));
    assert_eq!((made.automated_retention, made.publicly_accessible), (0, true));
    assert!(made.master_secret.is_some());
    assert_ne!(world.disk.warehouses.lock().unwrap()[&made.warehouse], "Passw0rd");
}

#[tokio::test]
async fn a_restore_that_is_refused_makes_nothing() {
    let world = world().await;
    world.control.create_snapshot(new_snapshot("first", "one")).await.unwrap();
    let refused = world.control.restore_cluster(restore("gone", "two")).await.unwrap_err();
    assert_eq!(refused, ControlError::SnapshotNotFound("gone".to_owned()));
    let other = RestoreCluster { snapshot_cluster: Some(id("other")), ..restore("first", "two") };
    assert_eq!(
        world.control.restore_cluster(other).await.unwrap_err(),
        ControlError::SnapshotNotFound("first".to_owned())
    );
    let refused = world.control.restore_cluster(restore("first", "one")).await.unwrap_err();
    assert_eq!(refused, ControlError::ClusterAlreadyExists(id("one")));
    let refused = world.control.restore_cluster(restore("first", "a--b")).await.unwrap_err();
    assert!(matches!(refused, ControlError::Invalid { parameter: "ClusterIdentifier", .. }));
    *world.host.refuse.lock().unwrap() = Some(HostError::NoSpace { needed: 9 << 20, free: 5 << 20 });
    let refused = world.control.restore_cluster(restore("first", "two")).await.unwrap_err();
    assert!(refused.public().message.contains("5 MB free, and 9 MB are needed"), "{refused}");
    *world.host.refuse.lock().unwrap() = None;
    assert!(world.control.cluster(&id("two")).is_none() && world.files().len() == 1);
    world.control.restore_cluster(restore("first", "two")).await.unwrap();
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_taken_leaves_nothing() {
    let world = world().await;
    *world.host.refuse.lock().unwrap() = Some(HostError::NoSpace { needed: 9 << 20, free: 5 << 20 });
    let refused = world.control.create_snapshot(new_snapshot("first", "one")).await.unwrap_err();
    let ControlError::SnapshotQuota(text) = &refused else { panic!("{refused:?}") };
    assert!(text.contains("5 MB free"), "{text}");
    assert!(world.control.snapshot("first").is_none() && world.disk.snapshots.lock().unwrap().is_empty());
    *world.host.refuse.lock().unwrap() = None;
    world.control.create_snapshot(new_snapshot("first", "one")).await.unwrap();
    let taken = world.control.create_snapshot(new_snapshot("FIRST", "one")).await.unwrap_err();
    assert_eq!(taken, ControlError::SnapshotAlreadyExists("first".to_owned()));
    let unknown = world.control.create_snapshot(new_snapshot("second", "gone")).await.unwrap_err();
    assert_eq!(unknown, ControlError::ClusterNotFound(id("gone")));
    for identifier in ["", "1a", "rs:a", "a--b"] {
        let wrong = world.control.create_snapshot(new_snapshot(identifier, "one")).await.unwrap_err();
        assert!(matches!(wrong, ControlError::Invalid { parameter: "SnapshotIdentifier", .. }), "{identifier}");
    }
    let days = NewSnapshot { retention: Some(Some(0)), ..new_snapshot("second", "one") };
    assert!(matches!(world.control.create_snapshot(days).await, Err(ControlError::InvalidRetentionPeriod(_))));
    world.control.pause_cluster(&id("one")).await.unwrap();
    let paused = world.control.create_snapshot(new_snapshot("second", "one")).await.unwrap_err();
    assert!(matches!(paused, ControlError::InvalidClusterState { state: "paused", .. }));
}

#[tokio::test]
async fn a_cluster_that_is_copied_is_not_changed_meanwhile() {
    let world = world().await;
    world.host.pace.forget_permits(1000);
    let control = std::sync::Arc::clone(&world.control);
    let taking = base::task::spawn("test", async move { control.create_snapshot(new_snapshot("first", "one")).await });
    world.host.begun.acquire().await.unwrap().forget();
    world.host.begun.acquire().await.unwrap().forget();
    let snapshot = world.control.snapshot("first").unwrap();
    assert_eq!(snapshot.status, SnapshotStatus::Creating);
    let copy = world.control.snapshot_copy(&snapshot);
    assert_eq!((copy.completed, copy.done_bytes, copy.total_bytes), (false, 1 << 20, 4 << 20));
    let busy = [
        world.control.pause_cluster(&id("one")).await.map(drop).unwrap_err(),
        world.control.delete_cluster(&id("one")).await.map(drop).unwrap_err(),
        world.control.create_snapshot(new_snapshot("second", "one")).await.map(drop).unwrap_err(),
    ];
    assert!(busy.iter().all(|error| matches!(error, ControlError::InvalidClusterState { .. })), "{busy:?}");
    let creating = [
        world.control.delete_snapshot("first", None).await.map(drop).unwrap_err(),
        world.control.restore_cluster(restore("first", "two")).await.map(drop).unwrap_err(),
    ];
    assert!(creating.iter().all(|error| matches!(error, ControlError::InvalidSnapshotState(_))), "{creating:?}");
    world.host.pace.add_permits(1000);
    assert_eq!(taking.await.unwrap().unwrap().status, SnapshotStatus::Available);
    world.control.pause_cluster(&id("one")).await.unwrap();
}

#[tokio::test]
async fn a_snapshot_that_is_restored_is_not_deleted_meanwhile() {
    let world = world().await;
    world.control.create_snapshot(new_snapshot("first", "one")).await.unwrap();
    for _ in 0..2 {
        world.host.begun.acquire().await.unwrap().forget();
    }
    let held = world.host.pace.available_permits();
    world.host.pace.forget_permits(held);
    let control = std::sync::Arc::clone(&world.control);
    let restoring = base::task::spawn("test", async move { control.restore_cluster(restore("first", "two")).await });
    world.host.begun.acquire().await.unwrap().forget();
    let two = world.control.cluster(&id("two")).unwrap();
    assert_eq!(two.status, ClusterStatus::Creating);
    assert!(!world.control.restore_copy(&two).unwrap().completed);
    let refused = world.control.delete_snapshot("first", None).await.unwrap_err();
    assert!(
        matches!(&refused, ControlError::InvalidSnapshotState(text) if text.contains("being restored")),
        "{refused}"
    );
    let taken = world.control.restore_cluster(restore("first", "two")).await.unwrap_err();
    assert_eq!(taken, ControlError::ClusterAlreadyExists(id("two")));
    let control = std::sync::Arc::clone(&world.control);
    let beside = base::task::spawn("test", async move { control.restore_cluster(restore("first", "three")).await });
    world.host.begun.acquire().await.unwrap().forget();
    world.host.pace.add_permits(1000);
    restoring.await.unwrap().unwrap();
    assert_eq!(beside.await.unwrap().unwrap().status, ClusterStatus::Available);
    world.control.delete_snapshot("first", Some(&id("one"))).await.unwrap();
    assert!(world.control.snapshot("first").is_none() && world.disk.snapshots.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_last_snapshot_is_taken_of_a_closed_cluster() {
    let world = world().await;
    let one = world.control.cluster(&id("one")).unwrap();
    world.control.create_snapshot(new_snapshot("first", "one")).await.unwrap();
    let last = |identifier: &str| FinalSnapshot { identifier: identifier.to_owned(), retention: Some(7) };
    let taken = world.control.delete_cluster_after_snapshot(&id("one"), last("first")).await.unwrap_err();
    assert_eq!(taken, ControlError::SnapshotAlreadyExists("first".to_owned()));
    *world.host.refuse.lock().unwrap() = Some(HostError::NoSpace { needed: 2, free: 1 });
    world.control.delete_cluster_after_snapshot(&id("one"), last("last")).await.unwrap_err();
    *world.host.refuse.lock().unwrap() = None;
    // it stays, and can be used
    assert_eq!(world.control.cluster(&id("one")).unwrap().status, ClusterStatus::Available);
    world.control.reboot_cluster(&id("one")).await.unwrap();
    let deleted = world.control.delete_cluster_after_snapshot(&id("one"), last("last")).await.unwrap();
    assert_eq!(deleted.status, ClusterStatus::Deleting);
    assert_eq!(world.host.closed.lock().unwrap().last(), Some(&(one.warehouse.clone(), Closing::Deleted)));
    assert!(world.control.cluster(&id("one")).is_none() && world.files().is_empty());
    let kept = world.control.snapshot("last").unwrap();
    assert_eq!((kept.retention, kept.status, kept.is_final), (Some(7), SnapshotStatus::Available, true));
    world.control.restore_cluster(restore("last", "one")).await.unwrap();
}

#[tokio::test]
async fn automated_snapshots_come_every_eight_hours_and_go_with_their_time() {
    let world = world().await;
    let automated = SnapshotFilter { kind: Some(SnapshotKind::Automated), ..SnapshotFilter::default() };
    let after = async |hours: i64| {
        world.clock.advance(Duration::hours(hours));
        world.control.tend_snapshots().await;
        names(&world, &automated).len()
    };
    assert_eq!(after(0).await, 0);
    assert_eq!(after(7).await, 0);
    assert_eq!(after(1).await, 1);
    assert_eq!(names(&world, &automated), ["rs:one-2026-03-01-07-59-30"]);
    assert_eq!(after(0).await, 1);
    assert_eq!(after(8).await, 2);
    // one after a long sleep, not six; those that are over are gone
    assert_eq!(after(32).await, 3);
    assert_eq!(after(8).await, 3);
    // somebody's own don't count, and stay
    world.control.create_snapshot(new_snapshot("mine", "one")).await.unwrap();
    let copy = names(&world, &automated).pop().unwrap();
    let copy = world.control.copy_snapshot(&copy, None, "Copied", None).await.unwrap();
    assert_eq!(
        (copy.kind, copy.identifier.as_str(), copy.status),
        (SnapshotKind::Manual, "copied", SnapshotStatus::Available)
    );
    let off = crate::ClusterEdit { automated_retention: Some(0), ..crate::ClusterEdit::default() };
    world.control.modify_cluster(&id("one"), off).await.unwrap();
    assert_eq!(after(100).await, 0);
    assert_eq!(names(&world, &SnapshotFilter::default()), ["copied", "mine"]);
    assert_eq!(world.disk.snapshots.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn automated_snapshots_go_with_their_cluster() {
    let world = world().await;
    world.clock.advance(Duration::hours(8));
    world.control.tend_snapshots().await;
    world.control.create_snapshot(new_snapshot("mine", "one")).await.unwrap();
    let [automated, _] =
        names(&world, &SnapshotFilter { order: newest(), ..SnapshotFilter::default() }).try_into().unwrap();
    assert!(automated.starts_with("mine") || automated.starts_with("rs:one-"), "{automated}");
    let automated = names(&world, &SnapshotFilter { kind: Some(SnapshotKind::Automated), ..SnapshotFilter::default() });
    for refused in [
        world.control.delete_snapshot(&automated[0], None).await.unwrap_err(),
        world.control.modify_snapshot(&automated[0], Some(None), true).await.unwrap_err(),
        world.control.copy_snapshot("mine", None, "copied", None).await.unwrap_err(),
    ] {
        assert!(matches!(refused, ControlError::InvalidSnapshotState(_)), "{refused:?}");
    }
    world.control.delete_cluster(&id("one")).await.unwrap();
    assert_eq!(names(&world, &SnapshotFilter::default()), ["mine"]);
}

const fn newest() -> SnapshotOrder {
    SnapshotOrder { attribute: Some(SnapshotAttribute::CreateTime), descending: true }
}

#[tokio::test]
async fn a_retention_that_is_over_needs_force() {
    let world = world().await;
    let new = NewSnapshot { retention: Some(Some(10)), ..new_snapshot("first", "one") };
    world.control.create_snapshot(new).await.unwrap();
    world.clock.advance(Duration::days(5));
    let changed = world.control.modify_snapshot("First", Some(Some(6)), false).await.unwrap();
    assert_eq!(changed.retention, Some(6));
    assert_eq!(world.control.modify_snapshot("first", None, false).await.unwrap().retention, Some(6));
    let refused = world.control.modify_snapshot("first", Some(Some(4)), false).await.unwrap_err();
    assert!(matches!(refused, ControlError::InvalidRetentionPeriod(_)));
    assert_eq!(world.control.snapshot("first").unwrap().retention, Some(6));
    world.control.modify_snapshot("first", Some(Some(4)), true).await.unwrap();
    assert!(world.control.snapshot("first").is_none());
    // and one whose time is over goes by itself
    let new = NewSnapshot { retention: Some(Some(1)), ..new_snapshot("second", "one") };
    world.control.create_snapshot(new).await.unwrap();
    world.clock.advance(Duration::days(1));
    world.control.tend_snapshots().await;
    assert!(world.control.snapshot("second").is_none());
}

#[tokio::test]
async fn snapshots_are_found_by_everything_that_may_be_asked() {
    let world = world().await;
    world.control.create_cluster(new_cluster("two")).await.unwrap();
    let begin = base::Clock::now(&*world.clock);
    for (identifier, cluster, pair) in
        [("a", "one", ("team", "x")), ("b", "two", ("team", "y")), ("c", "two", ("k", "x"))]
    {
        let new = NewSnapshot { tags: tags(&[pair]), ..new_snapshot(identifier, cluster) };
        world.control.create_snapshot(new).await.unwrap();
        world.clock.advance(Duration::hours(1));
    }
    world.control.delete_cluster(&id("one")).await.unwrap();
    let all = SnapshotFilter::default;
    for (filter, expected) in [
        (all(), "abc"),
        (SnapshotFilter { cluster: Some(id("two")), ..all() }, "bc"),
        (SnapshotFilter { identifier: Some("B".to_owned()), ..all() }, "b"),
        (SnapshotFilter { kind: Some(SnapshotKind::Automated), ..all() }, ""),
        (SnapshotFilter { from: Some(begin + Duration::hours(1)), ..all() }, "bc"),
        (SnapshotFilter { until: Some(begin + Duration::hours(1)), ..all() }, "ab"),
        (SnapshotFilter { cluster_exists: Some(false), ..all() }, "a"),
        (SnapshotFilter { cluster_exists: Some(true), cluster: Some(id("two")), ..all() }, "bc"),
        (SnapshotFilter { tag_keys: vec!["team".to_owned()], ..all() }, "ab"),
        (SnapshotFilter { tag_keys: vec!["team".to_owned()], tag_values: vec!["x".to_owned()], ..all() }, "a"),
        (SnapshotFilter { order: newest(), ..all() }, "cba"),
    ] {
        assert_eq!(names(&world, &filter).concat(), expected, "{filter:?}");
        // page by page it is the same
        let (mut found, mut after) = (String::new(), None);
        loop {
            let page = world.control.snapshots(&filter, after.as_deref(), 1);
            found.extend(page.items.iter().map(|one| one.identifier.clone()));
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        assert_eq!(found, expected, "{filter:?}");
    }
    let arn = world.control.snapshot_arn(&world.control.snapshot("b").unwrap());
    world.control.tag(&arn, tags(&[("more", "1")])).await.unwrap();
    assert_eq!(world.control.tags(&arn).unwrap(), tags(&[("team", "y"), ("more", "1")]));
    let filter =
        TagFilter { resource_type: Some(TaggedType::Snapshot), keys: vec!["more".to_owned()], ..TagFilter::default() };
    assert_eq!(world.control.tagged(&filter, None, 10).items[0].arn, arn);
    // another cluster's snapshot isn't found under a wrong name
    assert!(world.control.tags(&arn.replace(":two/", ":one/")).is_err());
}
