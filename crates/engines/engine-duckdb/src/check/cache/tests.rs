use engine::CheckedText;

use super::{Checked, Expected, TEXT_BYTES_MAX, TEXTS_MAX};

fn text(text: &str) -> CheckedText {
    CheckedText { text: text.to_owned(), tables: vec![("s".to_owned(), "t".to_owned())] }
}

#[test]
fn only_the_same_text_tables_and_kind() {
    let mut checked = Checked::default();
    checked.remember(0, text("a"), Expected::Query);
    assert!(checked.knows(0, &text("a"), Expected::Query));
    assert!(!checked.knows(0, &text("a"), Expected::Change));
    assert!(!checked.knows(0, &text("b"), Expected::Query));
    assert!(!checked.knows(0, &CheckedText { tables: Vec::new(), ..text("a") }, Expected::Query));
}

#[test]
fn forgotten_when_names_change() {
    let mut checked = Checked::default();
    checked.remember(0, text("a"), Expected::Query);
    assert!(!checked.knows(1, &text("a"), Expected::Query));
    // Passed before the change, remembered after it.
    checked.remember(0, text("a"), Expected::Query);
    assert!(!checked.knows(1, &text("a"), Expected::Query));
}

#[test]
fn bounded() {
    let mut checked = Checked::default();
    for index in 0..=TEXTS_MAX {
        checked.remember(0, text(&index.to_string()), Expected::Query);
    }
    assert!(!checked.knows(0, &text("0"), Expected::Query));
    assert!(checked.knows(0, &text("1"), Expected::Query));
    assert_eq!((checked.passed.len(), checked.order.len()), (TEXTS_MAX, TEXTS_MAX));
    let long = text(&"x".repeat(TEXT_BYTES_MAX + 1));
    checked.remember(0, long.clone(), Expected::Query);
    assert!(!checked.knows(0, &long, Expected::Query));
}
