use base::id::{ApplicationArn, DirectoryUserId};
use catalog::FederatedGroup;

use super::Visitor;
use crate::testing::{APPLICATION, World, ok};

/// `table: privileges`, for somebody called `name` in these groups.
fn preview(world: &World, name: &str, groups: &[&str]) -> Vec<String> {
    preview_with(world, name, groups, |application| application.as_str() == APPLICATION)
}

fn preview_with(world: &World, name: &str, groups: &[&str], may_use: impl Fn(&ApplicationArn) -> bool) -> Vec<String> {
    let known = world.directory.user_by_name(name);
    let id = known.map_or_else(|| DirectoryUserId::new("unknown"), |user| user.id.clone());
    let groups: Vec<_> = groups.iter().map(|name| FederatedGroup { id: "g", name }).collect();
    let tables = world.warehouse.preview(&Visitor { id: &id, user_name: name, groups: &groups }, may_use);
    tables
        .into_iter()
        .map(|(table, held)| format!("{table}: {}", held.into_iter().collect::<Vec<_>>().join(" ")))
        .collect()
}

#[tokio::test]
async fn it_names_what_the_roles_of_the_groups_may() {
    let world = World::new().await;
    assert_eq!(preview(&world, "ethan", &["sales"]), ["s.t: SELECT"]);
    assert!(preview(&world, "ethan", &[]).is_empty());
    assert!(preview(&world, "ethan", &["Sales", "other"]).is_empty());
    assert!(preview_with(&world, "ethan", &["sales"], |_| false).is_empty());
    world.define(&["GRANT INSERT, DELETE ON TABLE s.t TO ROLE \"awsidc:sales\""]).await;
    assert_eq!(preview(&world, "ethan", &["sales"]), ["s.t: DELETE INSERT SELECT"]);
    // roles that the role holds count, and nothing does without the schema
    world.define(&["CREATE ROLE inner_role", "GRANT ROLE inner_role TO ROLE \"awsidc:sales\""]).await;
    world.define(&["GRANT SELECT ON TABLE s.hidden TO ROLE inner_role"]).await;
    assert_eq!(preview(&world, "ethan", &["sales"]), ["s.hidden: SELECT", "s.t: DELETE INSERT SELECT"]);
    world.define(&["REVOKE USAGE ON SCHEMA s FROM ROLE \"awsidc:sales\""]).await;
    assert!(preview(&world, "ethan", &["sales"]).is_empty());
    world.define(&["GRANT USAGE ON SCHEMA s TO PUBLIC", "GRANT SELECT ON TABLE s.t TO PUBLIC"]).await;
    assert_eq!(preview(&world, "nina", &[]), ["s.t: SELECT"]);
}

#[tokio::test]
async fn what_the_person_owns_or_was_given_counts() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    world.sign_in(&ethan).await.close().await;
    world.define(&["GRANT CREATE ON SCHEMA s TO ROLE \"awsidc:sales\""]).await;
    let mut session = world.sign_in(&ethan).await;
    ok(&mut session, "CREATE TABLE s.\"my own\" (a int)").await;
    world.define(&["GRANT SELECT ON TABLE s.hidden TO \"awsidc:ethan\""]).await;
    assert_eq!(
        preview(&world, "ethan", &["sales"]),
        ["s.\"my own\": ALTER DELETE DROP INSERT REFERENCES SELECT TRUNCATE UPDATE", "s.hidden: SELECT", "s.t: SELECT",]
    );
    // somebody else who gets the name gets nothing with it: they can't even sign in
    let namesake = Visitor { id: &DirectoryUserId::new("another"), user_name: "ethan", groups: &[] };
    assert!(world.warehouse.preview(&namesake, |_| true).is_empty());
}

#[tokio::test]
async fn superusers_have_everything_and_disabled_providers_give_nothing() {
    let world = World::new().await;
    let ethan = world.person("ethan", &[]).await;
    world.sign_in(&ethan).await.close().await;
    world.define(&["ALTER USER \"awsidc:ethan\" CREATEUSER"]).await;
    let all = preview(&world, "ethan", &[]);
    assert_eq!(all.iter().map(|line| line.split(':').next().unwrap()).collect::<Vec<_>>(), ["s.hidden", "s.t"]);
    assert!(all.iter().all(|line| line.contains("DROP") && line.contains("UPDATE")), "{all:?}");
    world.define(&["ALTER IDENTITY PROVIDER idp DISABLE"]).await;
    assert!(preview(&world, "ethan", &[]).is_empty());
}

/// Whatever the preview says, a session finds.
#[tokio::test]
async fn the_preview_agrees_with_a_session() {
    let world = World::new().await;
    for groups in [&["sales"][..], &[], &["other"]] {
        let name = format!("person-{}", groups.join("-"));
        let person = world.person(&name, groups).await;
        let mut session = world.sign_in(&person).await;
        for table in ["s.t", "s.hidden"] {
            let promised =
                preview(&world, &name, groups).iter().any(|line| line.starts_with(&format!("{table}: SELECT")));
            let outcome = crate::testing::run(&mut session, &format!("SELECT a FROM {table}")).await;
            assert_eq!(outcome.is_ok(), promised, "{name} {table} {outcome:?}");
        }
    }
}
