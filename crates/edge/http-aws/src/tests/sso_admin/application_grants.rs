use serde_json::{Value, json};

use super::super::world::World;
use super::{application, needs_an_application, ok, refused, stored, with};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn grants() -> [(&'static str, Value); 3] {
    [
        (
            "authorization_code",
            json!({"AuthorizationCode": {"RedirectUris": ["http://localhost/", "https://a.example/cb"]}}),
        ),
        ("refresh_token", json!({"RefreshToken": {}})),
        (EXCHANGE, json!({"TokenExchange": {}})),
    ]
}

#[tokio::test]
async fn grants_are_put_got_listed_and_deleted() {
    let world = World::new().await;
    let arn = application(&world).await;
    let named = |grant: &str| json!({"ApplicationArn": arn, "GrantType": grant});
    let list = json!({"ApplicationArn": arn});
    assert_eq!(ok(&world, "ListApplicationGrants", &list).await, json!({"Grants": []}));
    for (grant, content) in grants() {
        refused(&world, "GetApplicationGrant", &named(grant), "ResourceNotFoundException", grant).await;
        let put = with(&named(grant), "Grant", content.clone());
        assert_eq!(ok(&world, "PutApplicationGrant", &put).await, json!({}));
        assert_eq!(ok(&world, "GetApplicationGrant", &named(grant)).await, json!({ "Grant": content }));
    }
    let all = grants().map(|(grant, content)| json!({"GrantType": grant, "Grant": content}));
    assert_eq!(ok(&world, "ListApplicationGrants", &list).await, json!({ "Grants": all }));
    for (grant, _) in grants() {
        assert_eq!(ok(&world, "DeleteApplicationGrant", &named(grant)).await, json!({}));
        refused(&world, "DeleteApplicationGrant", &named(grant), "ResourceNotFoundException", grant).await;
    }
    assert_eq!(ok(&world, "ListApplicationGrants", &list).await, json!({"Grants": []}));
}

#[tokio::test]
async fn grants_are_refused_for_a_reason() {
    let world = World::new().await;
    let arn = application(&world).await;
    let uris = |uris: Value| json!({"AuthorizationCode": {"RedirectUris": uris}});
    for (grant, content, message) in [
        ("authorization_code", uris(json!([])), "1 to 10"),
        ("authorization_code", uris(json!(["http://a.example/"])), "127.0.0.1"),
        ("authorization_code", uris(json!(["https://a.example/#x"])), "fragment"),
        ("authorization_code", uris(json!("https://a.example/")), "Grant"),
        ("authorization_code", json!({"AuthorizationCode": {}}), "RedirectUris"),
        (
            "authorization_code",
            json!({"AuthorizationCode": {"RedirectUris": ["http://localhost/"], "More": 1}}),
            "More",
        ),
        ("authorization_code", json!({"RefreshToken": {}}), "exactly the member AuthorizationCode"),
        ("refresh_token", json!({"RefreshToken": {}, "TokenExchange": {}}), "exactly the member RefreshToken"),
        ("refresh_token", json!({}), "exactly the member RefreshToken"),
        ("refresh_token", json!({"RefreshToken": {"More": 1}}), "More"),
        ("refresh_token", Value::Null, "Grant"),
        ("password", json!({}), "GrantType"),
        (JWT_BEARER, json!({"JwtBearer": {}}), "no trusted token issuers"),
    ] {
        let body = json!({"ApplicationArn": arn, "GrantType": grant, "Grant": content});
        refused(&world, "PutApplicationGrant", &body, "ValidationException", message).await;
    }
    assert_eq!(stored(&world, &arn).grants, center::ApplicationGrants::default());
    for operation in ["GetApplicationGrant", "DeleteApplicationGrant"] {
        let body = json!({"ApplicationArn": arn, "GrantType": JWT_BEARER});
        refused(&world, operation, &body, "ResourceNotFoundException", JWT_BEARER).await;
        let body = json!({"ApplicationArn": arn, "GrantType": "password"});
        refused(&world, operation, &body, "ValidationException", "GrantType").await;
        needs_an_application(&world, operation, &json!({"GrantType": "refresh_token"})).await;
        needs_an_application(&world, operation, &json!({"GrantType": JWT_BEARER})).await;
    }
    let put = json!({"GrantType": "refresh_token", "Grant": {"RefreshToken": {}}});
    needs_an_application(&world, "PutApplicationGrant", &put).await;
    needs_an_application(&world, "ListApplicationGrants", &json!({})).await;
    let body = json!({"ApplicationArn": arn, "NextToken": "eA"});
    refused(&world, "ListApplicationGrants", &body, "ValidationException", "NextToken").await;
    let body = json!({"ApplicationArn": arn, "MaxResults": 1});
    refused(&world, "ListApplicationGrants", &body, "ValidationException", "MaxResults").await;
}
