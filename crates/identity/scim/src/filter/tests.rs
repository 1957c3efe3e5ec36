use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::schema::{GROUPS, USERS};

fn person() -> Object {
    json!({
        "id": "2819c223",
        "externalId": "00uX",
        "userName": "Ethan",
        "displayName": "100% Zoë_",
        "nickName": "ΟΔΟΣ",
        "name": {"givenName": "Ethan", "familyName": "O'Hara \"E\""},
        "active": true,
        "emails": [{"type": "work", "value": "ethan@example.com", "primary": true}, {"type": "home", "value": "e@home.net"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales", "manager": {"value": "m1"}},
        "urn:example:Custom:2.0:User": {"tag": 7},
        "meta": {"resourceType": "User", "created": "2026-01-31T12:00:00Z", "lastModified": "2026-01-31T14:00:00+02:00"},
    })
    .as_object()
    .unwrap()
    .clone()
}

#[track_caller]
fn check(filter: &str, expected: bool) {
    let parsed = Filter::parse(filter, &USERS).unwrap_or_else(|error| panic!("{filter}: {error}"));
    assert_eq!(parsed.matches(&person()), expected, "{filter}");
}

#[test]
fn comparisons() {
    for (filter, expected) in [
        (r#"userName eq "ETHAN""#, true),
        (r#"USERNAME Eq "ethan""#, true),
        (r#"userName eq "etha""#, false),
        (r#"id eq "2819C223""#, false),
        (r#"externalId eq "00uX""#, true),
        (r#"externalId eq "00ux""#, false),
        (r#"userName ne "ethan""#, false),
        (r#"userName ne "fiona""#, true),
        (r#"userName co "THA""#, true),
        (r#"userName sw "eth""#, true),
        (r#"userName ew "ETH""#, false),
        (r#"displayName co "0% Z""#, true),
        (r#"displayName co "1%Z""#, false),
        (r#"displayName co "Zo__""#, false),
        (r#"displayName ew "zoë_""#, true),
        (r#"name.familyName eq "o'hara \"e\"""#, true),
        (r#"name.familyName eq "O'Hara \u0022E\u0022""#, true),
        (r#"active eq true"#, true),
        (r#"active eq "True""#, true),
        (r#"active ne False"#, true),
        (r#"userName gt "d" and userName lt "f""#, true),
        (r#"userName ge "ethan" and userName le "ethan""#, true),
        (r#"nickName eq "οδοσ""#, true),
        (r#"nickName co "δοΣ""#, true),
        (r#"title pr"#, false),
        (r#"name pr"#, true),
        (r#"title ne "x""#, true),
        (r#"not (title eq "x")"#, true),
        (r#"title eq null"#, true),
        (r#"userName eq null"#, false),
        (r#"userName ne null"#, true),
    ] {
        check(filter, expected);
    }
}

#[test]
fn multi_valued_attributes_extensions_and_times() {
    for (filter, expected) in [
        (r#"emails eq "E@home.net""#, true),
        (r#"emails.value ew "@example.com""#, true),
        (r#"emails[type eq "work" and value co "@example.com"]"#, true),
        (r#"emails[type eq "work" and value co "@home"]"#, false),
        (r#"emails.type eq "work" and emails.value co "@home""#, true),
        (r#"emails[type eq "work"].value eq "ethan@example.com""#, true),
        (r#"emails[type eq "home"].value eq "ethan@example.com""#, false),
        (r#"emails[not (type eq "work") and primary pr]"#, false),
        (r#"emails.primary eq true"#, true),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ethan""#, true),
        (r#"URN:ietf:params:scim:schemas:core:2.0:user:name.givenName eq "ethan""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "sales""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m1""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "M1""#, false),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr"#, true),
        (r#"urn:example:Custom:2.0:User:tag ge 7"#, true),
        (r#"urn:example:Custom:2.0:User:tag lt 7.0"#, false),
        (r#"department eq "Sales""#, false),
        (r#"nonsense ne "x""#, false),
        (r#"nonsense eq null"#, false),
        (r#"name.nonsense pr"#, false),
        (r#"meta.created eq "2026-01-31T13:00:00+01:00""#, true),
        (r#"meta.lastModified le "2026-01-31T12:00:00Z""#, true),
        (r#"meta.lastModified gt "2026-01-31T12:00:00Z""#, false),
    ] {
        check(filter, expected);
    }
}

#[test]
fn precedence_is_grouping_not_and_or() {
    for (filter, expected) in [
        (r#"userName eq "ethan" or userName eq "x" and userName eq "y""#, true),
        (r#"(userName eq "ethan" or userName eq "x") and userName eq "y""#, false),
        (r#"not (userName eq "x") and active eq true"#, true),
        (r#"NOT(userName eq "ethan" OR active eq true)"#, false),
        (r#"not (not (active eq true))"#, true),
    ] {
        check(filter, expected);
    }
}

#[test]
fn what_has_no_meaning_is_refused() {
    for filter in [
        "",
        "userName",
        "userName eq",
        "userName eq ethan",
        "userName eq 'ethan'",
        r#"userName xx "a""#,
        r#"userName eq "a" or"#,
        r#"userName eq "a" userName eq "b""#,
        r#"(userName eq "a""#,
        r#"userName eq "a")"#,
        r#"emails[type eq "work""#,
        r#"emails[type eq "work"]]"#,
        r#"emails[urn:x:y eq "work"]"#,
        r#"emails[a[b eq "c"] pr]"#,
        r#"userName[value eq "x"]"#,
        r#"not userName eq "a""#,
        r#"userName eq "a"#,
        r#"userName eq "\q""#,
        r#"1x eq "a""#,
        r#"name.a.b eq "a""#,
        r#"active gt true"#,
        r#"active co "t""#,
        r#"active eq "maybe""#,
        r#"active eq 1"#,
        r#"x509Certificates.value gt "a""#,
        r#"userName gt null"#,
        r#"userName co 1"#,
        r#"meta.created gt "yesterday""#,
        r#"password eq "secret""#,
        "password pr",
        "userName eq \"a\" \u{0}",
    ] {
        let error = Filter::parse(filter, &USERS).expect_err(filter);
        assert!(matches!(error, ScimError::InvalidFilter(_)), "{filter}: {error:?}");
    }
}

#[test]
fn length_and_depth_are_limited() {
    let nested = |depth: usize| format!("{}userName pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(DEEPEST), &USERS).is_ok());
    assert!(Filter::parse(&nested(DEEPEST + 1), &USERS).is_err());
    assert!(Filter::parse(&"not (".repeat(1600), &USERS).is_err());
    let long = format!("userName eq \"{}\"", "x".repeat(LONGEST));
    assert!(Filter::parse(&long, &USERS).is_err());
    let flat = vec!["active pr"; 500].join(" or ");
    check(&flat, true);
}

#[test]
fn equality_on_indexed_attributes_needs_no_scan() {
    let lookup = |text: &str| Filter::parse(text, &USERS).unwrap().lookup(&USERS);
    let found = lookup(r#"userName eq "Ethan" and active eq true and externalId eq "e""#);
    assert_eq!(
        (found.user_name.as_deref(), found.external_id.as_deref(), found.residual.len()),
        (Some("Ethan"), Some("e"), 1)
    );
    assert_eq!(lookup(r#"id eq "1""#).id.as_deref(), Some("1"));
    assert_eq!(lookup(r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "a""#).user_name.as_deref(), Some("a"));
    assert_eq!(lookup(r#"groups.value eq "g""#).in_group.as_deref(), Some("g"));
    for text in [
        r#"userName eq "a" or userName eq "b""#,
        r#"not (userName eq "a")"#,
        r#"userName ne "a""#,
        r#"displayName eq "a""#,
        r#"urn:example:Custom:2.0:User:id eq "a""#,
    ] {
        assert!(!lookup(text).is_indexed(), "{text}");
        assert_eq!(lookup(text).residual.len(), 1, "{text}");
    }
    let twice = lookup(r#"userName eq "a" and userName eq "b""#);
    assert_eq!((twice.user_name.as_deref(), twice.residual.len()), (Some("a"), 1));
    let group = |text: &str| Filter::parse(text, &GROUPS).unwrap().lookup(&GROUPS);
    assert_eq!(group(r#"displayName eq "Sales""#).display_name.as_deref(), Some("Sales"));
    for probe in [r#"members eq "u""#, r#"members.value eq "u""#, r#"members[value eq "u"]"#] {
        let found = group(&format!(r#"id eq "g" and {probe}"#));
        assert_eq!(
            (found.id.as_deref(), found.has_member.as_deref(), found.residual.len()),
            (Some("g"), Some("u"), 0),
            "{probe}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_and_never_panics(text in r#"([a-zA-Z.:$\[\]() "\\]|eq|and|or|not|pr|userName|"x"|é|0){0,60}"#) {
        if let Ok(filter) = Filter::parse(&text, &USERS) {
            let _ = (filter.matches(&person()), filter.lookup(&USERS));
        }
    }

    #[test]
    fn a_json_string_finds_exactly_its_value(value in any::<String>()) {
        let text = format!("displayName eq {}", serde_json::Value::from(value.as_str()));
        prop_assume!(text.len() <= LONGEST);
        let filter = Filter::parse(&text, &USERS).unwrap();
        let resource = json!({"displayName": value.as_str()});
        prop_assert_eq!(filter.matches(resource.as_object().unwrap()), !value.is_empty());
    }
}
