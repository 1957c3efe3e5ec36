use serde_json::{Value, json};

use super::{Administrator, ids};
use crate::tests::fixture::{Browser, IDP_URL, PASSWORD};

fn path(person: &Value) -> String {
    format!("/people/{}", person["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_person_is_made_read_changed_and_deleted() {
    let api = Administrator::new().await;
    let made = api
        .ok(
            "POST",
            "/people",
            json!({
                "user_name": "olivia", "email": "olivia@example.com", "given_name": "Olivia", "external_id": "e-1",
                "attributes": {"title": "Analyst", "department": "Sales"}, "groups": [api.world.sales.as_str()],
                "password": PASSWORD,
            }),
        )
        .await;
    assert_eq!((made["active"].as_bool(), made["activation_url"].is_null()), (Some(true), true));
    let people = api.world.state.idp.people();
    assert!(people.is_member(&api.world.sales, &base::id::DirectoryUserId::new(made["id"].as_str().unwrap())));
    let path = path(&made);
    let read = api.ok("GET", &path, Value::Null).await;
    assert_eq!(read["attributes"], json!({"department": "Sales", "title": "Analyst"}));
    let change = json!({"email": null, "family_name": "Both", "attributes": {"department": null, "title": "Lead"}});
    let changed = api.ok("PATCH", &path, change).await;
    assert_eq!(
        (&changed["email"], &changed["given_name"], &changed["family_name"]),
        (&json!(null), &json!("Olivia"), &json!("Both"))
    );
    assert_eq!(changed["attributes"], json!({"title": "Lead"}));
    let found = api.ok("GET", "/people?user_name=OLIVIA", Value::Null).await;
    assert_eq!(ids(&found), [made["id"].as_str().unwrap()]);
    assert_eq!(ids(&api.ok("GET", &format!("{path}/groups"), Value::Null).await), [api.world.sales.as_str()]);
    api.ok("DELETE", &path, Value::Null).await;
    api.refused("GET", &path, Value::Null, 404).await;
    assert!(ids(&api.ok("GET", "/people?user_name=olivia", Value::Null).await).is_empty());
}

#[tokio::test]
async fn what_a_person_cant_have_makes_nobody() {
    let api = Administrator::new().await;
    for (body, status, word) in [
        (json!({"user_name": "ETHAN"}), 409, "taken"),
        (json!({"user_name": ""}), 400, "userName"),
        (json!({"user_name": "x", "email": "nobody"}), 400, "e-mail"),
        (json!({"user_name": "x", "given_name": "two\nlines"}), 400, "one line"),
        (json!({"user_name": "x", "attributes": {"colour": "red"}}), 400, "colour"),
        (json!({"user_name": "x", "password": "short"}), 400, "password"),
        (json!({"user_name": "x", "password": PASSWORD, "activation_link": true}), 400, "not both"),
        (json!({"user_name": "x", "groups": ["nowhere"]}), 404, "nowhere"),
        (json!({"user_name": null}), 400, "user_name"),
    ] {
        let told = api.refused("POST", "/people", body.clone(), status).await;
        assert!(told.contains(word), "{body}: {told}");
    }
    assert_eq!(api.world.state.idp.people().user_count(), 2);
}

#[tokio::test]
async fn an_activation_link_opens_the_page() {
    let api = Administrator::new().await;
    let made = api.ok("POST", "/people", json!({"user_name": "new", "activation_link": true})).await;
    let url = made["activation_url"].as_str().unwrap();
    let page = url.strip_prefix(IDP_URL).unwrap();
    assert_eq!(api.world.get(page).await.status.as_u16(), 200);
    let again = api.ok("POST", &format!("{}/activation-link", path(&made)), json!({"minutes": 5})).await;
    assert_eq!(again["expires"], "2026-01-02T03:09:06Z");
    assert_ne!(api.world.get(page).await.status.as_u16(), 200, "the link before has ended");
    for minutes in [0, 10_081] {
        api.refused("POST", &format!("{}/activation-link", path(&made)), json!({ "minutes": minutes }), 400).await;
    }
}

#[tokio::test]
async fn deactivation_and_the_end_of_sessions_put_people_out() {
    let api = Administrator::new().await;
    let path = format!("/people/{}", api.world.ethan);
    let mut browser = Browser::signed_in(&api.world, "ethan").await;
    assert_eq!(api.ok("DELETE", &format!("{path}/sessions"), Value::Null).await, json!({"ended": 1}));
    assert!(!browser.is_in().await);
    let mut browser = Browser::signed_in(&api.world, "ethan").await;
    assert_eq!(api.ok("POST", &format!("{path}/deactivate"), Value::Null).await["active"], false);
    assert!(!browser.is_in().await);
    api.ok("POST", &format!("{path}/reactivate"), Value::Null).await;
    api.ok("PUT", &format!("{path}/password"), json!({"password": "another Password 2"})).await;
    let mut browser = Browser::new(&api.world);
    api.world.clock.advance(time::Duration::SECOND);
    assert_eq!(browser.sign_in("/idp/signin", "ethan", "another Password 2").await.location(), "/idp");
}

#[tokio::test]
async fn factors_are_shown_and_reset() {
    let api = Administrator::new().await;
    let path = format!("/people/{}/factors", api.world.ethan);
    let mut browser = Browser::signed_in(&api.world, "ethan").await;
    browser.enrol_totp().await;
    let shown = api.ok("GET", &path, Value::Null).await;
    assert!(shown["totp"].is_string() && shown["recovery_codes_left"] == 10, "{shown}");
    api.ok("DELETE", &path, Value::Null).await;
    assert!(!browser.is_in().await);
    let shown = api.ok("GET", &path, Value::Null).await;
    assert_eq!(shown, json!({"totp": null, "passkeys": [], "recovery_codes_left": 0}));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let api = Administrator::new().await;
    for number in 0..5 {
        api.ok("POST", "/people", json!({ "user_name": format!("person-{number}") })).await;
    }
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let page = api.ok("GET", &format!("/people?limit=3{next}"), Value::Null).await;
        assert!(ids(&page).len() <= 3);
        all.extend(ids(&page));
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&next={cursor}");
    }
    assert_eq!(all.len(), 7);
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "each once, in order");
}
