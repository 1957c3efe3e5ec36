use std::path::Path;

use ::sts::{Revocation, StsStore as _};
use time::{Duration, OffsetDateTime};

use crate::{SqliteSts, Store};

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_772_323_170 + seconds).unwrap()
}

async fn open(path: &Path) -> SqliteSts {
    SqliteSts::new(&Store::open(&path.join("control.sqlite")).await.unwrap())
}

fn role(until: i64) -> Revocation {
    Revocation::Role { role_id: "AROA1".to_owned(), until }
}

#[tokio::test]
async fn an_assertion_counts_once_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let sts = open(folder.path()).await;
    assert!(sts.use_once("a", at(300), at(0)).await.unwrap());
    assert!(!sts.use_once("a", at(300), at(1)).await.unwrap());
    drop(sts);
    let sts = open(folder.path()).await;
    assert!(!sts.use_once("a", at(300), at(2)).await.unwrap());
    assert!(sts.use_once("b", at(300), at(2)).await.unwrap());
}

#[tokio::test]
async fn of_many_at_once_one_is_first() {
    let folder = tempfile::tempdir().unwrap();
    let sts = open(folder.path()).await;
    let uses = (0..16).map(|_| {
        let sts = sts.clone();
        base::task::spawn("use", async move { sts.use_once("a", at(300), at(0)).await.unwrap() })
    });
    let mut first = 0;
    for used in uses.collect::<Vec<_>>() {
        first += usize::from(used.await.unwrap());
    }
    assert_eq!(first, 1);
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_forgotten_assertion_good_again() {
    let folder = tempfile::tempdir().unwrap();
    let sts = open(folder.path()).await;
    assert!(sts.use_once("a", at(300), at(0)).await.unwrap());
    let later = Duration::days(2).whole_seconds();
    assert!(sts.use_once("b", at(later + 300), at(later)).await.unwrap(), "this forgets the mark of a");
    assert!(!sts.use_once("a", at(300), at(0)).await.unwrap());
}

#[tokio::test]
async fn revocations_outlast_a_restart_and_the_latest_of_a_role_counts() {
    let folder = tempfile::tempdir().unwrap();
    let sts = open(folder.path()).await;
    let key = Revocation::Session { access_key_id: "ASIA1".to_owned(), expires: i64::MAX };
    for revocation in [role(5), role(9), role(7), key.clone()] {
        sts.revoke(revocation, at(0)).await.unwrap();
    }
    drop(sts);
    assert_eq!(open(folder.path()).await.revocations().await.unwrap(), [role(9), key]);
}
