//! `/healthz` (alive), `/readyz` (takes work), `/metrics` (Prometheus).

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

/// `ready`: the listeners accept and nobody has said stop. `broken`: one line for each part that doesn't work.
pub(super) fn router(
    ready: watch::Receiver<bool>,
    broken: impl Fn() -> Vec<String> + Clone + Send + Sync + 'static,
) -> Router {
    let readyz = move || {
        let (listening, broken) = (*ready.borrow(), broken());
        async move {
            if listening && broken.is_empty() {
                return (StatusCode::OK, "ready\n".to_owned());
            }
            let lines = std::iter::once("not ready".to_owned()).chain(broken);
            (StatusCode::SERVICE_UNAVAILABLE, lines.map(|line| line + "\n").collect())
        }
    };
    Router::new().route("/healthz", get(|| async { "alive\n" })).route("/readyz", get(readyz))
}

/// On the loopback listener only: the numbers tell strangers more than they need.
pub(super) fn metrics(metrics: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(move || async move { metrics.render() }))
}

#[cfg(test)]
mod tests;
