use sessions::EndReason;

use crate::testing::{PASSWORD, World, brief, ok, refused, run};

#[tokio::test]
async fn a_group_counts_from_the_next_statement_on() {
    let world = World::new().await;
    let ethan = world.person("ethan", &[]).await;
    let mut connection = world.sign_in(&ethan).await;
    assert_eq!(refused(&mut connection, "SELECT a FROM s.t").await, "42501 permission denied for schema s");
    let sales = world.group("sales").await;
    world.directory.change_members(&sales, std::slice::from_ref(ethan.id()), &[]).await.unwrap();
    ok(&mut connection, "SELECT a FROM s.t").await;
    run(&mut connection, "BEGIN; SELECT a FROM s.t").await.unwrap();
    world.leave(&ethan, "sales").await;
    assert_eq!(refused(&mut connection, "SELECT a FROM s.t").await, "42501 permission denied for schema s");
}

#[tokio::test]
async fn a_role_made_granted_or_dropped_counts_from_the_next_statement_on() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales", "ops"]).await;
    let mut connection = world.sign_in(&ethan).await;
    assert_eq!(refused(&mut connection, "SELECT a FROM s.hidden").await, "42501 permission denied for relation hidden");
    world.define(&["CREATE ROLE \"awsidc:ops\"", "GRANT SELECT ON TABLE s.hidden TO ROLE \"awsidc:ops\""]).await;
    ok(&mut connection, "SELECT a FROM s.hidden").await;
    world.define(&["DROP ROLE \"awsidc:ops\" FORCE"]).await;
    assert_eq!(refused(&mut connection, "SELECT a FROM s.hidden").await, "42501 permission denied for relation hidden");
    world.define(&["GRANT SELECT ON TABLE s.hidden TO \"awsidc:ethan\""]).await;
    ok(&mut connection, "SELECT a FROM s.hidden").await;
}

#[tokio::test]
async fn a_disabled_provider_gives_no_roles() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let mut connection = world.sign_in(&ethan).await;
    world.define(&["ALTER IDENTITY PROVIDER idp DISABLE"]).await;
    assert_eq!(refused(&mut connection, "SELECT a FROM s.t").await, "42501 permission denied for schema s");
}

#[tokio::test]
async fn the_session_of_a_dropped_user_may_do_nothing() {
    let world = World::new().await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    world.define(&["DROP USER bob"]).await;
    for text in ["SELECT 1", "SELECT a FROM s.t", "CREATE TABLE public.x (a int)", "SET SESSION AUTHORIZATION awsuser"]
    {
        assert_eq!(
            refused(&mut bob, text).await,
            "42501 the session's database user does not exist any more",
            "{text}"
        );
    }
    // also not as a new user of the same name
    world.define(&["CREATE USER bob PASSWORD 'Passw0rd1' CREATEUSER"]).await;
    assert!(refused(&mut bob, "SELECT 1").await.starts_with("42501"));
}

/// Two transactions of a session may have made as many changes, and other ones.
#[tokio::test]
async fn what_a_rolled_back_transaction_made_of_the_user_is_forgotten() {
    let world = World::new().await;
    world.define(&["CREATE USER root2 PASSWORD 'Passw0rd1' CREATEUSER"]).await;
    let mut root = world.password("root2", PASSWORD).await.unwrap();
    run(&mut root, "BEGIN; ALTER USER root2 NOCREATEUSER").await.unwrap();
    let taken_back = root.view().unwrap();
    assert!(refused(&mut root, "CREATE GROUP g").await.starts_with("42501"));
    ok(&mut root, "ROLLBACK").await;
    run(&mut root, "BEGIN; CREATE GROUP g").await.unwrap();
    assert!(!root.principals(&taken_back).unwrap().superuser);
    ok(&mut root, "SELECT a FROM s.hidden").await;
}

/// Between reading the catalog and asking who the session is, somebody may take the role away. That decision was made on the old
/// catalog; the next one must not be.
#[tokio::test]
async fn a_change_between_the_catalog_and_the_principals_is_not_lost() {
    let world = World::new().await;
    world.define(&["CREATE ROLE r", "GRANT ROLE r TO bob"]).await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    let before = bob.view().unwrap();
    world.define(&["REVOKE ROLE r FROM bob"]).await;
    assert_eq!(bob.principals(&before).unwrap().roles.len(), 1);
    let after = bob.view().unwrap();
    assert_eq!(bob.principals(&after).unwrap().roles.len(), 0);
}

#[tokio::test]
async fn unchanged_sources_are_not_asked_again() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let mut connection = world.sign_in(&ethan).await;
    let view = connection.view().unwrap();
    let (first, second) = (connection.principals(&view).unwrap(), connection.principals(&view).unwrap());
    assert!(std::sync::Arc::ptr_eq(&first, &second));
}

/// The watch over the directory ends the session a moment later; until then nothing is run.
#[tokio::test]
async fn somebody_who_is_gone_is_refused_before_the_session_hears_of_it() {
    let world = World::new().await;
    let people = [
        world.person("ethan", &["sales"]).await,
        world.person("olivia", &["sales"]).await,
        world.person("fiona", &[]).await,
    ];
    let mut connections = Vec::new();
    for person in &people {
        connections.push(world.sign_in(person).await);
    }
    world.deactivate(&people[0]).await;
    world.directory.delete_user(people[1].id(), None).await.unwrap();
    world.access.take_from("fiona");
    world.group("another change of the directory").await;
    world.forget();
    for (connection, told) in connections.iter_mut().zip([
        "57P01 terminating connection: user \"ethan\" was deactivated at the identity provider",
        "57P01 terminating connection: user \"olivia\" was deleted at the identity provider",
        "57P01 terminating connection: user \"fiona\" is no longer assigned to the application",
    ]) {
        let error = run(connection, "SELECT a FROM s.t").await.unwrap_err();
        assert_eq!(brief(&error), told);
        assert!(error.fatal);
    }
    assert!(world.engine.calls().is_empty());
    assert_eq!(EndReason::UserDisabled.name(), "user_disabled");
}

#[tokio::test]
async fn the_search_path_has_the_users_own_schema() {
    let world = World::new().await;
    world
        .define(&[
            "CREATE SCHEMA bob AUTHORIZATION bob",
            "CREATE TABLE bob.mine (a int)",
            "ALTER TABLE bob.mine OWNER TO bob",
        ])
        .await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    ok(&mut bob, "SELECT a FROM mine").await;
    ok(&mut bob, "SET search_path TO public").await;
    assert!(refused(&mut bob, "SELECT a FROM mine").await.starts_with("42P01"));
    ok(&mut bob, "RESET search_path").await;
    ok(&mut bob, "SELECT a FROM mine").await;
}
