use serde_json::json;

use super::shown;

#[test]
fn tokens_are_a_table() {
    let tokens = vec![
        json!({"TokenId": "a1", "Status": "ACTIVE", "CreatedAt": 1_772_323_170, "ExpiresAt": 1_772_323_171}),
        json!({"TokenId": "b", "Status": "DELETED", "CreatedAt": 1, "ExpiresAt": 2, "LastUsedAt": 3}),
    ];
    let expected = "\
ID  STATUS   CREATED               EXPIRES               LAST USED
a1  active   2026-02-28T23:59:30Z  2026-02-28T23:59:31Z
b   deleted  1970-01-01T00:00:01Z  1970-01-01T00:00:02Z  1970-01-01T00:00:03Z
";
    assert_eq!(shown(tokens, false), expected);
}

#[test]
fn no_token_says_how_to_make_one() {
    assert!(shown(Vec::new(), false).contains("gatehouse scim-token create"));
    let text = shown(Vec::new(), true);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), json!({"Tokens": []}));
}
