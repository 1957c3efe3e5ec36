use std::net::{Ipv4Addr, SocketAddr};

use axum::http::HeaderName;

use super::*;

const COOKIE_VALUE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn connection(encrypted: bool) -> Connection {
    Connection { peer: SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000)), encrypted }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())).collect()
}

#[test]
fn cookies_are_bound_to_host_and_scheme() {
    let value = Secret::from(COOKIE_VALUE);
    let https = set_cookie(CookieKind::Session, &value, connection(true)).unwrap();
    let expected =
        format!("__Host-gatehouse-session={COOKIE_VALUE}; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax; Secure");
    assert_eq!(https.to_str().unwrap(), expected);
    let http = set_cookie(CookieKind::Session, &value, connection(false)).unwrap();
    assert!(!http.to_str().unwrap().contains("Secure") && !http.to_str().unwrap().contains("__Host-"));
}

#[test]
fn a_cookie_is_read_only_when_it_is_one_of_the_right_form() {
    let good = format!("other=1; gatehouse-session={COOKIE_VALUE}");
    let twice = format!("gatehouse-session={COOKIE_VALUE}; gatehouse-session={COOKIE_VALUE}");
    let cases = [(good.as_str(), true), (twice.as_str(), false), ("gatehouse-session=short", false), ("", false)];
    for (text, expected) in cases {
        let found = cookie(&headers(&[("cookie", text)]), CookieKind::Session, connection(false));
        assert_eq!(found.is_some(), expected, "{text}");
    }
    // The plain-http cookie is not taken over https.
    assert!(cookie(&headers(&[("cookie", &good)]), CookieKind::Session, connection(true)).is_none());
}

#[test]
fn a_form_is_ours_by_origin_and_token() {
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
        assert_eq!(form_is_ours(&headers(pairs), &cookie, token, connection(false)), expected, "{pairs:?}");
    }
}
