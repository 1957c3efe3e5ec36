use base::id::ClientId;
use time::Duration;
use time::macros::datetime;

use super::*;
use crate::hash::TokenHash;

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

fn client() -> Arc<Client> {
    Arc::new(Client {
        id: ClientId::new("c-1"),
        name: "driver".into(),
        secret: TokenHash::of(&Secret::from("secret")),
        scopes: BTreeSet::from([Scope::RedshiftConnect]),
        redirect_uris: vec![RedirectUri::parse("http://127.0.0.1:7890").unwrap()],
        refreshes: false,
        issued: NOW,
        expires: NOW + Duration::days(90),
        used: false,
    })
}

fn request() -> AuthorizationRequest {
    let some = |text: &str| Some(text.to_owned());
    AuthorizationRequest {
        response_type: some("code"),
        client_id: some("c-1"),
        redirect_uri: some("http://127.0.0.1:7890"),
        state: some("abcdefghij"),
        scope: some("redshift:connect"),
        code_challenge: some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        code_challenge_method: some("S256"),
        fault: None,
    }
}

#[test]
fn the_answer_is_code_then_state_then_nothing() {
    let checked = check(Some(&client()), &request(), NOW).unwrap();
    let location = checked.success_location(&Secret::from("gate_ac_x"));
    assert_eq!(location, "http://127.0.0.1:7890/?code=gate_ac_x&state=abcdefghij");
}

#[test]
fn without_scope_the_registered_ones_hold() {
    let checked = check(Some(&client()), &AuthorizationRequest { scope: None, ..request() }, NOW).unwrap();
    assert_eq!(checked.scopes(), &BTreeSet::from([Scope::RedshiftConnect]));
}

#[test]
fn an_untrusted_client_or_address_is_never_redirected_to() {
    let expired = NOW + Duration::days(90);
    let elsewhere = |uri: &str| AuthorizationRequest { redirect_uri: Some(uri.into()), ..request() };
    let cases = [
        (None, request(), NOW),
        (Some(client()), request(), expired),
        (Some(client()), elsewhere("http://127.0.0.1:7890/other"), NOW),
        (Some(client()), elsewhere("https://evil.example.com/"), NOW),
        (Some(client()), AuthorizationRequest { redirect_uri: None, ..request() }, NOW),
    ];
    for (client, request, now) in cases {
        let refusal = check(client.as_ref(), &request, now).unwrap_err();
        assert!(matches!(refusal, AuthorizeRefusal::Page(_)), "{refusal:?}");
    }
}

#[test]
fn other_mistakes_go_back_to_the_client_with_its_state() {
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (AuthorizationRequest { response_type: some("token"), ..request() }, "unsupported_response_type"),
        (AuthorizationRequest { response_type: None, ..request() }, "invalid_request"),
        (AuthorizationRequest { code_challenge: None, ..request() }, "invalid_request"),
        (AuthorizationRequest { code_challenge: some("short"), ..request() }, "invalid_request"),
        (AuthorizationRequest { code_challenge_method: some("plain"), ..request() }, "invalid_request"),
        (AuthorizationRequest { code_challenge_method: None, ..request() }, "invalid_request"),
        (AuthorizationRequest { scope: some("redshift:connect openid"), ..request() }, "invalid_scope"),
        (AuthorizationRequest { fault: some("The parameter prompt …"), ..request() }, "invalid_request"),
    ];
    for (request, expected) in cases {
        let refusal = check(Some(&client()), &request, NOW).unwrap_err();
        let AuthorizeRefusal::Redirect { location, error, .. } = refusal else { panic!("{refusal:?}") };
        assert_eq!(error, expected);
        assert!(
            location.starts_with(&format!("http://127.0.0.1:7890/?error={expected}&error_description=")),
            "{location}"
        );
        assert!(location.ends_with("&state=abcdefghij"), "{location}");
    }
}

#[test]
fn nobody_is_sent_to_another_host_for_a_mistake() {
    let redirect = "https://editor.example.com/callback";
    let mut client = client();
    Arc::make_mut(&mut client).redirect_uris = vec![RedirectUri::parse(redirect).unwrap()];
    let good = AuthorizationRequest { redirect_uri: Some(redirect.into()), ..request() };
    assert!(check(Some(&client), &good, NOW).is_ok());
    for request in [
        AuthorizationRequest { response_type: None, ..good.clone() },
        AuthorizationRequest { state: Some("x".repeat(2000)), ..good.clone() },
        AuthorizationRequest { scope: Some("openid".into()), ..good },
    ] {
        let refusal = check(Some(&client), &request, NOW).unwrap_err();
        assert!(matches!(refusal, AuthorizeRefusal::Page(_)), "{refusal:?}");
    }
}
