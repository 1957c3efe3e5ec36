//! Whether requests and answers are as the description says: as much of JSON Schema 2020-12 as the description uses. A keyword that isn't
//! known here fails the test that meets it.

use serde_json::{Map, Value};

use crate::tests::fixture::Answer;

const BASE: &str = "/idp/api/v1";
/// Keywords that say nothing about the shape.
const WORDS: [&str; 7] = ["description", "title", "format", "writeOnly", "default", "examples", "$comment"];

/// The operation at this address.
pub(super) fn operation<'a>(description: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let path = path.split('?').next().unwrap();
    let asked: Vec<&str> = path.split('/').collect();
    let fits = |described: &str| {
        let described: Vec<&str> = described.strip_prefix(BASE).unwrap().split('/').collect();
        described.len() == asked.len()
            && described.iter().zip(&asked).all(|(described, asked)| described.starts_with('{') || described == asked)
    };
    let paths = description["paths"].as_object().unwrap();
    // One without parameters wins, as in the router.
    let mut fitting: Vec<_> = paths.iter().filter(|(path, _)| fits(path)).collect();
    fitting.sort_by_key(|(path, _)| path.matches('{').count());
    fitting.first()?.1.get(method.to_ascii_lowercase())
}

pub(super) fn check_answer(description: &Value, method: &str, path: &str, answer: &Answer) {
    let Some(operation) = operation(description, method, path) else { return };
    let status = answer.status.as_str();
    let Some(response) = operation["responses"].get(status) else {
        panic!("{method} {path}: {status} isn't described")
    };
    let Some(content) = response.get("content") else {
        assert_eq!(answer.body, "", "{method} {path}: a body isn't described");
        return;
    };
    let (media_type, described) = content.as_object().unwrap().iter().next().unwrap();
    assert_eq!(answer.header("content-type"), media_type, "{method} {path}");
    let value = match media_type.as_str() {
        "application/json" => serde_json::from_str(&answer.body).unwrap(),
        _ => Value::String(answer.body.clone()),
    };
    if let Err(problem) = check(description, &described["schema"], &value) {
        panic!("{method} {path} {status}: {problem}\n{}", answer.body);
    }
}

pub(super) fn check_request(description: &Value, method: &str, path: &str, body: &Value) {
    let operation = operation(description, method, path).unwrap();
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    assert!(!schema.is_null(), "{method} {path}: no body is described");
    if let Err(problem) = check(description, schema, body) {
        panic!("{method} {path}: what was accepted isn't described: {problem}\n{body}");
    }
}

/// Checks the value, and that the schema has no keyword that isn't understood.
pub(super) fn check(description: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if *schema == Value::Bool(true) {
        return Ok(());
    }
    let schema = schema.as_object().ok_or_else(|| format!("{schema} is no schema"))?;
    for (keyword, rule) in schema {
        match keyword.as_str() {
            "$ref" => {
                let place = rule.as_str().unwrap().strip_prefix('#').unwrap();
                let found = description.pointer(place).ok_or(format!("{place} isn't there"))?;
                check(description, found, value)?;
            }
            "type" => check_type(rule, value)?,
            "properties" => check_properties(description, rule, value)?,
            "required" => check_required(rule, value)?,
            "additionalProperties" => check_others(description, schema, rule, value)?,
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    check(description, rule, item)?;
                }
            }
            "uniqueItems" => {
                let items = value.as_array().cloned().unwrap_or_default();
                if items.iter().enumerate().any(|(place, item)| items.iter().skip(place + 1).any(|other| other == item))
                {
                    return Err(format!("{value} has something twice"));
                }
            }
            "anyOf" | "oneOf" => {
                let fitting =
                    rule.as_array().unwrap().iter().filter(|one| check(description, one, value).is_ok()).count();
                if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
                    return Err(format!("{value} fits {fitting} of {keyword}"));
                }
            }
            "allOf" => {
                for one in rule.as_array().unwrap() {
                    check(description, one, value)?;
                }
            }
            "enum" if rule.as_array().unwrap().contains(value) => {}
            "const" if rule == value => {}
            "minimum" if value.as_f64().is_none_or(|value| value >= rule.as_f64().unwrap()) => {}
            "maximum" if value.as_f64().is_none_or(|value| value <= rule.as_f64().unwrap()) => {}
            "enum" | "const" | "minimum" | "maximum" => return Err(format!("{value} isn't {keyword} {rule}")),
            word if WORDS.contains(&word) => {}
            other => return Err(format!("the keyword {other} isn't known to this test")),
        }
    }
    Ok(())
}

fn check_type(rule: &Value, value: &Value) -> Result<(), String> {
    let fits = |name: &Value| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("type {other}"),
    };
    let fits = rule.as_array().map_or_else(|| fits(rule), |names| names.iter().any(fits));
    if fits { Ok(()) } else { Err(format!("{value} isn't of type {rule}")) }
}

fn check_properties(description: &Value, rule: &Value, value: &Value) -> Result<(), String> {
    let Some(object) = value.as_object() else { return Ok(()) };
    for (name, schema) in rule.as_object().unwrap() {
        if let Some(member) = object.get(name) {
            check(description, schema, member).map_err(|problem| format!("{name}: {problem}"))?;
        }
    }
    Ok(())
}

fn check_required(rule: &Value, value: &Value) -> Result<(), String> {
    let Some(object) = value.as_object() else { return Ok(()) };
    let missing = rule.as_array().unwrap().iter().find(|name| !object.contains_key(name.as_str().unwrap()));
    missing.map_or(Ok(()), |name| Err(format!("{name} is missing")))
}

fn check_others(description: &Value, schema: &Map<String, Value>, rule: &Value, value: &Value) -> Result<(), String> {
    let Some(object) = value.as_object() else { return Ok(()) };
    let known = schema.get("properties").and_then(Value::as_object);
    for (name, member) in object.iter().filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name))) {
        if *rule == Value::Bool(false) {
            return Err(format!("{name} isn't described"));
        }
        check(description, rule, member)?;
    }
    Ok(())
}

#[test]
fn the_checker_refuses_what_does_not_fit() {
    let schema = serde_json::json!({
        "type": "object", "additionalProperties": false, "required": ["a"],
        "properties": {"a": {"type": ["string", "null"]}, "b": {"type": "integer", "minimum": 1, "maximum": 3}},
    });
    let fits = |value: Value| check(&Value::Null, &schema, &value).is_ok();
    assert!(fits(serde_json::json!({"a": null, "b": 3})));
    for wrong in [
        serde_json::json!([]),
        serde_json::json!({}),
        serde_json::json!({"a": 1}),
        serde_json::json!({"a": "x", "b": 4}),
        serde_json::json!({"a": "x", "c": true}),
    ] {
        assert!(!fits(wrong.clone()), "{wrong}");
    }
    assert!(check(&Value::Null, &serde_json::json!({"patternProperties": {}}), &Value::Null).is_err());
}
