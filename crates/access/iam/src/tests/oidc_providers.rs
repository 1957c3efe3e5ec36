use super::fixture::{Fixture, refused};
use crate::{NewOidcProvider, Taggable, Tags};

fn new(url: &str) -> NewOidcProvider {
    NewOidcProvider { url: url.to_owned(), client_ids: vec!["app".to_owned()], ..NewOidcProvider::default() }
}

#[tokio::test]
async fn a_provider_is_found_by_its_arn_and_by_its_issuer_to_the_letter() {
    let fixture = Fixture::new().await;
    let provider = fixture.iam.create_oidc_provider(new("https://id.example.com/realms/a")).await.unwrap();
    assert_eq!(provider.arn, "arn:aws:iam::123456789012:oidc-provider/id.example.com/realms/a");
    assert!(fixture.iam.oidc_provider(&provider.arn).is_some());
    assert!(fixture.iam.oidc_provider_of_issuer("https://id.example.com/realms/a").is_some());
    for issuer in ["https://id.example.com/realms/a/", "http://id.example.com/realms/a", "id.example.com/realms/a"] {
        assert!(fixture.iam.oidc_provider_of_issuer(issuer).is_none(), "{issuer}");
    }
    let again = fixture.iam.create_oidc_provider(new("https://id.example.com/realms/a")).await;
    refused(again, "EntityAlreadyExists", "Provider with url https://id.example.com/realms/a already exists.");
}

#[tokio::test]
async fn an_issuer_that_isnt_one_is_refused() {
    let fixture = Fixture::new().await;
    for url in [
        "http://id.example.com",
        "id.example.com",
        "https://",
        "https://user@id.example.com",
        "https://id.example.com?a=b",
        "https://id.example.com#a",
        "https://ID.example.com",
        "https://id.example.com/a/../b",
    ] {
        refused(
            fixture.iam.create_oidc_provider(new(url)).await,
            "InvalidInput",
            "Invalid Open ID Connect Provider URL",
        );
    }
    let long = format!("https://id.example.com/{}", "a".repeat(240));
    refused(fixture.iam.create_oidc_provider(new(&long)).await, "ValidationError", "url");
}

#[tokio::test]
async fn client_ids_and_thumbprints_have_iams_limits() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let provider = iam.create_oidc_provider(new("https://id.example.com")).await.unwrap();
    refused(iam.add_client_id(&provider.arn, "").await, "ValidationError", "clientID");
    refused(iam.add_client_id(&provider.arn, &"a".repeat(256)).await, "ValidationError", "clientID");
    for number in 1..100 {
        iam.add_client_id(&provider.arn, &format!("app{number}")).await.unwrap();
    }
    refused(
        iam.add_client_id(&provider.arn, "one more").await,
        "LimitExceeded",
        "ClientIdsPerOpenIdConnectProvider: 100",
    );
    iam.remove_client_id(&provider.arn, "app").await.unwrap();
    assert!(!iam.oidc_provider(&provider.arn).unwrap().client_ids.contains("app"));
    let print = "a".repeat(40);
    iam.update_thumbprints(&provider.arn, vec![print.clone(); 5]).await.unwrap();
    refused(iam.update_thumbprints(&provider.arn, vec![print; 6]).await, "InvalidInput", "fewer than 6");
    refused(iam.update_thumbprints(&provider.arn, vec!["x".repeat(40)]).await, "ValidationError", "thumbprintList");
}

#[tokio::test]
async fn what_isnt_there_is_refused() {
    let fixture = Fixture::new().await;
    let arn = "arn:aws:iam::123456789012:oidc-provider/none.example.com";
    let words = "OpenIDConnect Provider not found for arn";
    refused(fixture.iam.delete_oidc_provider(arn).await, "NoSuchEntity", words);
    refused(fixture.iam.add_client_id(arn, "a").await, "NoSuchEntity", words);
    refused(fixture.iam.tag(Taggable::OidcProvider(arn), Tags::default()).await, "NoSuchEntity", words);
}

#[tokio::test]
async fn an_account_has_100_providers() {
    let fixture = Fixture::new().await;
    for number in 0..100 {
        fixture.iam.create_oidc_provider(new(&format!("https://id{number}.example.com"))).await.unwrap();
    }
    let more = fixture.iam.create_oidc_provider(new("https://more.example.com")).await;
    refused(more, "LimitExceeded", "OpenIdConnectProvidersPerAccount: 100");
}
