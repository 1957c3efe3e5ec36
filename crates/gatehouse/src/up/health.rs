//! `/healthz` (alive), `/readyz` (takes work), `/metrics` (Prometheus).

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

pub(super) fn router(ready: watch::Receiver<bool>) -> Router {
    let readyz = move || {
        let ready = *ready.borrow();
        async move { if ready { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") } }
    };
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
}

/// On the loopback listener only: the numbers tell strangers more than they need.
pub(super) fn metrics(metrics: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(move || async move { metrics.render() }))
}
