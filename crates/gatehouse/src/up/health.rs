//! `/healthz` (alive), `/readyz` (takes work), `/metrics` (Prometheus).

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

/// `ready`: the listeners accept and nobody has said stop. `works`: the parts that can break while the server runs still work.
pub(super) fn router(ready: watch::Receiver<bool>, works: impl Fn() -> bool + Clone + Send + Sync + 'static) -> Router {
    let readyz = move || {
        let ready = *ready.borrow() && works();
        async move { if ready { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") } }
    };
    Router::new().route("/healthz", get(|| async { "alive\n" })).route("/readyz", get(readyz))
}

/// On the loopback listener only: the numbers tell strangers more than they need.
pub(super) fn metrics(metrics: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(move || async move { metrics.render() }))
}

#[cfg(test)]
mod tests;
