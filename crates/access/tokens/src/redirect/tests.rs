use proptest::prelude::*;

use super::RedirectUri;

#[test]
fn loopback_and_https_are_read_and_nothing_else() {
    let good = [
        "http://127.0.0.1:7890",
        "http://127.0.0.1/oauth/callback",
        "http://localhost:7890/",
        "https://editor.example.com/callback",
        "https://10.0.0.8:8443/cb",
    ];
    for text in good {
        assert!(RedirectUri::parse(text).is_ok(), "{text}");
    }
    let bad = [
        "",
        "/callback",
        "//127.0.0.1/",
        "http:127.0.0.1",
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1@example.com/",
        "http://user@127.0.0.1/",
        "http://127.0.0.1\\@example.com/",
        "http://10.0.0.8/",
        "http://[::1]:7890/",
        "https://[::1]/",
        "https://example.com/?next=1",
        "https://example.com/?",
        "https://example.com/#",
        "http://127.0.0.1/\n",
        "http://127.0.0.1/ ",
        "javascript:alert(1)",
        "custom://127.0.0.1/",
    ];
    for text in bad {
        assert!(RedirectUri::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_loopback_registration_takes_any_port_and_an_https_one_only_itself() {
    let cases = [
        ("http://127.0.0.1/oauth/callback", "http://127.0.0.1:49152/oauth/callback", true),
        ("http://127.0.0.1:7890", "http://127.0.0.1:7891/", true),
        ("http://127.0.0.1/oauth/callback", "http://127.0.0.1:49152/oauth/callback/", false),
        ("http://127.0.0.1/oauth/callback", "http://127.0.0.1:49152/", false),
        ("http://127.0.0.1/", "http://localhost/", false),
        ("http://127.0.0.1/", "https://127.0.0.1/", false),
        ("https://e.example.com/cb", "https://e.example.com/cb", true),
        ("https://e.example.com/cb", "https://e.example.com:8443/cb", false),
        ("https://e.example.com/cb", "https://e.example.com/cb/..", false),
        ("https://e.example.com/cb", "https://E.example.com/cb", false),
    ];
    for (registered, presented, expected) in cases {
        let accepted = RedirectUri::parse(registered).unwrap().accepts(&RedirectUri::parse(presented).unwrap());
        assert_eq!(accepted, expected, "{registered} {presented}");
    }
}

#[test]
fn a_listed_loopback_root_takes_every_port_and_path_and_https_only_itself() {
    let cases = [
        ("http://127.0.0.1/", "http://127.0.0.1:7890", true),
        ("http://127.0.0.1/", "http://127.0.0.1:7890/oauth/callback", true),
        ("http://127.0.0.1/", "http://localhost:7890/", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:7890/cb", true),
        ("http://127.0.0.1/cb", "http://127.0.0.1:7890/", false),
        ("https://e.example.com/", "https://e.example.com/cb", false),
        ("https://e.example.com/cb", "https://e.example.com/cb", true),
        ("http://127.0.0.1/", "https://127.0.0.1/", false),
        ("no address", "http://127.0.0.1/", false),
    ];
    for (listed, presented, expected) in cases {
        let is_listed = RedirectUri::parse(presented).unwrap().is_listed(&[listed.to_owned()]);
        assert_eq!(is_listed, expected, "{listed} {presented}");
    }
}

#[test]
fn the_query_has_the_given_order_and_nothing_after_it() {
    let uri = RedirectUri::parse("http://127.0.0.1:7890").unwrap();
    assert_eq!(
        uri.with_query(&[("code", "a_b-c"), ("state", "x y&z")]),
        "http://127.0.0.1:7890/?code=a_b-c&state=x+y%26z"
    );
    assert_eq!(uri.origin(), "http://127.0.0.1:7890");
}

proptest! {
    /// Whatever is accepted leads to the loopback interface, or over https.
    #[test]
    fn what_is_read_leads_nowhere_else(text in "https?://[a-z0-9.@:/\\\\#?%\\[\\]-]{0,24}") {
        if let Ok(uri) = RedirectUri::parse(&text) {
            let url = url::Url::parse(&uri.with_query(&[("code", "c")])).unwrap();
            let host = url.host_str().unwrap_or_default();
            prop_assert!(url.scheme() == "https" || host == "localhost" || host.starts_with("127."), "{text} -> {url}");
            prop_assert!(url.username().is_empty() && url.fragment().is_none());
        }
    }
}
