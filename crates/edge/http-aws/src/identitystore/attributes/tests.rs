use serde_json::json;

use super::{ENTERPRISE_ATTRIBUTE, assign, has, of_group, of_user};

#[test]
fn paths_lead_to_places() {
    let table: [(&str, &[&str]); 7] = [
        ("title", &["title"]),
        ("Name.GIVENNAME", &["name", "givenName"]),
        ("phoneNumbers", &["phoneNumbers"]),
        ("userStatus", &["active"]),
        ("aws:identitystore:enterprise", &[ENTERPRISE_ATTRIBUTE.kept]),
        ("aws:identitystore:enterprise.division", &[ENTERPRISE_ATTRIBUTE.kept, "division"]),
        ("aws:identitystore:enterprise.manager.value", &[ENTERPRISE_ATTRIBUTE.kept, "manager", "value"]),
    ];
    for (path, kept) in table {
        assert_eq!(of_user(path).unwrap().kept, kept, "{path}");
    }
    for path in ["", "x", "title.x", "name.", "name.x", "emails.value", "emails[0]", "active", ".title", "description"]
    {
        assert!(of_user(path).is_none(), "{path}");
    }
    assert_eq!(of_group("DISPLAYNAME").unwrap().kept, ["displayName"]);
    assert!(of_group("members").is_none());
}

#[test]
fn values_go_both_ways() {
    let emails = of_user("emails").unwrap().attribute;
    let shown = json!([{"Value": "a", "Type": "work", "Primary": true}]);
    let kept = emails.keep(shown.clone()).unwrap();
    assert_eq!(kept, json!([{"value": "a", "type": "work", "primary": true}]));
    assert_eq!(emails.show(&kept), Some(shown));
    let twice = emails.keep(json!([{"Value": "a", "value": "b"}])).unwrap_err().to_string();
    assert!(twice.contains("given twice"), "{twice}");
    // What a provisioning client kept in other shapes isn't shown as if it were of the model.
    for other in [json!("a"), json!([]), json!(["a"]), json!([{"value": 1}]), json!(null)] {
        assert_eq!(emails.show(&other), None, "{other}");
    }
}

#[test]
fn places_are_given_values() {
    let mut object = json!({"Website": "a", "name": {"givenName": "g"}}).as_object().unwrap().clone();
    assert!(
        has(&object, &["website"]) && has(&object, &["name", "givenName"]) && !has(&object, &["name", "familyName"])
    );
    assign(&mut object, &["website"], Some(json!("b")));
    assign(&mut object, &["name", "givenName"], None);
    assign(&mut object, &["name", "familyName"], Some(json!("f")));
    assign(&mut object, &["title"], None);
    assert_eq!(json!(object), json!({"website": "b", "name": {"familyName": "f"}}));
}
