use super::*;
use crate::key::{KeyOwner, KeyState};

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_after_it_signed() {
    let mut world = World::open().await;
    let app = world.redshift(&[]).await;
    let owner = KeyOwner::Application(app.id.clone());
    let published = |world: &World| {
        let file = world.provider.idp_metadata(&app.id).unwrap();
        saml::metadata::read_idp(file.xml.as_bytes()).unwrap().certificates
    };
    let signs = |world: &World| world.provider.saml_key(&app.id).unwrap().certificate().clone();
    let first = signs(&world);
    assert!(first.subject().contains("amazon-redshift"), "{}", first.subject());
    let next = world.provider.prepare_key(&owner).await.unwrap();
    assert_eq!(next.state, KeyState::Next);
    assert_eq!(published(&world).len(), 2);
    assert_eq!(signs(&world), first);
    world.provider.promote_key(&owner).await.unwrap();
    world.restart().await;
    let second = signs(&world);
    assert_eq!(second.sha256(), next.sha256);
    assert_eq!(published(&world), [second.clone(), first]);
    world.clock.advance(Duration::days(30));
    assert_eq!(published(&world), [second]);
    assert_eq!(world.provider.keys(&owner).unwrap().len(), 1);
    assert_eq!(world.provider.promote_key(&owner).await, Err(IdpError::NoNextKey));
}

#[tokio::test]
async fn a_retired_key_is_not_published_any_more() {
    let world = World::open().await;
    let app = world.redshift(&[]).await;
    let owner = KeyOwner::Application(app.id.clone());
    let in_use = world.provider.keys(&owner).unwrap()[0].id.clone();
    assert_eq!(world.provider.retire_key(&owner, &in_use).await, Err(IdpError::KeyInUse(in_use.clone())));
    world.provider.prepare_key(&owner).await.unwrap();
    assert!(matches!(world.provider.prepare_key(&owner).await, Err(IdpError::NextKeyExists(_))));
    world.provider.promote_key(&owner).await.unwrap();
    world.provider.retire_key(&owner, &in_use).await.unwrap();
    assert_eq!(world.provider.keys(&owner).unwrap().len(), 1);
    let unknown = KeyOwner::Application(base::id::SsoApplicationId::new("app-x"));
    assert!(matches!(world.provider.prepare_key(&unknown).await, Err(IdpError::UnknownApplication { .. })));
}

#[tokio::test]
async fn all_openid_clients_share_one_key_set() {
    let world = World::open().await;
    assert_eq!(world.provider.oidc_keys().unwrap(), []);
    assert!(matches!(world.provider.oidc_signing_key(), Err(IdpError::NoKey(_))));
    for label in ["one", "two"] {
        world.provider.create_application(NewApplication::of(ConnectorKind::OpenIdConnect, label)).await.unwrap();
    }
    let [key] = &world.provider.oidc_keys().unwrap()[..] else { panic!("one key") };
    assert_eq!(key.kid, world.provider.oidc_signing_key().unwrap().kid);
    assert_eq!((&key.public_jwk["kty"], &key.public_jwk["alg"]), (&"RSA".into(), &"RS256".into()));
    assert_eq!(key.public_jwk["e"], "AQAB");
    assert_eq!(key.public_jwk["n"].as_str().unwrap().len(), 342, "2048 bits in base64url");
    world.provider.prepare_key(&KeyOwner::OpenId).await.unwrap();
    world.provider.promote_key(&KeyOwner::OpenId).await.unwrap();
    let signing = world.provider.oidc_signing_key().unwrap();
    assert_ne!(signing.kid, key.kid);
    assert_eq!(world.provider.oidc_keys().unwrap().len(), 2);
    world.clock.advance(Duration::days(2));
    assert_eq!(world.provider.oidc_keys().unwrap().len(), 1);
}

#[tokio::test]
async fn a_private_key_is_sealed_and_opens_with_no_other_key_of_a_data_directory() {
    let mut world = World::open().await;
    let app = world.redshift(&[]).await;
    let pkcs8 = world.provider.saml_key(&app.id).unwrap().pkcs8().expose().clone();
    let stored = world.store.load().await.unwrap().keys;
    assert!(!stored[0].sealed.windows(64).any(|window| pkcs8.windows(64).next() == Some(window)));
    world.sealer = Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap());
    world.restart().await;
    assert!(matches!(world.provider.saml_key(&app.id), Err(IdpError::Internal(_))));
}
