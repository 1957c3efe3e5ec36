use super::*;

#[test]
fn a_chosen_slug_is_taken_to_the_letter_or_refused() {
    for good in ["a", "redshift", "amazon-redshift-2", &"x".repeat(63)] {
        assert_eq!(Slug::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "-a", "a-", "A", "a b", "a/b", "ä", "a_b", "a.b", &"x".repeat(64)] {
        let error = Slug::parse(bad).unwrap_err();
        assert!(error.to_string().contains("lower-case"), "{bad:?}: {error}");
    }
}

#[test]
fn a_label_becomes_a_slug() {
    let free = |_: &str| false;
    for (label, expected) in [
        ("Amazon Redshift", "amazon-redshift"),
        ("  AWS -- IAM!  ", "aws-iam"),
        ("Zoë's App", "zo-s-app"),
        ("営業", "saml"),
        ("---", "saml"),
    ] {
        assert_eq!(from_label(label, "saml", free).as_str(), expected, "{label}");
    }
    let long = from_label(&"ab ".repeat(60), "saml", free);
    assert!(Slug::parse(long.as_str()).is_ok());
}

#[test]
fn a_taken_name_gets_a_number_and_stays_valid() {
    let taken = ["redshift", "redshift-2"];
    assert_eq!(from_label("Redshift", "saml", |name| taken.contains(&name)).as_str(), "redshift-3");
    let long = "x".repeat(63);
    let numbered = from_label(&long, "saml", |name| name == long);
    assert_eq!(numbered.as_str().len(), 63);
    assert!(numbered.as_str().ends_with("-2"));
    assert!(Slug::parse(numbered.as_str()).is_ok());
}
