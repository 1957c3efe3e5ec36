use url::Url;

use super::logout_location;
use crate::{Network, Provider, discovery};

fn discovery(end_session: &str) -> crate::Discovery {
    let provider = Provider::new("https://op.example", "gatehouse", None, Network::Public);
    let document = format!(
        r#"{{"issuer":"https://op.example","authorization_endpoint":"https://op.example/a","token_endpoint":"https://op.example/t",
            "jwks_uri":"https://op.example/k"{end_session}}}"#
    );
    discovery::decide(document.as_bytes(), "https://op.example", &provider).unwrap()
}

#[test]
fn the_browser_is_sent_to_be_signed_out_with_the_hint() {
    let discovery = discovery(r#","end_session_endpoint":"https://op.example/logout?theme=dark""#);
    let hint = "a.b.c".into();
    let location =
        logout_location(&discovery, "gatehouse", Some(&hint), "https://gatehouse.example/signed-out?x=1", Some("s"))
            .unwrap();
    let location = Url::parse(&location).unwrap();
    let query: Vec<(String, String)> = location.query_pairs().into_owned().collect();
    let expected = [
        ("theme", "dark"),
        ("client_id", "gatehouse"),
        ("post_logout_redirect_uri", "https://gatehouse.example/signed-out?x=1"),
        ("id_token_hint", "a.b.c"),
        ("state", "s"),
    ];
    assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_provider_without_a_logout_page_signs_nobody_out() {
    assert_eq!(logout_location(&discovery(""), "gatehouse", None, "https://gatehouse.example/", None), None);
}
