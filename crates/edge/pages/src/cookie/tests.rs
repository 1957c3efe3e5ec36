use std::net::{Ipv4Addr, SocketAddr};

use super::*;

const VALUE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const SESSION: Cookie<'static> =
    Cookie { name: "gatehouse-session", value: CookieValue::Token, max_age: 28_800, same_site: SameSite::Lax };

fn connection(encrypted: bool) -> Connection {
    Connection { peer: SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000)), encrypted }
}

fn sent(text: &str) -> HeaderMap {
    [(COOKIE, HeaderValue::from_str(text).unwrap())].into_iter().collect()
}

#[test]
fn cookies_are_bound_to_host_and_scheme() {
    let value = Secret::from(VALUE);
    let https = SESSION.set(&value, connection(true)).unwrap();
    let expected = format!("__Host-gatehouse-session={VALUE}; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax; Secure");
    assert_eq!(https.to_str().unwrap(), expected);
    assert!(https.is_sensitive());
    let http = SESSION.set(&value, connection(false)).unwrap();
    assert!(!http.to_str().unwrap().contains("Secure") && !http.to_str().unwrap().contains("__Host-"));
    let flow = Cookie { name: "gatehouse-flow-a", value: CookieValue::Sealed, max_age: 600, same_site: SameSite::None };
    let flow = flow.set(&Secret::from("sealed"), connection(true)).unwrap();
    assert_eq!(
        flow.to_str().unwrap(),
        "__Host-gatehouse-flow-a=sealed; Path=/; Max-Age=600; HttpOnly; SameSite=None; Secure"
    );
    let gone = SESSION.remove(connection(true)).unwrap();
    assert!(gone.to_str().unwrap().starts_with("__Host-gatehouse-session=; Path=/; Max-Age=0;"));
}

#[test]
fn a_cookie_is_read_only_when_it_is_one_of_the_right_form() {
    let good = format!("other=1; gatehouse-session={VALUE}");
    let twice = format!("gatehouse-session={VALUE}; gatehouse-session={VALUE}");
    let strange = format!("gatehouse-session={}", VALUE.replace('A', "%"));
    let cases = [
        (good.as_str(), true),
        (twice.as_str(), false),
        (strange.as_str(), false),
        ("gatehouse-session=short", false),
        ("", false),
    ];
    for (text, expected) in cases {
        assert_eq!(SESSION.read(&sent(text), connection(false)).is_some(), expected, "{text}");
    }
    // The plain-http cookie is not taken over https.
    assert!(SESSION.read(&sent(&good), connection(true)).is_none());
}

#[test]
fn a_sealed_value_has_a_length_that_browsers_take() {
    let sealed = Cookie { value: CookieValue::Sealed, ..SESSION };
    for (value, expected) in [("a".repeat(3800), true), ("a".repeat(3801), false), (String::new(), false)] {
        assert_eq!(sealed.set(&Secret::new(value.clone()), connection(true)).is_some(), expected);
        let header = sent(&format!("__Host-gatehouse-session={value}"));
        assert_eq!(sealed.read(&header, connection(true)).is_some(), expected);
    }
    assert!(sealed.set(&Secret::from("a; Domain=example.com"), connection(true)).is_none());
}

#[test]
fn cookies_of_a_kind_are_named_in_order() {
    let text = "__Host-flow-1=a; other=b; __Host-flow-2=c; flow-3=d";
    assert_eq!(cookie_names(&sent(text), "flow-", connection(true)), ["flow-1", "flow-2"]);
    assert_eq!(cookie_names(&sent(text), "flow-", connection(false)), ["flow-3"]);
}
