use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn request(body: Value) -> Result<Request, ScimError> {
    parse(body.as_object().unwrap().clone())
}

fn post(bulk_id: &str, path: &str, data: Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": bulk_id, "data": data})
}

fn user(bulk_id: &str, manager: Option<&str>) -> Value {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut data = json!({"userName": bulk_id});
    if let Some(manager) = manager {
        data[urn] = json!({"manager": {"value": format!("bulkId:{manager}")}});
    }
    post(bulk_id, "/Users", data)
}

fn group(bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": format!("bulkId:{id}")})).collect();
    post(bulk_id, "/Groups", json!({"displayName": bulk_id, "members": members}))
}

/// The plan in short: the bulkIds or positions in order; `-x` created without something, `+x` completed, `!x` refused.
#[track_caller]
fn planned(operations: &[Value]) -> String {
    let request = request(json!({"Operations": operations})).unwrap();
    let name = |at: usize| request.entries[at].bulk_id.clone().unwrap_or_else(|| at.to_string());
    let steps = plan(&request.entries);
    let shown = steps.iter().map(|step| match step {
        Step::Perform { entry, without } if without.is_empty() => name(*entry),
        Step::Perform { entry, .. } => format!("-{}", name(*entry)),
        Step::Complete { entry, .. } => format!("+{}", name(*entry)),
        Step::Refuse { entry } => format!("!{}", name(*entry)),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_order_is_kept_unless_a_reference_points_forward() {
    assert_eq!(planned(&[user("a", None), user("b", None), group("g", &["b", "a"])]), "a b g");
    assert_eq!(planned(&[group("g", &["b"]), user("a", None), user("b", None)]), "b g a");
    assert_eq!(planned(&[user("a", Some("b")), user("b", Some("c")), user("c", None)]), "c b a");
    let patch = json!({"method": "PATCH", "path": "/Groups/7", "data": {
        "Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:a"}]}]}});
    assert_eq!(planned(&[patch, user("a", None)]), "a 0");
    let path = json!({"method": "DELETE", "path": "/Users/bulkId:a"});
    assert_eq!(planned(&[path, user("a", None)]), "a 0");
    assert_eq!(planned(&[group("g", &["nobody"])]), "g", "whoever doesn't exist fails when it is carried out");
}

#[test]
fn operations_that_refer_to_each_other_take_two_steps() {
    assert_eq!(planned(&[user("a", Some("b")), user("b", Some("a"))]), "-b a +b");
    assert_eq!(planned(&[user("a", Some("a"))]), "-a +a");
    assert_eq!(
        planned(&[user("a", Some("b")), user("b", Some("c")), user("c", Some("a")), user("d", None)]),
        "-c b a +c d"
    );
}

#[test]
fn a_long_chain_is_followed_without_recursion() {
    let mut chain: Vec<Value> =
        (0..MOST_OPERATIONS - 1).map(|at| user(&at.to_string(), Some(&(at + 1).to_string()))).collect();
    chain.push(user(&(MOST_OPERATIONS - 1).to_string(), None));
    let plan = planned(&chain);
    assert!(plan.starts_with("999 998 997") && plan.ends_with(" 1 0"), "{plan}");
}

#[test]
fn references_are_replaced_everywhere_in_the_data() {
    let request = request(json!({"Operations": [group("g", &["a", "b"])]})).unwrap();
    let operation = request.entries[0].operation.as_ref().unwrap();
    let mut references = References::default();
    references.record("a", Resolved::Created("1".to_owned()));
    let unknown = references.data(operation, &[]).unwrap_err();
    assert_eq!((unknown.status(), unknown.scim_type().unwrap().name()), (400, "invalidValue"));
    references.record("b", Resolved::Failed);
    assert_eq!(references.data(operation, &[]).unwrap_err().status(), 409);
    references.record("b", Resolved::Created("2".to_owned()));
    let data = references.data(operation, &[]).unwrap();
    assert_eq!(Value::Object(data), json!({"displayName": "g", "members": [{"value": "1"}, {"value": "2"}]}));
    let waiting = ["members".to_owned()];
    assert_eq!(Value::Object(references.data(operation, &waiting).unwrap()), json!({"displayName": "g"}));
    assert_eq!(
        Value::Object(references.completion(operation, &waiting).unwrap()),
        json!({"Operations": [{"op": "add", "value": {"members": [{"value": "1"}, {"value": "2"}]}}]})
    );
    assert_eq!(references.path("/Users/bulkId:b").unwrap(), "/Users/2");
    assert!(references.path("/Users/bulkId:c").is_err());
}

#[test]
fn a_bulk_id_in_the_filter_of_a_path_is_refused() {
    let patch = json!({"method": "PATCH", "path": "/Groups/7", "data": {
        "Operations": [{"op": "remove", "path": "members[value eq \"bulkId:a\"]"}]}});
    let request = request(json!({"Operations": [patch]})).unwrap();
    let refused = References::default().data(request.entries[0].operation.as_ref().unwrap(), &[]).unwrap_err();
    assert_eq!(refused.scim_type().unwrap().name(), "invalidPath");
}

#[test]
fn what_is_wrong_with_one_operation_fails_that_one() {
    let wrong = [
        json!({"method": "GET", "path": "/Users/1"}),
        json!({"path": "/Users", "data": {}}),
        json!({"method": "POST", "path": "/Users", "data": {}}),
        json!({"method": "POST", "bulkId": "x", "data": {}}),
        json!({"method": "POST", "bulkId": "y", "path": "/Users"}),
        json!({"method": "PUT", "path": "/Users/1", "data": []}),
        json!({"method": "DELETE", "path": "/Users/1", "version": 7}),
        json!("DELETE /Users/1"),
        user("a", None),
        user("a", None),
    ];
    let request = request(json!({"Operations": wrong})).unwrap();
    for (at, entry) in request.entries.iter().enumerate() {
        assert_eq!(entry.operation.is_err(), at != 8, "{at}: {entry:?}");
    }
    assert_eq!(planned(&[json!({"method": "GET", "path": "/Users/1"}), user("a", None)]), "!0 a");
}

#[test]
fn what_is_no_bulk_request_is_refused_whole() {
    for (body, status) in [
        (json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [user("a", None)]}), 400),
        (json!({"Operations": []}), 400),
        (json!({}), 400),
        (json!({"Operations": [user("a", None)], "failOnErrors": 0}), 400),
        (json!({"Operations": [user("a", None)], "failOnErrors": "1"}), 400),
        (json!({"Operations": vec![json!({}); MOST_OPERATIONS + 1]}), 413),
    ] {
        assert_eq!(request(body).unwrap_err().status(), status);
    }
    let one =
        request(json!({"failOnErrors": 1, "Operations": [json!({"method": "delete", "path": "/Users/1"})]})).unwrap();
    assert_eq!(one.fail_on_errors, Some(1));
    assert!(one.entries[0].operation.is_ok(), "methods in small letters are understood");
}

#[test]
fn debug_output_has_no_data() {
    let request = request(json!({"Operations": [post("a", "/Users", json!({"password": "tops3cret"}))]})).unwrap();
    assert!(!format!("{request:?}").contains("tops3cret"));
}

proptest! {
    /// Whatever refers to whatever: everything is performed once, nothing is referred to before it exists, and what had to wait is
    /// completed when everything exists.
    #[test]
    fn every_plan_creates_before_it_refers(links in prop::collection::vec(prop::collection::vec(0..12_usize, 0..4), 1..12)) {
        let operations: Vec<Value> = links
            .iter()
            .enumerate()
            .map(|(at, to)| {
                let data: Object =
                    to.iter().map(|to| (format!("a{to}"), Value::from(format!("bulkId:{to}")))).collect();
                post(&at.to_string(), "/Users", Value::Object(data))
            })
            .collect();
        let request = request(json!({"Operations": operations})).unwrap();
        let mut created = HashSet::new();
        let mut waits: HashSet<(usize, String)> = HashSet::new();
        for step in plan(&request.entries) {
            let target = |name: &str| name.trim_start_matches('a').parse::<usize>().unwrap();
            match step {
                Step::Perform { entry, without } => {
                    for name in request.entries[entry].operation.as_ref().unwrap().data.keys() {
                        let exists = created.contains(&target(name)) || target(name) >= links.len();
                        prop_assert!(exists || without.contains(name), "{entry} refers to {name}");
                    }
                    waits.extend(without.into_iter().map(|name| (entry, name)));
                    prop_assert!(created.insert(entry), "{entry} is performed twice");
                }
                Step::Complete { entry, waiting } => {
                    for name in waiting {
                        prop_assert!(created.contains(&target(&name)));
                        prop_assert!(waits.remove(&(entry, name)));
                    }
                }
                Step::Refuse { .. } => prop_assert!(false, "every entry is an operation"),
            }
        }
        prop_assert_eq!(created.len(), links.len());
        prop_assert!(waits.is_empty());
    }
}

#[test]
fn paths_are_relative_to_the_endpoint_and_have_no_parameters() {
    let of = |path: &str| {
        let request = request(json!({"Operations": [{"method": "DELETE", "path": path}]})).unwrap();
        request.entries[0].operation.clone().map(|operation| operation.path)
    };
    for path in ["/Users/7", "Users/7", "/Users/7/"] {
        assert_eq!(of(path).as_deref(), Ok("/Users/7"), "the location in the answer is made from it");
    }
    assert!(matches!(of("/Users/7?attributes=userName"), Err(ScimError::InvalidSyntax(_))));
}
