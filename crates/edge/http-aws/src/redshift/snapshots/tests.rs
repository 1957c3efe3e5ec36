use super::{megabytes, rate};

#[test]
fn sizes_and_rates_are_told_as_they_are() {
    assert_eq!((megabytes(0).as_str(), megabytes((1 << 20) + (1 << 19)).as_str()), ("0.00", "1.50"));
    assert_eq!(rate(0, 100, 0), (0, 0));
    assert_eq!(rate(50, 100, 5), (10, 5));
    assert_eq!(rate(100, 100, 5), (20, 0));
}
