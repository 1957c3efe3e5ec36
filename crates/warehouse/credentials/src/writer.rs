//! Writes of many callers in one transaction: whoever comes while one is being written goes with the next.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::port::{CredentialStore, CredentialStoreUnavailable, CredentialWrite};

/// Callers of one transaction at most.
const BATCH_MAX: usize = 256;

#[derive(Debug)]
struct Job {
    writes: Vec<CredentialWrite>,
    done: oneshot::Sender<Result<(), CredentialStoreUnavailable>>,
}

/// Its task ends when it is dropped and what was handed over is written.
#[derive(Debug)]
pub(crate) struct Writer(mpsc::Sender<Job>);

impl Writer {
    pub(crate) fn start(store: Arc<dyn CredentialStore>) -> Self {
        let (sender, mut jobs) = mpsc::channel::<Job>(BATCH_MAX);
        drop(base::task::spawn("credential writer", async move {
            let mut batch = Vec::with_capacity(BATCH_MAX);
            while jobs.recv_many(&mut batch, BATCH_MAX).await > 0 {
                let (writes, waiting): (Vec<_>, Vec<_>) = batch.drain(..).map(|job| (job.writes, job.done)).unzip();
                let outcome = store.apply(&writes.concat()).await;
                for done in waiting {
                    // Whoever doesn't wait any more has gone away.
                    drop(done.send(outcome.clone()));
                }
            }
        }));
        Self(sender)
    }

    /// Returns when the writes would survive a kill -9.
    pub(crate) async fn write(&self, writes: Vec<CredentialWrite>) -> Result<(), CredentialStoreUnavailable> {
        let stopped = || CredentialStoreUnavailable("the writer has stopped".to_owned());
        let (done, outcome) = oneshot::channel();
        self.0.send(Job { writes, done }).await.map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }
}
