use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;
use tokio::sync::broadcast::error::TryRecvError;

use super::*;

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Refused,
    /// An error is answered, and it is on the disk.
    KeptAndFailed,
    PanicsBefore,
    PanicsAfter,
    /// It is on the disk, and the answer waits for [`Disk::answer`].
    KeptAndWaits,
}

#[derive(Debug, Default)]
struct Disk {
    rows: std::sync::Mutex<Vec<u32>>,
    /// Of the writes to come; none: kept.
    fates: std::sync::Mutex<VecDeque<Fate>>,
    unreadable: AtomicBool,
    loads: AtomicUsize,
    writing: AtomicUsize,
    reached: Notify,
    answer: Notify,
}

#[derive(Debug)]
struct Rows(Arc<Disk>);

#[derive(Debug, Default)]
struct State {
    rows: Vec<u32>,
    reloads: u32,
    /// Somebody who must not have been told of a row before it is shown.
    listener: Option<broadcast::Receiver<u32>>,
    told_early: bool,
}

#[async_trait]
impl Backing for Rows {
    const NAME: &'static str = "row write";
    type State = State;
    type Write = u32;
    type Change = u32;
    type Error = String;

    async fn load(&self) -> Result<State, String> {
        self.0.loads.fetch_add(1, Ordering::Relaxed);
        if self.0.unreadable.load(Ordering::Relaxed) {
            return Err("unreadable".to_owned());
        }
        Ok(State { rows: self.0.rows(), ..State::default() })
    }

    async fn store(&self, row: &u32) -> Result<(), String> {
        let disk = &self.0;
        assert_eq!(disk.writing.fetch_add(1, Ordering::SeqCst), 0, "two writers at once");
        tokio::task::yield_now().await;
        let fate = disk.fates.lock().unwrap().pop_front().unwrap_or(Fate::Kept);
        disk.writing.store(0, Ordering::SeqCst);
        match fate {
            Fate::Refused => return Err("refused".to_owned()),
            Fate::PanicsBefore => panic!("on purpose"),
            Fate::Kept | Fate::KeptAndFailed | Fate::PanicsAfter | Fate::KeptAndWaits => {}
        }
        disk.rows.lock().unwrap().push(*row);
        match fate {
            Fate::Kept | Fate::Refused | Fate::PanicsBefore => Ok(()),
            Fate::KeptAndFailed => Err("failed".to_owned()),
            Fate::PanicsAfter => panic!("on purpose"),
            Fate::KeptAndWaits => {
                disk.reached.notify_one();
                disk.answer.notified().await;
                Ok(())
            }
        }
    }

    fn show(state: &mut State, row: u32) {
        state.told_early |= state.listener.as_mut().is_some_and(|listener| !listener.is_empty());
        state.rows.push(row);
    }

    fn replace(before: &State, state: &mut State) {
        state.reloads = before.reloads + 1;
    }

    fn lost(cause: String) -> String {
        format!("lost: {cause}")
    }
}

impl Disk {
    fn rows(&self) -> Vec<u32> {
        self.rows.lock().unwrap().clone()
    }

    fn fate(&self, fate: Fate) {
        self.fates.lock().unwrap().push_back(fate);
    }
}

fn kept() -> (Arc<Disk>, Arc<Kept<Rows>>) {
    let disk = Arc::<Disk>::default();
    (Arc::clone(&disk), Arc::new(Kept::new(Rows(disk), State::default(), 64)))
}

async fn write(kept: &Kept<Rows>, row: u32) -> Result<(), String> {
    kept.turn().await?.commit(row, vec![row]).await
}

fn rows(kept: &Kept<Rows>) -> Vec<u32> {
    kept.read().rows.clone()
}

#[tokio::test]
async fn a_write_is_durable_before_it_is_visible_and_visible_before_it_is_told() {
    let (disk, kept) = kept();
    let mut changes = kept.subscribe();
    kept.inner.state.write().unwrap().listener = Some(kept.subscribe());
    disk.fate(Fate::KeptAndWaits);
    let writing = crate::task::spawn("a writer", {
        let kept = Arc::clone(&kept);
        async move { write(&kept, 7).await }
    });
    disk.reached.notified().await;
    assert_eq!((disk.rows(), rows(&kept)), (vec![7], vec![]));
    assert_eq!(changes.try_recv(), Err(TryRecvError::Empty));
    disk.answer.notify_one();
    writing.await.unwrap().unwrap();
    assert_eq!(rows(&kept), [7]);
    assert_eq!(changes.try_recv(), Ok(7));
    assert!(!kept.read().told_early);
    assert_eq!(disk.loads.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_take_turns() {
    let (disk, kept) = kept();
    let writers: Vec<_> = (0..50)
        .map(|_| {
            let kept = Arc::clone(&kept);
            crate::task::spawn("a writer", async move {
                let turn = kept.turn().await.unwrap();
                let next = rows(&kept).last().map_or(0, |last| last + 1);
                tokio::task::yield_now().await;
                turn.commit(next, vec![next]).await.unwrap();
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let expected: Vec<u32> = (0..50).collect();
    assert_eq!((disk.rows(), rows(&kept)), (expected.clone(), expected));
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_memory_and_store_the_same() {
    let (disk, kept) = kept();
    let mut changes = kept.subscribe();
    disk.fate(Fate::KeptAndWaits);
    let writing = crate::task::spawn("a writer", {
        let kept = Arc::clone(&kept);
        async move { write(&kept, 7).await }
    });
    disk.reached.notified().await;
    writing.abort();
    assert!(writing.await.unwrap_err().is_cancelled());
    disk.answer.notify_one();
    // The turn comes when the write is over.
    drop(kept.turn().await.unwrap());
    assert_eq!((disk.rows(), rows(&kept)), (vec![7], vec![7]));
    assert_eq!(changes.try_recv(), Ok(7));
    assert_eq!(disk.loads.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_turn_that_is_dropped_changes_nothing() {
    let (disk, kept) = kept();
    drop(kept.turn().await.unwrap());
    drop(kept.turn().await.unwrap().commit(7, vec![7]));
    write(&kept, 8).await.unwrap();
    assert_eq!((disk.rows(), rows(&kept)), (vec![8], vec![8]));
}

#[tokio::test]
async fn a_failed_write_is_seen_where_it_reached_the_disk() {
    let (disk, kept) = kept();
    let mut changes = kept.subscribe();
    disk.fate(Fate::KeptAndFailed);
    assert_eq!(write(&kept, 7).await, Err("failed".to_owned()));
    assert_eq!(rows(&kept), [7]);
    assert_eq!(changes.try_recv(), Ok(7));
    disk.fate(Fate::Refused);
    assert_eq!(write(&kept, 8).await, Err("refused".to_owned()));
    assert_eq!(rows(&kept), [7]);
    write(&kept, 9).await.unwrap();
    assert_eq!((disk.rows(), rows(&kept)), (vec![7, 9], vec![7, 9]));
    assert_eq!(kept.read().reloads, 2);
}

#[tokio::test]
async fn the_next_turn_reads_again_what_could_not_be_read_after_a_failure() {
    let (disk, kept) = kept();
    let mut changes = kept.subscribe();
    disk.fate(Fate::KeptAndFailed);
    disk.unreadable.store(true, Ordering::Relaxed);
    assert_eq!(write(&kept, 7).await, Err("failed".to_owned()));
    assert_eq!(write(&kept, 8).await, Err("unreadable".to_owned()));
    assert_eq!(rows(&kept), Vec::<u32>::new());
    assert_eq!(changes.try_recv(), Err(TryRecvError::Empty));
    disk.unreadable.store(false, Ordering::Relaxed);
    drop(kept.turn().await.unwrap());
    assert_eq!(rows(&kept), [7]);
    assert_eq!((changes.try_recv(), changes.try_recv()), (Ok(7), Err(TryRecvError::Empty)));
    drop(kept.turn().await.unwrap());
    assert_eq!(disk.loads.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_panic_in_the_store_is_an_error_and_is_read_again() {
    for (fate, expected) in [(Fate::PanicsBefore, vec![8]), (Fate::PanicsAfter, vec![7, 8])] {
        let (disk, kept) = kept();
        let mut changes = kept.subscribe();
        disk.fate(fate);
        assert!(write(&kept, 7).await.unwrap_err().starts_with("lost: "));
        write(&kept, 8).await.unwrap();
        assert_eq!((disk.rows(), rows(&kept)), (expected.clone(), expected));
        assert_eq!((changes.try_recv(), changes.try_recv()), (Ok(7), Ok(8)));
    }
}

#[tokio::test]
async fn what_is_not_kept_here_is_told_too() {
    let (_, kept) = kept();
    let mut changes = kept.subscribe();
    kept.tell(7);
    assert_eq!(changes.try_recv(), Ok(7));
}
