use std::path::Path;
use std::sync::Arc;

use ::directory::{Directory, NewUser};
use ::source::{Link, SourceStore, SourceWrite, StoredSource, UseMark};
use base::FixedClock;
use base::id::{DirectoryGroupId, DirectoryUserId, SourceId};
use time::{Duration, OffsetDateTime};

use crate::{SqliteDirectory, SqliteSources, Store};

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_772_323_170 + seconds).unwrap()
}

async fn open(path: &Path) -> (Store, SqliteSources) {
    let store = Store::open(&path.join("control.sqlite")).await.unwrap();
    let sources = SqliteSources::new(&store);
    (store, sources)
}

fn source(id: &str, version: u64) -> StoredSource {
    let definition = format!("{{\"version\":{version}}}");
    StoredSource { id: SourceId::new(id), definition, version, created: at(0), modified: at(1) }
}

async fn put(sources: &SqliteSources, id: &str) {
    sources.apply(&[SourceWrite::PutSource(Arc::new(source(id, 1)))]).await.unwrap();
}

async fn person(store: &Store, user_name: &str) -> (Arc<Directory>, DirectoryUserId) {
    let clock = Arc::new(FixedClock::at(at(0)));
    let directory = Directory::open(Arc::new(SqliteDirectory::new(store)), clock).await.unwrap();
    let new = NewUser { user_name: user_name.to_owned(), active: true, ..NewUser::default() };
    let user = directory.create_user(new).await.unwrap();
    (directory, user.id.clone())
}

fn link(source: &str, subject: &str, user: &DirectoryUserId) -> Link {
    Link { source: SourceId::new(source), subject: subject.to_owned(), user: user.clone() }
}

fn mark(key: &str, until: i64) -> UseMark {
    UseMark { key: key.to_owned(), until: at(until) }
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (store, sources) = open(folder.path()).await;
    let fresh = sources.load().await.unwrap();
    assert_eq!((fresh.sources.len(), fresh.directory_enabled, fresh.signing_key), (0, None, None));
    let (id, group) = (SourceId::new("ids-1"), DirectoryGroupId::new("g1"));
    let writes = [
        SourceWrite::PutSource(Arc::new(source("ids-1", 1))),
        SourceWrite::PutSource(Arc::new(source("ids-2", 1))),
        SourceWrite::PutSource(Arc::new(source("ids-1", 2))),
        SourceWrite::SetDirectoryEnabled(false),
        SourceWrite::PutSigningKey("sealed".to_owned()),
        SourceWrite::PutGroup { source: id.clone(), group: group.clone() },
        SourceWrite::PutGroup { source: id.clone(), group: DirectoryGroupId::new("g2") },
        SourceWrite::DeleteGroup(DirectoryGroupId::new("g2")),
    ];
    sources.apply(&writes).await.unwrap();
    store.close().await;
    let (store, sources) = open(folder.path()).await;
    let stored = sources.load().await.unwrap();
    assert_eq!(stored.sources, [source("ids-1", 2), source("ids-2", 1)]);
    assert_eq!((stored.directory_enabled, stored.signing_key.as_deref()), (Some(false), Some("sealed")));
    assert_eq!(stored.groups, [(id.clone(), group)]);
    sources.apply(&[SourceWrite::DeleteSource(id), SourceWrite::SetDirectoryEnabled(true)]).await.unwrap();
    let stored = sources.load().await.unwrap();
    assert_eq!((stored.sources.len(), stored.groups.len(), stored.directory_enabled), (1, 0, Some(true)));
    store.close().await;
}

#[tokio::test]
async fn a_transaction_is_done_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (_store, sources) = open(folder.path()).await;
    let lost = SourceWrite::PutGroup { source: SourceId::new("nowhere"), group: DirectoryGroupId::new("g") };
    sources.apply(&[SourceWrite::PutSource(Arc::new(source("ids-1", 1))), lost]).await.unwrap_err();
    assert!(sources.load().await.unwrap().sources.is_empty());
}

#[tokio::test]
async fn a_mark_counts_once_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (store, sources) = open(folder.path()).await;
    assert!(sources.use_once(&[mark("a", 300), mark("f", 600)], at(0)).await.unwrap());
    assert!(!sources.use_once(&[mark("a", 300)], at(1)).await.unwrap());
    store.close().await;
    let (_store, sources) = open(folder.path()).await;
    assert!(!sources.use_once(&[mark("a", 300)], at(2)).await.unwrap());
    assert!(!sources.use_once(&[mark("b", 300), mark("f", 600)], at(2)).await.unwrap(), "the flow was used");
    assert!(sources.use_once(&[mark("b", 300)], at(2)).await.unwrap(), "a refused use marks nothing");
}

#[tokio::test]
async fn of_two_uses_at_the_same_time_one_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (_store, sources) = open(folder.path()).await;
    let uses = (0..8).map(|_| {
        let sources = sources.clone();
        base::task::spawn("use", async move { sources.use_once(&[mark("a", 300)], at(0)).await.unwrap() })
    });
    let mut counted = 0;
    for used in uses.collect::<Vec<_>>() {
        counted += usize::from(used.await.unwrap());
    }
    assert_eq!(counted, 1);
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_nothing_valid_again() {
    let folder = tempfile::tempdir().unwrap();
    let (store, sources) = open(folder.path()).await;
    assert!(sources.use_once(&[mark("a", 300)], at(0)).await.unwrap());
    let later = Duration::days(3).whole_seconds();
    assert!(sources.use_once(&[mark("b", later + 300)], at(later)).await.unwrap(), "this forgets the mark of a");
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM source_mark").fetch_one(store.pool()).await.unwrap();
    assert_eq!(kept, 1);
    assert!(!sources.use_once(&[mark("a", 300)], at(10)).await.unwrap(), "its mark is gone, and so is its time");
    assert!(!sources.use_once(&[mark("other", 300)], at(10)).await.unwrap());
    assert!(sources.use_once(&[mark("new", 301)], at(10)).await.unwrap(), "what ends later can't have been forgotten");
}

#[tokio::test]
async fn a_link_is_one_to_one_and_goes_with_person_and_source() {
    let folder = tempfile::tempdir().unwrap();
    let (store, sources) = open(folder.path()).await;
    put(&sources, "ids-1").await;
    put(&sources, "ids-2").await;
    let (directory, ethan) = person(&store, "ethan").await;
    let fiona = NewUser { user_name: "fiona".to_owned(), active: true, ..NewUser::default() };
    let fiona = directory.create_user(fiona).await.unwrap().id.clone();
    assert!(sources.link(&link("ids-1", "s1", &ethan)).await.unwrap());
    assert!(sources.link(&link("ids-1", "s1", &ethan)).await.unwrap(), "the same again");
    assert!(!sources.link(&link("ids-1", "s1", &fiona)).await.unwrap(), "the subject is another's");
    assert!(!sources.link(&link("ids-1", "s2", &ethan)).await.unwrap(), "the person has another subject");
    assert!(sources.link(&link("ids-2", "s2", &ethan)).await.unwrap(), "another source");
    assert!(!sources.link(&link("ids-1", "s9", &DirectoryUserId::new("nobody"))).await.unwrap());
    assert!(!sources.link(&link("nowhere", "s9", &fiona)).await.unwrap());
    let first = SourceId::new("ids-1");
    assert_eq!(sources.linked_user(&first, "s1").await.unwrap(), Some(ethan.clone()));
    assert_eq!(sources.linked_subject(&first, &ethan).await.unwrap().as_deref(), Some("s1"));
    assert_eq!(sources.linked_user(&first, "S1").await.unwrap(), None, "to the letter");
    directory.delete_user(&ethan, None).await.unwrap();
    assert_eq!(sources.linked_user(&first, "s1").await.unwrap(), None);
    assert!(sources.link(&link("ids-1", "s1", &fiona)).await.unwrap());
    let one = SourceWrite::DeleteLink { source: first.clone(), subject: "s1".to_owned() };
    sources.apply(&[one]).await.unwrap();
    assert_eq!(sources.linked_user(&first, "s1").await.unwrap(), None);
    for gone in [SourceWrite::DeleteLinks(first.clone()), SourceWrite::DeleteSource(first.clone())] {
        put(&sources, "ids-1").await;
        assert!(sources.link(&link("ids-1", "s1", &fiona)).await.unwrap());
        sources.apply(&[gone]).await.unwrap();
        assert_eq!(sources.linked_user(&first, "s1").await.unwrap(), None);
    }
}
