//! Groups and roles of one session.

use super::*;
use crate::testing::{execute, ok, refused, run};

const TABLES: &[&str] = &[
    "CREATE GROUP \"redshift-dbgroup\"",
    "CREATE GROUP own USER bob",
    "CREATE ROLE reader",
    "GRANT USAGE ON SCHEMA s TO GROUP \"redshift-dbgroup\", GROUP own, ROLE reader",
    "GRANT SELECT ON TABLE s.t TO GROUP \"redshift-dbgroup\"",
    "CREATE TABLE s.mine (a int)",
    "GRANT SELECT ON TABLE s.mine TO GROUP own",
    "GRANT SELECT ON TABLE s.hidden TO ROLE reader",
];

async fn world() -> World {
    let world = World::new().await;
    world.define(TABLES).await;
    world
}

#[tokio::test]
async fn the_session_is_in_its_groups_and_the_users_own_and_no_others() {
    let world = world().await;
    let joined = Wish { groups: &["redshift-dbgroup"], ..existing("bob") };
    let mut with = mint_and_connect(&world, joined).await.unwrap();
    ok(&mut with, "SELECT a FROM s.t").await;
    ok(&mut with, "SELECT a FROM s.mine").await;
    assert_eq!(refused(&mut with, "SELECT a FROM s.hidden").await, "42501 permission denied for relation hidden");
    let mut without = mint_and_connect(&world, existing("bob")).await.unwrap();
    ok(&mut without, "SELECT a FROM s.mine").await;
    assert_eq!(refused(&mut without, "SELECT a FROM s.t").await, "42501 permission denied for relation t");
    let error = run(&mut without, "SELECT a FROM s.t").await.unwrap_err();
    assert!(error.message.hint.as_deref().unwrap().contains("TO GROUP own"), "{error:?}");
    assert_eq!(world.warehouse.catalog.current().catalog.groups_of(with.current_user).count(), 1, "nothing is stored");
}

#[tokio::test]
async fn the_roles_of_the_tag_count_in_the_session() {
    let world = world().await;
    let mut with = mint_and_connect(&world, Wish { roles: &["reader"], ..existing("bob") }).await.unwrap();
    ok(&mut with, "SELECT a FROM s.hidden").await;
    let error = run(&mut with, "SELECT a FROM s.t").await.unwrap_err();
    let detail = error.message.detail.unwrap();
    assert!(detail.contains("\"reader\" (from the principal tag RedshiftDbRoles)"), "{detail}");
    let error = mint_and_connect(&world, Wish { roles: &["reader", "none"], ..existing("bob") }).await.unwrap_err();
    assert_eq!(brief(&error), "28000 role \"none\" does not exist");
    let mut without = mint_and_connect(&world, existing("bob")).await.unwrap();
    assert!(refused(&mut without, "SELECT a FROM s.hidden").await.starts_with("42501"));
}

#[tokio::test]
async fn a_group_that_is_not_there_or_was_dropped_is_refused_by_name() {
    let world = world().await;
    let error = mint_and_connect(&world, Wish { groups: &["none"], ..existing("bob") }).await.unwrap_err();
    assert_eq!(brief(&error), "28000 group \"none\" does not exist");
    world.define(&["CREATE GROUP brief_lived"]).await;
    let minted = mint(&world, Wish { groups: &["brief_lived"], ..existing("bob") }).await;
    world.define(&["DROP GROUP brief_lived"]).await;
    let error = connect(&world, &minted).await.unwrap_err();
    assert_eq!(brief(&error), "28000 group \"brief_lived\" does not exist");
    assert!(error.message.hint.as_deref().unwrap().contains("CREATE GROUP brief_lived;"));
}

/// Where a group isn't there, not even the user is made.
#[tokio::test]
async fn a_refused_login_makes_nobody() {
    let world = world().await;
    mint_and_connect(&world, Wish { groups: &["none"], ..auto_created("carol") }).await.unwrap_err();
    assert!(world.warehouse.catalog.current().catalog.user_by_name("carol").is_none());
}

#[tokio::test]
async fn what_a_group_loses_the_session_loses_with_the_next_statement() {
    let world = world().await;
    let joined = Wish { groups: &["redshift-dbgroup"], ..existing("bob") };
    let mut bob = mint_and_connect(&world, joined).await.unwrap();
    run(&mut bob, "BEGIN; SELECT a FROM s.t").await.unwrap();
    world.define(&["REVOKE SELECT ON TABLE s.t FROM GROUP \"redshift-dbgroup\""]).await;
    assert_eq!(refused(&mut bob, "SELECT a FROM s.t").await, "42501 permission denied for relation t");
    ok(&mut bob, "ROLLBACK").await;
    world.define(&["GRANT SELECT ON TABLE s.t TO GROUP \"redshift-dbgroup\""]).await;
    ok(&mut bob, "SELECT a FROM s.t").await;
    // dropped, and made anew under the same name: another group
    world
        .define(&[
            "REVOKE SELECT ON TABLE s.t FROM GROUP \"redshift-dbgroup\"",
            "REVOKE USAGE ON SCHEMA s FROM GROUP \"redshift-dbgroup\"",
            "DROP GROUP \"redshift-dbgroup\"",
            "CREATE GROUP \"redshift-dbgroup\"",
            "GRANT SELECT ON TABLE s.t TO GROUP \"redshift-dbgroup\"",
        ])
        .await;
    assert_eq!(refused(&mut bob, "SELECT a FROM s.t").await, "42501 permission denied for relation t");
}

/// Another user's rights come without this session's groups, and they are back afterwards.
#[tokio::test]
async fn session_groups_do_not_go_with_another_session_authorization() {
    let world = world().await;
    world.define(&["CREATE USER mia PASSWORD DISABLE"]).await;
    let joined = Wish { groups: &["redshift-dbgroup"], ..existing("awsuser") };
    let mut admin = mint_and_connect(&world, joined).await.unwrap();
    ok(&mut admin, "SET SESSION AUTHORIZATION mia").await;
    assert!(refused(&mut admin, "SELECT a FROM s.t").await.starts_with("42501"));
    ok(&mut admin, "SET SESSION AUTHORIZATION DEFAULT").await;
    ok(&mut admin, "SELECT a FROM s.t").await;
}

/// The views of privileges show what the session has through its groups.
#[tokio::test]
async fn system_views_see_the_session_groups() {
    let world = world().await;
    let joined = Wish { groups: &["redshift-dbgroup"], roles: &["reader"], ..existing("bob") };
    let mut with = mint_and_connect(&world, joined).await.unwrap();
    let mut without = mint_and_connect(&world, existing("bob")).await.unwrap();
    let mut seen = Vec::new();
    for connection in [&mut with, &mut without] {
        let prepared = connection.parse_script("SELECT identity_name FROM svv_relation_privileges").unwrap();
        world.engine.calls();
        execute(connection, &prepared[0]).await.unwrap();
        seen.push(world.engine.calls().join("\n"));
    }
    for name in ["redshift-dbgroup", "reader"] {
        assert!(seen[0].contains(name) && !seen[1].contains(name), "{name}: {seen:?}");
    }
}
