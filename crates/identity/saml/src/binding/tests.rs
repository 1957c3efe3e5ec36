use super::*;
use crate::binding::post::decoded;

#[test]
fn bindings_are_known_by_their_names() {
    for binding in [Binding::Redirect, Binding::Post] {
        assert_eq!(Binding::from_uri(binding.uri()), Some(binding));
    }
    assert_eq!(Binding::from_uri("urn:oasis:names:tc:SAML:2.0:bindings:SOAP"), None);
}

#[test]
fn an_endpoint_is_kept_as_json() {
    let endpoint = Endpoint { binding: Binding::Post, location: "https://idp.example.com".to_owned() };
    let json = serde_json::to_string(&endpoint).unwrap();
    assert_eq!(json, r#"{"binding":"post","location":"https://idp.example.com"}"#);
    assert_eq!(serde_json::from_str::<Endpoint>(&json).unwrap(), endpoint);
}

#[test]
fn a_forms_value_may_come_in_lines() {
    assert_eq!(decoded("aGVs\r\n bG8="), Ok(b"hello".to_vec()));
    assert!(decoded("").is_err());
    assert!(decoded("aGVsbG8").is_err());
    assert!(decoded(&"A".repeat(1_000_000)).is_err());
}
