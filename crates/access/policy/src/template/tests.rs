use proptest::prelude::*;

use super::{Syntax, Template};
use crate::Context;

const WILD: Syntax = Syntax { variables: true, wildcards: true };

/// Another way to the same: every way that the pattern could be laid over the text.
fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern.first() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|skipped| glob(&pattern[1..], &text[skipped..])),
        Some('?') => !text.is_empty() && glob(&pattern[1..], &text[1..]),
        Some(character) => text.first() == Some(character) && glob(&pattern[1..], &text[1..]),
    }
}

proptest! {
    #[test]
    fn wildcards_match_as_every_way_of_laying_them(pattern in "[ab*?ä]{0,9}", text in "[abä*]{0,9}") {
        let expected = glob(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
        let template = Template::parse(&pattern, WILD).unwrap();
        prop_assert_eq!(template.matches(&text, &Context::new()), expected);
        // The same with a variable in front, which takes the other way.
        let mut context = Context::new();
        context.set("k:v", "*");
        let template = Template::parse(&format!("${{k:v}}{pattern}"), WILD).unwrap();
        prop_assert_eq!(template.matches(&format!("*{text}"), &context), expected);
        prop_assert!(!template.matches(&text, &context) || text.starts_with('*'));
    }

    #[test]
    fn any_text_is_a_pattern_or_refused(pattern in ".{0,40}") {
        if let Ok(template) = Template::parse(&pattern, WILD) {
            let _ = template.matches(&pattern, &Context::new());
        }
        let literal = Template::parse(&pattern, Syntax { variables: false, wildcards: false }).unwrap();
        prop_assert!(literal.matches(&pattern, &Context::new()));
    }
}

/// With backtracking over every star this would take longer than the universe has.
#[test]
fn stars_cost_no_more_than_characters_times_parts() {
    let pattern = "a*".repeat(1000) + "b";
    let text = "a".repeat(2000);
    assert!(!Template::parse(&pattern, WILD).unwrap().matches(&text, &Context::new()));
    let pattern = "*?".repeat(1000) + "b";
    assert!(!Template::parse(&pattern, WILD).unwrap().matches(&text, &Context::new()));
}

#[test]
fn variables_without_a_value_are_told() {
    let template = Template::parse("${a:X}/${a:y, 'd'}/${a:z}/${*}", WILD).unwrap();
    let mut context = Context::new();
    context.set("A:Z", "z");
    assert_eq!(template.keys().collect::<Vec<_>>(), ["a:x", "a:y", "a:z"]);
    assert_eq!(template.missing(&context).collect::<Vec<_>>(), ["a:x"]);
    assert!(!template.matches("/d/z/*", &context));
    context.set("a:x", "x");
    assert!(template.matches("x/d/z/*", &context));
    assert!(!template.matches("x/d/z/y", &context));
}
