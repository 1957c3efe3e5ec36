//! An engine of texts: it records what it is asked, keeps catalog rows in transactions, and fails or waits where told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use engine::{
    CatalogRow, CatalogWrite, CheckedText, Column, Engine, EngineError, EngineErrorKind, EngineSession, Interrupt,
    ResultStream, Rows, Value, ValueType,
};
use tokio::sync::{Notify, mpsc};

type Key = (String, String);

#[derive(Debug, Default)]
pub(crate) struct FakeEngine(Arc<State>);

#[derive(Debug, Default)]
struct State {
    inner: Mutex<Inner>,
    /// A call that was told to wait has begun to.
    waiting: Notify,
    release: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    /// With the number of the commit that wrote it; `None`: deleted.
    rows: BTreeMap<Key, (u64, Option<String>)>,
    commits: u64,
    calls: Vec<String>,
    /// The call, how many of it still succeed, and the failure.
    faults: Vec<(&'static str, usize, EngineErrorKind)>,
    /// Calls that wait: until they are interrupted (true), or released.
    waits: Vec<(&'static str, bool)>,
    answers: VecDeque<Result<Rows, EngineErrorKind>>,
    sessions: usize,
    /// Rows that open transactions have written.
    pending: BTreeMap<usize, Vec<CatalogWrite>>,
}

fn error(kind: EngineErrorKind) -> EngineError {
    EngineError { kind, message: format!("{kind:?} to the client"), log: format!("{kind:?} to the log") }
}

impl FakeEngine {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap()
    }

    /// The `nth` such call from now on fails, 1 is the next.
    pub(crate) fn fail(&self, call: &'static str, nth: usize, kind: EngineErrorKind) {
        self.inner().faults.push((call, nth - 1, kind));
    }

    /// The next such call runs until it is interrupted.
    pub(crate) fn hang(&self, call: &'static str) {
        self.inner().waits.push((call, true));
    }

    /// The next such call is held until [`Self::release`], deaf to interrupts; then it is carried out.
    pub(crate) fn hold(&self, call: &'static str) {
        self.inner().waits.push((call, false));
    }

    pub(crate) async fn is_waiting(&self) {
        self.0.waiting.notified().await;
    }

    pub(crate) fn release(&self) {
        self.0.release.notify_one();
    }

    /// The rows of the next query; an error comes as its stream's end.
    pub(crate) fn answer(&self, rows: Result<Rows, EngineErrorKind>) {
        self.inner().answers.push_back(rows);
    }

    /// What was asked since the last time: `session call text`.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().calls)
    }

    /// The committed catalog rows of this kind, as `key body`.
    pub(crate) fn stored(&self, kind: &str) -> Vec<String> {
        let rows = self.0.inner.lock().unwrap().rows.clone();
        let kept = rows.into_iter().filter(|((of, _), _)| of == kind);
        kept.filter_map(|((_, key), (_, body))| Some(format!("{key} {}", body?))).collect()
    }
}

#[async_trait::async_trait]
impl Engine for FakeEngine {
    async fn connect(&self) -> Result<Box<dyn EngineSession>, EngineError> {
        let mut inner = self.inner();
        inner.meet("connect")?;
        inner.sessions += 1;
        let (number, stop) = (inner.sessions, Arc::default());
        Ok(Box::new(FakeSession { state: Arc::clone(&self.0), number, transaction: None, stop }))
    }

    async fn load_catalog(&self) -> Result<Vec<CatalogRow>, EngineError> {
        let rows = self.inner().rows.clone().into_iter();
        Ok(rows.filter_map(|((kind, key), (_, body))| Some(CatalogRow { kind, key, body: body? })).collect())
    }
}

impl Inner {
    /// The failure that was ordered for this call.
    fn meet(&mut self, call: &'static str) -> Result<(), EngineError> {
        let Some(position) = self.faults.iter().position(|(name, _, _)| *name == call) else { return Ok(()) };
        if self.faults[position].1 > 0 {
            self.faults[position].1 -= 1;
            return Ok(());
        }
        Err(error(self.faults.remove(position).2))
    }

    /// Optimistic: whoever changes a row that somebody else has changed since loses. New rows never meet.
    fn write(&mut self, session: usize, snapshot: u64, writes: &[CatalogWrite]) -> Result<(), EngineError> {
        for write in writes {
            let key = key(write);
            let others = self.pending.iter().filter(|(other, _)| **other != session);
            let contested = others.flat_map(|(_, writes)| writes).any(|write| self::key(write) == key);
            let known = self.rows.get(&key);
            if known.is_some_and(|(commit, body)| *commit > snapshot || (contested && body.is_some())) {
                return Err(error(EngineErrorKind::Conflict));
            }
        }
        self.pending.entry(session).or_default().extend(writes.iter().cloned());
        Ok(())
    }

    fn commit(&mut self, session: usize) {
        self.commits += 1;
        for write in self.pending.remove(&session).unwrap_or_default() {
            let key = key(&write);
            let body = if let CatalogWrite::Put(row) = write { Some(row.body) } else { None };
            self.rows.insert(key, (self.commits, body));
        }
    }
}

fn key(write: &CatalogWrite) -> Key {
    match write {
        CatalogWrite::Put(CatalogRow { kind, key, body: _ }) | CatalogWrite::Delete { kind, key } => {
            (kind.clone(), key.clone())
        }
    }
}

#[derive(Debug)]
struct FakeSession {
    state: Arc<State>,
    number: usize,
    /// The commit whose state it sees, and whether a statement in it failed.
    transaction: Option<(u64, bool)>,
    stop: Arc<Stop>,
}

/// Wakes who waits now: an interrupt of nothing is lost, as a real engine's is.
#[derive(Debug, Default)]
struct Stop(Notify);

impl Interrupt for Stop {
    fn interrupt(&self) {
        self.0.notify_waiters();
    }
}

impl FakeSession {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.inner.lock().unwrap()
    }

    async fn call(&self, call: &'static str, text: &str) -> Result<(), EngineError> {
        let wait = {
            let mut inner = self.inner();
            let line = format!("{} {call} {text}", self.number);
            inner.calls.push(line.trim_end().to_owned());
            inner.meet(call)?;
            let position = inner.waits.iter().position(|(name, _)| *name == call);
            position.map(|position| inner.waits.remove(position).1)
        };
        match wait {
            None => Ok(()),
            Some(true) => {
                let stopped = self.stop.0.notified();
                self.state.waiting.notify_one();
                stopped.await;
                Err(error(EngineErrorKind::Cancelled))
            }
            Some(false) => {
                self.state.waiting.notify_one();
                self.state.release.notified().await;
                Ok(())
            }
        }
    }

    /// A statement: refused in a failed transaction, and failing its transaction.
    async fn statement(&mut self, call: &'static str, text: &str) -> Result<(), EngineError> {
        if let Some((_, true)) = self.transaction {
            return Err(error(EngineErrorKind::TransactionAborted));
        }
        let outcome = self.call(call, text).await;
        if let (Some((_, failed)), Err(_)) = (&mut self.transaction, &outcome) {
            *failed = true;
        }
        outcome
    }

    fn open(&self) -> Result<(), EngineError> {
        self.transaction.map(drop).ok_or_else(|| error(EngineErrorKind::InvalidQuery))
    }
}

impl Drop for FakeSession {
    fn drop(&mut self) {
        self.inner().pending.remove(&self.number);
    }
}

#[async_trait::async_trait]
impl EngineSession for FakeSession {
    async fn begin(&mut self) -> Result<(), EngineError> {
        self.call("begin", "").await?;
        if self.transaction.is_some() {
            return Err(error(EngineErrorKind::InvalidQuery));
        }
        let snapshot = self.inner().commits;
        self.transaction = Some((snapshot, false));
        Ok(())
    }

    /// One that fails leaves the transaction as it was: its caller has to roll back.
    async fn commit(&mut self) -> Result<(), EngineError> {
        self.call("commit", "").await?;
        self.open()?;
        if let Some((_, true)) = self.transaction {
            return Err(error(EngineErrorKind::TransactionAborted));
        }
        self.transaction = None;
        self.inner().commit(self.number);
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), EngineError> {
        self.call("rollback", "").await?;
        self.open()?;
        self.transaction = None;
        self.inner().pending.remove(&self.number);
        Ok(())
    }

    async fn describe(&mut self, query: &CheckedText) -> Result<Vec<Column>, EngineError> {
        self.statement("describe", &query.text).await?;
        Ok(columns())
    }

    async fn query(&mut self, query: &CheckedText) -> Result<ResultStream, EngineError> {
        self.statement("query", &query.text).await?;
        let (sender, batches) = mpsc::channel(1);
        let answer = self.inner().answers.pop_front().unwrap_or_else(|| Ok(vec![vec![Value::Int4(1)]]));
        if let (Some((_, failed)), Err(_)) = (&mut self.transaction, &answer) {
            *failed = true;
        }
        sender.try_send(answer.map_err(error)).unwrap();
        Ok(ResultStream { columns: columns(), batches })
    }

    async fn change(&mut self, change: &CheckedText) -> Result<u64, EngineError> {
        self.statement("change", &change.text).await?;
        Ok(1)
    }

    async fn define(&mut self, text: &str) -> Result<(), EngineError> {
        self.statement("define", text).await
    }

    async fn write_catalog(&mut self, writes: &[CatalogWrite]) -> Result<(), EngineError> {
        let kinds: Vec<_> = writes.iter().map(|write| key(write).0).collect();
        self.statement("write_catalog", &kinds.join(",")).await?;
        let snapshot = self.transaction.map(|(snapshot, _)| snapshot);
        let mut inner = self.inner();
        let now = inner.commits;
        let written = inner.write(self.number, snapshot.unwrap_or(now), writes);
        if snapshot.is_none() {
            inner.commit(self.number);
        }
        written
    }

    async fn explain(&mut self, query: &CheckedText) -> Result<Vec<String>, EngineError> {
        self.statement("explain", &query.text).await?;
        Ok(vec!["scan".to_owned()])
    }

    fn interrupt_handle(&self) -> Arc<dyn Interrupt> {
        Arc::<Stop>::clone(&self.stop)
    }
}

fn columns() -> Vec<Column> {
    vec![Column { name: "a".to_owned(), value_type: ValueType::Int4 }]
}
