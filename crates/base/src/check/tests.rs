use super::*;

#[test]
fn checks_tell_the_first_failure_and_survive_the_record() {
    let mut checks = Checks::default();
    assert!(checks.note("issuer", "a", "a", true));
    assert!(!checks.note("audience", "https://x", "https://y", false));
    checks.note("time window", "", "", false);
    assert_eq!(checks.failed().unwrap().check, "audience");
    assert_eq!(Checks::from_json(&checks.to_json()).unwrap(), checks);
}

#[test]
fn what_came_is_cut_and_has_no_control_characters() {
    let mut checks = Checks::default();
    checks.note("audience", "x", &format!("a\r\nb{}", "ü".repeat(300)), false);
    let found = &checks.list()[0].found;
    assert!(found.starts_with("a  bü") && found.ends_with('…'));
    assert_eq!(found.chars().count(), LONGEST_VALUE + 1);
}
