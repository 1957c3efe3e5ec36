//! A kill -9 after each effect, then a new start on what is on disk.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::Secret;
use base::id::{ClusterId, NamespaceName, WorkgroupName};

use super::fake::{World, new_application, new_cluster, new_namespace, new_workgroup};
use crate::{
    ClusterEdit, ClusterStatus, ControlError, Lifecycle, NewCluster, NewWorkgroup, RedshiftIdcApplicationEdit,
    SnapshotFilter, SnapshotStatus, WorkgroupEdit,
};

/// More than any operation here has.
const EFFECTS_MAX: usize = 16;

/// What must be so after every start: everything recorded is available, and every file, port and managed application belongs to
/// a record.
#[track_caller]
fn assert_whole(world: &World, effects: usize) {
    let control = &world.control;
    let clusters = control.clusters(None, 100).items;
    let namespaces = control.namespaces(None, 100).items;
    let workgroups = control.workgroups(None, 100).items;
    assert!(
        clusters.iter().all(|one| matches!(one.status, ClusterStatus::Available | ClusterStatus::Paused)),
        "{effects}"
    );
    assert!(namespaces.iter().all(|one| one.status == Lifecycle::Available), "{effects}");
    assert!(workgroups.iter().all(|one| one.status == Lifecycle::Available), "{effects}");
    let open: BTreeSet<_> = control.warehouses().into_iter().map(|one| one.id).collect();
    assert_eq!(*world.host.open.lock().unwrap(), open, "{effects}");
    let recorded = clusters.iter().map(|one| &one.warehouse).chain(namespaces.iter().map(|one| &one.warehouse));
    assert_eq!(world.files().into_iter().collect::<BTreeSet<_>>(), recorded.cloned().collect(), "{effects}");
    let snapshots = control.snapshots(&SnapshotFilter::default(), None, 100).items;
    let kept: BTreeSet<_> = world.disk.snapshots.lock().unwrap().keys().cloned().collect();
    assert_eq!(kept, snapshots.iter().map(|one| one.id.clone()).collect(), "{effects}");
    assert!(snapshots.iter().all(|one| one.status == SnapshotStatus::Available), "{effects}");
    assert!(world.disk.snapshots.lock().unwrap().values().all(|data| data != "half"), "{effects}");
    let ports = clusters.iter().map(|one| one.port).chain(workgroups.iter().filter_map(|one| one.port));
    let ports: BTreeSet<_> = ports.filter(|port| *port != 0).collect();
    assert_eq!(world.listening().into_iter().collect::<BTreeSet<_>>(), ports, "{effects}");
    let managed: BTreeSet<_> = world.center.applications().iter().map(|one| one.arn.clone()).collect();
    let applications = control.idc_applications(None, 100).items;
    assert_eq!(managed, applications.iter().map(|one| one.idc_managed_application_arn.clone()).collect(), "{effects}");
}

/// Runs `operation` with power for 0, 1, 2 … effects, each on a world that `prepare` made, and hands what a new start finds to
/// `check` together with whether the operation had been acknowledged. Ends when the power is enough.
pub(super) async fn crash_everywhere<P, O, C>(prepare: P, operation: O, check: C)
where
    P: AsyncFn(&World),
    O: AsyncFn(&World) -> Result<(), ControlError>,
    C: AsyncFn(&World, bool),
{
    for effects in 0..EFFECTS_MAX {
        let world = World::new().await;
        prepare(&world).await;
        world.disk.power.limit(Some(effects));
        let outcome = operation(&world).await;
        let out = world.disk.power.is_out();
        world.disk.power.limit(None);
        assert!(out || outcome.is_ok(), "{effects}: {outcome:?}");
        let restarted = world.restarted().await;
        assert_whole(&restarted, effects);
        check(&restarted, outcome.is_ok()).await;
        if !out {
            assert!(effects > 1, "nothing was interrupted");
            return;
        }
    }
    panic!("it has more effects than {EFFECTS_MAX}");
}

fn one() -> NewCluster {
    NewCluster { port: Some(5450), ..new_cluster("one") }
}

#[tokio::test]
async fn while_a_cluster_is_made() {
    let create = async |world: &World| world.control.create_cluster(one()).await.map(drop);
    crash_everywhere(
        async |_| (),
        create,
        async |world, acknowledged| {
            assert_eq!(world.control.cluster(&ClusterId::new("one")).is_some(), acknowledged);
            assert_eq!(world.control.is_new(), !acknowledged);
            if !acknowledged {
                world.control.create_cluster(one()).await.unwrap();
            }
        },
    )
    .await;
}

#[tokio::test]
async fn while_a_cluster_is_deleted() {
    let prepare = async |world: &World| drop(world.control.create_cluster(one()).await.unwrap());
    let delete = async |world: &World| world.control.delete_cluster(&ClusterId::new("one")).await.map(drop);
    crash_everywhere(prepare, delete, async |world, acknowledged| {
        let left = world.control.cluster(&ClusterId::new("one"));
        assert!(!(acknowledged && left.is_some()));
        if left.is_none() {
            world.control.create_cluster(one()).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn while_a_cluster_is_modified() {
    let prepare = async |world: &World| drop(world.control.create_cluster(one()).await.unwrap());
    let modify = async |world: &World| {
        let edit = ClusterEdit {
            identifier: Some(ClusterId::new("uno")),
            master_password: Some(Secret::from("Passw0rd2")),
            port: Some(5451),
            publicly_accessible: Some(true),
            ..ClusterEdit::default()
        };
        world.control.modify_cluster(&ClusterId::new("one"), edit).await.map(drop)
    };
    crash_everywhere(prepare, modify, async |world, acknowledged| {
        let cluster = world.control.clusters(None, 2).items[0].clone();
        let (identifier, port) = if acknowledged { ("uno", 5451) } else { ("one", 5450) };
        assert_eq!(
            (cluster.identifier.as_str(), cluster.port, cluster.publicly_accessible),
            (identifier, port, acknowledged)
        );
        if acknowledged {
            assert_eq!(world.disk.warehouses.lock().unwrap()[&cluster.warehouse], "Passw0rd2");
        }
    })
    .await;
}

#[tokio::test]
async fn while_a_namespace_is_made_and_deleted() {
    let sales = NamespaceName::new("sales");
    let create = async |world: &World| world.control.create_namespace(new_namespace("sales")).await.map(drop);
    crash_everywhere(
        async |_| (),
        create,
        async |world, acknowledged| {
            assert_eq!(world.control.namespace(&NamespaceName::new("sales")).is_some(), acknowledged);
        },
    )
    .await;
    let prepare = async |world: &World| create(world).await.unwrap();
    let delete = async |world: &World| world.control.delete_namespace(&sales).await.map(drop);
    crash_everywhere(prepare, delete, async |world, acknowledged| {
        assert!(!(acknowledged && world.control.namespace(&sales).is_some()));
    })
    .await;
}

#[tokio::test]
async fn while_a_workgroup_is_made_moved_and_deleted() {
    let name = WorkgroupName::new("sales-wg");
    let prepare = async |world: &World| drop(world.control.create_namespace(new_namespace("sales")).await.unwrap());
    let create = async |world: &World| {
        let new = NewWorkgroup { port: Some(5450), ..new_workgroup("sales-wg", "sales") };
        world.control.create_workgroup(new).await.map(drop)
    };
    let whole = async |world: &World, acknowledged| {
        assert_eq!(world.control.workgroup(&name).is_some(), acknowledged);
        assert!(world.control.namespace(&NamespaceName::new("sales")).is_some());
    };
    crash_everywhere(prepare, create, whole).await;
    let prepare = async |world: &World| {
        prepare(world).await;
        create(world).await.unwrap();
    };
    let update = async |world: &World| {
        let edit = WorkgroupEdit { port: Some(5451), ..WorkgroupEdit::default() };
        world.control.update_workgroup(&name, edit).await.map(drop)
    };
    let moved = async |world: &World, acknowledged| {
        let port = if acknowledged { 5451 } else { 5450 };
        assert_eq!(world.control.workgroup(&name).unwrap().port, Some(port));
    };
    crash_everywhere(&prepare, update, moved).await;
    let delete = async |world: &World| world.control.delete_workgroup(&name).await.map(drop);
    let deleted = async |world: &World, acknowledged| {
        assert!(!(acknowledged && world.control.workgroup(&name).is_some()));
    };
    crash_everywhere(&prepare, delete, deleted).await;
}

#[tokio::test]
async fn while_an_application_is_made() {
    let create = async |world: &World| {
        let new = new_application(&world.center.instance().arn, "app");
        world.control.create_idc_application(new).await.map(drop)
    };
    crash_everywhere(
        async |_| (),
        create,
        async |world, acknowledged| {
            assert_eq!(world.control.idc_applications(None, 1).items.len(), usize::from(acknowledged));
        },
    )
    .await;
}

#[tokio::test]
async fn while_an_application_is_changed_by_a_store_that_fails_once() {
    for effects in 0..3 {
        let world = World::new().await;
        let before = world.application("app").await;
        let managed = world.center.application(&before.idc_managed_application_arn).unwrap();
        let edit = RedshiftIdcApplicationEdit {
            identity_namespace: Some("later".to_owned()),
            idc_display_name: Some("Later".to_owned()),
            redshift_connect: Some(false),
            iam_role_arn: None,
        };
        world.disk.power.limit(Some(effects));
        world.control.modify_idc_application(&before.arn, edit.clone()).await.unwrap_err();
        assert_eq!(world.control.idc_application(&before.arn), Some(Arc::clone(&before)));
        // A call that is repeated when the store works again is carried out as a whole.
        world.disk.power.limit(None);
        let after = world.control.modify_idc_application(&before.arn, edit).await.unwrap();
        assert_eq!((after.identity_namespace.as_str(), after.idc_display_name.as_str()), ("later", "Later"));
        assert!(!world.control.redshift_connect(&after));
        assert_eq!(world.center.application(&managed.arn).unwrap().name, "Later");
    }
}

#[tokio::test]
async fn a_delete_that_failed_can_be_repeated() {
    let world = World::new().await;
    world.control.create_cluster(one()).await.unwrap();
    let id = ClusterId::new("one");
    world.disk.power.limit(Some(1));
    world.control.delete_cluster(&id).await.unwrap_err();
    assert_eq!(world.control.cluster(&id).unwrap().status, ClusterStatus::Deleting);
    let refused = world.control.modify_cluster(&id, ClusterEdit::default()).await.unwrap_err();
    assert!(matches!(refused, ControlError::InvalidClusterState { state: "deleting", .. }));
    assert!(world.control.route(None, 5450).is_err());
    world.disk.power.limit(None);
    world.control.delete_cluster(&id).await.unwrap();
    assert!(world.files().is_empty() && world.listening().is_empty() && world.control.cluster(&id).is_none());
}

#[tokio::test]
async fn a_start_goes_on_without_a_port_that_somebody_took() {
    let world = World::new().await;
    let cluster = world.control.create_cluster(one()).await.unwrap();
    world.control.create_cluster(NewCluster { port: Some(5451), ..new_cluster("two") }).await.unwrap();
    let restarted = World::unattached(Arc::clone(&world.disk)).await.unwrap();
    restarted.host.taken.lock().unwrap().insert(5450);
    restarted.control.attach(restarted.host.clone()).await.unwrap();
    assert_eq!(restarted.listening(), [5451]);
    assert_eq!(restarted.control.cluster(&cluster.identifier), Some(cluster));
}

#[tokio::test]
async fn what_could_not_be_undone_can_be_deleted() {
    let id = ClusterId::new("one");
    for effects in 1..4 {
        let world = World::new().await;
        world.disk.power.limit(Some(effects));
        world.control.create_cluster(one()).await.unwrap_err();
        assert_eq!(world.control.cluster(&id).unwrap().status, ClusterStatus::Creating);
        assert!(world.control.warehouses().is_empty() && world.control.route(None, 5450).is_err());
        world.disk.power.limit(None);
        world.control.delete_cluster(&id).await.unwrap();
        assert!(world.files().is_empty() && world.listening().is_empty());
        world.control.create_cluster(one()).await.unwrap();
    }
}
