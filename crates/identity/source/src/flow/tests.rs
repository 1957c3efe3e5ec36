use base::id::SourceId;
use base::{Sealer, Secret};
use time::{Duration, OffsetDateTime};

use super::{Flow, FlowKind, decide, flow_key};
use crate::SignInDenial;

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn flow(begun: OffsetDateTime) -> Flow {
    Flow {
        source: "ids-1".to_owned(),
        provider: "idp".to_owned(),
        key: KEY.to_owned(),
        continue_to: Some("/authorize".to_owned()),
        begun: begun.unix_timestamp(),
        expires: (begun + super::FLOW_LIFETIME).unix_timestamp(),
        kind: FlowKind::Saml { request: "_r".to_owned() },
    }
}

#[test]
fn an_answer_belongs_to_its_own_flow_and_no_other() {
    let (at, id) = (OffsetDateTime::UNIX_EPOCH, SourceId::new("ids-1"));
    let flow = flow(at);
    let decide = |id: &SourceId, provider: &str, key: Option<&str>, after: i64| {
        decide(&flow, id, provider, key, at + Duration::seconds(after)).err()
    };
    assert_eq!(decide(&id, "idp", Some(KEY), 0), None);
    assert_eq!(decide(&id, "idp", Some(KEY), 599), None);
    assert_eq!(decide(&id, "idp", Some(KEY), 600), Some(SignInDenial::FlowExpired { seconds: 600 }));
    assert_eq!(decide(&id, "idp", Some(KEY), -60), None, "a clock that was put right by a little");
    assert_eq!(decide(&id, "idp", Some(KEY), -61), Some(SignInDenial::FlowExpired { seconds: -61 }));
    assert_eq!(decide(&id, "another", Some(KEY), 0), Some(SignInDenial::SourceChanged));
    for (id, key) in [("ids-2", Some(KEY)), ("ids-1", None), ("ids-1", Some("0123456789abcdef"))] {
        assert_eq!(decide(&SourceId::new(id), "idp", key, 0), Some(SignInDenial::FlowOfAnotherBrowser));
    }
}

#[test]
fn a_browser_can_not_make_or_change_a_flow() {
    let sealer = |byte: u8| Sealer::new(&Secret::new(vec![byte; 32])).unwrap();
    let sealed = flow(OffsetDateTime::UNIX_EPOCH).seal(&sealer(1)).unwrap();
    assert!(!sealed.expose().contains("authorize"));
    assert_eq!(Flow::open(&sealer(1), &sealed).unwrap().key, KEY);
    assert!(Flow::open(&sealer(2), &sealed).is_none());
    let plain = serde_json::to_vec(&flow(OffsetDateTime::UNIX_EPOCH)).unwrap();
    let other = sealer(1).seal_text("another purpose", &plain).unwrap();
    assert!(Flow::open(&sealer(1), &Secret::new(other)).is_none());
    let mut changed = sealed.expose().clone().into_bytes();
    changed[30] = if changed[30] == b'A' { b'B' } else { b'A' };
    assert!(Flow::open(&sealer(1), &Secret::new(String::from_utf8(changed).unwrap())).is_none());
}

#[test]
fn a_key_is_short_and_harmless_in_a_cookies_name() {
    assert_eq!(flow_key(KEY), Some(KEY));
    for bad in ["", "short", "0123456789abcde;", "0123456789abcdef=", "/authorize?x=123", &"a".repeat(65)] {
        assert_eq!(flow_key(bad), None, "{bad}");
    }
}
