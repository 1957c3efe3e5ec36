use super::{ipv4, ipv6};

#[test]
fn blocks_are_canonical() {
    for (text, expected) in [("10.0.0.5/8", "10.0.0.0/8"), ("192.0.2.7/32", "192.0.2.7/32"), ("1.2.3.4/0", "0.0.0.0/0")]
    {
        assert_eq!(ipv4(text).unwrap().to_string(), expected);
    }
    for (text, expected) in [("2001:DB8::1/32", "2001:db8::/32"), ("::1/128", "::1/128"), ("fe80::7/10", "fe80::/10")] {
        assert_eq!(ipv6(text).unwrap().to_string(), expected);
    }
    assert_eq!(ipv6("::/0").unwrap().to_string(), "::/0");
}

#[test]
fn what_is_no_block_is_refused() {
    for text in [
        "",
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "010.0.0.0/8",
        "10.0.0/8",
        "::/0",
        " 10.0.0.0/8",
    ] {
        assert!(ipv4(text).is_err(), "{text}");
    }
    for text in ["::", "::/129", "2001:db8::1/", "10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:0:0/96"] {
        assert!(ipv6(text).is_err(), "{text}");
    }
}
