use super::*;

#[test]
fn tags_are_compared_weakly() {
    for (header, expected) in [
        (None, Ok(None)),
        (Some("W/\"7\""), Ok(Some(7))),
        (Some("\"7\""), Ok(Some(7))),
        (Some("*"), Ok(None)),
        (Some(" * "), Ok(None)),
        (Some("W/\"6\", W/\"7\""), Ok(Some(7))),
        (Some("W/\"6\""), Err(412)),
        (Some("7"), Err(412)),
        (Some(""), Err(412)),
    ] {
        assert_eq!(super::expected(header, 7).map_err(|error| error.status()), expected, "{header:?}");
    }
    assert!(is_unchanged(Some("W/\"7\""), 7));
    assert!(!is_unchanged(Some("W/\"6\""), 7));
    assert!(!is_unchanged(None, 7));
}
