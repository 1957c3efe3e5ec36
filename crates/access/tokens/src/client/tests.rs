use super::*;

fn python_driver() -> ClientRegistration {
    ClientRegistration {
        name: "Amazon Redshift Python connector".into(),
        client_type: "public".into(),
        scopes: vec!["redshift:connect".into()],
        redirect_uris: vec!["http://127.0.0.1:7890".into()],
        grant_types: vec!["authorization_code".into()],
        issuer_url: Some("https://identitycenter.amazonaws.com/ssoins-1".into()),
        entitled_application_arn: None,
    }
}

fn nobody(_: &RedirectUri) -> bool {
    false
}

fn issuers() -> Vec<String> {
    vec!["https://identitycenter.amazonaws.com/ssoins-1".into(), "https://d-1234567890.awsapps.com/start".into()]
}

#[test]
fn the_python_driver_registers() {
    let valid = validate(&python_driver(), &issuers(), nobody).unwrap();
    assert_eq!(valid.name, "Amazon Redshift Python connector");
    assert_eq!(valid.scopes, BTreeSet::from([Scope::RedshiftConnect]));
    assert!(!valid.refreshes);
}

#[test]
fn the_start_url_is_known_with_and_without_its_fragment() {
    for url in ["https://d-1234567890.awsapps.com/start", "https://d-1234567890.awsapps.com/start/#"] {
        let asked = ClientRegistration { issuer_url: Some(url.into()), ..python_driver() };
        assert!(validate(&asked, &issuers(), nobody).is_ok(), "{url}");
    }
}

#[test]
fn each_unacceptable_member_is_refused_by_its_name() {
    use OAuthCode::*;
    let text = |text: &str| vec![text.to_owned()];
    let cases = [
        (
            ClientRegistration { client_type: "confidential".into(), ..python_driver() },
            InvalidClientMetadata,
            "clientType",
        ),
        (ClientRegistration { name: " ".into(), ..python_driver() }, InvalidClientMetadata, "clientName"),
        (
            ClientRegistration { name: "evil\u{202e}live".into(), ..python_driver() },
            InvalidClientMetadata,
            "clientName",
        ),
        (
            ClientRegistration { scopes: text("sso:account:access"), ..python_driver() },
            InvalidScope,
            "sso:account:access",
        ),
        (ClientRegistration { scopes: vec![], ..python_driver() }, InvalidScope, "redshift:connect"),
        (ClientRegistration { redirect_uris: vec![], ..python_driver() }, InvalidRedirectUri, "redirectUris"),
        (
            ClientRegistration { redirect_uris: text("http://example.com/"), ..python_driver() },
            InvalidRedirectUri,
            "redirectUris",
        ),
        (
            ClientRegistration { grant_types: text("refresh_token"), ..python_driver() },
            InvalidClientMetadata,
            "grantTypes",
        ),
        (
            ClientRegistration { grant_types: text("urn:ietf:params:oauth:grant-type:device_code"), ..python_driver() },
            UnsupportedGrantType,
            "device_code",
        ),
        (
            ClientRegistration { issuer_url: Some("https://other".into()), ..python_driver() },
            InvalidRequest,
            "issuerUrl",
        ),
        (
            ClientRegistration { entitled_application_arn: Some("arn:x".into()), ..python_driver() },
            InvalidRequest,
            "entitledApplicationArn",
        ),
    ];
    for (asked, code, named) in cases {
        let TokenError::Refused(refusal) = validate(&asked, &issuers(), nobody).unwrap_err() else {
            panic!("{asked:?}")
        };
        assert_eq!(refusal.code, code, "{asked:?}");
        assert!(refusal.description.contains(named), "{} should name {named}", refusal.description);
    }
}

#[test]
fn another_host_is_registered_only_where_an_application_lists_it() {
    const EDITOR: &str = "https://editor.example.com/cb";
    let asked = ClientRegistration { redirect_uris: vec![EDITOR.into()], ..python_driver() };
    let TokenError::Refused(refusal) = validate(&asked, &issuers(), nobody).unwrap_err() else { panic!() };
    assert_eq!(refusal.code, OAuthCode::InvalidRedirectUri);
    for part in [EDITOR, "sso-admin PutApplicationGrant", "authorization_code", "127.0.0.1"] {
        assert!(refusal.description.contains(part), "{} should contain {part}", refusal.description);
    }
    let listed = |uri: &RedirectUri| uri.as_str() == EDITOR;
    assert_eq!(validate(&asked, &issuers(), listed).unwrap().redirect_uris[0].as_str(), EDITOR);
    let both = vec![EDITOR.into(), "https://evil.example.com/cb".into()];
    assert!(validate(&ClientRegistration { redirect_uris: both, ..asked }, &issuers(), listed).is_err());
}
