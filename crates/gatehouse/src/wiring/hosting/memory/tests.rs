use super::{limit, share, total};

#[test]
fn a_warehouse_gets_a_quarter_of_what_all_may_take() {
    for (gibibytes, mebibytes) in [(16_u64, 3276), (4, 819), (1, 256), (0, 256)] {
        assert_eq!(share(gibibytes << 30) >> 20, mebibytes, "{gibibytes} GiB");
    }
    assert!(limit() >= 256 << 20);
}

#[test]
fn the_machines_memory_is_read_as_linux_writes_it() {
    assert_eq!(total("MemTotal:       24689524 kB\nMemFree:  1 kB\n"), Some(24_689_524 * 1024));
    for text in ["", "MemTotal: x kB\n", "MemTotal: 5\n", "MemFree: 5 kB\n"] {
        assert_eq!(total(text), None, "{text}");
    }
}
