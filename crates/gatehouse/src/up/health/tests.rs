use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::router;

#[tokio::test]
async fn ready_is_what_listens_and_works() {
    let (ready, receiver) = watch::channel(false);
    let (breaks, broken) = watch::channel(Vec::<String>::new());
    let router = router(receiver, move || broken.borrow().clone());
    let get = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    };
    let line = "the warehouse analytics can't be opened".to_owned();
    for (listens, lines, status, told) in [
        (false, vec![], StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
        (true, vec![], StatusCode::OK, "ready\n"),
        (true, vec![line], StatusCode::SERVICE_UNAVAILABLE, "not ready\nthe warehouse analytics can't be opened\n"),
    ] {
        ready.send_replace(listens);
        breaks.send_replace(lines);
        assert_eq!(get("/readyz").await, (status, told.to_owned()));
        assert_eq!(get("/healthz").await.0, StatusCode::OK);
    }
}
