use base::{AuditStep, Principal, Secret};
use time::Duration;
use tokens::RevokeReason;

use crate::QueryError;
use crate::testing::{EDITOR, World, brief, field, ok, run};

/// What the client is told: SQLSTATE and first line, DETAIL.
fn told(error: &QueryError) -> (String, String) {
    assert!(error.fatal && error.message.hint.is_some(), "{error:?}");
    (brief(error), error.message.detail.clone().unwrap_or_default())
}

async fn refusal(world: &World, token: &Secret<String>) -> (String, String) {
    told(&world.present(token.clone(), &[]).await.unwrap_err())
}

#[tokio::test]
async fn a_token_that_was_never_issued_is_invalid() {
    let world = World::new().await;
    let issued = world.token(&world.person("ethan", &[]).await).await;
    let unknown: String = issued.expose().chars().rev().collect();
    for (token, detail) in [
        ("x".to_owned(), "What was presented is not an access token of this server."),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.".to_owned(), "A JSON Web Token was presented"),
        (unknown, "What was presented is not an access token of this server."),
    ] {
        let (line, told) = refusal(&world, &Secret::new(token)).await;
        assert_eq!(line, "28000 invalid token");
        assert!(told.starts_with(detail), "{told}");
    }
    let elsewhere = World::new().await;
    let foreign = elsewhere.token(&elsewhere.person("ethan", &[]).await).await;
    let (line, detail) = refusal(&world, &foreign).await;
    assert_eq!(
        (line.as_str(), detail.as_str()),
        ("28000 invalid token", "The access token was not issued by this server, or expired long ago.")
    );
}

#[tokio::test]
async fn an_expired_token_says_since_when() {
    let world = World::new().await;
    let token = world.token(&world.person("ethan", &[]).await).await;
    world.clock.advance(Duration::hours(2));
    let (line, detail) = refusal(&world, &token).await;
    assert_eq!(line, "28000 Token credentials expired or invalid");
    assert!(detail.starts_with("The access token expired at 2026-01-02T04:"), "{detail}");
}

#[tokio::test]
async fn a_revoked_token_says_why() {
    let world = World::new().await;
    let ethan = world.person("ethan", &[]).await;
    let token = world.token(&ethan).await;
    world.tokens.revoke_user(ethan.id(), RevokeReason::Administrator).await.unwrap();
    let (line, detail) = refusal(&world, &token).await;
    assert_eq!(line, "28000 Token credentials expired or invalid");
    assert!(detail.starts_with("The access token was revoked because "), "{detail}");
    world.tokens.revoke_user(ethan.id(), RevokeReason::AccessRemoved).await.unwrap();
    let olivia = world.person("olivia", &[]).await;
    let token = world.token(&olivia).await;
    world.tokens.revoke_user(olivia.id(), RevokeReason::AccessRemoved).await.unwrap();
    let (line, _) = refusal(&world, &token).await;
    assert_eq!(line, "28000 Invalid scope. User's credentials are not authorized to connect to Redshift.");
}

/// Any Redshift application's token will do; the warehouse's own application is the one that the person must be assigned to.
#[tokio::test]
async fn the_warehouses_application_decides_not_the_tokens() {
    let world = World::empty().await;
    let other = "arn:aws:sso::123456789012:application/ssoins-1/apl-other";
    let provider = |name: &str, namespace: &str, arn: &str| {
        format!(
            "CREATE IDENTITY PROVIDER {name} TYPE AWSIDC NAMESPACE '{namespace}' APPLICATION_ARN '{arn}' IAM_ROLE default"
        )
    };
    world.define(&[&provider("other", "other", other)]).await;
    let ethan = world.person("ethan", &[]).await;
    let token = world.token(&ethan).await;
    let not_assigned = "28000 Invalid scope. User's credentials are not authorized to connect to Redshift.";
    assert_eq!(refusal(&world, &token).await, (not_assigned.to_owned(), "User \"ethan\" is not assigned.".to_owned()));
    // a second provider takes it, named or not; the first one, when named, doesn't
    world.define(&[&provider("idp", "awsidc", crate::testing::APPLICATION)]).await;
    for name in ["idp", "awsidc"] {
        let connection = world.present(token.clone(), &[("provider_name", name)]).await.unwrap();
        assert_eq!(connection.current_user(), "awsidc:ethan");
    }
    let connection = world.present(token.clone(), &[]).await.unwrap();
    assert_eq!(connection.current_user(), "awsidc:ethan");
    assert_eq!(connection.handle.context().application().unwrap().as_str(), crate::testing::APPLICATION);
    assert_eq!(
        world.present(token.clone(), &[("identity_namespace", "awsidc")]).await.unwrap().current_user(),
        "awsidc:ethan"
    );
    let error = world.present(token.clone(), &[("identity_namespace", "other")]).await.unwrap_err();
    assert_eq!(told(&error).0, not_assigned);
    let error = world.present(token, &[("provider_name", "AWSIDC")]).await.unwrap_err();
    let detail = "This warehouse has no identity provider \"AWSIDC\".".to_owned();
    assert_eq!(told(&error), ("28000 AWS IdC identity provider does not exist".to_owned(), detail));
}

#[tokio::test]
async fn without_an_identity_provider_nobody_comes_with_a_token() {
    let world = World::empty().await;
    let token = world.token(&world.person("ethan", &[]).await).await;
    let detail = "This warehouse has no identity provider of type AWSIDC.".to_owned();
    assert_eq!(refusal(&world, &token).await, ("28000 AWS IdC identity provider does not exist".to_owned(), detail));
}

#[tokio::test]
async fn a_disabled_provider_lets_nobody_in() {
    let world = World::new().await;
    let token = world.token(&world.person("ethan", &[]).await).await;
    world.define(&["ALTER IDENTITY PROVIDER idp DISABLE"]).await;
    let error = world.present(token.clone(), &[]).await.unwrap_err();
    assert_eq!(brief(&error), "28000 identity provider \"idp\" is disabled");
    assert!(error.message.hint.unwrap().contains("ALTER IDENTITY PROVIDER \"idp\" ENABLE;"));
    world.define(&["ALTER IDENTITY PROVIDER idp ENABLE"]).await;
    world.present(token, &[]).await.unwrap();
}

#[tokio::test]
async fn somebody_who_lost_the_assignment_is_refused_with_the_reason() {
    let world = World::new().await;
    let token = world.token(&world.person("ethan", &[]).await).await;
    world.access.take_from("ethan");
    let error = world.present(token, &[]).await.unwrap_err();
    let line = "28000 Invalid scope. User's credentials are not authorized to connect to Redshift.".to_owned();
    assert_eq!(told(&error), (line, "User \"ethan\" is not assigned.".to_owned()));
    assert_eq!(error.message.hint.as_deref(), Some("Ask for it."));
    assert_eq!(world.engine.stored("user").iter().filter(|row| row.contains("ethan")).count(), 0);
}

/// The token is known to be revoked only after the watch; the directory is asked first.
#[tokio::test]
async fn somebody_deactivated_after_the_token_was_issued_is_refused() {
    let world = World::new().await;
    let ethan = world.person("ethan", &[]).await;
    let token = world.token(&ethan).await;
    world.deactivate(&ethan).await;
    let error = world.present(token, &[]).await.unwrap_err();
    assert_eq!(brief(&error), "28000 Token credentials expired or invalid");
    let records = world.audit.take(AuditStep::Connection);
    let principal = Principal::DirectoryUser { id: ethan.id().to_string(), user_name: "ethan".to_owned() };
    assert_eq!((&records[0].principal, records[0].correlation.as_str()), (&principal, "way-ethan"));
    assert!(field(&records[0], "reason").contains("deactivated"));
}

#[tokio::test]
async fn the_first_login_makes_the_user_and_later_ones_find_it() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let users = world.engine.stored("user").len();
    let first = world.sign_in(&ethan).await;
    assert_eq!(first.current_user(), "awsidc:ethan");
    assert_eq!(world.engine.stored("user").len(), users + 1);
    world.forget();
    let second = world.sign_in(&ethan).await;
    assert_eq!(second.current_user, first.current_user);
    assert!(!world.engine.calls().iter().any(|call| call.contains("write_catalog")));
}

#[tokio::test]
async fn a_login_makes_the_roles_that_the_provider_says() {
    let world = World::new().await;
    world.define(&["ALTER IDENTITY PROVIDER idp AUTO_CREATE_ROLES TRUE"]).await;
    let ethan = world.person("ethan", &["sales", "Ops"]).await;
    let mut connection = world.sign_in(&ethan).await;
    assert!(connection.greeting_notices().is_empty());
    world.define(&["GRANT SELECT ON TABLE s.hidden TO ROLE \"awsidc:Ops\""]).await;
    ok(&mut connection, "SELECT a FROM s.hidden").await;
}

/// Somebody else's open transaction has the row: the login tries again and says so in the end.
#[tokio::test]
async fn a_login_against_an_open_transaction_asks_to_come_again() {
    let world = World::new().await;
    let ethan = world.person("ethan", &[]).await;
    world.define(&["CREATE USER \"awsidc:ethan\" PASSWORD DISABLE"]).await;
    let mut admin = world.admin().await;
    run(&mut admin, "BEGIN; ALTER USER \"awsidc:ethan\" CREATEUSER").await.unwrap();
    let token = world.token(&ethan).await;
    let error = world.present(token.clone(), &[]).await.unwrap_err();
    assert_eq!(brief(&error), "57P03 the catalog is being changed by too many others at the moment");
    ok(&mut admin, "ROLLBACK").await;
    assert_eq!(world.present(token, &[]).await.unwrap().current_user(), "awsidc:ethan");
}

/// What the engine committed is shown even when the client has gone away meanwhile.
#[tokio::test]
async fn a_client_that_leaves_during_its_first_login_leaves_a_whole_user() {
    let world = World::new().await;
    let ethan = world.person("ethan", &[]).await;
    let token = world.token(&ethan).await;
    world.engine.hold("commit");
    {
        let login = world.present(token.clone(), &[]);
        tokio::pin!(login);
        tokio::select! {
            _ = &mut login => panic!("the commit is held"),
            () = world.engine.is_waiting() => {}
        }
    }
    world.engine.release();
    let connection = world.present(token, &[]).await.unwrap();
    assert_eq!(connection.current_user(), "awsidc:ethan");
    assert_eq!(world.engine.stored("user").iter().filter(|row| row.contains("ethan")).count(), 1);
}

#[tokio::test]
async fn an_application_that_is_not_redshifts_opens_no_warehouse() {
    let world = World::new().await;
    let provider = format!(
        "CREATE IDENTITY PROVIDER editor TYPE AWSIDC NAMESPACE 'editor' APPLICATION_ARN '{EDITOR}' IAM_ROLE \
         'arn:aws:iam::123456789012:role/EspressoRedshiftRole'"
    );
    world.define(&[&provider]).await;
    let token = world.token(&world.person("ethan", &[]).await).await;
    let (line, detail) = told(&world.present(token, &[("provider_name", "editor")]).await.unwrap_err());
    assert_eq!(line, "28000 Invalid scope. User's credentials are not authorized to connect to Redshift.");
    assert!(detail.ends_with("is not an application of Amazon Redshift."), "{detail}");
}
