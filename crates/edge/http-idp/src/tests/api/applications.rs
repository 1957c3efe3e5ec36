use axum::body::Body;
use serde_json::{Value, json};

use super::{Administrator, ids};
use crate::tests::fixture::IDP_URL;

const METADATA: &str = "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://sp.example/metadata\">\
    <md:SPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
    <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://sp.example/acs\" \
    index=\"0\" isDefault=\"true\"/></md:SPSSODescriptor></md:EntityDescriptor>";

fn path(application: &Value, rest: &str) -> String {
    format!("/applications/{}{rest}", application["id"].as_str().unwrap())
}

async fn add(api: &Administrator, connector: &str, label: &str, more: Value) -> Value {
    let mut body = json!({"connector": connector, "label": label});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    api.ok("POST", "/applications", body).await
}

#[tokio::test]
async fn every_connector_has_a_template_that_makes_an_application() {
    let api = Administrator::new().await;
    let templates = api.ok("GET", "/connectors", Value::Null).await;
    for template in templates["items"].as_array().unwrap() {
        let (name, title) = (template["name"].as_str().unwrap(), template["title"].as_str().unwrap());
        let made = add(&api, name, title, json!({})).await;
        assert_eq!(made["connector"], name);
        assert_eq!(made["client_secret"].is_string(), name == "oidc", "{name}");
        assert_eq!(made["groups"], json!([]), "nobody may open it");
        let by_slug = api.ok("GET", &format!("/applications/{}", made["slug"].as_str().unwrap()), Value::Null).await;
        assert_eq!(by_slug["id"], made["id"]);
        assert!(by_slug["client_secret"].is_null() && by_slug["configuration"]["client_secret"].is_null(), "{by_slug}");
    }
    let listed = api.ok("GET", "/applications?limit=3", Value::Null).await;
    assert_eq!(ids(&listed).len(), 3);
    let rest = format!("/applications?limit=3&next={}", listed["next"].as_str().unwrap());
    assert_eq!(ids(&api.ok("GET", &rest, Value::Null).await).len(), 1);
}

#[tokio::test]
async fn a_configuration_is_changed_member_by_member() {
    let api = Administrator::new().await;
    let configuration = json!({
        "acs_urls": ["https://wiki.example/acs"], "sp_entity_id": "https://wiki.example", "lifetime": 120,
        "user_attributes": [{"name": "mail", "from": "email"}, {"name": "title", "from": "attribute:title"}],
        "group_attribute": {"name": "memberOf", "which": "of-person", "prefix": null},
    });
    let made = add(&api, "saml", "Wiki", json!({ "configuration": configuration, "slug": "company-wiki" })).await;
    assert_eq!((&made["missing"], &made["idp_url"]), (&json!([]), &json!(format!("{IDP_URL}/idp/saml/company-wiki"))));
    let path = path(&made, "");
    let change = json!({"hidden": true, "configuration": {"group_attribute": null, "sign_response": true}});
    let changed = api.ok("PATCH", &path, change).await;
    assert_eq!(changed["hidden"], true);
    let after = &changed["configuration"];
    assert_eq!(
        (&after["group_attribute"], &after["sign_response"], &after["lifetime"]),
        (&json!(null), &json!(true), &json!(120))
    );
    for (change, status, word) in [
        (json!({"slug": "other"}), 400, "can't be edited"),
        (json!({"configuration": {"lifetime": 1}}), 400, "60"),
        (json!({"configuration": {"redirect_uris": []}}), 400, "redirect_uris"),
        (
            json!({"configuration": {"name_id": {"format": "odd", "from": "email"}}}),
            400,
            "configuration.name_id.format",
        ),
        (json!({"configuration": {"user_attributes": [{"name": "a", "from": "salary"}]}}), 400, "salary"),
        (json!({"configuration": {"sp_certificates": ["AAAA"]}}), 400, "sp_certificates"),
    ] {
        let told = api.refused("PATCH", &path, change.clone(), status).await;
        assert!(told.contains(word), "{change}: {told}");
    }
    assert_eq!(api.ok("GET", &path, Value::Null).await["version"], changed["version"]);
}

#[tokio::test]
async fn what_an_application_cant_have_makes_none() {
    let api = Administrator::new().await;
    let duration = "https://aws.amazon.com/SAML/Attributes/SessionDuration";
    let long = json!({"constant_attributes": [{"name": duration, "value": "43201"}]});
    for (body, word) in [
        (json!({"connector": "ldap", "label": "x"}), "identity-center"),
        (json!({"connector": "redshift", "label": "x", "configuration": long}), "900"),
        (json!({"connector": "saml", "label": "x", "public": true}), "public"),
        (json!({"connector": "oidc", "label": "x", "sp_metadata": METADATA}), "sp_metadata"),
        (json!({"connector": "saml", "label": "x", "sp_metadata": "<not-metadata/>"}), "metadata"),
        (json!({"connector": "saml", "label": "x", "groups": ["nowhere"]}), "nowhere"),
        (json!({"connector": "saml", "label": "x", "slug": "Not A Slug"}), "SSO IdP URL"),
    ] {
        let told = api.refused("POST", "/applications", body.clone(), 400).await;
        assert!(told.contains(word), "{body}: {told}");
    }
    assert_eq!(api.world.state.idp.application_count(), 0, "all of it or nothing");
}

#[tokio::test]
async fn metadata_goes_both_ways() {
    let api = Administrator::new().await;
    let made = add(&api, "identity-center", "Center", json!({ "sp_metadata": METADATA })).await;
    assert_eq!(made["configuration"]["acs_urls"], json!(["https://sp.example/acs"]));
    let answer = api.call("GET", &path(&made, "/metadata"), &Value::Null).await;
    assert!(answer.body.contains(&format!("entityID=\"{IDP_URL}/idp/saml/center\"")), "{}", answer.body);
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"Gatehouse-center-metadata.xml\"");
    let other = METADATA.replace("https://sp.example/acs", "https://sp.example/acs2");
    let xml = [("content-type", "application/xml")];
    let taken = api.send("PUT", &path(&made, "/sp-metadata"), Body::from(other.clone()), &xml).await;
    assert!(taken.status.is_success() && taken.body.contains("https://sp.example/acs2"), "{}", taken.body);
    let wrong = api.send("PUT", &path(&made, "/sp-metadata"), Body::from("<x/>"), &xml).await;
    assert_eq!(wrong.status.as_u16(), 400, "{}", wrong.body);
    let json_type = [("content-type", "application/json")];
    assert_eq!(api.send("PUT", &path(&made, "/sp-metadata"), Body::from(other), &json_type).await.status.as_u16(), 415);
    let client = add(&api, "oidc", "Client", json!({})).await;
    assert!(api.refused("GET", &path(&client, "/metadata"), Value::Null, 400).await.contains("SAML"));
}

#[tokio::test]
async fn groups_are_authorised_and_withdrawn() {
    let api = Administrator::new().await;
    let made = add(&api, "saml", "Wiki", json!({})).await;
    let groups = path(&made, "/groups");
    let sales = api.world.sales.to_string();
    assert_eq!(api.ok("POST", &groups, json!({"authorise": [sales]})).await["groups"], json!([sales]));
    let shown = api.ok("GET", &groups, Value::Null).await;
    assert_eq!(shown, json!({"groups": [{"id": sales, "display_name": "sales"}]}));
    api.refused("POST", &groups, json!({"authorise": [sales], "withdraw": [sales]}), 400).await;
    api.refused("POST", &groups, json!({"authorise": ["nowhere"]}), 400).await;
    assert_eq!(api.ok("POST", &groups, json!({"withdraw": [sales]})).await["groups"], json!([]));
    assert_eq!(api.ok("PUT", &groups, json!({"groups": [sales]})).await["groups"], json!([sales]));
    assert_eq!(api.ok("POST", &path(&made, "/deactivate"), Value::Null).await["active"], false);
    assert_eq!(api.ok("POST", &path(&made, "/activate"), Value::Null).await["active"], true);
}

#[tokio::test]
async fn deletion_needs_the_typed_number() {
    let api = Administrator::new().await;
    let (one, two) = (add(&api, "saml", "One", json!({})).await, add(&api, "saml", "Two", json!({})).await);
    let both = json!([one["id"], two["id"]]);
    for typed in [0, 1, 3] {
        let told = api.refused("POST", "/applications/delete", json!({"ids": both, "typed_count": typed}), 400).await;
        assert!(told.contains('2'), "{told}");
    }
    api.refused("POST", "/applications/delete", json!({"ids": both}), 400).await;
    api.refused("POST", "/applications/delete", json!({"ids": [one["id"], "app-none"], "typed_count": 2}), 404).await;
    assert_eq!(api.world.state.idp.application_count(), 2);
    api.ok("POST", "/applications/delete", json!({"ids": both, "typed_count": 2})).await;
    assert_eq!(api.world.state.idp.application_count(), 0);
}

#[tokio::test]
async fn client_secrets_are_renewed_and_shown_once() {
    let api = Administrator::new().await;
    let made =
        add(&api, "oidc", "Client", json!({"configuration": {"redirect_uris": ["https://client.example/cb"]}})).await;
    let renewed = api.ok("POST", &path(&made, "/client-secret"), Value::Null).await;
    assert_eq!(renewed["client_id"], made["client_id"]);
    assert_ne!(renewed["client_secret"], made["client_secret"]);
    let shown = api.ok("GET", &path(&made, ""), Value::Null).await.to_string();
    assert!(!shown.contains(renewed["client_secret"].as_str().unwrap()));
    let public = add(&api, "oidc", "Program", json!({"public": true})).await;
    assert_eq!((&public["client_secret"], &public["configuration"]["public"]), (&json!(null), &json!(true)));
    let saml = add(&api, "saml", "Wiki", json!({})).await;
    api.refused("POST", &path(&saml, "/client-secret"), Value::Null, 400).await;
}

#[tokio::test]
async fn keys_are_changed_with_an_overlap() {
    let api = Administrator::new().await;
    let made = add(&api, "saml", "Wiki", json!({})).await;
    let keys = path(&made, "/keys");
    let states = |answer: &Value| -> Vec<String> {
        let keys = answer["keys"].as_array().unwrap();
        keys.iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(&api.ok("GET", &keys, Value::Null).await), ["current"]);
    api.refused("POST", &keys, json!({"step": "promote"}), 409).await;
    let prepared = api.ok("POST", &keys, json!({"step": "prepare"})).await;
    assert_eq!((states(&prepared), &prepared["shared"]), (vec!["next".to_owned(), "current".into()], &json!(false)));
    api.refused("POST", &keys, json!({"step": "prepare"}), 409).await;
    let promoted = api.ok("POST", &keys, json!({"step": "promote"})).await;
    assert_eq!(states(&promoted), ["current", "retired"]);
    let (current, former) = (&promoted["keys"][0]["id"], &promoted["keys"][1]["id"]);
    api.refused("POST", &keys, json!({"step": "retire"}), 400).await;
    api.refused("POST", &keys, json!({"step": "prepare", "key": former}), 400).await;
    api.refused("POST", &keys, json!({"step": "retire", "key": current}), 409).await;
    assert_eq!(states(&api.ok("POST", &keys, json!({"step": "retire", "key": former})).await), ["current"]);
    let client = add(&api, "oidc", "Client", json!({})).await;
    assert_eq!(api.ok("GET", &path(&client, "/keys"), Value::Null).await["shared"], true);
}
