use base::id::SourceId;

use super::{domain_name, domain_of, for_email};

#[test]
fn an_address_has_the_domain_behind_its_last_at() {
    let table = [
        ("ethan@Example.COM", Some("example.com")),
        (" ethan@example.com ", Some("example.com")),
        ("\"a@b\"@example.com", Some("example.com")),
        ("e@b\u{fc}cher.example", Some("xn--bcher-kva.example")),
        ("ethan@example.com.", Some("example.com")),
        ("ethan@example.com\u{3002}", Some("example.com")),
        ("ethan@example.com..", None),
        ("ethan@.", None),
        ("ethan", None),
        ("@example.com", None),
        ("ethan@", None),
        ("ethan@192.0.2.1", None),
        ("ethan@[192.0.2.1]", None),
        ("ethan@example.com/evil", None),
    ];
    for (address, domain) in table {
        assert_eq!(domain_of(address).as_deref(), domain, "{address}");
    }
}

#[test]
fn a_domain_is_a_dns_name() {
    for good in ["example.com", "corp", "a-b.example", "xn--bcher-kva.example", "1and1.com"] {
        assert_eq!(domain_name(good).as_deref(), Some(good));
    }
    let label = "a".repeat(64);
    let long = ["a".repeat(63).as_str(); 5].join(".");
    for bad in
        ["", ".", "example.com.", "-a.com", "a-.com", "a..b", "a_b.com", "a b.com", "a.com:443", "*.com", &label, &long]
    {
        assert_eq!(domain_name(bad), None, "{bad}");
    }
}

#[test]
fn an_enabled_source_takes_the_people_of_its_domains_and_of_no_other() {
    let owner = |domain: &str| match domain {
        "open.com" => Some((SourceId::new("ids-1"), true)),
        "closed.com" => Some((SourceId::new("ids-2"), false)),
        _ => None,
    };
    assert_eq!(for_email("e@OPEN.com", owner), Some(SourceId::new("ids-1")));
    for other in ["e@closed.com", "e@sub.open.com", "e@opens.com", "open.com", "e@open.com@evil.com"] {
        assert_eq!(for_email(other, owner), None, "{other}");
    }
}
