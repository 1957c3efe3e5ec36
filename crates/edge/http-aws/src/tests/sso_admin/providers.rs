use center::CUSTOM_PROVIDER_ARN;
use control::REDSHIFT_PROVIDER_ARN;
use serde_json::{Value, json};

use super::super::world::World;
use super::{ok, refused};

#[tokio::test]
async fn providers_are_listed_and_described() {
    let world = World::new().await;
    let all = ok(&world, "ListApplicationProviders", &json!({})).await;
    assert_eq!((all["ApplicationProviders"].as_array().unwrap().len(), &all["NextToken"]), (3, &Value::Null));
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    for _ in 0..3 {
        let page = ok(&world, "ListApplicationProviders", &json!({"MaxResults": 1, "NextToken": token})).await;
        seen.extend(page["ApplicationProviders"].as_array().unwrap().clone());
        token = page["NextToken"].clone();
    }
    assert_eq!((json!(seen), token), (all["ApplicationProviders"].clone(), Value::Null));
    for provider in seen {
        let body = json!({"ApplicationProviderArn": provider["ApplicationProviderArn"]});
        assert_eq!(ok(&world, "DescribeApplicationProvider", &body).await, provider);
        assert!(provider["DisplayData"]["DisplayName"].is_string());
    }
    let describe = json!({"ApplicationProviderArn": REDSHIFT_PROVIDER_ARN});
    let redshift = ok(&world, "DescribeApplicationProvider", &describe).await;
    assert!(redshift["ResourceServerConfig"]["Scopes"]["redshift:connect"].is_object());
    for (arn, code) in [
        ("arn:x", "ValidationException"),
        ("arn:aws:sso::aws:applicationProvider/", "ValidationException"),
        ("arn:aws:sso::aws:applicationProvider/none", "ResourceNotFoundException"),
    ] {
        refused(&world, "DescribeApplicationProvider", &json!({"ApplicationProviderArn": arn}), code, "").await;
    }
    for token in ["!", "eA"] {
        let body = json!({"NextToken": token});
        refused(&world, "ListApplicationProviders", &body, "ValidationException", "NextToken").await;
    }
    assert!(CUSTOM_PROVIDER_ARN < REDSHIFT_PROVIDER_ARN);
}
