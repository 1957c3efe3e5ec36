use base::id::DirectoryGroupId;
use time::macros::datetime;

use super::*;

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

#[test]
fn entras_create_is_tolerated() {
    let new = create(object(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0",
        "displayName": "awssso-sales",
        "members": [],
        "meta": {"resourceType": "Group"},
    })))
    .unwrap();
    let expected = NewGroup {
        display_name: "awssso-sales".to_owned(),
        external_id: Some("8aa1a0c0".to_owned()),
        origin: Origin::Scim,
        ..NewGroup::default()
    };
    assert_eq!(new, expected);
}

#[test]
fn put_replaces_the_members() {
    let edit = replace(object(json!({"displayName": "g", "members": [{"value": "a"}, {"value": "b"}]}))).unwrap();
    assert!(edit.members.clears());
    assert_eq!(edit.members.added().count(), 2);
    assert!(replace(object(json!({"displayName": "g"}))).unwrap().members.clears());
}

#[test]
fn a_group_is_shown_with_or_without_its_members() {
    let at = datetime!(2026-01-31 12:00:00 UTC);
    let group = DirectoryGroup {
        id: DirectoryGroupId::new("g1"),
        display_name: "Sales".to_owned(),
        external_id: None,
        attributes: Object::new(),
        origin: Origin::Scim,
        version: 2,
        created: at,
        modified: at,
    };
    let ethan = DirectoryUser {
        id: DirectoryUserId::new("u1"),
        user_name: "ethan".to_owned(),
        external_id: None,
        active: true,
        display_name: None,
        given_name: None,
        family_name: None,
        email: None,
        attributes: Object::new(),
        origin: Origin::Scim,
        version: 1,
        created: at,
        modified: at,
    };
    let with = resource(&group, Some(vec![member(&ethan, true, "http://x")]), "http://x");
    assert_eq!(
        with["members"],
        json!([{"value": "u1", "display": "ethan", "type": "User", "$ref": "http://x/Users/u1"}])
    );
    assert_eq!(with["meta"]["location"], "http://x/Groups/g1");
    assert_eq!(resource(&group, Some(Vec::new()), "http://x")["members"], json!([]));
    assert!(!resource(&group, None, "http://x").contains_key("members"));
}

#[test]
fn the_display_name_of_a_member_comes_on_request_only() {
    for (attributes, named) in [(None, false), (Some("members"), false), (Some("members.DISPLAY"), true)] {
        let projection = crate::projection::Projection::parse(attributes, None, &GROUPS).unwrap();
        assert_eq!(projection.names("members", "display"), named, "{attributes:?}");
    }
}

#[test]
fn members_under_two_spellings_are_refused() {
    let body = json!({"displayName": "g", "members": [], "Members": [{"value": "a"}]});
    assert!(matches!(create(object(body)), Err(ScimError::InvalidSyntax(_))));
}
