use base::AuditStep;

use crate::testing::{PASSWORD, World, execute, ok, refused, run};

#[tokio::test]
async fn set_local_is_refused_by_name() {
    let world = World::new().await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    let error = run(&mut bob, "BEGIN; SET LOCAL search_path TO s").await.unwrap_err();
    assert_eq!((error.sqlstate, error.message.message.as_str()), ("0A000", "SET LOCAL search_path is not supported"));
    assert_eq!(bob.settings.search_path, ["$user", "public"]);
}

#[tokio::test]
async fn set_tells_the_client_and_a_refused_one_changes_nothing() {
    let world = World::new().await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    let prepared = bob.parse_one("SET application_name TO 'dbt'", &[]).unwrap();
    let (_, reply) = execute(&mut bob, &prepared).await.unwrap();
    assert_eq!(reply.parameters, [("application_name".to_owned(), "dbt".to_owned())]);
    world.forget();
    let settings = bob.settings.clone();
    assert!(refused(&mut bob, "SET client_encoding TO latin1").await.starts_with("0A000"));
    world.audit.break_down(true);
    assert!(refused(&mut bob, "SET application_name TO 'x'").await.starts_with("58030"));
    assert!(refused(&mut bob, "RESET ALL").await.starts_with("58030"));
    world.audit.break_down(false);
    assert_eq!(bob.settings, settings);
    assert_eq!(world.audit.brief(AuditStep::Statement), ["failed SET"]);
}

#[tokio::test]
async fn only_a_superuser_takes_another_identity() {
    let world = World::new().await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    assert!(refused(&mut bob, "SET SESSION AUTHORIZATION awsuser").await.starts_with("42501"));
    assert_eq!(bob.current_user(), "bob");
    ok(&mut bob, "SET SESSION AUTHORIZATION bob").await;
    let mut admin = world.admin().await;
    assert!(refused(&mut admin, "SET SESSION AUTHORIZATION nobody").await.starts_with("42704"));
    let prepared = admin.parse_one("SET SESSION AUTHORIZATION bob", &[]).unwrap();
    let (_, reply) = execute(&mut admin, &prepared).await.unwrap();
    assert_eq!(reply.parameters, [("is_superuser".to_owned(), "off".to_owned())]);
    assert_eq!(admin.current_user(), "bob");
    assert!(
        refused(&mut admin, "SELECT a FROM s.hidden").await.starts_with("42501"),
        "a superuser's rights stay behind"
    );
    // judged on who signed in
    ok(&mut admin, "SET SESSION AUTHORIZATION awsuser").await;
    ok(&mut admin, "SET SESSION AUTHORIZATION bob").await;
    ok(&mut admin, "SET SESSION AUTHORIZATION DEFAULT").await;
    ok(&mut admin, "SELECT a FROM s.hidden").await;
}

/// The roles of the person's groups are the person's, not the identity's that they took.
#[tokio::test]
async fn another_identity_comes_without_the_roles_of_the_persons_groups() {
    let world = World::new().await;
    let olivia = world.person("olivia", &["sales"]).await;
    let mut connection = world.sign_in(&olivia).await;
    world.define(&["ALTER USER \"awsidc:olivia\" CREATEUSER"]).await;
    ok(&mut connection, "SELECT a FROM s.t").await;
    ok(&mut connection, "SET SESSION AUTHORIZATION bob").await;
    assert_eq!(refused(&mut connection, "SELECT a FROM s.t").await, "42501 permission denied for schema s");
    // who lost the right meanwhile can still go back, and no further
    world.define(&["ALTER USER \"awsidc:olivia\" NOCREATEUSER"]).await;
    assert!(refused(&mut connection, "SET SESSION AUTHORIZATION awsuser").await.starts_with("42501"));
    ok(&mut connection, "SET SESSION AUTHORIZATION DEFAULT").await;
    assert_eq!(connection.current_user(), "awsidc:olivia");
    ok(&mut connection, "SELECT a FROM s.t").await;
}

/// The one who signed in is in every record.
#[tokio::test]
async fn another_identity_is_recorded_under_the_one_who_took_it() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    ok(&mut admin, "SET SESSION AUTHORIZATION bob").await;
    world.forget();
    ok(&mut admin, "SELECT 1").await;
    let records = world.audit.take(AuditStep::Statement);
    assert_eq!(records[0].principal.to_string(), "db-user:awsuser");
}

#[tokio::test]
async fn deallocate_and_show_answer() {
    let world = World::new().await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    assert_eq!(ok(&mut bob, "DEALLOCATE ALL").await, "DEALLOCATE");
    assert_eq!(ok(&mut bob, "SHOW search_path").await, "SHOW 1");
    assert!(refused(&mut bob, "SHOW memory_limit").await.starts_with("42704"));
    assert_eq!(ok(&mut bob, "").await, "");
}

#[tokio::test]
async fn a_rollback_takes_back_what_was_set_and_tells_the_client() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    ok(&mut admin, "SET application_name TO 'before'").await;
    for (script, end) in
        [("SELECT 1", "ROLLBACK"), ("SELECT 1", "COMMIT of a failed one"), ("CREATE ROLE \"awsidc:sales\"", "ROLLBACK")]
    {
        let text = "BEGIN; SET application_name TO 'inside'; SET search_path TO s; SET SESSION AUTHORIZATION bob";
        run(&mut admin, text).await.unwrap();
        assert_eq!((admin.current_user().as_str(), admin.settings.application_name.as_str()), ("bob", "inside"));
        let failing = end != "ROLLBACK" || script != "SELECT 1";
        let outcome = run(&mut admin, if failing { "SELECT a FROM s.hidden" } else { script }).await;
        assert_eq!(outcome.is_err(), failing);
        let prepared = admin.parse_one(end.split(' ').next().unwrap(), &[]).unwrap();
        let (tag, reply) = execute(&mut admin, &prepared).await.unwrap();
        assert_eq!(tag, "ROLLBACK");
        let told = [("application_name", "before"), ("is_superuser", "on")];
        assert_eq!(reply.parameters, told.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!((admin.current_user().as_str(), admin.settings.search_path.len()), ("awsuser", 2));
    }
    run(&mut admin, "BEGIN; SET search_path TO s; COMMIT").await.unwrap();
    assert_eq!(admin.settings.search_path, ["s"]);
    // a script that fails is taken back whole
    run(&mut admin, "SET search_path TO public; SELECT a FROM nothing").await.unwrap_err();
    assert_eq!(admin.settings.search_path, ["s"]);
}
