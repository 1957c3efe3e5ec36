use base::id::DirectoryUserId;
use directory::NewUser;
use time::OffsetDateTime;

use super::*;

fn user(attributes: Value) -> DirectoryUser {
    let Value::Object(attributes) = attributes else { panic!("no object") };
    let new = NewUser {
        user_name: "ethan".to_owned(),
        active: true,
        email: Some("ethan@example.com".to_owned()),
        given_name: Some("Ethan".to_owned()),
        attributes,
        ..NewUser::default()
    };
    new.with_id(DirectoryUserId::new("u-1"), 1, OffsetDateTime::UNIX_EPOCH, OffsetDateTime::UNIX_EPOCH)
}

#[test]
fn what_every_server_takes_goes_and_nothing_else() {
    let flat = attributes(&user(json!({
        "title": "Agent",
        "nickName": "",
        "name": {"middleName": "M"},
        "phoneNumbers": [{"value": "1", "type": "home"}, {"value": "2", "type": "work", "primary": true, "display": "two"}],
        "addresses": [{"locality": "Here"}, {"locality": "There"}],
        "roles": [{"value": "admin"}],
        "entitlements": [{"value": "everything"}],
        "password": "hunter2",
        ENTERPRISE.urn: {"department": "IMF", "manager": {"value": "another-id"}},
        "urn:example:custom": {"x": 1},
    })));
    let expected = json!({
        "userName": "ethan",
        "active": true,
        "externalId": "u-1",
        "title": "Agent",
        "name.givenName": "Ethan",
        "name.middleName": "M",
        "emails": [{"value": "ethan@example.com", "type": "work", "primary": true}],
        "phoneNumbers": [{"value": "2", "type": "work", "primary": true}],
        "addresses": [{"locality": "Here"}],
        format!("{}:department", ENTERPRISE.urn): "IMF",
    });
    assert_eq!(Value::Object(flat), expected);
}

#[test]
fn a_resource_is_what_its_attributes_say_and_back() {
    let flat = attributes(&user(json!({ENTERPRISE.urn: {"department": "IMF"}})));
    let resource = resource(&flat);
    assert_eq!(resource["schemas"], json!([USERS.core.urn, ENTERPRISE.urn]));
    assert_eq!(resource[ENTERPRISE.urn], json!({"department": "IMF"}));
    assert_eq!(resource["name"], json!({"givenName": "Ethan"}));
    assert_eq!(flatten(&resource, flat.keys()), flat);
}
