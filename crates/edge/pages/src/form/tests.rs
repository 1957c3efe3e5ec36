use std::net::{Ipv4Addr, SocketAddr};

use axum::http::{HeaderName, HeaderValue};

use super::*;

const COOKIE_VALUE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())).collect()
}

#[test]
fn a_form_is_ours_by_origin_and_token() {
    let connection = Connection { peer: SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000)), encrypted: false };
    let cookie = Secret::from(COOKIE_VALUE);
    let token = csrf_token(&cookie);
    let host = ("host", "127.0.0.1:8080");
    type Case<'a> = (&'a [(&'static str, &'a str)], &'a str, bool);
    let cases: [Case<'_>; 9] = [
        (&[], token.expose(), true),
        (&[], "", false),
        (&[], COOKIE_VALUE, false),
        (&[("sec-fetch-site", "same-origin"), ("origin", "null")], token.expose(), true),
        (&[("sec-fetch-site", "cross-site")], token.expose(), false),
        (&[("sec-fetch-site", "same-site")], token.expose(), false),
        (&[host, ("origin", "http://127.0.0.1:8080")], token.expose(), true),
        (&[host, ("origin", "https://evil.example.com")], token.expose(), false),
        (&[host, ("origin", "http://127.0.0.1:8081")], token.expose(), false),
    ];
    for (pairs, token, expected) in cases {
        assert_eq!(form_is_ours(&headers(pairs), &cookie, token, connection), expected, "{pairs:?}");
    }
}

#[test]
fn the_form_token_depends_on_the_cookie_and_does_not_tell_it() {
    let (one, two) = (Secret::from("cookie-1"), Secret::from("cookie-2"));
    assert_eq!(csrf_token(&one).expose(), csrf_token(&one).expose());
    assert_ne!(csrf_token(&one).expose(), csrf_token(&two).expose());
    assert!(!csrf_token(&one).expose().contains("cookie"));
}

#[test]
fn a_field_comes_once_and_is_not_shown() {
    let form = Form::parse(b"user_name=ethan&password=a%20b").unwrap();
    assert_eq!((form.get("user_name"), form.get("password"), form.get("other")), ("ethan", "a b", ""));
    assert!(!format!("{form:?}").contains("a b"));
    assert!(Form::parse(b"a=1&a=2").is_none());
    let many = |count: usize| (0..count).map(|field| format!("f{field}=&")).collect::<String>();
    assert!(Form::parse(many(64).as_bytes()).is_some() && Form::parse(many(65).as_bytes()).is_none());
}

#[test]
fn hidden_fields_are_escaped() {
    let markup = hidden(&[("RelayState", "\"><script>")]).into_string();
    assert_eq!(markup, "<input type=\"hidden\" name=\"RelayState\" value=\"&quot;&gt;&lt;script&gt;\">");
}

#[test]
fn an_input_closes_itself_as_the_jdbc_driver_wants_it() {
    let markup = input(&[("type", "hidden"), ("name", "SAMLResponse"), ("value", "a+b/\"><script>")]).into_string();
    assert_eq!(markup, "<input type=\"hidden\" name=\"SAMLResponse\" value=\"a+b/&quot;&gt;&lt;script&gt;\"/>");
}
