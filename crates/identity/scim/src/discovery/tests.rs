use super::*;

fn names_of(attributes: &Value) -> Vec<&str> {
    attributes.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[test]
fn the_configuration_is_true() {
    let config = service_provider_config("http://x", Profile::Rfc);
    for (feature, supported) in
        [("patch", true), ("bulk", true), ("filter", true), ("sort", true), ("etag", true), ("changePassword", true)]
    {
        assert_eq!(config[feature]["supported"], supported, "{feature}");
    }
    assert_eq!(config["filter"]["maxResults"], LONGEST_PAGE);
}

#[test]
fn every_schema_that_a_type_names_is_there() {
    let types = resource_types("http://x");
    assert_eq!(types["totalResults"], 2);
    for one in types["Resources"].as_array().unwrap() {
        assert!(schema(one["schema"].as_str().unwrap(), "http://x", Profile::Rfc).is_some());
        for extension in one["schemaExtensions"].as_array().unwrap() {
            assert!(schema(extension["schema"].as_str().unwrap(), "http://x", Profile::Rfc).is_some());
        }
        assert!(resource_type(one["id"].as_str().unwrap(), "http://x").is_some());
    }
    assert_eq!(schemas("http://x", Profile::Rfc)["totalResults"], 3);
    assert!(schema("urn:nothing", "http://x", Profile::Rfc).is_none());
    assert!(!schemas("http://x", Profile::Rfc).to_string().contains("null"), "Entra reads no nulls");
}

#[test]
fn the_user_schema_has_the_attributes_of_rfc_7643() {
    let user = Value::Object(schema("urn:ietf:params:scim:schemas:core:2.0:User", "http://x", Profile::Rfc).unwrap());
    let names = names_of(&user["attributes"]);
    for name in [
        "userName",
        "name",
        "displayName",
        "active",
        "password",
        "emails",
        "phoneNumbers",
        "ims",
        "photos",
        "addresses",
        "groups",
        "entitlements",
        "roles",
        "x509Certificates",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    let password = user["attributes"].as_array().unwrap().iter().find(|one| one["name"] == "password").unwrap();
    assert_eq!((&password["mutability"], &password["returned"]), (&json!("writeOnly"), &json!("never")));
    let emails = user["attributes"].as_array().unwrap().iter().find(|one| one["name"] == "emails").unwrap();
    assert_eq!(names_of(&emails["subAttributes"]), ["value", "display", "type", "primary"]);
}

#[test]
fn paging_is_announced_with_its_limits() {
    let config = service_provider_config("http://x", Profile::Rfc);
    assert_eq!(
        config["pagination"],
        json!({"cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100, "maxPageSize": 100})
    );
    assert_eq!(config["bulk"]["maxOperations"], bulk::MOST_OPERATIONS);
    assert_eq!(config["bulk"]["maxPayloadSize"], bulk::LONGEST_BULK);
}

#[test]
fn under_the_profile_of_identity_center_less_is_announced() {
    let config = service_provider_config("http://x", Profile::IdcCompat);
    for (feature, supported) in [("bulk", false), ("sort", false), ("changePassword", false), ("patch", true)] {
        assert_eq!(config[feature]["supported"], supported, "{feature}");
    }
    let user = Value::Object(schema(schema::USER.urn, "http://x", Profile::IdcCompat).unwrap());
    let names = names_of(&user["attributes"]);
    for name in ["ims", "photos", "x509Certificates", "entitlements", "password"] {
        assert!(!names.contains(&name), "{name}");
    }
    assert!(names.contains(&"groups") && names.contains(&"emails"));
}
