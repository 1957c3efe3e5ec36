//! Refresh tokens are read as they were written, and nothing else is.

use super::*;

#[test]
fn a_refresh_token_is_read_as_it_was_written() {
    let first = RefreshToken::first();
    let read = RefreshToken::read(&first.write()).unwrap();
    assert_eq!((read.family(), read.own()), (first.family(), first.own()));
    let next = first.next();
    assert_eq!(next.family(), first.family());
    assert_ne!(next.own(), first.own());
}

#[test]
fn what_is_no_refresh_token_is_not_read() {
    let token = RefreshToken::first().write().into_exposed();
    let other = mint(Kind::Access).into_exposed();
    let cut = token.strip_suffix(|_: char| true).unwrap().to_owned();
    for text in [String::new(), other, cut, format!("{token}x"), token.replace('.', "/"), token.replace("ir", "it")] {
        assert!(RefreshToken::read(&Secret::new(text.clone())).is_none(), "{text}");
    }
}
