use base::id::{DirectoryGroupId, DirectoryUserId};
use time::macros::datetime;

use super::*;
use crate::error::ScimType;

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

fn stored(new: NewUser) -> DirectoryUser {
    let (created, modified) = (datetime!(2026-01-31 12:00:00 UTC), datetime!(2026-02-01 12:00:00.5 UTC));
    new.with_id(DirectoryUserId::new("u1"), 3, created, modified)
}

fn okta() -> Object {
    object(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "mine",
        "userName": "ethan",
        "name": {"givenName": "Ethan", "familyName": "Hunt"},
        "emails": [{"primary": true, "value": "ethan@example.com", "type": "work"}],
        "displayName": "Ethan Hunt",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    }))
}

#[test]
fn oktas_create_is_kept_and_given_back_without_password_and_groups() {
    let (new, password) = create(okta()).unwrap();
    assert!(matches!(password, PasswordChange::Set(secret) if secret.expose() == "1mz050nq"));
    assert_eq!((new.user_name.as_str(), new.active), ("ethan", true));
    assert_eq!(new.external_id.as_deref(), Some("00ujl29u0le5T6Aj10h7"));
    assert_eq!(new.email.as_deref(), Some("ethan@example.com"));
    assert_eq!((new.given_name.as_deref(), new.family_name.as_deref()), (Some("Ethan"), Some("Hunt")));
    assert_eq!(new.attributes.keys().collect::<Vec<_>>(), ["emails", "locale"]);
    let resource = resource(&stored(new), &[], "http://x/scim/v2");
    assert_eq!(
        Value::Object(resource),
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "u1",
            "userName": "ethan",
            "name": {"givenName": "Ethan", "familyName": "Hunt"},
            "emails": [{"primary": true, "value": "ethan@example.com", "type": "work"}],
            "displayName": "Ethan Hunt",
            "locale": "en-US",
            "externalId": "00ujl29u0le5T6Aj10h7",
            "active": true,
            "meta": {
                "resourceType": "User",
                "created": "2026-01-31T12:00:00Z",
                "lastModified": "2026-02-01T12:00:00.5Z",
                "location": "http://x/scim/v2/Users/u1",
                "version": "W/\"3\"",
            },
        })
    );
}

#[test]
fn extensions_and_unknown_attributes_are_kept_and_listed() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let (new, _) = create(object(json!({
        "schemas": ["URN:ietf:params:scim:schemas:core:2.0:user", urn, "urn:nobody:knows"],
        "USERNAME": "ethan",
        "active": "True",
        urn.to_lowercase(): {"Department": "Sales", "manager": {"value": "m", "displayName": "computed", "$ref": null}},
        "urn:example:2.0:User": {"x": 1},
        "favourite": "blue",
    })))
    .unwrap();
    let groups = [Arc::new(DirectoryGroup {
        id: DirectoryGroupId::new("g1"),
        display_name: "Sales".to_owned(),
        external_id: None,
        attributes: Object::new(),
        origin: Origin::Api,
        version: 1,
        created: datetime!(2026-01-31 12:00:00 UTC),
        modified: datetime!(2026-01-31 12:00:00 UTC),
    })];
    let resource = resource(&stored(new), &groups, "http://x");
    assert_eq!(resource["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User", "urn:example:2.0:User", urn]));
    assert_eq!(resource[urn], json!({"department": "Sales", "manager": {"value": "m"}}));
    assert_eq!(
        (&resource["favourite"], &resource["userName"], &resource["active"]),
        (&json!("blue"), &json!("ethan"), &json!(true))
    );
    assert_eq!(
        resource["groups"],
        json!([{"value": "g1", "display": "Sales", "type": "direct", "$ref": "http://x/Groups/g1"}])
    );
}

#[test]
fn put_clears_what_it_leaves_out_but_neither_enables_nor_disables() {
    let (new, _) = create(okta()).unwrap();
    let minimal = || {
        object(json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ethan", "emails": null}))
    };
    for active in [true, false] {
        let current = stored(NewUser { active, ..new.clone() });
        let (replacement, password) = replace(minimal()).unwrap();
        let after = replacement.of(&current).unwrap();
        assert_eq!(
            after,
            NewUser { user_name: "ethan".to_owned(), active, origin: Origin::Scim, ..NewUser::default() }
        );
        assert!(matches!(password, PasswordChange::Keep));
    }
    let (replacement, _) = replace(object(json!({"userName": "ethan", "active": false}))).unwrap();
    assert!(!replacement.of(&stored(new)).unwrap().active);
}

#[test]
fn removing_active_disables() {
    let patch_body = object(json!({"Operations": [{"op": "remove", "path": "active"}]}));
    let (operations, _) = patch(patch_body).unwrap();
    let current = stored(create(okta()).unwrap().0);
    let after = patched(&current, &operations).unwrap();
    assert!(!after.active);
    let removed = stored(after);
    assert!(!resource(&removed, &[], "").contains_key("active"));
    let (replacement, _) = replace(object(json!({"userName": "ethan"}))).unwrap();
    assert!(!replacement.of(&removed).unwrap().active, "PUT without it keeps it so");
    let (operations, _) =
        patch(object(json!({"Operations": [{"op": "add", "path": "active", "value": true}]}))).unwrap();
    let again = patched(&removed, &operations).unwrap();
    assert!(again.active);
    assert!(!again.attributes.contains_key("active"));
}

#[test]
fn a_patch_that_changes_nothing_gives_the_same_value() {
    for new in [
        create(okta()).unwrap().0,
        NewUser {
            user_name: "a".to_owned(),
            email: Some("a@b".to_owned()),
            active: true,
            origin: Origin::Scim,
            ..NewUser::default()
        },
    ] {
        let current = stored(new.clone());
        let (operations, _) =
            patch(object(json!({"Operations": [{"op": "replace", "path": "active", "value": true}]}))).unwrap();
        assert_eq!(patched(&current, &operations).unwrap(), new);
    }
}

#[test]
fn passwords_are_taken_out_of_every_request() {
    let of = |operation: Value| patch(object(json!({"Operations": [operation]})));
    let (operations, password) = of(json!({"op": "replace", "path": "password", "value": "t3stPassw0rd"})).unwrap();
    assert!(operations.is_empty());
    assert!(matches!(password, PasswordChange::Set(secret) if secret.expose() == "t3stPassw0rd"));
    let (_, password) = of(json!({"op": "replace", "value": {"PassWord": "t3stPassw0rd", "title": "x"}})).unwrap();
    assert!(matches!(password, PasswordChange::Set(_)));
    assert!(matches!(of(json!({"op": "remove", "path": "password"})).unwrap().1, PasswordChange::Remove));
    let error = of(json!({"op": "replace", "path": "password", "value": [1]})).unwrap_err();
    assert_eq!(error.scim_type(), Some(ScimType::InvalidValue));
    let (new, password) = create(object(json!({"userName": "a", "PASSWORD": "t3stPassw0rd"}))).unwrap();
    assert!(matches!(password, PasswordChange::Set(_)) && new.attributes.is_empty());
}

#[test]
fn what_is_no_user_is_refused() {
    for (body, scim_type) in [
        (json!({}), ScimType::InvalidValue),
        (json!({"userName": 1}), ScimType::InvalidValue),
        (json!({"userName": null}), ScimType::InvalidValue),
        (json!({"userName": "a", "username": "b"}), ScimType::InvalidSyntax),
        (json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "userName": "a"}), ScimType::InvalidSyntax),
        (json!({"schemas": "urn:ietf:params:scim:schemas:core:2.0:User", "userName": "a"}), ScimType::InvalidSyntax),
        (json!({"userName": "a", "active": "perhaps"}), ScimType::InvalidValue),
        (json!({"userName": "a", "name": "Ethan"}), ScimType::InvalidValue),
        (json!({"userName": "a", "emails": [{"value": 1}]}), ScimType::InvalidValue),
        (json!({"userName": "a", "urn:ietf:params:scim:schemas:core:2.0:User": {}}), ScimType::InvalidSyntax),
    ] {
        let error = create(object(body.clone())).expect_err(&body.to_string());
        assert_eq!(error.scim_type(), Some(scim_type), "{body}: {error}");
    }
}

#[test]
fn only_names_of_changed_attributes_are_told() {
    let before = object(json!({"userName": "a", "title": "x", "id": "1", "meta": {"version": "1"}}));
    let after = object(json!({"userName": "b", "locale": "y", "id": "1", "meta": {"version": "2"}}));
    assert_eq!(changed(&before, &after), ["locale", "title", "userName"]);
}

#[test]
fn a_password_under_two_spellings_is_refused_and_kept_nowhere() {
    for body in [
        json!({"userName": "e", "password": "one-two-three", "Password": "four-five-six"}),
        json!({"userName": "e", "PASSWORD": "one-two-three", "Password": "four-five-six"}),
    ] {
        assert_eq!(create(object(body.clone())).unwrap_err().scim_type(), Some(ScimType::InvalidSyntax));
        assert_eq!(replace(object(body)).unwrap_err().scim_type(), Some(ScimType::InvalidSyntax));
    }
    let (new, change) = create(object(json!({"userName": "e", "PassWord": "one-two-three"}))).unwrap();
    assert!(new.attributes.is_empty() && matches!(change, PasswordChange::Set(_)));
}
