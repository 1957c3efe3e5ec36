use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::router;

#[tokio::test]
async fn ready_is_what_listens_and_works() {
    let (ready, receiver) = watch::channel(false);
    let works = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&works);
    let router = router(receiver, move || asked.load(Ordering::SeqCst));
    let get = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    };
    for (listens, working, expected) in [
        (false, true, StatusCode::SERVICE_UNAVAILABLE),
        (true, true, StatusCode::OK),
        (true, false, StatusCode::SERVICE_UNAVAILABLE),
    ] {
        ready.send_replace(listens);
        works.store(working, Ordering::SeqCst);
        assert_eq!(get("/readyz").await, expected, "{listens} {working}");
        assert_eq!(get("/healthz").await, StatusCode::OK);
    }
}
