use super::{Placed, Position, statements};

fn placed(sid: Option<&str>, begin: (usize, usize), end: (usize, usize)) -> Placed {
    let at = |(line, column)| Position { line, column };
    Placed { sid: sid.map(str::to_owned), begin: at(begin), end: at(end) }
}

#[test]
fn statements_are_found_in_their_text() {
    let document = "{\n  \"Id\": \"a, {b\", \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Sid\": \"ä]\"},\n    {}\n  ]\n}";
    assert_eq!(statements(document), [placed(Some("ä]"), (4, 5), (4, 18)), placed(None, (5, 5), (5, 7))]);
}

#[test]
fn a_single_statement_needs_no_list() {
    let document = "{\"Statement\":{\"Effect\":\"Allow\"},\"Version\":\"2012-10-17\"}";
    assert_eq!(statements(document), [placed(None, (1, 14), (1, 32))]);
}

#[test]
fn what_is_no_document_has_none() {
    for text in ["", "[]", "{}", "{\"Statement\":[]}", "{\"Statement\":"] {
        assert_eq!(statements(text), [], "{text}");
    }
}
