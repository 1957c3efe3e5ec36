use super::{RESERVED, ident, qualified};

#[test]
fn the_word_list_can_be_searched() {
    assert!(RESERVED.is_sorted());
}

#[test]
fn names_are_quoted_where_sql_needs_it() {
    for (name, expected) in [
        ("sales", "sales"),
        ("_x$1", "_x$1"),
        ("awsidc:awssso-sales", "\"awsidc:awssso-sales\""),
        ("Mixed", "\"Mixed\""),
        ("1st", "\"1st\""),
        ("user", "\"user\""),
        ("public", "public"),
        ("a\"b", "\"a\"\"b\""),
        ("", "\"\""),
    ] {
        assert_eq!(ident(name), expected);
    }
    assert_eq!(qualified("public", "group"), "public.\"group\"");
}
