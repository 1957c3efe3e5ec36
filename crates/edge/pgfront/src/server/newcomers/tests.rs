use futures_util::FutureExt as _;

use super::Newcomers;

#[tokio::test]
async fn the_oldest_makes_room_and_who_has_left_takes_none() {
    let all = Newcomers::new(2);
    let mut first = all.enter();
    let second = all.enter();
    drop(second);
    let mut third = all.enter();
    assert!(first.dismissed().now_or_never().is_none());
    let mut fourth = all.enter();
    first.dismissed().await;
    assert!(third.dismissed().now_or_never().is_none());
    assert!(fourth.dismissed().now_or_never().is_none());
}
