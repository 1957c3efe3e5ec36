use serde_json::{Value, json};

use super::{HIDDEN, RECORDED_BYTES_MAX, json as recorded_json, query};
use crate::protocol::query::QueryParameters;
use crate::service::Service;

fn of_json(service: Service, body: &Value) -> Value {
    serde_json::from_str(&recorded_json(service, body.to_string().as_bytes())).unwrap()
}

/// Every member that botocore's models mark as sensitive, of the services spoken here.
#[test]
fn no_secret_of_any_operation_is_recorded() {
    let redshift = "Action=CreateCluster&ClusterIdentifier=c&MasterUserPassword=hunter2";
    let parameters = QueryParameters::read("", redshift.as_bytes()).unwrap();
    let text = query(Service::Redshift, &parameters);
    assert!(text.contains("\"ClusterIdentifier\":\"c\"") && !text.contains("hunter2"), "{text}");
    for name in [
        "adminUserPassword",
        "AdminPassword",
        "SecretAccessKey",
        "SessionToken",
        "SAMLAssertion",
        "codeVerifier",
        "RefreshToken",
    ] {
        let shown = of_json(Service::RedshiftServerless, &json!({ name: "hunter2", "namespaceName": "n" }));
        assert_eq!(shown, json!({ name: HIDDEN, "namespaceName": "n" }));
        let nested = of_json(Service::SsoAdmin, &json!({ "A": [{ name: { "B": "hunter2" } }] }));
        assert_eq!(nested, json!({ "A": [{ name: HIDDEN }] }));
    }
}

#[test]
fn people_are_recorded_by_id() {
    let body = json!({
        "IdentityStoreId": "d-1", "UserId": "u-1", "UserName": "ethan", "Name": { "GivenName": "Ethan" },
        "Operations": [{ "AttributePath": "title", "AttributeValue": "Clerk" }], "GroupIds": ["g-1"],
    });
    let shown = of_json(Service::IdentityStore, &body);
    assert_eq!(shown["UserName"], HIDDEN);
    assert_eq!(shown["Name"]["GivenName"], HIDDEN);
    assert_eq!(shown["Operations"][0], json!({ "AttributePath": "title", "AttributeValue": HIDDEN }));
    assert_eq!((&shown["UserId"], &shown["GroupIds"]), (&json!("u-1"), &json!(["g-1"])));
    let external = json!({ "AlternateIdentifier": { "ExternalId": { "Issuer": "https://okta", "Id": "00u1" } } });
    let hidden = json!({ "AlternateIdentifier": { "ExternalId": { "Issuer": HIDDEN, "Id": HIDDEN } } });
    assert_eq!(of_json(Service::IdentityStore, &external), hidden);
}

/// The other members that botocore's models mark as sensitive.
#[test]
fn what_the_models_call_sensitive_is_hidden() {
    let body = json!({
        "Email": "e@x", "AccountName": "n", "Notes": "n", "SourceName": "n", "Target": { "Id": "e@x", "Type": "EMAIL" },
        "AccountId": "1", "ParentId": "r-1",
    });
    let shown = json!({
        "Email": HIDDEN, "AccountName": HIDDEN, "Notes": HIDDEN, "SourceName": HIDDEN,
        "Target": { "Id": HIDDEN, "Type": "EMAIL" }, "AccountId": "1", "ParentId": "r-1",
    });
    assert_eq!(of_json(Service::Organizations, &body), shown);
    let body = json!({ "adminUsername": "boss", "namespaceName": "n" });
    assert_eq!(of_json(Service::RedshiftServerless, &body), json!({ "adminUsername": HIDDEN, "namespaceName": "n" }));
}

#[test]
fn a_large_request_is_recorded_by_its_names() {
    let shown =
        recorded_json(Service::SsoAdmin, json!({ "Name": "n".repeat(9000), "Other": 1 }).to_string().as_bytes());
    assert!(shown.len() < RECORDED_BYTES_MAX && shown.contains("Other"), "{shown}");
    assert_eq!(recorded_json(Service::SsoAdmin, b"not json"), "null");
}
