use std::sync::Arc;

use base::FixedClock;
use base::id::{DirectoryGroupId, DirectoryUserId};
use center::{AssignedPrincipal, Center, CenterStore as _, CenterWrite, NewApplication, PrincipalLookup};
use time::OffsetDateTime;

use crate::{SqliteCenter, Store};

struct Everybody;

impl PrincipalLookup for Everybody {
    fn user_exists(&self, _: &DirectoryUserId) -> bool {
        true
    }

    fn group_exists(&self, _: &DirectoryGroupId) -> bool {
        true
    }
}

async fn center(store: &Store) -> Center {
    let clock = FixedClock::at(OffsetDateTime::from_unix_timestamp_nanos(1_772_323_170_123_456_789).unwrap());
    Center::open(Arc::new(SqliteCenter::new(store)), Arc::new(clock), "123456789012", "us-east-1").await.unwrap()
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    let first = center(&store).await;
    let new = NewApplication {
        provider_arn: "arn:aws:sso::aws:applicationProvider/custom".to_owned(),
        name: "a 'quoted' name".to_owned(),
        assignment_required: false,
    };
    let kept = first.create_application(new.clone()).await.unwrap();
    let gone = first.create_application(NewApplication { assignment_required: true, ..new }).await.unwrap();
    let ethan = AssignedPrincipal::User(DirectoryUserId::new("ethan"));
    let sales = AssignedPrincipal::Group(DirectoryGroupId::new("sales"));
    let finance = AssignedPrincipal::Group(DirectoryGroupId::new("finance"));
    for principal in [&ethan, &sales, &finance] {
        first.create_assignment(&kept.arn, principal, &Everybody).await.unwrap();
        first.create_assignment(&gone.arn, principal, &Everybody).await.unwrap();
    }
    first.delete_assignment(&kept.arn, &ethan).await.unwrap();
    first.delete_application(&gone.arn).await.unwrap();
    first.forget_principal(&finance).await.unwrap();
    store.close().await;

    let store = Store::open(&path).await.unwrap();
    let second = center(&store).await;
    assert_eq!(second.instance(), first.instance());
    assert_eq!(second.applications(), [Arc::clone(&kept)]);
    assert_eq!(second.assignments(&kept.arn, None, 10).unwrap().items, [sales]);
}

#[tokio::test]
async fn an_assignment_needs_its_application() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("control.db")).await.unwrap();
    let port = SqliteCenter::new(&store);
    let ethan = AssignedPrincipal::User(DirectoryUserId::new("ethan"));
    let write = CenterWrite::CreateAssignment(base::id::ApplicationArn::new("none"), ethan);
    assert!(port.apply(write).await.is_err());
    assert!(port.load().await.unwrap().assignments.is_empty());
}
