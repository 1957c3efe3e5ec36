//! Sorting, cursors and searches.

use super::*;

async fn people(world: &World, count: usize) -> Vec<String> {
    let mut made = Vec::new();
    for number in 0..count {
        let body = json!({"userName": format!("user{number:03}"), "title": format!("t{}", number % 3)});
        made.push(world.call("POST", "/Users", body).await.id());
    }
    made.sort();
    made
}

/// All pages behind each other, and how many there were.
async fn walk(world: &World, path: &str) -> (Vec<String>, usize) {
    let mut found = Vec::new();
    let mut cursor = String::new();
    for pages in 1..100 {
        let answer = world.get(&format!("{path}&cursor={cursor}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.body["itemsPerPage"], json!(ids(&answer.body).len()));
        assert!(answer.body.get("startIndex").is_none());
        found.extend(ids(&answer.body));
        match answer.body.get("nextCursor") {
            Some(next) => cursor = next.as_str().unwrap().to_owned(),
            None => return (found, pages),
        }
    }
    panic!("the cursors don't end");
}

#[tokio::test]
async fn cursors_lead_through_everything_once() {
    let world = world().await;
    let made = people(&world, 23).await;
    assert_eq!(walk(&world, "/Users?count=5").await, (made.clone(), 5));
    assert_eq!(walk(&world, "/Users?count=23").await, (made.clone(), 1));
    let first = world.get("/Users?cursor&count=5").await.body;
    assert_eq!(first["totalResults"], 23);
    // somebody of the page before is deleted, somebody new comes: nobody else is missed
    let cursor = first["nextCursor"].as_str().unwrap();
    let last = ids(&first).pop().unwrap();
    world.call("DELETE", &format!("/Users/{last}"), Value::Null).await;
    let second = world.get(&format!("/Users?count=5&cursor={cursor}")).await.body;
    assert_eq!(ids(&second), made[5..10]);
}

#[tokio::test]
async fn cursors_lead_through_a_filter_and_a_sort() {
    let world = world().await;
    let made = people(&world, 20).await;
    let group = {
        let members: Vec<&str> = made.iter().take(9).map(String::as_str).collect();
        world.group("g", &members).await
    };
    let filtered = walk(&world, r#"/Users?count=4&filter=title eq "t1""#).await;
    let mut by_index = ids(&world.get(r#"/Users?filter=title eq "t1""#).await.body);
    assert_eq!((&filtered.0, filtered.1), (&by_index, 2));
    assert_eq!(
        walk(&world, &format!(r#"/Users?count=4&filter=groups.value eq "{group}""#)).await,
        (made[..9].to_vec(), 3)
    );
    let sorted = walk(&world, "/Users?count=3&sortBy=title&sortOrder=descending").await;
    by_index = ids(&world.get("/Users?sortBy=title&sortOrder=descending").await.body);
    assert_eq!((sorted.0, sorted.1), (by_index, 7));
    let page = world.get("/Users?count=3&sortBy=title&cursor").await.body;
    let last = ids(&page).pop().unwrap();
    world.call("DELETE", &format!("/Users/{last}"), Value::Null).await;
    let cursor = page["nextCursor"].as_str().unwrap();
    let expired = world.get(&format!("/Users?count=3&sortBy=title&cursor={cursor}")).await;
    assert_eq!((expired.status, expired.body["scimType"].as_str()), (400, Some("expiredCursor")));
    let other = world.get(&format!("/Users?count=3&cursor={cursor}")).await;
    assert_eq!((other.status, other.body["scimType"].as_str()), (400, Some("invalidCursor")));
}

#[tokio::test]
async fn sorting_by_index_is_stable_across_pages() {
    let world = world().await;
    people(&world, 17).await;
    let all = world.get("/Users?sortBy=title").await.body;
    let titles: Vec<&str> =
        all["Resources"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
    assert!(titles.is_sorted());
    let mut paged = Vec::new();
    for start in [1, 6, 11, 16] {
        let page = world.get(&format!("/Users?sortBy=title&startIndex={start}&count=5")).await.body;
        assert_eq!(page["totalResults"], 17);
        paged.extend(ids(&page));
    }
    assert_eq!(paged, ids(&all));
    let counted = world.get("/Users?sortBy=title&count=0").await.body;
    assert_eq!((&counted["totalResults"], &counted["Resources"]), (&json!(17), &json!([])));
}

#[tokio::test]
async fn the_root_search_covers_both_types() {
    let world = world().await;
    let ethan = world.call("POST", "/Users", json!({"userName": "ethan", "displayName": "Beta"})).await.id();
    let fiona = world.call("POST", "/Users", json!({"userName": "fiona", "displayName": "Delta"})).await.id();
    let alpha = world.group("Alpha", &[&ethan]).await;
    let gamma = world.group("Gamma", &[]).await;
    let search = async |path: &str, body: Value| world.call("POST", path, body).await;
    let all = search("/.search", json!({"sortBy": "displayName"})).await.body;
    assert_eq!(ids(&all), [alpha.clone(), ethan.clone(), fiona.clone(), gamma.clone()]);
    let kinds: Vec<&Value> =
        all["Resources"].as_array().unwrap().iter().map(|one| &one["meta"]["resourceType"]).collect();
    assert_eq!(kinds, ["Group", "User", "User", "Group"]);
    let users =
        search("/.search", json!({"filter": "meta.resourceType eq \"User\"", "attributes": ["userName"]})).await.body;
    assert_eq!((&users["totalResults"], users["Resources"][0].get("displayName")), (&json!(2), None));
    let mut pages = Vec::new();
    for start in 1..=4 {
        pages.extend(ids(&search("/.search", json!({"startIndex": start, "count": 1})).await.body));
    }
    let mut unsorted = ids(&search("/.search", json!({})).await.body);
    assert_eq!(pages, unsorted);
    let (mut by_cursor, mut cursor) = (Vec::new(), json!(""));
    while !cursor.is_null() {
        let page = search("/.search", json!({"cursor": cursor, "count": 3})).await.body;
        by_cursor.extend(ids(&page));
        cursor = page["nextCursor"].clone();
    }
    assert_eq!(by_cursor, unsorted);
    unsorted.sort();
    let mut expected = vec![ethan, fiona, alpha.clone(), gamma];
    expected.sort();
    assert_eq!(unsorted, expected);
    let groups =
        search("/Groups/.search", json!({"filter": "displayName eq \"ALPHA\"", "excludedAttributes": ["members"]}))
            .await;
    assert_eq!((groups.status, ids(&groups.body)), (200, vec![alpha]));
    assert!(groups.body["Resources"][0].get("members").is_none());
    for (body, scim_type) in [
        (json!({"filter": "userName"}), "invalidFilter"),
        (json!({"count": {}}), "invalidSyntax"),
        (json!({"sortBy": "shoeSize"}), "invalidValue"),
        (json!({"schemas": ["x"]}), "invalidSyntax"),
    ] {
        let refused = search("/Users/.search", body).await;
        assert_eq!((refused.status, refused.body["scimType"].as_str()), (400, Some(scim_type)));
    }
}

#[tokio::test]
async fn a_large_group_is_shown_whole_and_its_patch_is_answered_without_it() {
    let world = world().await;
    let mut members = Vec::new();
    for number in 0..2100 {
        let new = directory::NewUser { user_name: format!("u{number}"), active: true, ..directory::NewUser::default() };
        members.push(world.directory.create_user(new).await.unwrap().id.to_string());
    }
    members.sort();
    let (last, first) = members.split_last().unwrap();
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let group = format!("/Groups/{}", world.group("all", &first).await);
    assert_eq!(self::members(&world.get(&group).await.body), first);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": last}]}]);
    let added = world.patch(&group, add.clone()).await;
    assert_eq!((added.status, added.header("etag")), (204, "W/\"2\""));
    let asked = world.patch(&format!("{group}?attributes=displayName"), add).await;
    assert_eq!(
        (asked.status, &asked.body["displayName"]),
        (200, &json!("all")),
        "RFC 7644 3.5.2: 200 if attributes are asked for"
    );
    assert_eq!(self::members(&world.get(&group).await.body), members);
}
