use super::fits;

#[test]
fn patterns_fit_as_ec2s_do() {
    for (pattern, value, expected) in [
        ("vpn", "vpn", true),
        ("vpn", "VPN", false),
        ("vpn*", "vpn-1", true),
        ("*vpn", "my-vpn", true),
        ("*a*b", "xaxbxb", true),
        ("*a*b", "xaxbx", false),
        ("v?n", "vpn", true),
        ("v?n", "vn", false),
        ("*", "", true),
        ("", "", true),
        ("", "x", false),
        ("?", "", false),
        (r"\*", "*", true),
        (r"\*", "x", false),
        (r"a\?b", "a?b", true),
        (r"a\\b", r"a\b", true),
        ("10.8.0.0/16", "10.8.0.0/16", true),
    ] {
        assert_eq!(fits(pattern, value), expected, "{pattern} {value}");
    }
}
