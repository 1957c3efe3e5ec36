use crate::rules::{instance_name, redirect_uri, scope};

#[test]
fn redirect_uris() {
    for uri in [
        "http://127.0.0.1/",
        "http://127.0.0.1:7890",
        "http://localhost/",
        "http://localhost:8080/path",
        "https://app.example.com/callback",
        "https://192.0.2.1:8443/x",
    ] {
        assert_eq!(redirect_uri(uri), Ok(()), "{uri}");
    }
    let long = format!("https://example.com/{}", "x".repeat(2048));
    for uri in [
        "",
        "http://",
        "http://example.com/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://localhost.example.com/",
        "ftp://localhost/",
        "HTTP://localhost/",
        "myapp:/callback",
        "https://app.example.com/#here",
        "https://app.example.com/?a=b",
        "https://user@app.example.com/",
        "https://app.example.com/a b",
        "https://app.example.com\\x",
        "//app.example.com/",
        long.as_str(),
    ] {
        assert!(redirect_uri(uri).is_err(), "{uri}");
    }
}

#[test]
fn scopes() {
    assert!(scope("redshift:connect").is_ok());
    for (text, why) in [
        ("", "parts"),
        ("a:b:c:d", "parts"),
        ("redshift:", "parts"),
        ("redshift connect", "parts"),
        ("redshift", "no service"),
        ("s3:access_grants:read_write", "no service"),
        ("Redshift:Connect", "no service"),
    ] {
        assert!(scope(text).unwrap_err().to_string().contains(why), "{text}");
    }
    assert!(scope(&format!("a:{}", "b".repeat(51))).unwrap_err().to_string().contains("parts"));
}

#[test]
fn instance_names() {
    for (name, allowed) in [("main", true), ("A_b+c=d,e.f@g-1", true), ("", false), ("a b", false), ("ä", false)] {
        assert_eq!(instance_name(name).is_ok(), allowed, "{name}");
    }
    assert!(instance_name(&"x".repeat(255)).is_ok() && instance_name(&"x".repeat(256)).is_err());
}
