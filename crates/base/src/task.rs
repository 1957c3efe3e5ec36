//! Named tasks: a panic in one is logged with the name of its task and takes nothing else down.

use std::future::Future;

use tokio::task::JoinHandle;
use tracing::Instrument as _;

/// Starts `future` on the current runtime under `name`.
#[expect(clippy::disallowed_methods, reason = "the one place that spawns, so that every task has a name")]
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.instrument(tracing::info_span!("task", name)))
}
