use super::*;

#[test]
fn names_of_users() {
    for name in ["bob", "Bob", "a", "ethan@example.com", "a_b+c.d-e1", &"a".repeat(64)] {
        assert_eq!(db_user(name), Ok(()), "{name}");
    }
    for (name, rule) in [
        ("", "1 to 64"),
        (&*"a".repeat(65), "1 to 64"),
        ("PUBLIC", "PUBLIC"),
        ("public", "PUBLIC"),
        ("rdsdb", "warehouse's own"),
        ("RDSDB", "warehouse's own"),
        ("table", "reserved word"),
        ("SELECT", "reserved word"),
        ("IAM:bob", "\":\""),
        ("IAMR:Admin", "\":\""),
        ("a/b", "\"/\""),
        ("1a", "begin with a letter"),
        ("-a", "begin with a letter"),
        ("a b", "letters, digits"),
        ("bo\u{301}b", "letters, digits"),
        ("a\"b", "letters, digits"),
        ("a\0", "letters, digits"),
        ("ébob", "begin with a letter"),
    ] {
        let broken = db_user(name).unwrap_err();
        assert!(broken.contains(rule), "{name}: {broken}");
    }
}

#[test]
fn names_of_groups_are_lower_case() {
    assert_eq!(db_group("Redshift-DbGroup").as_deref(), Ok("redshift-dbgroup"));
    assert!(db_group("Public").unwrap_err().contains("everybody"));
    assert!(db_group("group").unwrap_err().contains("reserved"));
}

#[test]
fn durations() {
    assert_eq!(duration(None), Ok(Duration::seconds(900)));
    for seconds in [900, 901, 3600] {
        assert_eq!(duration(Some(seconds)), Ok(Duration::seconds(seconds)));
    }
    for seconds in [i64::MIN, -900, 0, 899, 3601, i64::MAX] {
        assert!(duration(Some(seconds)).unwrap_err().contains("900 to 3600"), "{seconds}");
    }
}

#[test]
fn lists_of_tags() {
    assert_eq!(colon_list("a:b"), ["a", "b"]);
    assert_eq!(colon_list(":a: :b:a:"), ["a", "b"]);
    assert!(colon_list("").is_empty());
}
