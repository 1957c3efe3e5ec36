//! User information: by header only, and only as long as it is permitted.

use time::Duration;

use super::*;

#[tokio::test]
async fn it_says_what_the_id_token_says_of_the_person() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    let (status, info) = userinfo(&world, text(&tokens, "access_token")).await;
    assert_eq!(status, StatusCode::OK);
    let claims = claims(&tokens);
    for (name, value) in info.as_object().unwrap() {
        assert_eq!(&claims[name], value, "{name}");
    }
    assert_eq!((text(&info, "sub"), text(&info, "email")), (world.ethan.as_str(), "ethan@example.com"));
    assert!(info.get("aud").is_none() && info.get("sid").is_none());
    assert_eq!((world.last().action.as_str(), world.last().target.as_str()), ("openid:userinfo", "wiki"));
}

#[tokio::test]
async fn a_token_in_query_or_body_is_refused_by_name() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    let access = text(&tokens, "access_token");
    let in_query = Request::get(format!("/idp/oauth/userinfo?access_token={access}")).body(Body::empty()).unwrap();
    let answers =
        [world.send(in_query).await, post(&world, "/idp/oauth/userinfo", &[("access_token", access)], None).await];
    for answer in answers {
        assert!(answer.status == StatusCode::BAD_REQUEST && answer.body.contains("header Authorization only"));
        assert!(answer.header("www-authenticate").contains("error=\"invalid_request\""));
    }
    let posted = post(&world, "/idp/oauth/userinfo", &[], Some(&format!("Bearer {access}"))).await;
    assert_eq!(posted.status, StatusCode::OK);
}

#[tokio::test]
async fn without_a_token_it_only_says_how_and_other_tokens_open_nothing() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    let nothing = world.send(Request::get("/idp/oauth/userinfo").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (nothing.status, nothing.header("www-authenticate")),
        (StatusCode::UNAUTHORIZED, "Bearer realm=\"gatehouse\"")
    );
    for other in [text(&tokens, "refresh_token"), text(&tokens, "id_token"), "unknown"] {
        let (status, refused) = userinfo(&world, other).await;
        assert_eq!((status, text(&refused, "error")), (StatusCode::UNAUTHORIZED, "invalid_token"));
    }
}

#[tokio::test]
async fn an_access_token_expires() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    world.clock.advance(Duration::minutes(10) - Duration::SECOND);
    assert_eq!(userinfo(&world, text(&tokens, "access_token")).await.0, StatusCode::OK);
    world.clock.advance(Duration::SECOND);
    assert_eq!(userinfo(&world, text(&tokens, "access_token")).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_offline_access_it_ends_with_the_session() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let mut issued = Vec::new();
    for scope in ["openid", "openid offline_access"] {
        let code = client.code(&mut browser, &[("scope", scope)]).await;
        issued.push(client.redeem(&code).await.1);
    }
    let page = browser.get("/idp/signout").await;
    browser.fill(&page, "/idp/signout", &[]).await;
    assert_eq!(userinfo(&world, text(&issued[0], "access_token")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(userinfo(&world, text(&issued[1], "access_token")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_new_access_token_pushes_out_only_the_fifth_last() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut issued = vec![client.tokens().await];
    for _ in 0..4 {
        issued.push(client.refresh(text(issued.last().unwrap(), "refresh_token")).await.1);
    }
    let mut statuses = Vec::new();
    for tokens in &issued {
        statuses.push(userinfo(&world, text(tokens, "access_token")).await.0 == StatusCode::OK);
    }
    assert_eq!(statuses, [false, true, true, true, true]);
}
