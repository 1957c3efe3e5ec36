use control::HostError;

use super::{LEFT_FREE, room};

#[test]
fn a_copy_leaves_room_on_the_disk() {
    room(0, LEFT_FREE).unwrap();
    room(1 << 30, (1 << 30) + LEFT_FREE).unwrap();
    let refused = room(1 << 30, (1 << 30) + LEFT_FREE - 1).unwrap_err();
    assert_eq!(refused, HostError::NoSpace { needed: (1 << 30) + LEFT_FREE, free: (1 << 30) + LEFT_FREE - 1 });
    room(u64::MAX, u64::MAX - 1).unwrap_err();
}
