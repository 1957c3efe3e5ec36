use crate::testing::{PASSWORD, World};
use crate::{Notice, Severity};

fn told(notices: &[Notice]) -> Vec<(&str, &str)> {
    notices
        .iter()
        .map(|notice| (notice.message.message.as_str(), notice.message.hint.as_deref().unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn a_newcomer_is_told_which_groups_give_nothing() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales", "ops"]).await;
    let connection = world.sign_in(&ethan).await;
    let notices = connection.greeting_notices();
    assert_eq!(
        told(&notices),
        [("group \"ops\" has no database role \"awsidc:ops\"", "Create it with CREATE ROLE \"awsidc:ops\";")]
    );
    assert_eq!((notices[0].severity, notices[0].sqlstate), (Severity::Notice, "00000"));
}

#[tokio::test]
async fn a_role_that_differs_in_case_is_named() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["Sales"]).await;
    let connection = world.sign_in(&ethan).await;
    assert_eq!(
        told(&connection.greeting_notices()),
        [(
            "group \"Sales\" has no database role \"awsidc:Sales\"",
            "The role \"awsidc:sales\" differs in upper and lower case: rename the group to match it."
        )]
    );
}

#[tokio::test]
async fn of_many_groups_five_are_named() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["g1", "g2", "g3", "g4", "g5", "g6", "g7"]).await;
    let notices = world.sign_in(&ethan).await.greeting_notices();
    assert_eq!(notices.len(), 5);
    assert!(notices[0].message.message.starts_with("group \"g1\""));
    assert_eq!(notices[3].message.detail, None);
    assert_eq!(notices[4].message.detail.as_deref(), Some("2 more of your groups have none either."));
}

#[tokio::test]
async fn whose_groups_all_count_or_who_has_none_is_told_nothing() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let nina = world.person("nina", &[]).await;
    assert!(world.sign_in(&ethan).await.greeting_notices().is_empty());
    assert!(world.sign_in(&nina).await.greeting_notices().is_empty());
    assert!(world.password("bob", PASSWORD).await.unwrap().greeting_notices().is_empty());
}

#[tokio::test]
async fn a_new_connection_is_told_its_parameters() {
    let world = World::new().await;
    let superuser = |parameters: Vec<(String, String)>| {
        let value = |name| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap();
        (value("session_authorization"), value("is_superuser"), value("server_version"))
    };
    let told = superuser(world.password("bob", PASSWORD).await.unwrap().parameters());
    assert_eq!(told, ("bob".to_owned(), "off".to_owned(), "8.0.2".to_owned()));
    let told = superuser(world.admin().await.parameters());
    assert_eq!((told.0.as_str(), told.1.as_str()), ("awsuser", "on"));
}
