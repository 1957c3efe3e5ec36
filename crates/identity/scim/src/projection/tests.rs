use serde_json::json;

use super::*;
use crate::schema::USERS;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn person() -> Object {
    json!({
        "schemas": ["s"],
        "id": "1",
        "userName": "ethan",
        "name": {"givenName": "E", "familyName": "H"},
        "emails": [{"value": "a", "type": "work"}, {"value": "b", "type": "home"}],
        "meta": {"version": "1"},
        ENTERPRISE: {"department": "Sales", "division": "D"},
    })
    .as_object()
    .unwrap()
    .clone()
}

fn project(attributes: Option<&str>, excluded: Option<&str>) -> Value {
    Value::Object(Projection::parse(attributes, excluded, &USERS).unwrap().apply(person()))
}

#[test]
fn only_what_is_asked_for() {
    assert_eq!(project(Some("USERNAME"), None), json!({"schemas": ["s"], "id": "1", "userName": "ethan"}));
    assert_eq!(
        project(Some("name.givenName, emails.value,emails.type,title"), None),
        json!({"schemas": ["s"], "id": "1", "name": {"givenName": "E"}, "emails": [{"value": "a", "type": "work"}, {"value": "b", "type": "home"}]})
    );
    assert_eq!(
        project(Some(&format!("{ENTERPRISE}:department")), None),
        json!({"schemas": ["s"], "id": "1", ENTERPRISE: {"department": "Sales"}})
    );
    assert_eq!(project(Some(ENTERPRISE), None)[ENTERPRISE], json!({"department": "Sales", "division": "D"}));
    assert_eq!(project(Some("password"), None), json!({"schemas": ["s"], "id": "1"}));
}

#[test]
fn all_but_what_is_excluded() {
    let left = project(None, Some(&format!("id,schemas,emails.type,meta,name,{ENTERPRISE}:division")));
    assert_eq!(
        left,
        json!({
            "schemas": ["s"],
            "id": "1",
            "userName": "ethan",
            "emails": [{"value": "a"}, {"value": "b"}],
            ENTERPRISE: {"department": "Sales"},
        })
    );
    assert!(project(None, Some(ENTERPRISE)).get(ENTERPRISE).is_none());
    assert_eq!(project(Some(""), Some("")), Value::Object(person()));
}

#[test]
fn what_is_not_wanted_need_not_be_looked_up() {
    let wants = |attributes, excluded| Projection::parse(attributes, excluded, &USERS).unwrap().wants("groups");
    assert!(wants(None, None));
    assert!(wants(Some("groups.value"), None));
    assert!(!wants(Some("userName"), None));
    assert!(!wants(None, Some("groups")));
    assert!(wants(None, Some("groups.display")));
}

#[test]
fn both_or_malformed_is_refused() {
    assert!(Projection::parse(Some("a"), Some("b"), &USERS).is_err());
    assert!(Projection::parse(Some("a b"), None, &USERS).is_err());
}

#[test]
fn a_name_counts_once_and_too_many_are_refused() {
    assert_eq!(project(Some(&"userName,".repeat(10_000)), None)["userName"], json!("ethan"));
    let many: Vec<String> = (0..=MOST_NAMES).map(|at| format!("x{at}")).collect();
    for (attributes, excluded) in [(Some(many.join(",")), None), (None, Some(many.join(",")))] {
        let refused = Projection::parse(attributes.as_deref(), excluded.as_deref(), &USERS);
        assert!(matches!(refused, Err(ScimError::InvalidValue(_))));
    }
}
