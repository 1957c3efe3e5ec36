use std::sync::LazyLock;

use saml::metadata::{IdpDescription, read_idp, read_sp, write_idp};
use saml::{Binding, Endpoint, SigningKey};
use time::{Duration, OffsetDateTime};
use tower::ServiceExt as _;

use super::{all, call};
use crate::service_provider_router;
use crate::tests::world::World;

const ARN: &str = "arn:aws:iam::123456789012:saml-provider/redshift-sso";

/// Two certificates of a provider, the second for another document of it.
static METADATA: LazyLock<[String; 2]> = LazyLock::new(|| ["first", "second"].map(metadata));

fn metadata(name: &str) -> String {
    let now = OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap();
    let key = SigningKey::generate(name, now - Duration::DAY, now + Duration::days(400)).unwrap();
    let location = "https://sso.example.com/saml2/redshift".to_owned();
    let endpoints = [Endpoint { binding: Binding::Post, location }];
    write_idp(&IdpDescription {
        entity_id: "https://sso.example.com/redshift",
        single_sign_on: &endpoints,
        single_logout: &[],
        certificates: &[key.certificate().clone()],
        wants_signed_requests: false,
        name_id_formats: &[],
        organisation: None,
    })
}

#[tokio::test]
async fn a_saml_provider_lives() {
    let world = World::new().await;
    let [first, second] = &*METADATA;
    let new = [
        ("Name", "redshift-sso"),
        ("SAMLMetadataDocument", first.as_str()),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "data"),
    ];
    let made = call(&world, "CreateSAMLProvider", &new).await.ok();
    assert_eq!((made.element("SAMLProviderArn"), made.element("Key")), (ARN, "team"));
    call(&world, "CreateSAMLProvider", &new).await.fails(409, "EntityAlreadyExists", ARN);
    let listed = call(&world, "ListSAMLProviders", &[]).await.ok();
    assert_eq!((all(&listed, "Arn"), listed.body.contains("Marker")), (vec![ARN], false));

    let arn = ("SAMLProviderArn", ARN);
    let found = call(&world, "GetSAMLProvider", &[arn]).await.ok();
    let shown = found.element("SAMLMetadataDocument");
    let shown = quick_xml::escape::unescape(shown).unwrap();
    assert_eq!(read_idp(shown.as_bytes()).unwrap().entity_id, "https://sso.example.com/redshift");
    assert_eq!(shown, first.as_str());
    let updated = call(&world, "UpdateSAMLProvider", &[arn, ("SAMLMetadataDocument", second)]).await.ok();
    assert_eq!(updated.element("SAMLProviderArn"), ARN);
    let found_again = call(&world, "GetSAMLProvider", &[arn]).await.ok();
    assert_eq!(found_again.element("SAMLProviderUUID"), found.element("SAMLProviderUUID"));
    assert_ne!(found_again.element("SAMLMetadataDocument"), found.element("SAMLMetadataDocument"));

    call(&world, "UntagSAMLProvider", &[arn, ("TagKeys.member.1", "team")]).await.ok();
    call(&world, "TagSAMLProvider", &[arn, ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")]).await.ok();
    assert_eq!(all(&call(&world, "ListSAMLProviderTags", &[arn]).await.ok(), "Key"), ["a"]);
    call(&world, "DeleteSAMLProvider", &[arn]).await.ok();
    call(&world, "GetSAMLProvider", &[arn]).await.fails(404, "NoSuchEntity", ARN);
    call(&world, "DeleteSAMLProvider", &[arn]).await.fails(404, "NoSuchEntity", ARN);
}

#[tokio::test]
async fn metadata_that_cannot_be_read_is_refused() {
    let world = World::new().await;
    let long = "x".repeat(2000);
    let no_key = METADATA[0].replace("KeyDescriptor", "ContactPerson");
    for (document, code, message) in [
        ("<x/>", "ValidationError", "1000"),
        (long.as_str(), "InvalidInput", "Could not parse metadata"),
        (no_key.as_str(), "InvalidInput", "Could not parse metadata"),
    ] {
        let new = [("Name", "p"), ("SAMLMetadataDocument", document)];
        call(&world, "CreateSAMLProvider", &new).await.fails(400, code, message);
    }
    let good = [("Name", "p"), ("SAMLMetadataDocument", METADATA[0].as_str())];
    for (more, message) in [
        (("AssertionEncryptionMode", "Required"), "AssertionEncryptionMode"),
        (("AddPrivateKey", "-----BEGIN PRIVATE KEY-----"), "AddPrivateKey"),
    ] {
        let new = [good.as_slice(), &[more]].concat();
        call(&world, "CreateSAMLProvider", &new).await.fails(400, "InvalidInput", message);
        assert!(!format!("{:?}", world.last_record()).contains("BEGIN PRIVATE"));
    }
    assert_eq!(all(&call(&world, "ListSAMLProviders", &[]).await.ok(), "Arn"), Vec::<&str>::new());
}

#[tokio::test]
async fn an_openid_connect_provider_lives() {
    let world = World::new().await;
    let thumbprint = "0123456789abcdef0123456789abcdef01234567";
    let new = [
        ("Url", "https://accounts.example.com/tenant"),
        ("ClientIDList.member.1", "one"),
        ("ThumbprintList.member.1", thumbprint),
    ];
    let made = call(&world, "CreateOpenIDConnectProvider", &new).await.ok();
    let arn = "arn:aws:iam::123456789012:oidc-provider/accounts.example.com/tenant";
    assert_eq!(made.element("OpenIDConnectProviderArn"), arn);
    call(&world, "CreateOpenIDConnectProvider", &new).await.fails(409, "EntityAlreadyExists", "");
    assert_eq!(all(&call(&world, "ListOpenIDConnectProviders", &[]).await.ok(), "Arn"), [arn]);
    let arn = ("OpenIDConnectProviderArn", arn);
    call(&world, "AddClientIDToOpenIDConnectProvider", &[arn, ("ClientID", "two")]).await.ok();
    call(&world, "RemoveClientIDFromOpenIDConnectProvider", &[arn, ("ClientID", "one")]).await.ok();
    let other = ("ThumbprintList.member.1", "ffffffffffffffffffffffffffffffffffffffff");
    call(&world, "UpdateOpenIDConnectProviderThumbprint", &[arn, other]).await.ok();
    let found = call(&world, "GetOpenIDConnectProvider", &[arn]).await.ok();
    assert_eq!(found.element("Url"), "accounts.example.com/tenant");
    assert_eq!(found.element("ClientIDList"), "<member>two</member>");
    assert_eq!(found.element("ThumbprintList"), format!("<member>{}</member>", other.1));
    call(&world, "TagOpenIDConnectProvider", &[arn, ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")])
        .await
        .ok();
    assert_eq!(all(&call(&world, "ListOpenIDConnectProviderTags", &[arn]).await.ok(), "Value"), ["b"]);
    call(&world, "UntagOpenIDConnectProvider", &[arn, ("TagKeys.member.1", "a")]).await.ok();
    call(&world, "DeleteOpenIDConnectProvider", &[arn]).await.ok();
    call(&world, "GetOpenIDConnectProvider", &[arn]).await.fails(404, "NoSuchEntity", "");
    let plain = [("Url", "http://accounts.example.com")];
    call(&world, "CreateOpenIDConnectProvider", &plain).await.fails(400, "InvalidInput", "https://");
}

#[tokio::test]
async fn identity_providers_get_our_metadata() {
    let router = || service_provider_router("https://127.0.0.1:8443");
    let get = |path: &str| axum::http::Request::builder().uri(path).body(axum::body::Body::empty()).unwrap();
    let reply = router().oneshot(get("/static/saml-metadata.xml")).await.unwrap();
    assert_eq!(reply.status().as_u16(), 200);
    let body = axum::body::to_bytes(reply.into_body(), usize::MAX).await.unwrap();
    let read = read_sp(&body).unwrap();
    assert_eq!(read.entity_id, "urn:amazon:webservices");
    assert!(String::from_utf8(body.to_vec()).unwrap().contains("Location=\"https://127.0.0.1:8443/saml\""));
    let reply = router().oneshot(get("/saml")).await.unwrap();
    assert_eq!(reply.status().as_u16(), 501);
    let body = axum::body::to_bytes(reply.into_body(), usize::MAX).await.unwrap();
    assert!(String::from_utf8(body.to_vec()).unwrap().contains("AssumeRoleWithSAML"));
}
