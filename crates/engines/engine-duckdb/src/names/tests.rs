use super::{dotted, qualified, quote};

#[test]
fn quoting_comes_back() {
    for name in ["t", "T", "a b", "a.b", "a\"b", "\"", "ü", "t AS x"] {
        assert_eq!(qualified(&format!("{}.{}", quote("s"), quote(name))), Some(vec!["s".to_owned(), name.to_owned()]));
    }
}

#[test]
fn only_whole_names() {
    assert_eq!(qualified("s.t"), Some(vec!["s".to_owned(), "t".to_owned()]));
    for broken in ["", ".", "s.", "s..t", "\"s", "s.t x", "\"\"", "s.\"\""] {
        assert_eq!(qualified(broken), None, "{broken}");
    }
    assert_eq!(dotted("\"s\".t(a)"), Some((vec!["s".to_owned(), "t".to_owned()], "(a)")));
}
