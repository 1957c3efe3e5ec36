use super::*;

fn application(name: &str) -> OAuthApplication {
    OAuthApplication {
        arn: ApplicationArn::new(name),
        name: name.to_owned(),
        enabled: true,
        redshift: true,
        code_redirects: Some(vec!["http://127.0.0.1/".into(), "https://e.example.com/cb".into()]),
        refresh_token: true,
        token_exchange: true,
        scopes: BTreeSet::from([Scope::RedshiftConnect]),
    }
}

fn connect() -> BTreeSet<Scope> {
    BTreeSet::from([Scope::RedshiftConnect])
}

/// The lack, and that the hint names the call that gives it back.
fn check<T: std::fmt::Debug>(result: Result<T, NoAccess>, lack: Lack, call: &str) {
    let why = result.unwrap_err();
    assert_eq!(why.lack, lack, "{why:?}");
    assert!(why.hint.contains(call), "{} should name {call}", why.hint);
}

#[test]
fn tokens_are_worth_something_while_the_application_is_there_enabled_and_has_their_scopes() {
    let arn = ApplicationArn::new("a");
    assert!(decide_open(&arn, Some(&application("a")), &connect()).is_ok());
    check(decide_open(&arn, None, &connect()), Lack::UnknownApplication, "ListApplications");
    let disabled = OAuthApplication { enabled: false, ..application("a") };
    check(decide_open(&arn, Some(&disabled), &connect()), Lack::Disabled, "UpdateApplication with Status ENABLED");
    let narrow = OAuthApplication { scopes: BTreeSet::new(), ..application("a") };
    check(decide_open(&arn, Some(&narrow), &connect()), Lack::Scope, "PutApplicationAccessScope");
    assert!(decide_open(&arn, Some(&narrow), &BTreeSet::new()).is_ok());
}

#[test]
fn a_code_goes_to_listed_addresses_and_a_public_clients_to_its_own_computer() {
    let without = OAuthApplication { code_redirects: None, ..application("a") };
    let only_https =
        OAuthApplication { code_redirects: Some(vec!["https://e.example.com/cb".into()]), ..application("a") };
    let cases = [
        ("http://127.0.0.1:7890", &application("a"), CodeFor::PublicClient, None),
        ("http://127.0.0.1:7890", &only_https, CodeFor::PublicClient, None),
        ("http://127.0.0.1:7890", &only_https, CodeFor::Application, Some(Lack::Redirect)),
        ("http://127.0.0.1:7890/any/path", &application("a"), CodeFor::Application, None),
        ("http://localhost:7890/", &application("a"), CodeFor::Application, Some(Lack::Redirect)),
        ("https://e.example.com/cb", &only_https, CodeFor::PublicClient, None),
        ("https://e.example.com/cb", &only_https, CodeFor::Application, None),
        ("https://e.example.com/cb/", &only_https, CodeFor::PublicClient, Some(Lack::Redirect)),
        ("https://e.example.com/cb", &without, CodeFor::Application, Some(Lack::Grant)),
        ("http://127.0.0.1:7890", &without, CodeFor::PublicClient, Some(Lack::Grant)),
    ];
    for (redirect, application, code_for, lack) in cases {
        let decision = decide_redirect(application, &RedirectUri::parse(redirect).unwrap(), code_for);
        assert_eq!(decision.as_ref().err().map(|why| why.lack), lack, "{redirect} {code_for:?}");
        if let Some(lack) = lack {
            check(decision, lack, "PutApplicationGrant with GrantType authorization_code");
        }
    }
}

#[test]
fn refreshing_needs_its_grant() {
    assert_eq!(decide_refresh(&application("a")), Ok(()));
    let without = OAuthApplication { refresh_token: false, ..application("a") };
    check(decide_refresh(&without), Lack::Grant, "PutApplicationGrant with GrantType refresh_token");
}

#[test]
fn a_token_is_exchanged_for_the_scopes_that_reach_the_application() {
    let (from, to) = (ApplicationArn::new("from"), application("to"));
    assert_eq!(decide_exchange(&from, &to, &connect(), |_| true), Ok(connect()));
    check(decide_exchange(&from, &to, &connect(), |_| false), Lack::Scope, "AuthorizedTargets");
    // A scope that the token doesn't have isn't given, whatever the application has by now.
    check(decide_exchange(&from, &to, &BTreeSet::new(), |_| true), Lack::Scope, "PutApplicationAccessScope for from");
    let without = OAuthApplication { token_exchange: false, ..application("to") };
    check(decide_exchange(&from, &without, &connect(), |_| true), Lack::Grant, "token-exchange");
}
