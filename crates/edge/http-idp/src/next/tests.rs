use base::{Sealer, Secret};
use time::Duration;
use time::macros::datetime;

use super::Next;

fn sealer() -> Sealer {
    Sealer::new(&Secret::new(vec![7; 32])).unwrap()
}

#[test]
fn only_addresses_of_the_provider_are_gone_to() {
    let now = datetime!(2026-01-02 03:04:05 UTC);
    for path in ["/idp", "/idp/account", "/idp/saml/redshift?SAMLRequest=a%2B", "/idp?x=1"] {
        assert!(Next::new(path, now).is_some(), "{path}");
    }
    for path in [
        "",
        "/",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/idp/",
        "/idp\\x",
        "/idpx",
        "/idp/ü",
        "/idp/\r\nx: y",
    ] {
        assert!(Next::new(path, now).is_none(), "{path}");
    }
}

#[test]
fn what_is_sealed_comes_back_whole_for_an_hour() {
    let now = datetime!(2026-01-02 03:04:05 UTC);
    let next = Next::new("/idp/oauth/authorize?a=b", now).unwrap();
    let next = next.form_target(Some("http://127.0.0.1:7890")).purpose(Some("to open it")).login_hint(Some("ethan"));
    let text = next.seal(&sealer()).unwrap();
    assert_eq!(Next::open(&sealer(), &text, now + Duration::minutes(59)), Some(next));
    assert_eq!(Next::open(&sealer(), &text, now + Duration::hours(1)), None);
}

#[test]
fn what_somebody_else_wrote_is_not_followed() {
    let now = datetime!(2026-01-02 03:04:05 UTC);
    let other = Sealer::new(&Secret::new(vec![8; 32])).unwrap();
    let foreign = Next::new("/idp/account", now).unwrap().seal(&other).unwrap();
    let for_other_purpose = sealer().seal_text("idp step", b"{}").unwrap();
    for text in ["", "/idp/account", "https://evil.example", foreign.as_str(), for_other_purpose.as_str()] {
        assert_eq!(Next::open(&sealer(), text, now), None, "{text}");
    }
}
