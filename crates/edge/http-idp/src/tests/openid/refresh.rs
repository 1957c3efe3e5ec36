//! Refresh tokens: rotation, reuse, and what ends them.

use time::Duration;

use super::*;

async fn refused(client: &Client<'_>, token: &str) -> String {
    let (status, answer) = client.refresh(token).await;
    assert_eq!((status, text(&answer, "error")), (StatusCode::BAD_REQUEST, "invalid_grant"), "{answer}");
    text(&answer, "error_description").to_owned()
}

#[tokio::test]
async fn each_refresh_token_is_good_once_and_gives_the_next() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let first = client.tokens().await;
    world.clock.advance(Duration::hours(20));
    let (status, second) = client.refresh(text(&first, "refresh_token")).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let (before, after) = (claims(&first), claims(&second));
    for same in ["sub", "aud", "iss", "auth_time", "nonce", "sid"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert_eq!(after["iat"].as_i64(), before["iat"].as_i64().map(|at| at + 72_000));
    assert_eq!(userinfo(&world, text(&second, "access_token")).await.0, StatusCode::OK);
    assert_eq!(client.refresh(text(&second, "refresh_token")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_used_refresh_token_that_comes_again_revokes_the_family() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let first = client.tokens().await;
    let (_, second) = client.refresh(text(&first, "refresh_token")).await;
    assert!(refused(&client, text(&first, "refresh_token")).await.contains("used before"));
    assert!(refused(&client, text(&second, "refresh_token")).await.contains("presented again"));
    assert_eq!(userinfo(&world, text(&second, "access_token")).await.0, StatusCode::UNAUTHORIZED);
    let last = world.events().into_iter().rev().find(|event| event.action == "openid:refresh_token").unwrap();
    assert!(last.principal.to_string().ends_with("/ethan") && last.target == "wiki");
}

#[tokio::test]
async fn reuse_of_a_token_many_rotations_old_is_still_noticed() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let first = client.tokens().await;
    let mut newest = text(&first, "refresh_token").to_owned();
    for _ in 0..20 {
        newest = text(&client.refresh(&newest).await.1, "refresh_token").to_owned();
    }
    refused(&client, text(&first, "refresh_token")).await;
    refused(&client, &newest).await;
}

#[tokio::test]
async fn a_made_up_token_of_a_family_revokes_nothing() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    let token = text(&tokens, "refresh_token");
    refused(&client, &token.replace("gate_ir_", "gate_ir_A")).await;
    refused(&client, "gate_ir_x.y").await;
    assert_eq!(client.refresh(token).await.0, StatusCode::OK);
}

#[tokio::test]
async fn another_client_can_neither_use_nor_revoke_it() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let other = Client::with(&world, "Other", true, |_| {}).await;
    let first = client.tokens().await;
    let (_, second) = client.refresh(text(&first, "refresh_token")).await;
    refused(&other, text(&first, "refresh_token")).await;
    refused(&other, text(&second, "refresh_token")).await;
    assert_eq!(client.refresh(text(&second, "refresh_token")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn of_two_at_once_with_the_same_token_at_most_one_gets_tokens_and_the_family_ends() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let first = client.tokens().await;
    let token = text(&first, "refresh_token");
    let (left, right) = tokio::join!(client.refresh(token), client.refresh(token));
    let given: Vec<&Value> =
        [&left, &right].into_iter().filter(|answer| answer.0 == StatusCode::OK).map(|answer| &answer.1).collect();
    assert_eq!(given.len(), 1);
    refused(&client, text(given[0], "refresh_token")).await;
}

#[tokio::test]
async fn scopes_can_be_fewer_for_one_answer_and_never_more() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let code = client.code(&mut browser, &[("scope", "openid email offline_access")]).await;
    let (_, first) = client.redeem(&code).await;
    let refresh = |token: String, scope: &'static str| {
        let client = &client;
        async move { client.token(&[("grant_type", "refresh_token"), ("refresh_token", &token), ("scope", scope)]).await }
    };
    let token = text(&first, "refresh_token").to_owned();
    for wide in ["openid email groups", "email", "openid admin"] {
        assert_eq!(refresh(token.clone(), wide).await.1["error"], "invalid_scope", "{wide}");
    }
    let (_, second) = refresh(token, "openid").await;
    assert_eq!((text(&second, "scope"), claims(&second).get("email")), ("openid", None));
    let (_, info) = userinfo(&world, text(&second, "access_token")).await;
    assert!(info.get("email").is_none());
    let (_, third) = client.refresh(text(&second, "refresh_token")).await;
    assert_eq!(text(&claims(&third), "email"), "ethan@example.com");
}

#[tokio::test]
async fn a_deactivated_person_is_refused_at_once_and_stays_refused() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    world.deactivate(&world.ethan).await;
    assert_eq!(userinfo(&world, text(&tokens, "access_token")).await.0, StatusCode::UNAUTHORIZED);
    assert!(refused(&client, text(&tokens, "refresh_token")).await.contains("deactivated"));
    assert!(refused(&client, text(&tokens, "refresh_token")).await.contains("deactivated"));
}

#[tokio::test]
async fn a_deleted_person_is_refused_at_once() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    world.state.idp.people().delete_user(&world.ethan, None).await.unwrap();
    assert_eq!(userinfo(&world, text(&tokens, "access_token")).await.0, StatusCode::UNAUTHORIZED);
    assert!(refused(&client, text(&tokens, "refresh_token")).await.contains("deleted"));
}

#[tokio::test]
async fn who_loses_the_group_is_refused_at_once() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    let people = world.state.idp.people();
    people.change_members(&world.sales, &[], std::slice::from_ref(&world.ethan)).await.unwrap();
    assert_eq!(userinfo(&world, text(&tokens, "access_token")).await.0, StatusCode::UNAUTHORIZED);
    refused(&client, text(&tokens, "refresh_token")).await;
    people.change_members(&world.sales, std::slice::from_ref(&world.ethan), &[]).await.unwrap();
    refused(&client, text(&tokens, "refresh_token")).await;
}

#[tokio::test]
async fn a_changed_password_and_a_deactivated_or_deleted_application_end_it() {
    let world = World::new().await;
    let (wiki, other) = (Client::confidential(&world).await, Client::with(&world, "Other", true, |_| {}).await);
    let tokens = [wiki.tokens().await, other.tokens().await, other.tokens().await];
    let idp = &world.state.idp;
    idp.deactivate(&wiki.application.id).await.unwrap();
    assert_eq!(userinfo(&world, text(&tokens[0], "access_token")).await.0, StatusCode::UNAUTHORIZED);
    refused(&wiki, text(&tokens[0], "refresh_token")).await;
    world.clock.advance(Duration::SECOND);
    idp.people().set_password(&world.ethan, "another horse battery staple".into()).await.unwrap();
    assert_eq!(userinfo(&world, text(&tokens[1], "access_token")).await.0, StatusCode::UNAUTHORIZED);
    assert!(refused(&other, text(&tokens[1], "refresh_token")).await.contains("password"));
    idp.delete_applications(std::slice::from_ref(&other.application.id), 1).await.unwrap();
    assert_eq!(userinfo(&world, text(&tokens[2], "access_token")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(other.refresh(text(&tokens[2], "refresh_token")).await.1["error"], "invalid_client");
}

#[tokio::test]
async fn rotating_does_not_prolong_the_authorization() {
    let world = World::new().await;
    let client = Client::with(&world, "Short", true, |oidc| oidc.refresh_token_lifetime = Duration::HOUR).await;
    let first = client.tokens().await;
    world.clock.advance(Duration::minutes(55));
    let (_, second) = client.refresh(text(&first, "refresh_token")).await;
    assert_eq!(second["expires_in"].as_i64(), Some(300), "nothing outlives the authorization");
    world.clock.advance(Duration::minutes(5));
    assert!(refused(&client, text(&second, "refresh_token")).await.contains("expired"));
}

#[tokio::test]
async fn a_client_revokes_its_own_tokens_and_no_others() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let other = Client::with(&world, "Other", true, |_| {}).await;
    let tokens = client.tokens().await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let path = "/idp/oauth/revoke";
    assert_eq!(other.call(path, &[("token", refresh)]).await.1["error"], "invalid_grant");
    assert_eq!(other.call(path, &[("token", access)]).await.1["error"], "invalid_grant");
    assert_eq!(
        client.call(path, &[("token", "unknown"), ("token_type_hint", "refresh_token")]).await.0,
        StatusCode::OK
    );
    assert_eq!(client.call(path, &[]).await.1["error"], "invalid_request");
    assert_eq!(client.call(path, &[("token", access), ("token_type_hint", "refresh_token")]).await.0, StatusCode::OK);
    assert_eq!(userinfo(&world, access).await.0, StatusCode::UNAUTHORIZED);
    let (_, next) = client.refresh(refresh).await;
    assert_eq!(client.call(path, &[("token", text(&next, "refresh_token"))]).await.0, StatusCode::OK);
    refused(&client, text(&next, "refresh_token")).await;
    assert_eq!(userinfo(&world, text(&next, "access_token")).await.0, StatusCode::UNAUTHORIZED);
}
