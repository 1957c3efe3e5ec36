use base::id::DirectoryUserId;
use serde_json::{Value, json};

use super::super::world::World;
use super::{call, conflicts, not_found};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Everything that CreateUser takes.
fn everything() -> Value {
    json!({
        "UserName": "paula", "DisplayName": "Paula P", "NickName": "Pau", "ProfileUrl": "https://example.com/paula",
        "Name": {
            "GivenName": "Paula", "FamilyName": "P", "Formatted": "Dr Paula P", "MiddleName": "M", "HonorificPrefix": "Dr",
            "HonorificSuffix": "III",
        },
        "Emails": [{"Value": "paula@example.com", "Type": "work", "Primary": true}],
        "Addresses": [{
            "StreetAddress": "1 Way", "Locality": "Ulm", "Region": "BW", "PostalCode": "89073", "Country": "DE",
            "Formatted": "1 Way\nUlm", "Type": "home", "Primary": true,
        }],
        "PhoneNumbers": [{"Value": "+49 1", "Type": "work"}],
        "Photos": [{"Value": "https://example.com/p.png", "Type": "photo", "Display": "P", "Primary": true}],
        "Roles": [{"Value": "analyst", "Type": "job", "Primary": true}],
        "UserType": "Employee", "Title": "Analyst", "PreferredLanguage": "de", "Locale": "de-DE", "Timezone": "Europe/Berlin",
        "Website": "https://paula.example.com", "Birthdate": "1990-01-02",
        "Extensions": {"aws:identitystore:enterprise": {
            "employeeNumber": "7", "costCenter": "c", "organization": "o", "division": "d", "department": "e",
            "manager": {"value": NOBODY},
        }},
    })
}

async fn create(world: &World, input: Value) -> String {
    call(world, "CreateUser", input).await.ok().json()["UserId"].as_str().unwrap().to_owned()
}

async fn describe(world: &World, id: &str) -> Value {
    let input = json!({"UserId": id, "Extensions": ["aws:identitystore:enterprise"]});
    call(world, "DescribeUser", input).await.ok().json()
}

async fn update(world: &World, id: &str, operations: Value) -> crate::tests::world::Reply {
    call(world, "UpdateUser", json!({"UserId": id, "Operations": operations})).await
}

fn simple(name: &str) -> Value {
    json!({"UserName": name, "DisplayName": name, "Name": {"GivenName": "G", "FamilyName": "F"}})
}

#[tokio::test]
async fn everything_that_is_created_is_described_and_is_scims() {
    let world = World::new().await;
    let reply = call(&world, "CreateUser", everything()).await.ok().json();
    let id = reply["UserId"].as_str().unwrap();
    let store = &world.state.center.instance().identity_store_id;
    let arn = format!("arn:aws:identitystore:::user/{id}");
    let head = json!({"IdentityStoreId": store, "UserId": id, "UserArn": arn, "Revision": "1"});
    assert_eq!(reply, head);

    let mut expected = everything();
    let members = expected.as_object_mut().unwrap();
    members.extend(head.as_object().unwrap().clone());
    members.insert("UserStatus".to_owned(), json!("ENABLED"));
    for name in ["CreatedAt", "UpdatedAt"] {
        members.insert(name.to_owned(), json!(1_772_323_170));
    }
    assert_eq!(describe(&world, id).await, expected);
    assert_eq!(world.last_record().target, arn);
    let without = call(&world, "DescribeUser", json!({"UserId": arn})).await.ok().json();
    expected.as_object_mut().unwrap().remove("Extensions");
    assert_eq!(without, expected);

    let user = world.state.directory.user(&DirectoryUserId::new(id)).unwrap();
    assert_eq!(user.origin, directory::Origin::Api);
    let scim = scim::user::attributes_of(&user);
    assert_eq!(scim["name"]["familyName"], "P");
    assert_eq!(scim["phoneNumbers"], json!([{"value": "+49 1", "type": "work"}]));
    assert_eq!(scim["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["costCenter"], "c");
    assert_eq!(user.email.as_deref(), Some("paula@example.com"));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let world = World::new().await;
    let table = [
        (json!({}), "userName is a required attribute"),
        (
            json!({"UserName": "x"}),
            "displayname: The attribute displayname is required, name: The attribute name is required",
        ),
        (
            json!({"UserName": "x", "DisplayName": "x", "Name": {"Formatted": "x"}}),
            "givenname: The attribute givenname is required, familyname: The attribute familyname is required",
        ),
        (json!({"UserName": "x y"}), "UserName is not valid: it must have no white space"),
        (json!({"UserName": "x".repeat(129)}), "1 to 128 characters"),
        (json!({"UserName": "x", "DisplayName": ""}), "DisplayName is not valid: it must have 1 to 1024"),
        (json!({"UserName": "x", "DisplayName": "a\u{0}"}), "control characters"),
        (
            json!({"UserName": "x", "Emails": [{"Value": "a"}, {"Value": "b"}]}),
            "Emails is not valid: it must have 1 to 1",
        ),
        (json!({"UserName": "x", "Emails": []}), "1 to 1 items"),
        (json!({"UserName": "x", "Emails": [{"Type": "work"}]}), "each item needs a Value"),
        (
            json!({"UserName": "x", "Emails": [{"Value": "a", "Domain": "b"}]}),
            "no part \"Domain\"; there are Value, Type",
        ),
        (
            json!({"UserName": "x", "Emails": [{"Value": "a", "Primary": "yes"}]}),
            "Primary is not valid: it must be true",
        ),
        (json!({"UserName": "x", "Name": "X Y"}), "Name is not valid: it must be an object"),
        (json!({"UserName": "x", "Extensions": {"aws:identitystore:other": {}}}), "aws:identitystore:enterprise"),
        (json!({"UserName": "x", "Extensions": {"aws:identitystore:enterprise": {"badge": "1"}}}), "no part \"badge\""),
        (
            json!({"UserName": "x", "Birthdate": "1990-02-30"}),
            "Birthdate is not valid: it must be a date as YYYY-MM-DD",
        ),
        (json!({"UserName": "x", "UserStatus": "DISABLED"}), "\"UserStatus\" of CreateUser"),
        (json!({"UserName": "x", "Password": "p"}), "\"Password\" of CreateUser"),
    ];
    for (input, message) in table {
        let mut whole = input.clone();
        // A parameter that isn't known is refused when all others are right.
        if message.contains("of CreateUser") {
            whole.as_object_mut().unwrap().extend(simple("x").as_object().unwrap().clone());
        }
        call(&world, "CreateUser", whole).await.fails_json(400, "ValidationException", message);
    }
    for name in ["administrator", "AWSAdministrators"] {
        call(&world, "CreateUser", simple(name)).await.fails_json(400, "ValidationException", "reserved name");
    }
    assert_eq!(world.state.directory.user_count(), 0);
}

#[tokio::test]
async fn names_are_unique() {
    let world = World::new().await;
    create(&world, simple("paula")).await;
    let reply = call(&world, "CreateUser", simple("PAULA")).await;
    conflicts(&reply, "UNIQUENESS_CONSTRAINT_VIOLATION", "Duplicate UserName");
    let other = create(&world, simple("other")).await;
    let rename = json!([{"AttributePath": "userName", "AttributeValue": "Paula"}]);
    conflicts(&update(&world, &other, rename).await, "UNIQUENESS_CONSTRAINT_VIOLATION", "Duplicate UserName");
    let rename = json!([{"AttributePath": "userName", "AttributeValue": "Administrator"}]);
    update(&world, &other, rename).await.fails_json(400, "ValidationException", "reserved name");
}

#[tokio::test]
async fn attributes_are_replaced_and_removed_by_path() {
    let world = World::new().await;
    let id = create(&world, everything()).await;
    let before = describe(&world, &id).await;
    let operations = json!([
        {"AttributePath": "title", "AttributeValue": "Lead"},
        {"AttributePath": "Name.GivenName", "AttributeValue": "Paulina"},
        {"AttributePath": "name.middleName"},
        {"AttributePath": "nickName", "AttributeValue": null},
        {"AttributePath": "emails", "AttributeValue": [{"value": "new@example.com", "primary": true}]},
        {"AttributePath": "addresses"},
        {"AttributePath": "userStatus", "AttributeValue": "DISABLED"},
        {"AttributePath": "aws:identitystore:enterprise.costCenter", "AttributeValue": "c2"},
        {"AttributePath": "aws:identitystore:enterprise.manager.value"},
    ]);
    let reply = update(&world, &id, operations).await.ok().json();
    assert_eq!(reply["Revision"], "2");
    let mut expected = before;
    for gone in ["NickName", "Addresses"] {
        expected.as_object_mut().unwrap().remove(gone);
    }
    expected["Title"] = json!("Lead");
    expected["Name"]["GivenName"] = json!("Paulina");
    expected["Name"].as_object_mut().unwrap().remove("MiddleName");
    expected["Emails"] = json!([{"Value": "new@example.com", "Primary": true}]);
    expected["UserStatus"] = json!("DISABLED");
    let enterprise = expected["Extensions"]["aws:identitystore:enterprise"].as_object_mut().unwrap();
    enterprise.insert("costCenter".to_owned(), json!("c2"));
    enterprise.remove("manager");
    expected["Revision"] = json!("2");
    assert_eq!(describe(&world, &id).await, expected);
    assert!(world.state.directory.active_user(&DirectoryUserId::new(id.clone())).is_none());
    let list = call(&world, "ListUsers", json!({})).await.ok().json();
    assert_eq!(list["Users"][0]["UserStatus"], "DISABLED");

    let enable = json!([
        {"AttributePath": "userStatus", "AttributeValue": "ENABLED"},
        {"AttributePath": "aws:identitystore:enterprise"},
    ]);
    update(&world, &id, enable).await.ok();
    let shown = describe(&world, &id).await;
    assert_eq!((&shown["UserStatus"], &shown["Extensions"]), (&json!("ENABLED"), &Value::Null));
}

#[tokio::test]
async fn an_update_is_whole_or_nothing() {
    let world = World::new().await;
    let id = create(&world, everything()).await;
    let before = describe(&world, &id).await;
    let table = [
        (json!({"AttributePath": "displayName"}), "displayname: The attribute displayname is required"),
        (json!({"AttributePath": "userName"}), "userName is a required attribute"),
        (json!({"AttributePath": "name"}), "name: The attribute name is required"),
        (
            json!({"AttributePath": "name", "AttributeValue": {"GivenName": "G"}}),
            "familyname: The attribute familyname",
        ),
        (json!({"AttributePath": "userStatus"}), "userStatus can't be removed"),
        (json!({"AttributePath": "userStatus", "AttributeValue": "LOCKED"}), "ENABLED or DISABLED"),
        (json!({"AttributePath": "externalIds", "AttributeValue": []}), "over SCIM"),
        (json!({"AttributePath": "emails.value", "AttributeValue": "x"}), "\"emails.value\" is not supported"),
        (json!({"AttributePath": "password", "AttributeValue": "x"}), "\"password\" is not supported"),
        (json!({"AttributePath": "groups", "AttributeValue": []}), "\"groups\" is not supported"),
        (json!({"AttributePath": "", "AttributeValue": "x"}), "is not supported"),
        (json!({"AttributePath": "title", "AttributeValue": 1}), "Title is not valid: it must be a string"),
        (json!({"AttributePath": "title", "AttributeValue": "x", "Op": "add"}), "Op"),
    ];
    for (operation, message) in table {
        let operations = json!([{"AttributePath": "nickName", "AttributeValue": "changed"}, operation]);
        update(&world, &id, operations).await.fails_json(400, "ValidationException", message);
    }
    let many: Vec<Value> = (0..101).map(|_| json!({"AttributePath": "title", "AttributeValue": "x"})).collect();
    for operations in [json!([]), json!(many)] {
        update(&world, &id, operations).await.fails_json(400, "ValidationException", "1 to 100 items");
    }
    assert_eq!(describe(&world, &id).await, before);
}

#[tokio::test]
async fn people_of_scim_lose_nothing_by_an_update() {
    let world = World::new().await;
    let body = json!({
        "userName": "sam", "externalId": "e-1", "emails": [{"value": "a@x"}, {"value": "b@x", "primary": true}],
        "entitlements": [{"value": "vip"}], "roles": [{"value": "r", "display": "R"}],
    });
    let (new, _) = scim::user::create(body.as_object().unwrap().clone()).unwrap();
    let made = world.state.directory.create_user(new).await.unwrap();
    let before = scim::user::attributes_of(&made);
    // Without displayName and name, which CreateUser would demand.
    let title = json!([{"AttributePath": "title", "AttributeValue": "x"}]);
    update(&world, made.id.as_str(), title).await.ok();
    let user = world.state.directory.user(&made.id).unwrap();
    let mut after = scim::user::attributes_of(&user);
    assert_eq!(after.remove("title"), Some(json!("x")));
    assert_eq!(after, before);
    assert_eq!(user.origin, directory::Origin::Scim);
    let shown = describe(&world, made.id.as_str()).await;
    assert_eq!(shown["Emails"].as_array().unwrap().len(), 2);
    assert_eq!(shown["ExternalIds"][0]["Id"], "e-1");
}

#[tokio::test]
async fn a_revision_guards_against_others() {
    let world = World::new().await;
    let id = create(&world, simple("paula")).await;
    let guarded = |revision: &str| {
        let operations = json!([{"AttributePath": "title", "AttributeValue": revision}]);
        json!({"UserId": id, "Operations": operations, "Revision": revision})
    };
    assert_eq!(call(&world, "UpdateUser", guarded("1")).await.ok().json()["Revision"], "2");
    conflicts(&call(&world, "UpdateUser", guarded("1")).await, "CONCURRENT_MODIFICATION", "Read it again");
    let delete = |revision: &str| json!({"UserId": id, "Revision": revision});
    conflicts(&call(&world, "DeleteUser", delete("1")).await, "CONCURRENT_MODIFICATION", "version 1 was expected");
    for wrong in ["", "x", "-1", "99999999999999999999999"] {
        call(&world, "DeleteUser", delete(wrong)).await.fails_json(400, "ValidationException", "Revision");
    }
    assert_eq!(call(&world, "DeleteUser", delete("2")).await.ok().json(), json!({}));
    assert_eq!(world.state.directory.user_count(), 0);
}

#[tokio::test]
async fn nobody_is_not_found() {
    let world = World::new().await;
    let operations = json!([{"AttributePath": "title", "AttributeValue": "x"}]);
    for (operation, more) in
        [("DescribeUser", json!({})), ("DeleteUser", json!({})), ("UpdateUser", json!({"Operations": operations}))]
    {
        let mut input = more;
        input["UserId"] = json!(NOBODY);
        let reply = call(&world, operation, input.clone()).await;
        not_found(&reply, "USER");
        assert_eq!(reply.json()["ResourceId"], NOBODY);
        for wrong in ["paula", "arn:aws:identitystore:::group/00000000-0000-4000-8000-000000000000"] {
            input["UserId"] = json!(wrong);
            call(&world, operation, input.clone()).await.fails_json(400, "ValidationException", "UserId");
        }
    }
}
