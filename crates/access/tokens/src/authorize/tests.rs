use base::SecretHash;
use base::id::{ApplicationArn, ClientId};
use time::Duration;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

fn client() -> Arc<Client> {
    Arc::new(Client {
        id: ClientId::new("c-1"),
        name: "driver".into(),
        secret: SecretHash::of(&Secret::from("secret")),
        scopes: BTreeSet::from([Scope::RedshiftConnect]),
        redirect_uris: vec![RedirectUri::parse("http://127.0.0.1:7890").unwrap()],
        refreshes: false,
        issued: NOW,
        expires: NOW + Duration::days(90),
        used: false,
    })
}

fn asking() -> Option<Requester> {
    Some(Requester::Client(client()))
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
    let checked = check(asking(), &request(), |_| false, NOW).unwrap();
    let location = checked.success_location(&Secret::from("gate_ac_x"));
    assert_eq!(location, "http://127.0.0.1:7890/?code=gate_ac_x&state=abcdefghij");
}

#[test]
fn without_scope_the_registered_ones_hold() {
    let checked = check(asking(), &AuthorizationRequest { scope: None, ..request() }, |_| false, NOW).unwrap();
    assert_eq!(checked.scopes(), &BTreeSet::from([Scope::RedshiftConnect]));
}

#[test]
fn an_untrusted_client_or_address_is_never_redirected_to() {
    let expired = NOW + Duration::days(90);
    let elsewhere = |uri: &str| AuthorizationRequest { redirect_uri: Some(uri.into()), ..request() };
    let cases = [
        (None, request(), NOW),
        (asking(), request(), expired),
        (asking(), elsewhere("http://127.0.0.1:7890/other"), NOW),
        (asking(), elsewhere("https://evil.example.com/"), NOW),
        (asking(), AuthorizationRequest { redirect_uri: None, ..request() }, NOW),
    ];
    for (client, request, now) in cases {
        let refusal = check(client, &request, |_| false, now).unwrap_err();
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
        let refusal = check(asking(), &request, |_| false, NOW).unwrap_err();
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
    let asking = || Some(Requester::Client(Arc::clone(&client)));
    assert!(check(asking(), &good, |_| true, NOW).is_ok());
    let AuthorizeRefusal::Page(text) = check(asking(), &good, |_| false, NOW).unwrap_err() else { panic!() };
    assert!(text.contains("PutApplicationGrant"), "{text}");
    for request in [
        AuthorizationRequest { response_type: None, ..good.clone() },
        AuthorizationRequest { state: Some("x".repeat(2000)), ..good.clone() },
        AuthorizationRequest { scope: Some("openid".into()), ..good },
    ] {
        let refusal = check(asking(), &request, |_| true, NOW).unwrap_err();
        assert!(matches!(refusal, AuthorizeRefusal::Page(_)), "{refusal:?}");
    }
}

fn application() -> OAuthApplication {
    OAuthApplication {
        arn: ApplicationArn::new("arn:aws:sso::123456789012:application/ssoins-1/apl-1"),
        name: "Editor".into(),
        enabled: true,
        redshift: false,
        code_redirects: Some(vec!["https://editor.example.com/callback".into()]),
        refresh_token: false,
        token_exchange: false,
        scopes: BTreeSet::from([Scope::RedshiftConnect]),
    }
}

fn of_application() -> AuthorizationRequest {
    AuthorizationRequest {
        redirect_uri: Some("https://editor.example.com/callback".into()),
        scope: None,
        code_challenge: None,
        code_challenge_method: None,
        ..request()
    }
}

#[test]
fn an_application_asks_for_itself_with_or_without_a_challenge() {
    let asking = || Some(Requester::Application(application()));
    let checked = check(asking(), &of_application(), |_| false, NOW).unwrap();
    assert_eq!(checked.challenge, None);
    assert_eq!(checked.scopes(), &BTreeSet::from([Scope::RedshiftConnect]));
    assert_eq!((checked.requester().name(), checked.requester().id().as_str()), ("Editor", application().arn.as_str()));
    let with = AuthorizationRequest {
        code_challenge: request().code_challenge,
        code_challenge_method: request().code_challenge_method,
        ..of_application()
    };
    assert_eq!(check(asking(), &with, |_| false, NOW).unwrap().challenge, request().code_challenge);
    for half in [
        AuthorizationRequest { code_challenge: request().code_challenge, ..of_application() },
        AuthorizationRequest { code_challenge_method: Some("S256".into()), ..of_application() },
        AuthorizationRequest { scope: Some("openid".into()), ..of_application() },
    ] {
        let refusal = check(asking(), &half, |_| false, NOW).unwrap_err();
        let AuthorizeRefusal::Redirect { location, .. } = refusal else { panic!("{refusal:?}") };
        assert!(location.starts_with("https://editor.example.com/callback?error=invalid_"), "{location}");
    }
}

#[test]
fn an_application_that_may_not_ask_is_told_on_a_page_which_call_permits_it() {
    let cases = [
        (OAuthApplication { enabled: false, ..application() }, "UpdateApplication"),
        (OAuthApplication { code_redirects: None, ..application() }, "PutApplicationGrant"),
        (OAuthApplication { code_redirects: Some(Vec::new()), ..application() }, "PutApplicationGrant"),
    ];
    for (application, call) in cases {
        // That another application lists the address is no help.
        let refusal = check(Some(Requester::Application(application)), &of_application(), |_| true, NOW).unwrap_err();
        let AuthorizeRefusal::Page(text) = refusal else { panic!("{refusal:?}") };
        assert!(text.contains(call), "{text}");
    }
    let scopeless = OAuthApplication { scopes: BTreeSet::new(), ..application() };
    let refusal = check(Some(Requester::Application(scopeless)), &of_application(), |_| false, NOW).unwrap_err();
    let AuthorizeRefusal::Redirect { error, description, .. } = refusal else { panic!("{refusal:?}") };
    assert!(error == "invalid_scope" && description.contains("PutApplicationAccessScope"), "{description}");
}
