use time::macros::datetime;

use super::{automated_retention, maintenance_window, manual_retention, next_window, node_count};

#[test]
fn a_maintenance_window_is_a_part_of_the_week() {
    for right in ["sun:05:00-sun:05:30", "Mon:23:45-Tue:00:15", "sun:23:30-mon:00:00", "sat:10:00-sun:10:00"] {
        maintenance_window(right).unwrap();
    }
    for wrong in [
        "",
        "sun:05:00",
        "sun:05:00-sun:05:29",
        "sun:05:00-sun:05:00",
        "sat:10:00-sun:10:01",
        "sun:24:00-sun:24:30",
        "sun:5:00-sun:5:30",
        "sun:05:60-sun:06:30",
        "day:05:00-day:06:00",
        "sun:+5:00-sun:06:00",
        "sun:05:00-sun:05:30-x",
    ] {
        maintenance_window(wrong).unwrap_err();
    }
}

#[test]
fn the_next_window_is_in_the_future_and_within_a_week() {
    // A Thursday.
    let now = datetime!(2026-01-01 12:00 UTC);
    assert_eq!(next_window("sun:05:00-sun:05:30", now), Some(datetime!(2026-01-04 05:00 UTC)));
    assert_eq!(next_window("thu:12:01-thu:13:00", now), Some(datetime!(2026-01-01 12:01 UTC)));
    assert_eq!(next_window("thu:12:00-thu:13:00", now), Some(datetime!(2026-01-08 12:00 UTC)));
    assert_eq!(next_window("mon:00:00-mon:00:30", now), Some(datetime!(2026-01-05 00:00 UTC)));
    assert_eq!(next_window("", now), None);
}

#[test]
fn numbers_have_their_limits() {
    assert!(node_count(1).is_ok() && node_count(128).is_ok());
    assert!(node_count(0).is_err() && node_count(129).is_err());
    assert!(automated_retention(0).is_ok() && automated_retention(35).is_ok() && automated_retention(36).is_err());
    for days in [-1, 1, 3653] {
        manual_retention(days).unwrap();
    }
    for days in [-2, 0, 3654] {
        manual_retention(days).unwrap_err();
    }
}
