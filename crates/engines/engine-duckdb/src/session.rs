//! The asynchronous side of a session: each call is a job for its thread.

use std::fmt;
use std::sync::{Arc, mpsc as thread_channel};

use duckdb::Connection;
use engine::{CatalogWrite, CheckedText, Column, EngineError, EngineSession, Interrupt, ResultStream};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::database::Shared;
use crate::fault;
use crate::interrupt::{CallId, Calls, CancelOnDrop};
use crate::stream::{self, Outlet};
use crate::worker::Worker;

/// DuckDB binds and plans recursively; its own limit of expression depth needs more than Rust's default of 2 MiB.
const THREAD_STACK_BYTES: usize = 16 * 1024 * 1024;

/// Batches that wait for the reader, beside the one in the thread's hand.
const WAITING_BATCHES_MAX: usize = 4;

type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// One connection, on a thread of its own. Dropping it stops what runs, rolls back and ends the thread.
pub struct DuckDbSession {
    jobs: thread_channel::Sender<Job>,
    calls: Arc<Calls>,
    /// Dropped with the session: a thread that waits for a reader gives up.
    open: watch::Sender<()>,
    ended: oneshot::Receiver<()>,
}

impl fmt::Debug for DuckDbSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DuckDbSession").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl DuckDbSession {
    pub(crate) fn start(connection: Connection, shared: Arc<Shared>) -> Result<Self, EngineError> {
        let calls = Arc::new(Calls::new(connection.interrupt_handle()));
        let (jobs, inbox) = thread_channel::channel::<Job>();
        let (end, ended) = oneshot::channel::<()>();
        let mut worker = Worker::new(connection, shared, Arc::clone(&calls));
        let body = move || {
            while let Ok(job) = inbox.recv() {
                job(&mut worker);
            }
            drop(worker);
            drop(end);
        };
        std::thread::Builder::new()
            .name("duckdb-session".to_owned())
            .stack_size(THREAD_STACK_BYTES)
            .spawn(body)
            .map_err(|error| fault::internal(format!("starting a session's thread: {error}")))?;
        Ok(Self { jobs, calls, open: watch::Sender::new(()), ended })
    }

    /// Ends the session and waits until its connection is closed.
    pub async fn close(mut self) {
        self.calls.interrupt();
        self.jobs = thread_channel::channel().0;
        self.open = watch::Sender::new(());
        // The other end is never used: it is dropped when the thread has let go of the connection.
        let _ = (&mut self.ended).await;
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Worker, CallId) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let id = self.calls.reserve();
        let _cancel = CancelOnDrop { calls: Arc::clone(&self.calls), id };
        let (reply, answer) = oneshot::channel();
        self.submit(Box::new(move |worker| {
            let outcome = worker.call(id, |worker| work(worker, id));
            // Nobody waits for it any more: the call was cancelled.
            let _ = reply.send(outcome);
        }))?;
        answer.await.map_err(|_| gone())?
    }

    fn submit(&self, job: Job) -> Result<(), EngineError> {
        self.jobs.send(job).map_err(|_| gone())
    }
}

fn gone() -> EngineError {
    fault::internal("the session's thread has ended".to_owned())
}

impl Drop for DuckDbSession {
    fn drop(&mut self) {
        self.calls.interrupt();
    }
}

#[async_trait::async_trait]
impl EngineSession for DuckDbSession {
    async fn begin(&mut self) -> Result<(), EngineError> {
        self.call(|worker, _| worker.begin()).await
    }

    async fn commit(&mut self) -> Result<(), EngineError> {
        self.call(|worker, _| worker.end("COMMIT")).await
    }

    async fn rollback(&mut self) -> Result<(), EngineError> {
        self.call(|worker, _| worker.end("ROLLBACK")).await
    }

    async fn describe(&mut self, query: &CheckedText) -> Result<Vec<Column>, EngineError> {
        let query = query.clone();
        self.call(move |worker, _| worker.describe(&query)).await
    }

    async fn query(&mut self, query: &CheckedText) -> Result<ResultStream, EngineError> {
        let query = query.clone();
        let id = self.calls.reserve();
        let cancel = CancelOnDrop { calls: Arc::clone(&self.calls), id };
        let (rows, batches) = mpsc::channel(WAITING_BATCHES_MAX);
        let (columns, answer) = oneshot::channel();
        let (end, ended) = oneshot::channel::<()>();
        let watched = rows.clone();
        let outlet = Outlet { columns, rows, open: self.open.subscribe(), runtime: Handle::current() };
        self.submit(Box::new(move |worker| {
            stream::run(worker, id, &query, outlet);
            drop(end);
        }))?;
        let columns = answer.await.map_err(|_| gone())??;
        // A reader that goes away stops the query even while DuckDB hasn't a row to offer.
        base::task::spawn("duckdb-reader", async move {
            tokio::select! {
                () = watched.closed() => drop(cancel),
                _ = ended => {}
            }
        });
        Ok(ResultStream { columns, batches })
    }

    async fn change(&mut self, change: &CheckedText) -> Result<u64, EngineError> {
        let change = change.clone();
        self.call(move |worker, id| worker.change(id, &change)).await
    }

    async fn define(&mut self, text: &str) -> Result<(), EngineError> {
        let text = text.to_owned();
        self.call(move |worker, _| worker.define(&text)).await
    }

    async fn write_catalog(&mut self, writes: &[CatalogWrite]) -> Result<(), EngineError> {
        let writes = writes.to_vec();
        self.call(move |worker, _| worker.write_catalog(&writes)).await
    }

    async fn explain(&mut self, query: &CheckedText) -> Result<Vec<String>, EngineError> {
        let query = query.clone();
        self.call(move |worker, _| worker.explain(&query)).await
    }

    fn interrupt_handle(&self) -> Arc<dyn Interrupt> {
        Arc::<Calls>::clone(&self.calls)
    }
}

#[cfg(test)]
pub(crate) mod tests;
