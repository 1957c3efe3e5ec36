//! Refused statements: text and the refusal, side by side in `refusals.txt`.

use base::Fault;

use super::statements::pairs;
use crate::parse;

fn refusal(text: &str) -> String {
    let error = match parse(text) {
        Err(error) => error,
        Ok(parsed) => panic!("{text} was accepted: {parsed:?}"),
    };
    let public = error.public();
    let mut shown = format!("{} {}", error.state.code(), public.message);
    if let Some(hint) = public.hint {
        shown.push_str(&format!(" HINT {hint}"));
    }
    if let Some(position) = error.position {
        shown.push_str(&format!(" AT {position}"));
    }
    shown
}

#[test]
fn each_refusal_says_what_is_wrong_and_where() {
    let pairs = pairs(include_str!("refusals.txt"));
    assert!(pairs.len() > 150);
    for (text, expected) in pairs {
        assert_eq!(refusal(&text), expected, "{text}");
    }
}

#[test]
fn a_null_character_is_refused() {
    for text in ["select '\0'", "select E'\\0'", "drop role \"a\0\"", "select '\\0'", "select \0"] {
        let shown = refusal(text);
        assert!(shown.starts_with("22021 ") || shown.contains("escape string"), "{text:?}: {shown}");
    }
}

#[test]
fn positions_count_characters_of_the_whole_text() {
    assert_eq!(refusal("select 'äö' as é;\n\nselec 3"), "42601 syntax error at or near \"selec\" AT 20");
    assert_eq!(refusal("select 'äö' as é;\r\n drop tabel x"), "42601 syntax error at or near \"tabel\" AT 26");
}
