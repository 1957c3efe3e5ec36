//! The token endpoint: who may ask, and codes.

use base::{AuditStep, Outcome};
use time::Duration;

use super::*;

#[tokio::test]
async fn a_code_gives_an_id_token_with_what_the_scopes_permit() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    assert_eq!((text(&tokens, "token_type"), tokens["expires_in"].as_i64()), ("Bearer", Some(600)));
    let claims = claims(&tokens);
    assert_eq!((text(&claims, "iss"), text(&claims, "aud")), (issuer().as_str(), client.id.as_str()));
    assert_eq!((text(&claims, "sub"), text(&claims, "nonce")), (world.ethan.as_str(), "n-1"));
    assert_eq!((text(&claims, "preferred_username"), text(&claims, "email")), ("ethan", "ethan@example.com"));
    assert_eq!((&claims["email_verified"], &claims["groups"]), (&Value::Bool(true), &serde_json::json!(["sales"])));
    assert_eq!(
        (&claims["amr"], claims["exp"].as_i64()),
        (&serde_json::json!(["pwd"]), claims["iat"].as_i64().map(|at| at + 600))
    );
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text(&tokens, "access_token").as_bytes());
    assert_eq!(text(&claims, "at_hash"), URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
    let last = world.last();
    assert_eq!((last.step, last.outcome, last.target.as_str()), (AuditStep::Token, Outcome::Allowed, "wiki"));
    assert_eq!(last.action, "openid:authorization_code");
    let recorded = format!("{:?}", world.events());
    for secret in ["access_token", "refresh_token", "id_token"] {
        assert!(!recorded.contains(text(&tokens, secret)), "{secret} is recorded");
    }
}

#[tokio::test]
async fn nobody_learns_more_than_the_scopes() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let code = client.code(&mut browser, &[("scope", "openid"), ("nonce", "")]).await;
    let (_, tokens) = client.redeem(&code).await;
    assert!(tokens.get("refresh_token").is_none(), "without offline_access");
    let names: Vec<String> = claims(&tokens).as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "sid", "sub"]);
}

#[tokio::test]
async fn a_code_that_comes_twice_revokes_what_came_of_it() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let code = client.code(&mut browser, &[]).await;
    let (_, tokens) = client.redeem(&code).await;
    assert_eq!(userinfo(&world, text(&tokens, "access_token")).await.0, StatusCode::OK);
    let (status, refused) = client.redeem(&code).await;
    assert_eq!((status, text(&refused, "error")), (StatusCode::BAD_REQUEST, "invalid_grant"));
    assert_eq!(userinfo(&world, text(&tokens, "access_token")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(client.refresh(text(&tokens, "refresh_token")).await.1["error"], "invalid_grant");
    assert!(world.last().principal.to_string().ends_with("/ethan"));
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let (early, late) = (client.code(&mut browser, &[]).await, client.code(&mut browser, &[]).await);
    world.clock.advance(Duration::seconds(59));
    assert_eq!(client.redeem(&early).await.0, StatusCode::OK);
    world.clock.advance(Duration::SECOND);
    assert_eq!(client.redeem(&late).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_is_bound_to_client_address_and_verifier() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let other = Client::with(&world, "Other", true, |_| {}).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let code = client.code(&mut browser, &[]).await;
    assert_eq!(other.redeem(&code).await.1["error"], "invalid_grant");
    let start = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let wrong = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX";
    for rest in [
        [("redirect_uri", "https://app.example/cb"), ("code_verifier", VERIFIER)],
        [("redirect_uri", REDIRECT), ("code_verifier", wrong)],
    ] {
        let (status, refused) = client.token(&[start, rest].concat()).await;
        assert_eq!((status, text(&refused, "error")), (StatusCode::BAD_REQUEST, "invalid_grant"), "{rest:?}");
    }
    for missing in ["redirect_uri", "code_verifier"] {
        let rest = [("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)];
        let fields: Vec<_> = start.into_iter().chain(rest.into_iter().filter(|(name, _)| *name != missing)).collect();
        let (_, refused) = client.token(&fields).await;
        assert_eq!(text(&refused, "error"), "invalid_request", "{missing}");
    }
    assert_eq!(client.redeem(&code).await.0, StatusCode::OK, "a mistake doesn't use it up");
}

#[tokio::test]
async fn clients_prove_themselves_in_one_way_and_with_their_own_secret() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let public = Client::public(&world).await;
    let (id, secret) = (client.id.as_str(), client.secret.clone().unwrap());
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let with = |more: &[(&'static str, &str)], header: Option<String>| {
        let fields: Vec<(&str, String)> =
            form.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned())).collect();
        let world = &world;
        async move {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = post(world, "/idp/oauth/token", &fields, header.as_deref()).await;
            let body: Value = serde_json::from_str(&answer.body).unwrap();
            (answer.status, text(&body, "error").to_owned(), answer.header("www-authenticate").to_owned())
        }
    };
    // Both ways of sending the secret get as far as the refresh token, which isn't one.
    assert_eq!(with(&[], Some(basic(id, &secret))).await.1, "invalid_grant");
    assert_eq!(with(&[("client_id", id), ("client_secret", &secret)], None).await.1, "invalid_grant");
    assert_eq!(with(&[("client_id", &public.id)], None).await.1, "invalid_grant");
    let refused = [
        with(&[], Some(basic(id, "wrong"))).await,
        with(&[("client_id", id), ("client_secret", "wrong")], None).await,
        with(&[("client_id", id)], None).await,
        with(&[], Some(basic("nobody", &secret))).await,
        with(&[("client_id", &public.id), ("client_secret", &secret)], None).await,
        with(&[("client_id", id), ("client_assertion_type", "x"), ("client_assertion", "a.b.c")], None).await,
        with(&[], Some(format!("Bearer {secret}"))).await,
    ];
    for (status, error, header) in refused {
        assert_eq!((status, error.as_str()), (StatusCode::UNAUTHORIZED, "invalid_client"));
        assert!(header.starts_with("Basic "));
    }
    assert_eq!(with(&[("client_secret", &secret)], Some(basic(id, &secret))).await.1, "invalid_request");
    assert_eq!(with(&[("client_id", &public.id)], Some(basic(id, &secret))).await.1, "invalid_request");
    assert!(!format!("{:?}", world.events()).contains(&secret));
}

#[tokio::test]
async fn grant_types_and_parameters_that_are_not_carried_out_are_refused_by_name() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    for grant in ["password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer"] {
        let (status, refused) = client.token(&[("grant_type", grant)]).await;
        assert_eq!((status, text(&refused, "error")), (StatusCode::BAD_REQUEST, "unsupported_grant_type"));
        assert!(text(&refused, "error_description").contains("authorization_code"));
    }
    let (_, refused) = client.token(&[("grant_type", "refresh_token"), ("resource", "https://api.example")]).await;
    assert_eq!(text(&refused, "error"), "invalid_target");
    assert_eq!(client.token(&[]).await.1["error"], "invalid_request");
    let twice = [("grant_type", "refresh_token"), ("refresh_token", "a"), ("refresh_token", "b")];
    assert_eq!(client.token(&twice).await.1["error"], "invalid_request");
}

#[tokio::test]
async fn only_forms_of_a_sane_size_are_read() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let header = basic(&client.id, client.secret.as_deref().unwrap());
    let request = Request::post("/idp/oauth/token").header("content-type", "application/json");
    let request = request.header("authorization", &header).body(Body::from("{\"grant_type\":\"refresh_token\"}"));
    let answer = world.send(request.unwrap()).await;
    assert!(answer.status == StatusCode::BAD_REQUEST && answer.body.contains("x-www-form-urlencoded"));
    let huge = "x".repeat(40_000);
    assert_eq!(
        client.token(&[("grant_type", "refresh_token"), ("refresh_token", &huge)]).await.1["error"],
        "invalid_request"
    );
}

#[tokio::test]
async fn tokens_that_can_not_be_recorded_are_told_to_nobody() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let code = client.code(&mut browser, &[]).await;
    world.trail.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let (status, refused) = client.redeem(&code).await;
    assert_eq!((status, text(&refused, "error")), (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"));
    assert!(refused.get("access_token").is_none());
}

#[tokio::test]
async fn a_person_who_is_deactivated_meanwhile_gets_nothing_for_a_code() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let code = client.code(&mut browser, &[]).await;
    world.deactivate(&world.ethan).await;
    assert_eq!(client.redeem(&code).await.1["error"], "invalid_grant");
}
