use serde_json::json;

use super::told;

#[test]
fn a_refused_sign_in_says_which_check_failed_and_what_mends_it() {
    let check = |name: &str, expected: &str, found: &str, passed: bool| json!({ "Check": name, "Expected": expected, "Found": found, "Passed": passed });
    let audience = check("audience", "https://center/platform/saml/ids-1", "urn:other", false);
    let story = json!({
        "Reference": "ref-1",
        "Summary": "The sign-in was denied.",
        "Outcome": "denied",
        "Source": "ids-1",
        "Steps": [{
            "At": "2026-01-02T03:04:05.123456789Z",
            "Step": "sign_in",
            "Outcome": "denied",
            "Text": "The sign-in",
            "Reason": "the audience is urn:other, not https://center/platform/saml/ids-1",
            "Checks": [check("signature", "a key of the source", "", true), audience],
        }],
        "Failed": audience,
        "Mend": "Set the audience to https://center/platform/saml/ids-1.",
    });
    let expected = "\
The sign-in was denied.

Reference       ref-1
Source          ids-1

✗ 2026-01-02T03:04:05Z  The sign-in
    ✓ signature  (nothing)
    ✗ audience   urn:other; expected: https://center/platform/saml/ids-1
    reason: the audience is urn:other, not https://center/platform/saml/ids-1

Failed check    audience
  expected      https://center/platform/saml/ids-1
  found         urn:other

To mend it      Set the audience to https://center/platform/saml/ids-1.
";
    assert_eq!(told(&story).unwrap(), expected);
}

#[test]
fn a_sign_in_that_went_well_tells_its_steps() {
    let step = |text: &str| json!({ "At": "2026-01-02T03:04:05Z", "Step": "s", "Outcome": "allowed", "Text": text });
    let story = json!({
        "Reference": "ref-1", "Summary": "All 2 steps were allowed.", "UserName": "ethan",
        "Steps": [step("The sign-in"), step("A token")],
    });
    let told = told(&story).unwrap();
    assert!(told.contains("Person          ethan\n") && told.contains("\n✓ 2026-01-02T03:04:05Z  A token\n"), "{told}");
    assert!(!told.contains("Failed") && !told.contains("mend"), "{told}");
}
