//! RP-Initiated Logout.

use base::{AuditStep, Outcome};

use super::*;

fn path(fields: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("/idp/oauth/logout?{query}")
}

/// A browser that is signed in, with an ID token of this session.
async fn with_hint<'a>(client: &Client<'a>) -> (Browser<'a>, String) {
    let mut browser = Browser::signed_in(client.world, "ethan").await;
    let code = client.code(&mut browser, &[]).await;
    let (_, tokens) = client.redeem(&code).await;
    (browser, text(&tokens, "id_token").to_owned())
}

#[tokio::test]
async fn a_hint_of_this_session_ends_it_and_leads_back() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let (mut browser, hint) = with_hint(&client).await;
    let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE), ("state", "a b")];
    let answer = browser.get(&path(&fields)).await;
    assert_eq!(onward(&answer), format!("{GOODBYE}?state=a+b"));
    assert!(!browser.is_in().await);
    let last = world.recorded("openid:logout", Outcome::Allowed).pop().unwrap();
    assert_eq!((last.step, last.target.as_str()), (AuditStep::SessionEnd, "wiki"));
}

#[tokio::test]
async fn an_expired_id_token_is_hint_enough() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let (mut browser, hint) = with_hint(&client).await;
    world.clock.advance(time::Duration::minutes(30));
    browser.get(&path(&[("id_token_hint", &hint)])).await.shows(StatusCode::OK, &["signed out"]);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn without_a_hint_of_this_session_the_person_is_asked() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let (_, foreign) = with_hint(&client).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let back = ("post_logout_redirect_uri", GOODBYE);
    for fields in [vec![], vec![("client_id", client.id.as_str()), back], vec![("id_token_hint", &foreign), back]] {
        let page = browser.get(&path(&fields)).await;
        page.shows(StatusCode::OK, &["Sign out?", "ethan"]);
        assert!(browser.is_in().await, "{fields:?}");
    }
    let page = browser.get(&path(&[("client_id", &client.id), back])).await;
    page.shows(StatusCode::OK, &["<strong>Wiki</strong> asks"]);
    let flow = page.field("flow");
    let confirm = "/idp/oauth/logout/confirm";
    let csrf = page.field("csrf");
    let forged = [("csrf", csrf.as_str()), ("flow", &flow), ("decision", "sign_out")];
    assert_eq!(browser.post_from(confirm, &forged, "cross-site").await.status, StatusCode::FORBIDDEN);
    let stayed = browser.fill(&page, confirm, &[("flow", &flow), ("decision", "stay")]).await;
    assert_eq!(stayed.location(), "/idp");
    assert!(browser.is_in().await);
    let left = browser.fill(&page, confirm, &[("flow", &flow), ("decision", "sign_out")]).await;
    assert_eq!(onward(&left), GOODBYE);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let other = Client::with(&world, "Other", true, |_| {}).await;
    let (mut browser, hint) = with_hint(&client).await;
    let hint = ("id_token_hint", hint.as_str());
    let refused = [
        vec![hint, ("post_logout_redirect_uri", "https://evil.example/bye")],
        vec![hint, ("post_logout_redirect_uri", "https://app.example/bye?x=1")],
        vec![hint, ("post_logout_redirect_uri", "https://app.example/bye/")],
        vec![("post_logout_redirect_uri", GOODBYE)],
        vec![hint, ("client_id", other.id.as_str()), ("post_logout_redirect_uri", GOODBYE)],
        vec![("client_id", "nobody")],
        vec![("id_token_hint", "x.y.z")],
        vec![hint, hint],
    ];
    for fields in refused {
        let answer = browser.get(&path(&fields)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{fields:?}");
        assert!(!answer.body.contains("evil.example") && answer.body.contains("/idp/signout"));
        assert_eq!(world.last().outcome, Outcome::Denied);
    }
    assert!(browser.is_in().await);
}

#[tokio::test]
async fn a_forged_hint_is_refused() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let (mut browser, hint) = with_hint(&client).await;
    let (message, signature) = hint.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let unsigned = format!("{}.{payload}.", encode("{\"alg\":\"none\"}"));
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let changed = format!("{header}.{}.{signature}", encode(&payload.replace("ses-", "ses_")));
    for forged in [unsigned, changed] {
        assert_eq!(browser.get(&path(&[("id_token_hint", &forged)])).await.status, StatusCode::BAD_REQUEST);
    }
    assert!(browser.is_in().await);
}

#[tokio::test]
async fn a_posted_request_and_one_of_nobody_lead_on_too() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let (mut browser, hint) = with_hint(&client).await;
    let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE)];
    let answer = browser.post_from("/idp/oauth/logout", &fields, "cross-site").await;
    let answer = browser.get(answer.location()).await;
    assert_eq!(onward(&answer), GOODBYE);
    assert!(!browser.is_in().await);
    let again = browser.get(&path(&fields)).await;
    assert_eq!(onward(&again), GOODBYE);
}
