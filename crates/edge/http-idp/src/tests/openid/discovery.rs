//! The discovery document and the keys are true.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use axum::body::Body;
use axum::http::Request;

use super::*;

async fn read(world: &World, path: &str) -> (Answer, Value) {
    let answer = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
    let value = serde_json::from_str(&answer.body).unwrap();
    (answer, value)
}

#[tokio::test]
async fn the_document_names_what_is_carried_out_and_nothing_more() {
    let world = World::new().await;
    let (answer, document) = read(&world, "/idp/.well-known/openid-configuration").await;
    assert_eq!(document["issuer"], issuer());
    assert_eq!(document["response_types_supported"], serde_json::json!(["code"]));
    assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert_eq!(document["id_token_signing_alg_values_supported"], serde_json::json!(["RS256"]));
    let grants = serde_json::json!(["authorization_code", "refresh_token", DEVICE_GRANT]);
    assert_eq!(document["grant_types_supported"], grants);
    // The default of this one would be true.
    assert_eq!(document["request_uri_parameter_supported"], false);
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert_eq!(document["backchannel_logout_supported"], false);
    assert!(document.get("registration_endpoint").is_none() && document.get("introspection_endpoint").is_none());
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
}

#[tokio::test]
async fn every_endpoint_of_the_document_answers() {
    let world = World::new().await;
    let (_, document) = read(&world, "/idp/.well-known/openid-configuration").await;
    let mut endpoints = 0;
    for (name, value) in document.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            let path = value.as_str().unwrap().strip_prefix(IDP_URL).unwrap();
            let answer = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{name}");
            endpoints += 1;
        }
    }
    assert_eq!(endpoints, 7);
}

#[tokio::test]
async fn id_tokens_verify_with_the_published_keys_before_and_after_a_rotation() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let before = client.tokens().await;
    let owner = idp::KeyOwner::OpenId;
    world.state.idp.prepare_key(&owner).await.unwrap();
    world.state.idp.promote_key(&owner).await.unwrap();
    let after = client.tokens().await;
    let (_, keys) = read(&world, "/idp/oauth/jwks").await;
    let mut used = BTreeSet::new();
    for tokens in [&before, &after] {
        let token = text(tokens, "id_token");
        let (message, signature) = token.rsplit_once('.').unwrap();
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let header: Value = serde_json::from_slice(&decode(message.split_once('.').unwrap().0)).unwrap();
        assert_eq!(header["alg"], "RS256");
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
        assert!(key.get("d").is_none() && key["use"] == "sig");
        let key = RsaPublicKeyComponents { n: decode(text(key, "n")), e: decode(text(key, "e")) };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &decode(signature)).unwrap();
        used.insert(text(&header, "kid").to_owned());
    }
    assert_eq!(used.len(), 2, "the promoted key signs");
}

#[tokio::test]
async fn other_origins_read_nothing_but_discovery_and_keys() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    for path in ["/idp/oauth/token", "/idp/oauth/userinfo", "/idp/oauth/revoke", "/idp/oauth/device_authorization"] {
        let request = Request::post(path).header("origin", "https://app.example").body(Body::empty()).unwrap();
        let answer = client.world.send(request).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}
