//! Answers as a person at the terminal reads them.

use serde_json::Value;

/// A text of an answer; empty where there is none.
pub(super) fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

pub(super) fn is(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or_default()
}

pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Those of the members that are there, a line each.
pub(super) fn facts(value: &Value, names: &[(&str, &str)]) -> String {
    let there = names.iter().filter_map(|(name, title)| Some((title, words(value.get(*name)?))));
    there.filter(|(_, words)| !words.is_empty()).map(|(title, words)| line(title, &words)).collect()
}

pub(super) fn line(title: &str, words: &str) -> String {
    format!("{title:<18} {words}\n")
}

/// The value in words; empty where there is nothing to say.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => yes_or_no(*yes).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => without_fraction(text),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let there = members.iter().filter(|(_, value)| !value.is_null());
            there.map(|(name, value)| format!("{name}={}", words(value))).collect::<Vec<_>>().join(" ")
        }
    }
}

pub(super) const fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// An RFC 3339 time without its fraction of a second.
pub(super) fn time(value: &Value, name: &str) -> String {
    without_fraction(word(value, name))
}

/// A time to the second; another text as it is.
fn without_fraction(text: &str) -> String {
    let seconds = text.strip_suffix('Z').and_then(|text| text.split_once('.')).map(|(seconds, _)| seconds);
    let is_time = |text: &&str| text.len() == 19 && text.as_bytes().get(10) == Some(&b'T');
    seconds.filter(is_time).map_or_else(|| text.to_owned(), |seconds| format!("{seconds}Z"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::words;

    #[test]
    fn values_read_well() {
        for (value, text) in [
            (json!("2026-11-22T14:08:34.274541635Z"), "2026-11-22T14:08:34Z"),
            (json!("2026-11-22T14:08:34Z"), "2026-11-22T14:08:34Z"),
            (json!("a.bZ"), "a.bZ"),
            (json!([true, 2, null]), "yes, 2, "),
            (json!({"format": "persistent", "prefix": null}), "format=persistent"),
        ] {
            assert_eq!(words(&value), text);
        }
    }
}
