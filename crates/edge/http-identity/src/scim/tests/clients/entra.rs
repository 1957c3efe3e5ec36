//! What Microsoft Entra ID sends: its default dialect, and that of `aadOptscim062020`.

use super::super::*;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[tokio::test]
async fn entra_finds_disables_and_moves_people() {
    let world = world().await;
    let probe = world.get(r#"/Users?filter=externalId eq "a2b7e1c4-none""#).await;
    assert_eq!((probe.status, &probe.body["Resources"]), (200, &json!([])));
    let a = world.user("a").await;
    let group = format!("/Groups/{}", world.group("g", &[&a]).await);
    let found = world.get(r#"/Groups?excludedAttributes=members&filter=displayName eq "G""#).await.body;
    assert_eq!(found["totalResults"], 1);
    assert!(found["Resources"][0].get("members").is_none());
    let add = json!([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@x.y"}, {"op": "Replace", "path": "active", "value": "False"}]);
    let disabled = world.patch(&format!("/Users/{a}?aadOptscim062020"), add).await;
    assert_eq!((disabled.status, &disabled.body["active"]), (200, &json!(false)));
    assert_eq!(world.get(r#"/Users?filter=emails[type eq "work"].value eq "A@X.Y""#).await.body["totalResults"], 1);
    let removed =
        world.patch(&group, json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": a}]}])).await;
    assert_eq!((removed.status, &removed.body["members"]), (200, &json!([])));
}

#[tokio::test]
async fn entra_creates_a_person_and_a_group_with_urns_and_meta_of_its_own() {
    let world = world().await;
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": "Test_User_ab6490ee",
        "active": true,
        "emails": [{"primary": true, "type": "work", "value": "Test_User_fd0ea19b@testuser.com"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
        "roles": [{"primary": "True", "display": "Admin", "value": "admin", "type": "WindowsAzureActiveDirectoryRole"}],
        (ENTERPRISE): {"manager": "8f5d1a34"},
    });
    let created = world.call("POST", "/Users", user).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.body["roles"][0]["primary"], json!(true), "a boolean, whatever it was sent as");
    assert_eq!(created.body[ENTERPRISE]["manager"]["value"], "8f5d1a34", "a bare id of the manager");
    let group = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
        ],
        "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
        "displayName": "displayName",
        "meta": {"resourceType": "Group"},
    });
    let created = world.call("POST", "/Groups", group).await;
    assert_eq!((created.status, &created.body["displayName"]), (201, &json!("displayName")));
}

#[tokio::test]
async fn entras_default_dialect() {
    let world = world().await;
    let a = world.user("a").await;
    let path = format!("/Users/{a}");
    let operations = json!([
        {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 555 0100"},
        {"op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "Springfield"},
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "updatedEmail@microsoft.com"},
        {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
        {"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "8f5d1a34"},
        {"op": "Replace", "path": "active", "value": "False"},
    ]);
    let refused = world.patch(&path, operations.clone()).await;
    assert_eq!((refused.status, refused.body["scimType"].as_str()), (400, Some("noTarget")), "there is no address yet");
    assert!(world.get(&path).await.body.get("phoneNumbers").is_none(), "all operations or none");
    world.patch(&path, json!([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@x.y"}])).await;
    let body = world.patch(&path, operations).await.body;
    assert_eq!(body["phoneNumbers"], json!([{"type": "mobile", "value": "+1 555 0100"}]));
    assert_eq!(body["addresses"], json!([{"type": "work", "locality": "Springfield"}]));
    assert_eq!(body["emails"][0]["value"], "updatedEmail@microsoft.com");
    assert_eq!((&body["name"]["familyName"], &body["active"]), (&json!("updatedFamilyName"), &json!(false)));
    assert_eq!(body[ENTERPRISE]["manager"]["value"], "8f5d1a34");
    let group = format!("/Groups/{}", world.group("g", &[]).await);
    let add = json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": a}]}]);
    assert_eq!(members(&world.patch(&group, add).await.body), [a]);
}

#[tokio::test]
async fn entras_aad_opt_scim_062020_dialect() {
    let world = world().await;
    let (a, b) = (world.user("a").await, world.user("b").await);
    let replace = json!([{"op": "replace", "value": {
        "displayName": "Bjfe",
        "name.givenName": "Kkom",
        "name.familyName": "Unua",
        "active": false,
        (format!("{ENTERPRISE}:employeeNumber")): "Aklq",
        (format!("{ENTERPRISE}:department")): "Sales",
    }}]);
    let body = world.patch(&format!("/Users/{a}?aadOptscim062020"), replace).await.body;
    assert_eq!((&body["name"]["givenName"], &body["name"]["familyName"]), (&json!("Kkom"), &json!("Unua")));
    assert_eq!((&body["displayName"], &body["active"]), (&json!("Bjfe"), &json!(false)));
    assert_eq!(body[ENTERPRISE], json!({"employeeNumber": "Aklq", "department": "Sales"}));
    let group = format!("/Groups/{}?aadOptscim062020", world.group("g", &[&a, &b]).await);
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{a}\"]")}]);
    assert_eq!(members(&world.patch(&group, remove).await.body), [b]);
}

#[tokio::test]
async fn entras_discovery_has_no_nulls_and_disabled_people_are_still_found() {
    let world = world().await;
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.body.to_string().contains("null"), "{path}");
    }
    let a = world.user("a").await;
    world.patch(&format!("/Users/{a}"), json!([{"op": "Replace", "path": "active", "value": "False"}])).await;
    assert_eq!(world.get(r#"/Users?filter=userName eq "A""#).await.body["Resources"][0]["active"], json!(false));
}
