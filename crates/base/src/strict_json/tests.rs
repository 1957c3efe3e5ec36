use serde_json::{Value, json};

use super::read;

#[test]
fn json_is_read_as_it_is() {
    let value = json!({"a": [null, true, -1, u64::MAX, 1.5, "é\n", {"a": {"a": []}}], "b": ""});
    assert_eq!(read(value.to_string().as_bytes()).unwrap(), value);
    assert_eq!(read(b"null").unwrap(), Value::Null);
    let deep = "[".repeat(10_000);
    for wrong in ["", "{", "{} {}", "{\"a\":01}", deep.as_str()] {
        read(wrong.as_bytes()).unwrap_err();
    }
}

#[test]
fn a_name_twice_is_refused_wherever_it_is() {
    for twice in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
        assert!(read(twice.as_bytes()).unwrap_err().to_string().contains("\"a\" is given twice"), "{twice}");
    }
    read(br#"{"a":{"a":1},"A":[{"a":1},{"a":1}]}"#).unwrap();
}
