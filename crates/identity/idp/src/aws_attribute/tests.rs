use super::*;

fn check_one(name: &str, value: &str) -> Result<(), AttributeProblem> {
    check(name, &[value.to_owned()])
}

#[test]
fn a_session_lasts_900_to_43200_seconds() {
    for good in ["900", "901", "3600", "43200"] {
        check_one(SESSION_DURATION, good).unwrap();
    }
    for bad in ["899", "43201", "0", "-900", "", " 900", "0900", "+900", "900.5", "15m", "4294967297"] {
        let problem = check_one(SESSION_DURATION, bad).unwrap_err();
        assert!(problem.rule.contains("900") && problem.rule.contains("43200"), "{bad}");
        assert_eq!(problem.found, bad);
    }
    check(SESSION_DURATION, &["900".to_owned(), "1800".to_owned()]).unwrap_err();
}

#[test]
fn a_role_is_two_arns_in_either_order() {
    let role = "arn:aws:iam::123456789012:role/path/redshift";
    let provider = "arn:aws:iam::123456789012:saml-provider/redshift-sso";
    check_one(ROLE, &format!("{role},{provider}")).unwrap();
    check_one(ROLE, &format!("{provider},{role}")).unwrap();
    check(ROLE, &[format!("{role},{provider}"), format!("{provider},{role}")]).unwrap();
    for bad in [
        String::new(),
        role.to_owned(),
        format!("{role},{role}"),
        format!("{role}, {provider}"),
        format!("{role},{provider},{role}"),
        format!("{},{provider}", role.replace("123456789012", "12345678901")),
        format!("{},{provider}", role.replace("arn:aws:", "arn:azure:")),
        format!("{},{provider}", role.replace("role/path/redshift", "role/")),
        format!("{},{provider}", role.replace("::1", ":us-east-1:1")),
        "roleArn,providerArn".to_owned(),
    ] {
        check_one(ROLE, &bad).expect_err(&bad);
    }
}

#[test]
fn database_names_are_lower_case() {
    for name in [DB_USER, DB_GROUPS] {
        for good in ["ethan", "e", "ethan@example.com", "redshift-dbgroup", "a_b+c.d", &"x".repeat(64)] {
            check_one(name, good).unwrap();
        }
        for bad in ["Ethan", "", "1ethan", "e than", "é", "a:b", "a/b", "_a", &"x".repeat(65)] {
            let problem = check_one(name, bad).unwrap_err();
            assert!(problem.rule.contains("lower-case"), "{bad}");
        }
    }
    check(DB_GROUPS, &["a".to_owned(), "b".to_owned()]).unwrap();
    check(DB_USER, &["a".to_owned(), "b".to_owned()]).unwrap_err();
}

#[test]
fn session_names_and_switches() {
    for good in ["ab", "ethan@example.com", "A_+=,.@-"] {
        check_one(ROLE_SESSION_NAME, good).unwrap();
    }
    for bad in ["a", "", "a b", "ä.b", &"x".repeat(65)] {
        check_one(ROLE_SESSION_NAME, bad).expect_err(bad);
    }
    check_one(AUTO_CREATE, "true").unwrap();
    check_one(AUTO_CREATE, "false").unwrap();
    check_one(AUTO_CREATE, "True").unwrap_err();
    check_one("anything else", "Any value, of any shape").unwrap();
}
