use base::Fault as _;
use base::id::ClusterId;

use super::fake::{World, new_cluster};
use crate::{
    Closing, ClusterEdit, ClusterStatus, ControlError, Family, HostError, NewCluster, NewParameterGroup, RouteRefusal,
};

fn id() -> ClusterId {
    ClusterId::new("one")
}

#[tokio::test]
async fn a_paused_cluster_is_closed_and_stays_so_over_a_restart() {
    let world = World::new().await;
    let made = world.control.create_cluster(NewCluster { port: Some(5450), ..new_cluster("one") }).await.unwrap();
    let paused = world.control.pause_cluster(&id()).await.unwrap();
    assert_eq!(paused.status, ClusterStatus::Paused);
    assert_eq!(*world.host.closed.lock().unwrap(), [(made.warehouse.clone(), Closing::Paused)]);
    for world in [&world, &world.restarted().await] {
        assert!(!world.control.is_in_service(&made.warehouse) && world.control.warehouses().is_empty());
        assert_eq!(world.control.route(None, 5450), Err(RouteRefusal::Paused { cluster: "one".to_owned() }));
        assert_eq!(world.listening(), [5450]);
        assert_eq!(world.control.default_warehouse(5450), Some(made.warehouse.clone()));
        // what needs its data is refused, in words that say what to do
        let refused = [
            world.control.pause_cluster(&id()).await.unwrap_err(),
            world.control.reboot_cluster(&id()).await.unwrap_err(),
            world.control.modify_cluster(&id(), ClusterEdit::default()).await.unwrap_err(),
        ];
        for error in refused {
            assert_eq!(error, ControlError::InvalidClusterState { id: id(), state: "paused" });
            let words = error.public().message;
            assert!(words.contains("aws redshift resume-cluster --cluster-identifier one"), "{words}");
        }
    }
    let world = world.restarted().await;
    let resumed = world.control.resume_cluster(&id()).await.unwrap();
    assert_eq!((resumed.status, &resumed.warehouse), (ClusterStatus::Available, &made.warehouse));
    assert!(world.control.is_in_service(&made.warehouse) && world.control.route(None, 5450).is_ok());
    let refused = world.control.resume_cluster(&id()).await.unwrap_err();
    assert!(matches!(refused, ControlError::InvalidClusterState { .. }));
    // a paused one can be deleted
    world.control.pause_cluster(&id()).await.unwrap();
    world.control.delete_cluster(&id()).await.unwrap();
    assert!(world.files().is_empty() && world.listening().is_empty());
}

#[tokio::test]
async fn a_cluster_that_cannot_be_resumed_stays_paused() {
    let world = World::new().await;
    world.control.create_cluster(new_cluster("one")).await.unwrap();
    world.control.pause_cluster(&id()).await.unwrap();
    *world.host.refuse.lock().unwrap() = Some(HostError::Failed("torn".to_owned()));
    let error = world.control.resume_cluster(&id()).await.unwrap_err();
    assert!(matches!(error, ControlError::Host(_)));
    assert_eq!(world.control.cluster(&id()).unwrap().status, ClusterStatus::Paused);
    *world.host.refuse.lock().unwrap() = None;
    world.control.resume_cluster(&id()).await.unwrap();
}

#[tokio::test]
async fn a_pause_that_a_session_holds_up_can_be_repeated() {
    let world = World::new().await;
    world.control.create_cluster(new_cluster("one")).await.unwrap();
    *world.host.refuse.lock().unwrap() = Some(HostError::Failed("a session goes on".to_owned()));
    world.control.pause_cluster(&id()).await.unwrap_err();
    assert_eq!(world.control.cluster(&id()).unwrap().status, ClusterStatus::Pausing);
    let refused = world.control.route(None, 5439).unwrap_err();
    assert_eq!(refused, RouteRefusal::NotAvailable { endpoint: "one".to_owned() });
    assert!(world.control.resume_cluster(&id()).await.is_err());
    *world.host.refuse.lock().unwrap() = None;
    assert_eq!(world.control.pause_cluster(&id()).await.unwrap().status, ClusterStatus::Paused);
}

#[tokio::test]
async fn a_reboot_closes_and_opens() {
    let world = World::new().await;
    let made = world.control.create_cluster(new_cluster("one")).await.unwrap();
    let rebooted = world.control.reboot_cluster(&id()).await.unwrap();
    assert_eq!(rebooted.status, ClusterStatus::Available);
    assert_eq!(*world.host.closed.lock().unwrap(), [(made.warehouse.clone(), Closing::Rebooted)]);
    assert!(world.control.is_in_service(&made.warehouse));
    let awake = world.control.resume_cluster(&id()).await.unwrap_err();
    assert_eq!(awake, ControlError::InvalidClusterState { id: id(), state: "available" });
    assert!(awake.public().message.contains("isn't paused"), "{awake}");
    let unknown = world.control.reboot_cluster(&ClusterId::new("gone")).await.unwrap_err();
    assert_eq!(unknown, ControlError::ClusterNotFound(ClusterId::new("gone")));
}

#[tokio::test]
async fn parameters_that_wait_are_applied_by_a_reboot_and_by_a_resume() {
    for paused in [false, true] {
        let world = World::new().await;
        let made = world.control.create_cluster(new_cluster("one")).await.unwrap();
        let group = NewParameterGroup {
            name: "mine".to_owned(),
            family: Family::Redshift1,
            description: "mine".to_owned(),
            tags: std::collections::BTreeMap::new(),
        };
        world.control.create_parameter_group(group).await.unwrap();
        let wanted = vec![("require_ssl".to_owned(), "true".to_owned())];
        world.control.modify_parameter_group("mine", wanted).await.unwrap();
        let edit = ClusterEdit { parameter_group: Some("mine".to_owned()), ..ClusterEdit::default() };
        world.control.modify_cluster(&id(), edit).await.unwrap();
        assert!(!world.control.settings_of(&made.warehouse).require_ssl);
        if paused {
            world.control.pause_cluster(&id()).await.unwrap();
            world.control.resume_cluster(&id()).await.unwrap();
        } else {
            world.control.reboot_cluster(&id()).await.unwrap();
        }
        assert!(world.host.settings.lock().unwrap()[&made.warehouse].require_ssl, "{paused}");
    }
}
