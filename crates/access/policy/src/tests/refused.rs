use crate::{Document, DocumentKind};

const TABLE: &str = include_str!("refused.txt");

const RIGHT: [(&str, &str); 3] = [("Effect", "\"Allow\""), ("Action", "\"a:B\""), ("Resource", "\"*\"")];

/// Puts a right statement for each `S{…}`, with what stands in the braces instead of its elements of those names.
fn filled(text: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("S{") {
        filled.push_str(before);
        filled.push('{');
        let (elements_given, after) = after.split_at(end_of_object(after));
        let given: String = elements_given.chars().filter(|character| !character.is_whitespace()).collect();
        let elements = RIGHT.iter().filter(|(name, _)| !given.starts_with(&format!("\"{name}\"")));
        let mut elements: Vec<String> = elements.map(|(name, value)| format!("\"{name}\":{value}")).collect();
        if !elements_given.is_empty() {
            elements.push(elements_given.to_owned());
        }
        filled.push_str(&elements.join(","));
        rest = after;
    }
    filled + rest
}

fn end_of_object(text: &str) -> usize {
    let mut depth = 0_i32;
    let ends = |(place, character): (usize, char)| {
        depth += match character {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        (depth < 0).then_some(place)
    };
    text.char_indices().find_map(ends).unwrap_or(text.len())
}

#[test]
fn documents_are_refused_as_the_table_says() {
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [kind, text, place, reason] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{line}: four columns")
        };
        let kind = match kind {
            "identity" => DocumentKind::Identity,
            "trust" => DocumentKind::Trust,
            "resource" => DocumentKind::Resource,
            other => panic!("{other}"),
        };
        let error = Document::parse(&filled(text), kind).expect_err(line);
        assert_eq!(error.place, place, "{line}: {error}");
        assert!(error.reason.contains(reason), "{line}: {error}");
    }
}

#[test]
fn the_right_statement_of_the_table_is_right() {
    Document::parse(&filled(r#"{"Statement":[S{},S{"Sid":"A"}]}"#), DocumentKind::Identity).unwrap();
    let resource = filled(r#"{"Id":"x","Version":"2008-10-17","Statement":S{"Principal":"*"}}"#);
    Document::parse(&resource, DocumentKind::Resource).unwrap();
}

#[test]
fn an_error_repeats_little_of_the_document() {
    let long = "x".repeat(100_000);
    for text in [
        format!(r#"{{"Statement":{{"Effect":"Allow","Action":"{long}","Resource":"*"}}}}"#),
        format!(r#"{{"Statement":{{"Effect":"Allow","Action":"a:B","Resource":"{long}"}}}}"#),
        format!(r#"{{"{long}":1}}"#),
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"a:B","Resource":"arn:aws:s3:::${{{long}}}"}}}}"#
        ),
        format!(r#"{{"Statement":{{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{{"{long}":{{}}}}}}}}"#),
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{{"Bool":{{"{long}":"true"}}}}}}}}"#
        ),
    ] {
        let error = Document::parse(&text, DocumentKind::Identity).unwrap_err().to_string();
        assert!(error.len() < 1000, "{}", error.len());
    }
}
