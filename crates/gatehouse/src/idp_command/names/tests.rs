use serde_json::{Value, json};

use super::{is_id, of_few};

fn applications() -> Vec<Value> {
    vec![
        json!({"id": "app-1", "slug": "wiki", "label": "Wiki"}),
        json!({"id": "app-2", "slug": "wiki-2", "label": "Wiki"}),
        json!({"id": "app-3", "slug": "mail", "label": "Post"}),
    ]
}

fn find(name: &str) -> Result<String, String> {
    let found = of_few(applications(), &["id", "slug", "label"], ("application", "app list"), name);
    found.map(|one| one["id"].as_str().unwrap().to_owned()).map_err(|error| error.to_string())
}

#[test]
fn names_and_ids_are_both_taken() {
    for (name, id) in [("app-1", "app-1"), ("wiki-2", "app-2"), ("POST", "app-3"), ("mail", "app-3")] {
        assert_eq!(find(name).as_deref(), Ok(id), "{name}");
    }
}

#[test]
fn an_unknown_name_says_how_to_list() {
    assert_eq!(find("none").unwrap_err(), "there is no application \"none\"; list them with: gatehouse idp app list");
}

#[test]
fn an_ambiguous_name_says_which_there_are() {
    let told = find("Wiki").unwrap_err();
    assert!(told.contains("app-1, app-2") && told.contains("by its id"), "{told}");
}

#[test]
fn ids_of_people_look_like_none_of_their_names() {
    assert!(is_id("0b9c0d9e-1111-2222-3333-444455556666"));
    assert!(!is_id("ethan@example.com") && !is_id("0b9c0d9e-1111-2222-3333-44445555666x"));
}
