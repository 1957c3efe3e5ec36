use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use time::Duration;

use super::*;

#[tokio::test]
async fn a_saml_source_is_described_with_what_the_provider_has_to_be_told() {
    let world = World::new().await;
    let made = saml(&world).await;
    let id = made["SourceId"].as_str().unwrap();
    let base = format!("https://center.example.com/platform/saml/{id}");
    let certificate = KEYS[0].certificate();
    let expected = json!({
        "SourceId": id, "Name": "Okta", "Type": "SAML", "Status": "ENABLED", "Domains": ["example.com"],
        "Subject": "name-id", "MatchBy": "userName", "JustInTime": false, "PrivateNetwork": false, "Version": 1,
        "CreatedAt": NOW, "ModifiedAt": NOW,
        "ServiceProvider": {
            "EntityId": base, "AcsUrl": format!("{base}/acs"), "MetadataUrl": format!("{base}/metadata"),
            "LogoutUrl": format!("{base}/slo"),
        },
        "Saml": {
            "EntityId": IDP, "SingleLogout": [], "SignRequests": false, "WantsSignedRequests": true,
            "ForceAuthn": false, "IdpInitiated": true,
            "SingleSignOn": [{"Binding": "HTTP-POST", "Location": "https://idp.example.com/sso"}],
            "Certificates": [{
                "Sha256": certificate.sha256(), "Subject": certificate.subject(), "Key": "RSA 2048",
                "Status": "EXPIRING", "ExpiresInDays": 20,
                "NotBefore": NOW - 86_400, "NotAfter": NOW + 20 * 86_400,
            }],
        },
    });
    assert_eq!(made, expected);
    let described = call(&world, "DescribeIdentitySource", json!({"SourceId": id})).await.ok().json();
    assert_eq!(described, json!({"IdentitySource": expected}));
    assert!(world.last_record().target.ends_with(&format!("identity-source/{id}")));
    let listed = call(&world, "ListIdentitySources", json!({})).await.ok().json();
    assert_eq!(listed, json!({"IdentitySources": [expected], "DirectorySignIn": "ENABLED"}));
    let ours = call(&world, "GetServiceProviderMetadata", json!({"SourceId": id})).await.ok().json();
    let read = ::saml::metadata::read_sp(ours["Metadata"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!((read.entity_id.as_str(), read.signs_requests), (base.as_str(), true));
    assert_eq!((&ours["EntityId"], &ours["AcsUrl"]), (&json!(base), &json!(read.assertion_consumers[0].location)));
}

#[tokio::test]
async fn an_openid_source_never_shows_its_secret() {
    let world = World::new().await;
    let input = json!({
        "Name": "Login", "Type": "OIDC", "Issuer": ISSUER, "ClientId": "client", "ClientSecret": "very secret",
        "Scopes": ["email"], "GroupsClaim": "groups", "Contact": "help@example.com",
    });
    let early = call(&world, "CreateIdentitySource", input.clone()).await;
    early.fails_json(400, "ValidationException", "connection refused");
    let document = json!({
        "issuer": ISSUER, "authorization_endpoint": "https://login.example.com/authorize",
        "token_endpoint": "https://login.example.com/token", "jwks_uri": "https://login.example.com/keys",
        "response_types_supported": ["code"], "id_token_signing_alg_values_supported": ["ES256"],
    });
    world.provider.answer(&format!("{ISSUER}/.well-known/openid-configuration"), &document.to_string());
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let keys = json!({"keys": [{"kty": "EC", "kid": "1", "crv": "P-256", "x": x, "y": y}]});
    world.provider.answer("https://login.example.com/keys", &keys.to_string());
    let reply = call(&world, "CreateIdentitySource", input).await.ok();
    assert!(!reply.body.contains("very secret") && !format!("{:?}", world.last_record()).contains("very secret"));
    let made = reply.json()["IdentitySource"].clone();
    let id = made["SourceId"].as_str().unwrap();
    let expected = json!({"Issuer": ISSUER, "ClientId": "client", "HasClientSecret": true, "Scopes": ["email"]});
    assert_eq!(
        (&made["Oidc"], &made["Subject"], &made["MatchBy"]),
        (&expected, &json!("attribute:email"), &json!("email"))
    );
    let callback = format!("https://center.example.com/platform/oidc/{id}/callback");
    assert_eq!(made["ServiceProvider"]["RedirectUri"], callback);
    let public = json!({"SourceId": id, "ClientSecret": "", "Contact": "", "GroupsClaim": ""});
    let public = call(&world, "UpdateIdentitySource", public).await.ok().json()["IdentitySource"].clone();
    assert_eq!(public["Oidc"]["HasClientSecret"], false);
    assert_eq!((public.get("Contact"), public.get("GroupsClaim"), &public["Version"]), (None, None, &json!(2)));
    for operation in ["GetServiceProviderMetadata", "RefreshIdentitySourceMetadata"] {
        let refused = call(&world, operation, json!({"SourceId": id})).await;
        refused.fails_json(400, "ValidationException", "not a SAML source");
    }
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let world = World::new().await;
    let made = saml(&world).await;
    let change = json!({
        "SourceId": made["SourceId"], "ExpectedVersion": 1, "Name": "Okta EU", "Enabled": false, "Domains": [],
        "Subject": "attribute:uid", "JustInTime": true, "SignRequests": true, "ForceAuthn": true, "IdpInitiated": false,
        "PrivateNetwork": true, "Contact": "help@example.com", "GroupsClaim": "groups",
    });
    let changed = call(&world, "UpdateIdentitySource", change.clone()).await.ok().json()["IdentitySource"].clone();
    for member in ["Name", "Domains", "Subject", "JustInTime", "PrivateNetwork", "Contact", "GroupsClaim"] {
        assert_eq!(changed[member], change[member], "{member}");
    }
    for member in ["SignRequests", "ForceAuthn", "IdpInitiated"] {
        assert_eq!(changed["Saml"][member], change[member], "{member}");
    }
    assert_eq!(
        (&changed["Status"], &changed["MatchBy"], &changed["Version"]),
        (&json!("DISABLED"), &json!("userName"), &json!(2))
    );
    call(&world, "UpdateIdentitySource", change).await.fails_json(400, "ConflictException", "Version 1 was expected");
}

#[tokio::test]
async fn certificates_roll_over() {
    let world = World::new().await;
    world.provider.answer(METADATA_URL, &metadata(&KEYS[0]));
    let input = json!({"Name": "Okta", "Type": "SAML", "MetadataUrl": METADATA_URL});
    let made = call(&world, "CreateIdentitySource", input).await.ok().json()["IdentitySource"].clone();
    let id = &made["SourceId"];
    assert_eq!(made["Saml"]["MetadataUrl"], METADATA_URL);
    world.provider.answer(METADATA_URL, &metadata(&KEYS[1]));
    let refreshed = call(&world, "RefreshIdentitySourceMetadata", json!({"SourceId": id})).await.ok().json();
    let (old, next) = (KEYS[0].certificate(), KEYS[1].certificate());
    assert_eq!(refreshed["AddedCertificates"], json!([next.sha256()]));
    let statuses = |answer: &Value| -> Vec<(String, String)> {
        let certificates = answer["IdentitySource"]["Saml"]["Certificates"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        certificates.iter().map(|one| (text(&one["Sha256"]), text(&one["Status"]))).collect()
    };
    let both = [(old.sha256().to_owned(), "EXPIRING".to_owned()), (next.sha256().to_owned(), "VALID".to_owned())];
    assert_eq!(statuses(&refreshed), both);
    world.clock.advance(Duration::days(21));
    let described = call(&world, "DescribeIdentitySource", json!({"SourceId": id})).await.ok().json();
    assert_eq!(statuses(&described)[0].1, "EXPIRED");
    let remove = json!({"SourceId": id, "Sha256": old.sha256()});
    let left = call(&world, "RemoveIdentitySourceCertificate", remove.clone()).await.ok().json();
    assert_eq!(statuses(&left).len(), 1);
    call(&world, "RemoveIdentitySourceCertificate", remove).await.fails_json(
        400,
        "ResourceNotFoundException",
        "no certificate",
    );
    let last = json!({"SourceId": id, "Sha256": next.sha256()});
    call(&world, "RemoveIdentitySourceCertificate", last).await.fails_json(
        400,
        "ConflictException",
        "last certificate",
    );
    let added = json!({"SourceId": id, "Certificate": old.pem()});
    assert_eq!(statuses(&call(&world, "AddIdentitySourceCertificate", added).await.ok().json()).len(), 2);
    let bad = json!({"SourceId": id, "Certificate": "nonsense"});
    call(&world, "AddIdentitySourceCertificate", bad).await.fails_json(400, "ValidationException", "ertificate");
}

#[tokio::test]
async fn the_last_way_in_can_not_be_closed() {
    let world = World::new().await;
    let close = json!({"Enabled": false});
    let refused = call(&world, "SetDirectorySignIn", close.clone()).await;
    refused.fails_json(400, "ConflictException", "Enable another identity source or the directory's passwords first.");
    let made = saml(&world).await;
    let closed = call(&world, "SetDirectorySignIn", close).await.ok().json();
    assert_eq!(closed, json!({"DirectorySignIn": "DISABLED"}));
    assert!(!world.state.sources.directory_enabled());
    let delete = json!({"SourceId": made["SourceId"]});
    call(&world, "DeleteIdentitySource", delete.clone()).await.fails_json(
        400,
        "ConflictException",
        "Nobody could sign in",
    );
    call(&world, "SetDirectorySignIn", json!({"Enabled": true})).await.ok();
    assert_eq!(call(&world, "DeleteIdentitySource", delete.clone()).await.ok().json(), json!({}));
    call(&world, "DeleteIdentitySource", delete).await.fails_json(400, "ResourceNotFoundException", "ids-");
}

#[tokio::test]
async fn a_list_has_pages() {
    let world = World::new().await;
    saml(&world).await;
    let (page, other) = (json!({"MaxResults": 1}), metadata(&KEYS[1]).replace(IDP, "https://other.example.com"));
    let one = call(&world, "ListIdentitySources", page.clone()).await.ok().json();
    assert_eq!(one.get("NextToken"), None);
    let input = json!({"Name": "Other", "Type": "SAML", "Metadata": other});
    call(&world, "CreateIdentitySource", input).await.ok();
    let first = call(&world, "ListIdentitySources", page).await.ok().json();
    let second = json!({"MaxResults": 1, "NextToken": first["NextToken"]});
    let second = call(&world, "ListIdentitySources", second).await.ok().json();
    assert_ne!(first["IdentitySources"][0]["SourceId"], second["IdentitySources"][0]["SourceId"]);
    assert_eq!(second.get("NextToken"), None);
}

#[tokio::test]
async fn wrong_input_is_refused_by_name() {
    let world = World::new().await;
    let made = saml(&world).await;
    let id = &made["SourceId"];
    let create = "CreateIdentitySource";
    let update = "UpdateIdentitySource";
    let document = metadata(&KEYS[0]);
    let table = [
        (create, json!({"Type": "SAML", "Metadata": document}), "Name"),
        (create, json!({"Name": "x", "Type": "LDAP"}), "Type is not valid: it must be SAML or OIDC"),
        (create, json!({"Name": "x", "Type": "SAML"}), "requires the parameter Metadata"),
        (
            create,
            json!({"Name": "x", "Type": "SAML", "Metadata": "a", "MetadataUrl": "b"}),
            "either Metadata or MetadataUrl",
        ),
        (create, json!({"Name": "x", "Type": "SAML", "Metadata": document, "ClientId": "c"}), "\"ClientId\""),
        (create, json!({"Name": "x", "Type": "OIDC", "Issuer": ISSUER}), "requires the parameter ClientId"),
        (create, json!({"Name": "x", "Type": "OIDC", "Issuer": "http://a", "ClientId": "c"}), "Issuer"),
        (
            create,
            json!({"Name": "x", "Type": "SAML", "Metadata": document, "Subject": "uid"}),
            "name-id or attribute:NAME",
        ),
        (
            create,
            json!({"Name": "x", "Type": "SAML", "Metadata": document, "MatchBy": "id"}),
            "userName, externalId or email",
        ),
        (create, json!({"Name": "x", "Type": "SAML", "Metadata": "<x/>"}), "etadata"),
        (create, json!({"Name": "x", "Type": "SAML", "Metadata": document, "Domains": ["a b"]}), "Domains"),
        (update, json!({"SourceId": id, "Type": "OIDC"}), "\"Type\" of UpdateIdentitySource"),
        (update, json!({"SourceId": id, "Issuer": ISSUER}), "Only OpenID Connect sources have it"),
        (update, json!({"Name": "x"}), "SourceId"),
        ("SetDirectorySignIn", json!({}), "Enabled"),
        ("RefreshIdentitySourceMetadata", json!({"SourceId": id}), "was not read from a URL"),
        ("DeleteIdentitySource", json!({"SourceId": id, "Force": true}), "\"Force\" of DeleteIdentitySource"),
    ];
    for (operation, input, message) in table {
        call(&world, operation, input).await.fails_json(400, "ValidationException", message);
    }
    let taken = json!({"Name": "OKTA", "Type": "SAML", "Metadata": document});
    call(&world, create, taken).await.fails_json(400, "ConflictException", "The name \"OKTA\" belongs to");
    for operation in ["DescribeIdentitySource", "UpdateIdentitySource", "GetServiceProviderMetadata"] {
        let unknown = call(&world, operation, json!({"SourceId": "ids-0"})).await;
        unknown.fails_json(400, "ResourceNotFoundException", "no identity source ids-0");
    }
}

#[tokio::test]
async fn nobody_else_configures_who_signs_in() {
    let world = World::new().await;
    let input = json!({"Name": "x", "Type": "SAML", "Metadata": metadata(&KEYS[0])});
    let mut unsigned = world.json("gatehouse", "CreateIdentitySource", &input);
    unsigned.sign = false;
    unsigned.send().await.fails_json(403, "MissingAuthenticationTokenException", "Signature Version 4");
    assert!(world.state.sources.list().is_empty());
}
