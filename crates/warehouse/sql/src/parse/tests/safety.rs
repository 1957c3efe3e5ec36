//! Whatever the text, parsing ends with a statement or a refusal.

use proptest::prelude::*;

use super::statements::pairs;
use crate::parse;
use crate::parse::redact;

fn code(text: &str) -> &'static str {
    parse(text).err().map_or("", |error| error.state.code())
}

#[test]
fn deep_texts_are_refused_before_any_tree_is_built() {
    assert_eq!(code(&format!("select {}1", "1+".repeat(100_000))), "54001");
    assert_eq!(code(&format!("select {}1{}", "(".repeat(100_000), ")".repeat(100_000))), "54001");
    assert_eq!(code(&format!("select 1 where {}true", "a or ".repeat(10_000))), "54001");
    assert_eq!(code(&format!("select 1, 2 {}", "union all select 1, 2 ".repeat(10_000))), "54001");
    assert_eq!(code(&format!("select * from a {}", "join b ".repeat(10_000))), "54001");
    assert_eq!(code(&format!("select 1{}", "::int".repeat(10_000))), "54001");
    assert_eq!(code(&format!("select 1::int{}", "[]".repeat(10_000))), "54001");
    assert_eq!(code(&format!("create table t (a int default {}1)", "1+".repeat(10_000))), "54001");
    // Under our own limit the others' hold: nothing overflows a test's stack.
    for text in [format!("select 1 where {}true", "a or ".repeat(700)), format!("select {}1", "1+".repeat(790))] {
        let found = code(&text);
        assert!(matches!(found, "" | "54001"), "{found}");
    }
    assert_ne!(code(&format!("select {} 1", "- ".repeat(700))), "");
    assert_ne!(code(&format!("select {} true", "not ".repeat(700))), "");
}

#[test]
fn wide_texts_are_no_deep_ones() {
    let many = 5_000;
    for text in [
        format!("select 1 where 1 in ({}1)", "1,".repeat(many)),
        format!("select {}1", "1+1,".repeat(many)),
        format!("insert into t values {}(1)", "(1+2),".repeat(many)),
        format!("select * from a {}", "join b on a.x = b.x ".repeat(150)),
        format!("select * from a {}", "cross join b ".repeat(30)),
    ] {
        assert_ne!(code(&text), "54001", "{}", text.chars().take(40).collect::<String>());
    }
}

fn corpus() -> Vec<String> {
    let accepted = pairs(include_str!("statements.txt"));
    let refused = pairs(include_str!("refusals.txt"));
    accepted.into_iter().chain(refused).map(|(text, _)| text).collect()
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = parse(&text);
        let _ = redact(&text);
    }

    #[test]
    fn arbitrary_tokens_never_panic(text in "([a-z]{1,6}|[0-9]|[ \\t\\n'\"$(),.;:=*/<>@#\\[\\]-]|--|/\\*|\\*/|\\$\\$|select|create|user|password|grant|role|table|to|on){0,40}") {
        let _ = parse(&text);
        let _ = redact(&text);
    }

    #[test]
    fn mutated_statements_never_panic(
        pick in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        length in 0_usize..6,
        insert in "([a-z(),.;:'\"$0-9 -]|\\$\\$|é){0,4}",
    ) {
        let corpus = corpus();
        let characters: Vec<char> = corpus[pick.index(corpus.len())].chars().collect();
        let at = from.index(characters.len() + 1);
        let end = (at + length).min(characters.len());
        let text: String = characters[..at].iter().copied().chain(insert.chars()).chain(characters[end..].iter().copied()).collect();
        let _ = parse(&text);
        let _ = redact(&text);
    }

    #[test]
    fn what_was_parsed_is_parsed_again_from_its_own_text(pick in any::<prop::sample::Index>()) {
        let accepted = pairs(include_str!("statements.txt"));
        let text = &accepted[pick.index(accepted.len())].0;
        let first = parse(text).unwrap().remove(0);
        // A redacted password is another password, and so not compared: its Debug shows none.
        let again = parse(&first.text).unwrap().remove(0);
        prop_assert_eq!(format!("{:?}", first.statement), format!("{:?}", again.statement));
    }
}
