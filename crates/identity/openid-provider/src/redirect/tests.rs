//! To the letter, but for the port on loopback.

use super::*;

fn accepted(presented: &str, registered: &str) -> bool {
    RedirectUri::registered(presented, &[registered.to_owned()]).is_some()
}

#[test]
fn an_address_is_taken_to_the_letter() {
    let registered = "https://app.example.com/cb?tenant=1";
    assert!(accepted(registered, registered));
    for other in [
        "https://app.example.com/cb",
        "https://app.example.com/cb?tenant=2",
        "https://app.example.com/cb?tenant=1&x=y",
        "https://app.example.com/CB?tenant=1",
        "https://APP.example.com/cb?tenant=1",
        "https://app.example.com:443/cb?tenant=1",
        "https://app.example.com:8443/cb?tenant=1",
        "http://app.example.com/cb?tenant=1",
        "https://app.example.com/cb/../cb?tenant=1",
        "https://app.example.com/cb?tenant=1#x",
        "https://u@app.example.com/cb?tenant=1",
        "https://app.example.com.evil.example/cb?tenant=1",
    ] {
        assert!(!accepted(other, registered), "{other}");
    }
}

#[test]
fn on_loopback_the_port_is_free_and_nothing_else() {
    for host in ["127.0.0.1", "[::1]", "localhost"] {
        let registered = format!("http://{host}/cb");
        assert!(accepted(&format!("http://{host}:49152/cb"), &registered), "{host}");
        assert!(!accepted(&format!("http://{host}:49152/other"), &registered), "{host}");
        assert!(!accepted(&format!("http://{host}:49152/cb?x=1"), &registered), "{host}");
        assert!(!accepted(&format!("https://{host}:49152/cb"), &registered), "{host}");
    }
    assert!(!accepted("http://localhost:1/cb", "http://127.0.0.1/cb"));
    assert!(accepted("http://127.0.0.1:1", "http://127.0.0.1:7890"));
    assert!(accepted("http://[::1]:1?x", "http://[::1]?x"));
    for other in [
        "http://127.0.0.1:1/x/../cb",
        "http://127.1:1/cb",
        "http://0x7f000001:1/cb",
        "http:127.0.0.1:1/cb",
        "http:/127.0.0.1:1/cb",
        "HTTP://127.0.0.1:1/cb",
        "http://127.0.0.1:1/%63b",
        "http://127.0.0.1:1:2/cb",
    ] {
        assert!(!accepted(other, "http://127.0.0.1/cb"), "{other}");
    }
}

#[test]
fn what_would_run_or_leak_is_never_an_address_even_if_registered() {
    for bad in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://app.example.com/cb",
        "https://app.example.com/cb#fragment",
        "https://user@app.example.com/cb",
        "https://app.example.com\\@evil.example/",
        "/relative",
        "",
    ] {
        assert!(!accepted(bad, bad), "{bad}");
    }
    assert!(accepted("com.example.app:/cb", "com.example.app:/cb"));
}

#[test]
fn parameters_come_after_those_that_are_there() {
    let with = |text: &str| {
        RedirectUri::registered(text, &[text.to_owned()]).unwrap().with_query(&[("code", "a b"), ("iss", "https://i")])
    };
    assert_eq!(with("http://127.0.0.1:7890"), "http://127.0.0.1:7890?code=a+b&iss=https%3A%2F%2Fi");
    assert_eq!(with("https://a.example/cb?x=1"), "https://a.example/cb?x=1&code=a+b&iss=https%3A%2F%2Fi");
}

#[test]
fn a_person_reads_where_it_leads() {
    let read = |text: &str| RedirectUri::registered(text, &[text.to_owned()]).unwrap();
    let (web, loopback, app) =
        (read("https://a.example/cb"), read("http://127.0.0.1:7890/"), read("com.example.app:/cb"));
    assert_eq!(web.place(), "https://a.example");
    assert_eq!([web.is_on_device(), loopback.is_on_device(), app.is_on_device()], [false, true, true]);
}
