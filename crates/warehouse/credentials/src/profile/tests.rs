use super::*;

#[test]
fn what_a_profile_may_be() {
    let profile = |name: &str, content: &str| AuthenticationProfile::new(name.to_owned(), content.to_owned());
    let content = r#"{"DbUser": "bob", "AutoCreate": true, "Port": 5439}"#;
    assert_eq!(profile("sales-1", content).unwrap().content, content);
    for name in ["", "a b", "a_b", "ä", &"a".repeat(64)] {
        assert!(matches!(profile(name, "{}"), Err(CredentialError::InvalidProfile(_))), "{name}");
    }
    for content in ["", "[]", "\"x\"", "{", r#"{"a": {}}"#, r#"{"a": null}"#, r#"{"a": 1, "a": 2}"#] {
        assert!(matches!(profile("p", content), Err(CredentialError::InvalidProfile(_))), "{content}");
    }
    let large = format!(r#"{{"a": "{}"}}"#, "x".repeat(PROFILE_BYTES_MAX));
    assert!(matches!(profile("p", &large), Err(CredentialError::ProfileQuota(_))));
}
