use oidc::Network;

use super::*;
use crate::model::{MatchBy, SubjectFrom, SubjectMapping};

#[test]
fn names_and_contacts_are_words() {
    assert!(name("Okta").is_ok() && name(&"é".repeat(64)).is_ok());
    for bad in ["", " Okta", "Okta ", "Ok\nta", &"a".repeat(65)] {
        assert!(name(bad).is_err(), "{bad:?}");
    }
    assert!(contact("help@example.com").is_ok() && contact(&"a".repeat(201)).is_err());
}

#[test]
fn domains_are_folded_sorted_and_each_there_once() {
    let given = ["B.com", "a.com", "b.COM"].map(str::to_owned);
    assert_eq!(domains(&given).unwrap(), ["a.com", "b.com"]);
    let error = domains(&["@a.com".to_owned()]).unwrap_err().to_string();
    assert!(error.contains("@a.com"), "{error}");
    let many: Vec<String> = (0..101).map(|number| format!("d{number}.com")).collect();
    assert!(domains(&many).is_err() && domains(&many[..100]).is_ok());
}

#[test]
fn addresses_are_https_except_on_this_machine_by_choice() {
    let table = [
        ("https://idp.example.com/x", true, true),
        ("http://localhost:8080/x", false, true),
        ("http://kc.localhost:8080/x", false, true),
        ("http://127.0.0.1/x", false, true),
        ("http://[::1]:80/x", false, true),
        ("http://10.0.0.1/x", false, false),
        ("http://idp.example.com/x", false, false),
        ("https://user@idp.example.com/", false, false),
        ("https://user:password@idp.example.com/", false, false),
        ("javascript:alert(1)", false, false),
        ("file:///etc/passwd", false, false),
        ("idp.example.com", false, false),
    ];
    for (text, public, private) in table {
        assert_eq!(address("X", text, Network::Public).is_ok(), public, "{text}");
        assert_eq!(address("X", text, Network::Private).is_ok(), private, "{text}");
    }
    assert!(address("X", &format!("https://a/{}", "x".repeat(2048)), Network::Public).is_err());
    for bad in ["https://a/?x", "https://a/#x"] {
        assert!(issuer(bad, Network::Public).is_err());
    }
}

#[test]
fn clients_and_scopes_are_what_oauth_lets_them_be() {
    assert!(client_id("0oa1 b/c").is_ok());
    assert!(client_id("").is_err() && client_id("é").is_err() && client_id("a\u{0}").is_err());
    let error = client_secret("sécret").unwrap_err().to_string();
    assert!(error.contains("ClientSecret") && !error.contains("cret\""), "{error}");
    let given = ["openid", "email", "groups", "email"].map(str::to_owned);
    assert_eq!(scopes(&given).unwrap(), ["email", "groups"]);
    assert!(scopes(&["email groups".to_owned()]).is_err() && scopes(&[String::new()]).is_err());
}

#[test]
fn who_is_made_at_sign_in_needs_a_name() {
    let mapping = |to| SubjectMapping { from: SubjectFrom::NameId, to };
    assert!(subject(&mapping(MatchBy::ExternalId), true).is_err());
    assert!(subject(&mapping(MatchBy::ExternalId), false).is_ok());
    assert!(subject(&mapping(MatchBy::UserName), true).is_ok() && subject(&mapping(MatchBy::Email), true).is_ok());
    let unnamed = SubjectMapping { from: SubjectFrom::Attribute(String::new()), to: MatchBy::Email };
    assert!(subject(&unnamed, false).is_err());
}
