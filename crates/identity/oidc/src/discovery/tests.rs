use serde_json::{Value, json};

use super::*;

fn provider(issuer: &str, network: Network) -> Provider {
    Provider::new(issuer, "gatehouse", Some("s".into()), network)
}

fn decided(change: impl FnOnce(&mut Value)) -> Result<Discovery, OidcError> {
    let mut document = json!({
        "issuer": "https://op.example/", "authorization_endpoint": "https://op.example/a",
        "token_endpoint": "https://op.example/t", "jwks_uri": "https://keys.example/k",
    });
    change(&mut document);
    decide(document.to_string().as_bytes(), "URL", &provider("https://op.example/", Network::Public))
}

#[test]
fn the_address_is_the_issuers() {
    for (issuer, expected) in [
        ("https://op.example", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example:8443/realms/a", "https://op.example:8443/realms/a/.well-known/openid-configuration"),
    ] {
        assert_eq!(address(&provider(issuer, Network::Public)).unwrap(), expected);
    }
}

#[test]
fn an_issuer_is_https_without_query_and_fragment() {
    for wrong in [
        "",
        "op.example",
        "http://op.example",
        "https://op.example?a=b",
        "https://op.example#a",
        "https://me:pw@op.example",
        "ftp://op.example",
        "http://127.0.0.1:8080",
        "file:///etc/passwd",
        "http://10.0.0.1",
    ] {
        let error = address(&provider(wrong, Network::Public)).unwrap_err();
        assert!(matches!(error, OidcError::BadIssuer { .. }), "{wrong}: {error}");
    }
}

#[test]
fn http_is_for_loopback_in_the_private_network_alone() {
    for fine in ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080/realms/a", "https://10.0.0.1"] {
        address(&provider(fine, Network::Private)).unwrap();
    }
    for wrong in ["http://10.0.0.1", "http://op.example", "http://localhost.evil.example"] {
        let error = address(&provider(wrong, Network::Private)).unwrap_err();
        assert!(error.to_string().contains("http is for this machine itself"), "{error}");
    }
}

#[test]
fn a_plain_document_is_enough() {
    let discovery = decided(|_| {}).unwrap();
    assert_eq!(discovery.jwks_uri(), "https://keys.example/k");
    assert_eq!((discovery.userinfo_endpoint(), discovery.end_session_endpoint()), (None, None));
    assert_eq!(discovery.algorithms(), [Algorithm::Rs256], "RS256 is what every provider must sign with");
    assert!(!discovery.names_itself());
    assert_eq!(discovery.client_authentication(true).unwrap(), ClientAuthentication::Basic);
    assert_eq!(discovery.client_authentication(false).unwrap(), ClientAuthentication::None);
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    for member in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let error = decided(|document| {
            document.as_object_mut().unwrap().remove(member);
        });
        assert!(error.unwrap_err().to_string().ends_with(&format!("has no {member}")), "{member}");
        let error = decided(|document| document[member] = 1.into()).unwrap_err();
        assert!(error.to_string().ends_with(&format!("has a {member} that is not text")), "{error}");
    }
    let error = decided(|document| document["token_endpoint_auth_methods_supported"] = json!(["a", 1])).unwrap_err();
    assert!(error.to_string().contains("token_endpoint_auth_methods_supported"), "{error}");
}

#[test]
fn endpoints_are_https_also_the_optional_ones() {
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"]
    {
        for wrong in ["http://op.example/x", "javascript:alert(1)", "/relative", "https://u:p@op.example/"] {
            let error = decided(|document| document[member] = wrong.into()).unwrap_err();
            assert!(
                matches!(error, OidcError::BadEndpoint { member: named, .. } if named == member),
                "{wrong}: {error}"
            );
        }
    }
}

#[test]
fn a_provider_that_lacks_what_we_need_is_refused_by_name() {
    for (member, value, named) in [
        ("response_types_supported", json!(["id_token"]), "authorization code flow"),
        ("code_challenge_methods_supported", json!(["plain"]), "PKCE with S256"),
        ("id_token_signing_alg_values_supported", json!(["HS256", "none"]), "it signs with HS256, none"),
    ] {
        let error = decided(|document| document[member] = value).unwrap_err();
        assert!(matches!(error, OidcError::Lacks(_)) && error.to_string().contains(named), "{error}");
    }
}

#[test]
fn a_document_is_one_json_object_without_a_name_twice() {
    let provider = provider("https://op.example", Network::Public);
    for wrong in ["", "[]", "<html>", r#"{"issuer":"https://op.example","issuer":"https://op.example"}"#, "{} {}"] {
        let error = decide(wrong.as_bytes(), "URL", &provider).unwrap_err();
        assert!(matches!(error, OidcError::Document { .. }), "{wrong}: {error}");
    }
}
