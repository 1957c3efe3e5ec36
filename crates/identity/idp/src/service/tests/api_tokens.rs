use super::*;
use crate::api_token::ApiTokenRefusal;

#[tokio::test]
async fn a_token_opens_until_it_expires_or_is_deleted() {
    let mut world = World::open().await;
    let (token, text) = world.provider.create_api_token(" terraform ", Duration::days(30)).await.unwrap();
    assert_eq!(token.name, "terraform");
    world.restart().await;
    let client = world.provider.verify_api_token(&text).unwrap();
    assert_eq!((client.token_id(), client.name()), (token.id.as_str(), "terraform"));
    world.clock.advance(Duration::days(30));
    assert!(matches!(world.provider.verify_api_token(&text), Err(ApiTokenRefusal::Expired { .. })));
    let (second, text) = world.provider.create_api_token("a", Duration::days(1)).await.unwrap();
    world.provider.delete_api_token(&second.id).await.unwrap();
    assert!(matches!(world.provider.verify_api_token(&text), Err(ApiTokenRefusal::Revoked { .. })));
    assert_eq!(world.provider.delete_api_token("x").await, Err(IdpError::UnknownApiToken("x".to_owned())));
    assert_eq!(world.provider.api_tokens().len(), 2);
    let kept = format!("{:?}", world.store.load().await.unwrap().api_tokens);
    assert!(!kept.contains(text.expose()));
}

#[tokio::test]
async fn a_forged_token_opens_nothing() {
    let world = World::open().await;
    let (one, text) = world.provider.create_api_token("one", Duration::days(1)).await.unwrap();
    let (two, _) = world.provider.create_api_token("two", Duration::days(1)).await.unwrap();
    let other_id = Secret::new(text.expose().replace(&one.id, &two.id));
    assert_eq!(world.provider.verify_api_token(&other_id), Err(ApiTokenRefusal::Unknown));
    for wrong in ["", "gh_idp_", "gh_idp_x", "gh_scim_0011223344556677_x", "gh_idp_ffffffffffffffff_x"] {
        world.provider.verify_api_token(&Secret::from(wrong)).expect_err(wrong);
    }
}

#[tokio::test]
async fn what_a_token_may_be_is_stated() {
    let world = World::open().await;
    for (name, lifetime) in
        [("", Duration::days(1)), ("a\nb", Duration::days(1)), ("a", Duration::ZERO), ("a", Duration::days(367))]
    {
        let error = world.provider.create_api_token(name, lifetime).await.unwrap_err();
        assert!(matches!(error, IdpError::Invalid { .. }), "{name:?} {lifetime}: {error}");
    }
    for _ in 0..20 {
        world.provider.create_api_token("a", Duration::days(1)).await.unwrap();
    }
    let error = world.provider.create_api_token("a", Duration::days(1)).await.unwrap_err();
    assert_eq!(error, IdpError::TooManyApiTokens(20));
}
