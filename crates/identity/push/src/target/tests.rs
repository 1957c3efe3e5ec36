use super::*;

#[test]
fn addresses_are_kept_without_a_slash_at_their_end() {
    for (given, kept) in [
        ("https://scim.example.com/v2/", "https://scim.example.com/v2"),
        (" https://scim.example.com ", "https://scim.example.com"),
        ("https://scim.example.com:8443/scim/v2//", "https://scim.example.com:8443/scim/v2"),
    ] {
        assert_eq!(check_url(given, false).unwrap(), kept);
    }
    assert_eq!(check_url("http://127.0.0.1:8080/scim/v2", true).unwrap(), "http://127.0.0.1:8080/scim/v2");
}

#[test]
fn addresses_that_cant_be_right_are_refused_with_the_reason() {
    for (given, words) in [
        ("http://scim.example.com/v2", "must be an https address"),
        ("ftp://scim.example.com", "must be an https address"),
        ("scim.example.com", "no address"),
        ("https://a:b@scim.example.com", "token is given by itself"),
        ("https://scim.example.com?x=1", "no query"),
        ("https://scim.example.com/v2/Users", "ends before /Users"),
    ] {
        let error = check_url(given, false).unwrap_err().to_string();
        assert!(error.contains(words), "{given}: {error}");
    }
}

#[test]
fn a_token_is_checked_and_not_repeated() {
    check_token(&Secret::from("abc.DEF-123_~+/=")).unwrap();
    for token in ["", "Bearer s3cret", "s3cret\n", "s3crét"] {
        let error = check_token(&Secret::from(token)).unwrap_err().to_string();
        assert!(!error.contains("3cr"), "{error}");
    }
}

#[test]
fn groups_that_arent_there_are_named() {
    let groups = BTreeSet::from([DirectoryGroupId::new("a"), DirectoryGroupId::new("b")]);
    check_groups("pushed_groups", &groups, |_| true).unwrap();
    let error = check_groups("pushed_groups", &groups, |group| group.as_str() == "a").unwrap_err();
    assert_eq!(error.to_string(), "pushed_groups is not acceptable: There is no group b.");
}
