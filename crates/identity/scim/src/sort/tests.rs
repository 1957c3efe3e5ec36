use serde_json::json;

use super::*;
use crate::schema::{GROUPS, USERS};

fn person(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

/// The `userName`s in the order that the sort gives.
#[track_caller]
fn sorted(by: &str, order: &str, people: &[Value]) -> String {
    let sort = Sort::parse(Some(by), Some(order), &[&USERS]).unwrap().unwrap().remove(0);
    let mut people: Vec<Object> = people.iter().cloned().map(person).collect();
    people.sort_by_key(|one| sort.key(one));
    people.iter().map(|one| one["userName"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn texts_fold_case_unless_the_attribute_is_case_exact() {
    let people = [
        json!({"userName": "b", "title": "zoo", "externalId": "a"}),
        json!({"userName": "C", "title": "Apple", "externalId": "B"}),
        json!({"userName": "a", "title": "banana", "externalId": "c"}),
    ];
    assert_eq!(sorted("userName", "", &people), "a b C");
    assert_eq!(sorted("USERNAME", "Descending", &people), "C b a");
    assert_eq!(sorted("title", "ascending", &people), "C a b");
    assert_eq!(sorted("externalId", "ascending", &people), "C b a", "capitals come first to the letter");
    assert_eq!(sorted("urn:ietf:params:scim:schemas:core:2.0:User:title", "", &people), "C a b");
}

#[test]
fn what_is_missing_is_last_when_ascending_and_first_when_descending() {
    let people = [
        json!({"userName": "none"}),
        json!({"userName": "z", "title": "z"}),
        json!({"userName": "empty", "title": ""}),
        json!({"userName": "a", "title": "a"}),
    ];
    assert_eq!(sorted("title", "ascending", &people), "a z none empty");
    assert_eq!(sorted("title", "descending", &people), "none empty z a");
}

#[test]
fn of_several_values_the_primary_one_counts_else_the_first() {
    let people = [
        json!({"userName": "primary", "emails": [{"value": "a@x"}, {"value": "z@x", "primary": true}]}),
        json!({"userName": "first", "emails": [{"value": "m@x"}, {"value": "a@x"}]}),
    ];
    assert_eq!(sorted("emails", "", &people), "first primary");
    assert_eq!(sorted("emails.value", "", &people), "first primary");
}

#[test]
fn parts_extensions_flags_and_times() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let people = [
        json!({"userName": "a", "active": true, "name": {"familyName": "Z"}, urn: {"department": "x"},
               "meta": {"created": "2026-01-01T02:00:00+02:00"}}),
        json!({"userName": "b", "active": false, "name": {"familyName": "A"}, urn: {"department": "y"},
               "meta": {"created": "2026-01-01T00:30:00Z"}}),
    ];
    assert_eq!(sorted("name.familyName", "", &people), "b a");
    assert_eq!(sorted(&format!("{urn}:department"), "", &people), "a b");
    assert_eq!(sorted("active", "", &people), "b a", "false before true");
    assert_eq!(sorted("meta.created", "", &people), "a b", "instants, not texts");
}

#[test]
fn what_has_no_order_is_refused() {
    for by in ["name", "meta", "password", "groups", "groups.value", "shoeSize", "x509Certificates", "a b", "urn:x:y:z"]
    {
        let error = Sort::parse(Some(by), None, &[&USERS]).unwrap_err();
        assert_eq!((error.status(), error.scim_type().unwrap().name()), (400, "invalidValue"), "{by}");
    }
    assert!(Sort::parse(Some("members"), None, &[&GROUPS]).is_err());
    assert!(Sort::parse(None, Some("descending"), &[&USERS]).is_err());
    assert_eq!(Sort::parse(Some(" "), Some("ascending"), &[&USERS]).unwrap(), None);
}
