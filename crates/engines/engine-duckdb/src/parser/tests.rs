use super::Parser;

#[track_caller]
fn check(text: &str, expected: Result<u64, &str>) {
    let found = Parser::new().unwrap().count(text);
    match expected {
        Ok(count) => assert_eq!(found, Ok(count), "{text}"),
        Err(part) => assert!(found.as_ref().unwrap_err().contains(part), "{text}: {found:?}"),
    }
}

#[test]
fn counts_as_duckdb_does() {
    check("SELECT 1", Ok(1));
    check("SELECT ';' AS \";\" -- ; no\n", Ok(1));
    check("SELECT $$;$$", Ok(1));
    check("SELECT 1; DROP TABLE t", Ok(2));
    check("SELECT 1;", Ok(1));
    check("", Ok(0));
    check("-- nothing", Ok(0));
    check("SELEC 1", Err("Parser Error"));
    check("SELECT '\0'", Err("zero byte"));
}
