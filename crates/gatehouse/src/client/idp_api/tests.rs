use serde_json::json;

use super::{items, refusal};

#[test]
fn a_refusal_says_what_is_wrong_and_what_to_do() {
    let told =
        json!({"error": "not_found", "message": "There is no such thing.", "detail": null, "hint": "List them."});
    assert_eq!(refusal(&told, 404).to_string(), "There is no such thing.\nList them.");
    assert_eq!(refusal(&json!({}), 502).to_string(), "the server refuses (HTTP status 502)");
}

#[test]
fn items_are_taken_from_a_page() {
    assert_eq!(items(json!({"items": [1, 2], "next": null})), [json!(1), json!(2)]);
    assert!(items(json!({})).is_empty());
}
