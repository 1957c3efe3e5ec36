use serde_json::{Value, json};

use super::{Administrator, ids};

#[tokio::test]
async fn the_policy_is_set_and_read() {
    let api = Administrator::new().await;
    assert_eq!(api.ok("GET", "/policy", Value::Null).await, json!({"mfa": "optional", "form_plugins": "off"}));
    let set = api.ok("PUT", "/policy", json!({"mfa": "required"})).await;
    assert_eq!(set, json!({"mfa": "required", "form_plugins": "off"}));
    let set = api.ok("PUT", "/policy", json!({"form_plugins": "on"})).await;
    assert_eq!(set, json!({"mfa": "required", "form_plugins": "on"}), "what isn't given stays");
    assert_eq!(api.world.state.idp.policy(), idp::MfaPolicy::Required);
    for wrong in
        [json!({"mfa": "sometimes"}), json!({}), json!({"mfa": "optional", "more": 1}), json!({"form_plugins": true})]
    {
        api.refused("PUT", "/policy", wrong, 400).await;
    }
    assert_eq!(api.world.state.idp.policy(), idp::MfaPolicy::Required);
}

#[tokio::test]
async fn tokens_are_shown_once() {
    let api = Administrator::new().await;
    let made = api.ok("POST", "/api-tokens", json!({"name": "ci", "days": 30})).await;
    assert!(made["token"].as_str().unwrap().starts_with("gh_idp_"), "{made}");
    let listed = api.ok("GET", "/api-tokens", Value::Null).await;
    assert!(ids(&listed).contains(&made["id"].as_str().unwrap().to_owned()));
    assert!(!listed.to_string().contains(made["token"].as_str().unwrap()));
    for days in [0, 366] {
        api.refused("POST", "/api-tokens", json!({"name": "ci", "days": days}), 400).await;
    }
    api.refused("POST", "/api-tokens", json!({"name": ""}), 400).await;
    api.refused("DELETE", "/api-tokens/none", Value::Null, 404).await;
    for number in 0..18 {
        api.ok("POST", "/api-tokens", json!({ "name": format!("t{number}") })).await;
    }
    api.refused("POST", "/api-tokens", json!({"name": "one too many"}), 429).await;
    api.ok("DELETE", &format!("/api-tokens/{}", made["id"].as_str().unwrap()), Value::Null).await;
    let listed = api.ok("GET", "/api-tokens?limit=200", Value::Null).await;
    let deleted = listed["items"].as_array().unwrap().iter().filter(|token| token["status"] == "deleted").count();
    assert_eq!(deleted, 1);
}
