use std::collections::BTreeSet;

use base::id::DirectoryUserId;
use serde_json::json;

use super::*;
use crate::error::ScimType;
use crate::schema::{GROUPS, USERS};

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

fn person() -> Object {
    object(json!({
        "userName": "ethan",
        "active": true,
        "name": {"givenName": "Ethan", "familyName": "Hunt"},
        "emails": [
            {"type": "work", "value": "ethan@example.com", "primary": true},
            {"type": "home", "value": "e@home.net"},
        ],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales"},
    }))
}

fn body(operations: Value) -> Object {
    object(json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}))
}

fn run(operations: Value) -> Result<Object, ScimError> {
    let mut resource = person();
    let before = resource.clone();
    let operations = parse(body(operations), &USERS)?;
    let outcome = apply(&mut resource, &operations, &USERS);
    assert!(outcome.is_ok() || resource == before, "a failed PATCH changes nothing");
    outcome.map(|()| resource)
}

/// What the operations make of [`person`]: `changes` names the attributes that differ; null: absent.
#[track_caller]
fn check(operations: Value, changes: Value) {
    let found = run(operations.clone()).unwrap_or_else(|error| panic!("{operations}: {error}"));
    let mut expected = person();
    for (name, value) in object(changes) {
        if value.is_null() {
            expected.remove(&name)
        } else {
            expected.insert(name, value)
        };
    }
    assert_eq!(Value::Object(found), Value::Object(expected), "{operations}");
}

#[track_caller]
fn refused(operations: Value, scim_type: ScimType) {
    let error = run(operations.clone()).expect_err(&operations.to_string());
    assert_eq!(error.scim_type(), Some(scim_type), "{operations}: {error}");
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn simple_and_complex_attributes() {
    check(json!([{"op": "add", "path": "title", "value": "Agent"}]), json!({"title": "Agent"}));
    check(json!([{"op": "REPLACE", "path": "TITLE", "value": "Agent"}]), json!({"title": "Agent"}));
    check(json!([{"op": "remove", "path": "name.givenName"}]), json!({"name": {"familyName": "Hunt"}}));
    check(json!([{"op": "remove", "path": "name"}]), json!({"name": null}));
    check(
        json!([{"op": "replace", "path": "name", "value": {"givenName": "E", "middleName": "M", "familyName": null}}]),
        json!({"name": {"givenName": "E", "middleName": "M"}}),
    );
    check(json!([{"op": "replace", "path": "name", "value": null}]), json!({"name": null}));
    check(json!([{"op": "add", "path": "title", "value": null}]), json!({}));
    check(json!([{"op": "remove", "path": "title"}]), json!({}));
}

#[test]
fn multi_valued_attributes() {
    let work = json!({"type": "work", "value": "ethan@example.com", "primary": true});
    let home = json!({"type": "home", "value": "e@home.net"});
    check(json!([{"op": "add", "path": "emails", "value": [home]}]), json!({}));
    check(
        json!([{"op": "add", "path": "emails", "value": {"value": "new@x.y", "primary": "True"}}]),
        json!({"emails": [{"type": "work", "value": "ethan@example.com", "primary": false}, home, {"value": "new@x.y", "primary": true}]}),
    );
    check(
        json!([{"op": "replace", "path": "emails", "value": [{"value": "n@x.y"}]}]),
        json!({"emails": [{"value": "n@x.y"}]}),
    );
    check(json!([{"op": "replace", "path": "emails", "value": []}]), json!({"emails": null}));
    check(json!([{"op": "remove", "path": "emails"}]), json!({"emails": null}));
    check(json!([{"op": "remove", "path": "emails", "value": [{"value": "e@home.net"}]}]), json!({"emails": [work]}));
    check(json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]), json!({"emails": [work]}));
    check(json!([{"op": "remove", "path": "emails[type eq \"fax\"]"}]), json!({}));
    check(
        json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": "x@y.z"}]),
        json!({"emails": [work, {"type": "home", "value": "x@y.z"}]}),
    );
    check(
        json!([{"op": "replace", "path": "emails[type eq \"home\"]", "value": {"value": "x@y.z"}}]),
        json!({"emails": [work, {"value": "x@y.z"}]}),
    );
    check(
        json!([{"op": "add", "path": "emails[type eq \"home\"]", "value": {"display": "h"}}]),
        json!({"emails": [work, {"type": "home", "value": "e@home.net", "display": "h"}]}),
    );
    check(
        json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]),
        json!({"emails": [
            {"type": "work", "value": "ethan@example.com", "primary": false},
            {"type": "home", "value": "e@home.net", "primary": true},
        ]}),
    );
    check(
        json!([{"op": "remove", "path": "emails.type"}]),
        json!({"emails": [{"value": "ethan@example.com", "primary": true}, {"value": "e@home.net"}]}),
    );
}

#[test]
fn operations_are_applied_in_order_and_as_one() {
    check(
        json!([{"op": "add", "path": "title", "value": "A"}, {"op": "replace", "path": "title", "value": "B"}]),
        json!({"title": "B"}),
    );
    refused(
        json!([{"op": "add", "path": "title", "value": "A"}, {"op": "replace", "path": "id", "value": "x"}]),
        ScimType::Mutability,
    );
}

#[test]
fn errors_have_their_names() {
    for (operations, scim_type) in [
        (json!([{"op": "remove"}]), ScimType::NoTarget),
        (json!([{"op": "replace", "path": "emails[type eq \"fax\"].value", "value": "x"}]), ScimType::NoTarget),
        (
            json!([{"op": "add", "path": "emails[type ne \"home\" and type ne \"work\"].value", "value": "x"}]),
            ScimType::NoTarget,
        ),
        (json!([{"op": "replace", "path": "usrName", "value": "x"}]), ScimType::InvalidPath),
        (json!([{"op": "replace", "path": "name.nick", "value": "x"}]), ScimType::InvalidPath),
        (json!([{"op": "replace", "path": "emails[type eq", "value": "x"}]), ScimType::InvalidPath),
        (json!([{"op": "replace", "path": "emails[type eq \"work\"].nonsense", "value": "x"}]), ScimType::InvalidPath),
        (json!([{"op": "replace", "path": "name[givenName eq \"x\"]", "value": "x"}]), ScimType::InvalidPath),
        (json!([{"op": "replace", "path": 1, "value": "x"}]), ScimType::InvalidPath),
        (json!([{"op": "replace", "value": {"usrName": "x"}}]), ScimType::InvalidPath),
        (json!([{"op": "replace", "path": "meta.version", "value": "x"}]), ScimType::Mutability),
        (json!([{"op": "add", "path": "groups", "value": [{"value": "g"}]}]), ScimType::Mutability),
        (json!([{"op": "remove", "path": "userName"}]), ScimType::Mutability),
        (
            json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager.displayName"), "value": "x"}]),
            ScimType::Mutability,
        ),
        (json!([{"op": "replace", "path": "title", "value": 1}]), ScimType::InvalidValue),
        (json!([{"op": "replace", "path": "active", "value": "maybe"}]), ScimType::InvalidValue),
        (json!([{"op": "add", "path": "title"}]), ScimType::InvalidValue),
        (json!([{"op": "add", "value": "x"}]), ScimType::InvalidValue),
        (
            json!([{"op": "add", "path": "emails", "value": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}]),
            ScimType::InvalidValue,
        ),
        (json!([{"op": "replace", "path": "emails.primary", "value": true}]), ScimType::InvalidValue),
        (json!([{"op": "move", "path": "title", "value": "x"}]), ScimType::InvalidSyntax),
        (json!([]), ScimType::InvalidSyntax),
        (json!("x"), ScimType::InvalidSyntax),
        (json!(["x"]), ScimType::InvalidSyntax),
    ] {
        refused(operations, scim_type);
    }
    let wrong = object(json!({"schemas": ["urn:x"], "Operations": [{"op": "add", "path": "title", "value": "x"}]}));
    assert_eq!(parse(wrong, &USERS).unwrap_err().scim_type(), Some(ScimType::InvalidSyntax));
    let many: Vec<Value> = (0..=MOST).map(|_| json!({"op": "add", "path": "title", "value": "x"})).collect();
    refused(json!(many), ScimType::InvalidValue);
}

#[test]
fn entra_requests() {
    check(json!([{"op": "Replace", "path": "active", "value": "False"}]), json!({"active": false}));
    check(
        json!([{"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 555 0100"}]),
        json!({"phoneNumbers": [{"type": "mobile", "value": "+1 555 0100"}]}),
    );
    check(
        json!([{"op": "Replace", "path": format!("{ENTERPRISE}:manager"), "value": "m1"}]),
        json!({ENTERPRISE: {"department": "Sales", "manager": {"value": "m1"}}}),
    );
    check(
        json!([{"op": "replace", "value": {
            "displayName": "E",
            "name.givenName": "Ethan2",
            "emails[type eq \"work\"].value": "w@x.y",
            format!("{ENTERPRISE}:employeeNumber"): "7",
        }}]),
        json!({
            "displayName": "E",
            "name": {"givenName": "Ethan2", "familyName": "Hunt"},
            "emails": [{"type": "work", "value": "w@x.y", "primary": true}, {"type": "home", "value": "e@home.net"}],
            ENTERPRISE: {"department": "Sales", "employeeNumber": "7"},
        }),
    );
    check(
        json!([{"op": "Add", "path": "roles", "value": [{"primary": "True", "value": "admin"}]}]),
        json!({"roles": [{"primary": true, "value": "admin"}]}),
    );
    check(
        json!([{"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:Custom:2.0:User:tag", "value": "t"}]),
        json!({"urn:ietf:params:scim:schemas:extension:Custom:2.0:User": {"tag": "t"}}),
    );
}

#[test]
fn okta_requests() {
    check(json!([{"op": "replace", "value": {"active": false}}]), json!({"active": false}));
    check(
        json!([{"op": "replace", "value": {"id": "another", "schemas": [], "meta": {}, ENTERPRISE: {"division": "D"}}}]),
        json!({ENTERPRISE: {"department": "Sales", "division": "D"}}),
    );
    check(json!([{"op": "remove", "path": ENTERPRISE}]), json!({ENTERPRISE: null}));
}

const EVERYBODY: [&str; 3] = ["A", "B", "C"];

/// Who is in a group of A, B and C afterwards.
fn members_after(operations: Value) -> Result<Vec<String>, ScimError> {
    let (others, members) = split_members(parse(body(operations), &GROUPS)?)?;
    let mut group = object(json!({"displayName": "g"}));
    apply(&mut group, &others, &GROUPS)?;
    let edit = member_edit(members);
    let mut present: BTreeSet<DirectoryUserId> = EVERYBODY.iter().map(|id| DirectoryUserId::new(*id)).collect();
    if edit.clears() {
        present.clear();
    }
    present.extend(edit.added().cloned());
    edit.removed().for_each(|id| {
        present.remove(id);
    });
    Ok(present.iter().map(ToString::to_string).collect())
}

#[track_caller]
fn members(operations: Value, expected: &[&str]) {
    assert_eq!(
        members_after(operations.clone()).unwrap_or_else(|error| panic!("{operations}: {error}")),
        expected,
        "{operations}"
    );
}

#[test]
fn regression_1_remove_with_a_value_list_removes_only_those_listed() {
    members(json!([{"op": "remove", "path": "members", "value": [{"value": "A"}]}]), &["B", "C"]);
    members(
        json!([{"op": "Remove", "path": "members", "value": [{"value": "A", "$ref": null}, {"value": "Z"}]}]),
        &["B", "C"],
    );
    members(json!([{"op": "remove", "path": "members", "value": {"value": "A"}}]), &["B", "C"]);
    members(json!([{"op": "remove", "path": "members", "value": []}]), &EVERYBODY);
    members(json!([{"op": "remove", "path": "members"}]), &[]);
}

#[test]
fn regression_2_replacing_something_else_leaves_the_members() {
    members(json!([{"op": "replace", "path": "displayName", "value": "new"}]), &EVERYBODY);
    members(json!([{"op": "replace", "value": {"id": "another", "displayName": "new"}}]), &EVERYBODY);
    members(json!([{"op": "replace", "path": "externalId", "value": null}]), &EVERYBODY);
}

#[test]
fn regression_3_a_selected_member_is_removed_alone_and_add_adds() {
    members(json!([{"op": "remove", "path": "members[value eq \"A\"]"}]), &["B", "C"]);
    members(json!([{"op": "remove", "path": "members[value eq \"A\" or value eq \"C\"]"}]), &["B"]);
    members(
        json!([{"op": "add", "path": "members", "value": [{"value": "D", "display": "d"}]}]),
        &["A", "B", "C", "D"],
    );
    members(json!([{"op": "add", "value": {"members": [{"value": "D"}]}}]), &["A", "B", "C", "D"]);
    members(json!([{"op": "remove", "path": "members[value eq \"Z\"]"}]), &EVERYBODY);
}

#[test]
fn regression_4_replace_with_nobody_is_possible() {
    members(json!([{"op": "replace", "path": "members", "value": []}]), &[]);
    members(json!([{"op": "replace", "path": "members", "value": [{"value": "B"}]}]), &["B"]);
}

#[test]
fn regression_5_adding_a_member_again_makes_no_second_one() {
    members(json!([{"op": "add", "path": "members", "value": [{"value": "A"}, {"value": "A"}]}]), &EVERYBODY);
}

#[test]
fn regression_6_a_membership_change_names_only_who_moves() {
    let operations = json!([{"op": "remove", "path": "members[value eq \"A\"]"}, {"op": "add", "path": "members", "value": [{"value": "D"}]}]);
    let (_, members) = split_members(parse(body(operations), &GROUPS).unwrap()).unwrap();
    let edit = member_edit(members);
    assert!(!edit.clears());
    assert_eq!(edit.added().map(DirectoryUserId::as_str).collect::<Vec<_>>(), ["D"]);
    assert_eq!(edit.removed().map(DirectoryUserId::as_str).collect::<Vec<_>>(), ["A"]);
}

#[test]
fn later_member_operations_win() {
    members(
        json!([{"op": "replace", "path": "members", "value": ["B", "D"]}, {"op": "remove", "path": "members[value eq \"B\"]"}, {"op": "add", "path": "members", "value": ["E"]}]),
        &["D", "E"],
    );
}

#[test]
fn member_operations_without_a_meaning_are_refused() {
    for (operations, scim_type) in [
        (json!([{"op": "remove", "path": "members[display eq \"Ethan\"]"}]), ScimType::InvalidPath),
        (json!([{"op": "remove", "path": "members[value ne \"A\"]"}]), ScimType::InvalidPath),
        (json!([{"op": "replace", "path": "members[value eq \"A\"].value", "value": "B"}]), ScimType::Mutability),
        (json!([{"op": "replace", "path": "members.value", "value": "B"}]), ScimType::Mutability),
        (json!([{"op": "add", "path": "members", "value": [{"display": "x"}]}]), ScimType::InvalidValue),
        (json!([{"op": "add", "path": "members", "value": [{"value": "g", "type": "Group"}]}]), ScimType::InvalidValue),
        (json!([{"op": "remove", "path": "displayName"}]), ScimType::Mutability),
    ] {
        let error = members_after(operations.clone()).expect_err(&operations.to_string());
        assert_eq!(error.scim_type(), Some(scim_type), "{operations}: {error}");
    }
}

#[test]
fn debug_output_of_an_operation_has_no_value() {
    let operations = parse(body(json!([{"op": "replace", "path": "password", "value": "tops3cret"}])), &USERS).unwrap();
    assert!(!format!("{operations:?}").contains("tops3cret"));
}

/// What isn't an extension would be kept as one: a password in plain text, an `active` that does nothing.
#[test]
fn the_core_schema_is_no_extension_and_a_known_extension_has_its_attributes_only() {
    const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    for operation in [
        json!({"op": "add", "path": CORE, "value": {"password": "one-two-three"}}),
        json!({"op": "replace", "value": {CORE: {"active": false}}}),
        json!({"op": "add", "path": CORE.to_uppercase(), "value": {"active": false}}),
        json!({"op": "add", "path": format!("{ENTERPRISE}:password"), "value": "one-two-three"}),
        json!({"op": "add", "path": format!("{ENTERPRISE}:boss.name"), "value": "x"}),
    ] {
        refused(json!([operation]), ScimType::InvalidPath);
    }
}
