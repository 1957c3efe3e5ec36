mod grounds;
mod groups;
mod proofs;

use base::{AuditEvent, AuditStep, CorrelationId, Secret};
use credentials::{CredentialUser, Minted, NewCredential};
use sts::{Ask, Caller, Peer};
use time::Duration;

use crate::testing::{World, brief, field, startup};
use crate::{ChallengeAnswer, DbConnection, QueryError};

/// What a test wants of a credential.
#[derive(Clone)]
struct Wish {
    user: CredentialUser,
    db_name: Option<&'static str>,
    groups: &'static [&'static str],
    roles: &'static [&'static str],
}

fn existing(user: &str) -> Wish {
    Wish { user: CredentialUser::Existing(user.to_owned()), db_name: None, groups: &[], roles: &[] }
}

fn auto_created(user: &str) -> Wish {
    Wish { user: CredentialUser::AutoCreated(user.to_owned()), ..existing(user) }
}

async fn mint_for(world: &World, wish: Wish, caller: &Caller) -> Minted {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let dbuser = format!("arn:aws:redshift:us-east-1:123456789012:dbuser:testcluster/{}", wish.user.db_user());
    let new = NewCredential {
        warehouse: world.warehouse.id().clone(),
        user: wish.user,
        db_name: wish.db_name.map(str::to_owned),
        groups: own(wish.groups),
        roles: own(wish.roles),
        duration: Duration::seconds(900),
        caller,
        asks: vec![Ask::new("redshift:GetClusterCredentials", dbuser)],
        tags: &[],
        peer: Peer::default(),
        request: CorrelationId::resume("request-1"),
    };
    world.cloud.credentials.mint(new).await.unwrap()
}

/// By a session of the role, an hour long.
async fn mint(world: &World, wish: Wish) -> Minted {
    mint_for(world, wish, &world.cloud.session(3600)).await
}

async fn connect(world: &World, minted: &Minted) -> Result<DbConnection, QueryError> {
    let pending = world.gate().begin_login(startup(&[("user", &minted.login_name)]), None).await?;
    pending.finish(ChallengeAnswer::Cleartext(minted.password.clone())).await
}

async fn mint_and_connect(world: &World, wish: Wish) -> Result<DbConnection, QueryError> {
    connect(world, &mint(world, wish).await).await
}

fn record(world: &World) -> AuditEvent {
    world.audit.take(AuditStep::Connection).pop().unwrap()
}

#[tokio::test]
async fn the_session_is_the_users_and_its_record_tells_the_whole_chain() {
    let world = World::new().await;
    world.define(&["CREATE GROUP sales", "ALTER USER bob PASSWORD DISABLE"]).await;
    let wish = Wish { groups: &["sales"], ..existing("bob") };
    let session = world.cloud.session(3600);
    let minted = mint_for(&world, wish, &session).await;
    world.forget();
    let connection = connect(&world, &minted).await.unwrap();
    assert_eq!(connection.current_user(), "bob");
    let values = connection.session_values();
    assert_eq!((values.current_user.as_str(), values.session_user.as_str()), ("bob", "bob"));
    let record = record(&world);
    assert_eq!(record.principal.to_string(), "arn:aws:sts::123456789012:assumed-role/Analysts/ethan");
    assert_eq!(record.correlation.as_str(), "way-1");
    for (name, value) in [
        ("user", "IAM:bob"),
        ("db_user", "bob"),
        ("person", "ethan@example.com"),
        ("access_key_id", session.access_key_id()),
        ("iam_auth_guid", "request-1"),
        ("db_groups", "sales"),
    ] {
        assert_eq!(field(&record, name), value, "{name}");
    }
    let checks = base::Checks::from_json(field(&record, "checks")).unwrap();
    let names: Vec<_> = checks.list().iter().map(|checked| checked.check.as_str()).collect();
    assert_eq!(names, ["credential", "expiry", "network", "database", "permission", "database user"]);
    assert!(checks.failed().is_none());
    assert!(!format!("{record:?}").contains(minted.password.expose()));
}

#[tokio::test]
async fn statements_and_the_end_are_recorded_under_the_person_too() {
    let world = World::new().await;
    let mut connection = mint_and_connect(&world, existing("bob")).await.unwrap();
    world.forget();
    crate::testing::ok(&mut connection, "SELECT 1").await;
    let statement = world.audit.take(AuditStep::Statement).pop().unwrap();
    assert_eq!(field(&statement, "person"), "ethan@example.com");
    assert_eq!((field(&statement, "db_user"), statement.correlation.as_str()), ("bob", "way-1"));
    connection.close().await;
    let end = world.audit.take(AuditStep::SessionEnd).pop().unwrap();
    assert_eq!(end.principal.to_string(), "arn:aws:sts::123456789012:assumed-role/Analysts/ethan");
}

#[tokio::test]
async fn a_user_who_is_not_there_is_made_with_auto_create_only() {
    let world = World::new().await;
    let minted = mint(&world, existing("carol")).await;
    world.forget();
    let error = connect(&world, &minted).await.unwrap_err();
    assert_eq!(brief(&error), "28000 user \"carol\" does not exist");
    assert!(error.fatal && error.message.hint.as_deref().unwrap().contains("AutoCreate=true"), "{error:?}");
    let refused = record(&world);
    let checks = base::Checks::from_json(field(&refused, "checks")).unwrap();
    assert_eq!(checks.failed().unwrap().check, "database user");
    assert!(field(&refused, "mend").contains("CREATE USER carol"));
    assert_eq!(field(&refused, "person"), "ethan@example.com");

    let minted = mint(&world, auto_created("carol")).await;
    assert_eq!(minted.login_name, "IAMA:carol");
    assert_eq!(connect(&world, &minted).await.unwrap().current_user(), "carol");
    let catalog = world.warehouse.catalog.current().catalog.clone();
    assert!(catalog.user_by_name("carol").unwrap().password.is_none());
    connect(&world, &minted).await.unwrap();
    // now the plain ones do as well
    mint_and_connect(&world, existing("carol")).await.unwrap();
}

#[tokio::test]
async fn the_users_of_iam_identities_keep_their_prefix_and_can_be_dropped() {
    let world = World::new().await;
    for user in [CredentialUser::IamUser("alice".to_owned()), CredentialUser::IamRole("Analysts".to_owned())] {
        let name = user.db_user();
        let connection = mint_and_connect(&world, Wish { user, ..existing("") }).await.unwrap();
        assert_eq!(connection.current_user(), name);
        connection.close().await;
        world.define(&[&format!("DROP USER \"{name}\"")]).await;
    }
    // they aren't the users without a prefix
    world.define(&["CREATE USER \"alice\" PASSWORD DISABLE CREATEDB"]).await;
    let wish = Wish { user: CredentialUser::IamUser("alice".to_owned()), ..existing("") };
    assert_eq!(mint_and_connect(&world, wish).await.unwrap().current_user(), "IAM:alice");
}

#[tokio::test]
async fn a_superuser_is_reached_this_way_too() {
    let world = World::new().await;
    let mut admin = mint_and_connect(&world, existing("awsuser")).await.unwrap();
    crate::testing::ok(&mut admin, "CREATE GROUP g").await;
}

#[tokio::test]
async fn nobody_is_the_warehouses_own_user() {
    let world = World::new().await;
    for wish in [existing("rdsdb"), auto_created("rdsdb")] {
        let error = mint_and_connect(&world, wish).await.unwrap_err();
        assert_eq!(brief(&error), "28000 user \"rdsdb\" is the warehouse's own and can't sign in");
    }
}

#[tokio::test]
async fn valid_until_and_password_disable_are_about_passwords() {
    let world = World::new().await;
    world.define(&["ALTER USER bob VALID UNTIL '2020-01-01'", "ALTER USER bob PASSWORD DISABLE"]).await;
    mint_and_connect(&world, existing("bob")).await.unwrap();
}

#[tokio::test]
async fn a_credential_is_for_its_database() {
    let world = World::new().await;
    mint_and_connect(&world, Wish { db_name: Some("dev"), ..existing("bob") }).await.unwrap();
    let other = mint(&world, Wish { db_name: Some("sales"), ..existing("bob") }).await;
    let error = connect(&world, &other).await.unwrap_err();
    assert_eq!(brief(&error), "28000 the temporary credentials of \"IAM:bob\" are for the database \"sales\"");
    let mut request = startup(&[("user", "IAM:bob")]);
    request.parameters.retain(|(name, _)| name != "database");
    request.parameters.push(("database".to_owned(), "sales".to_owned()));
    let error = world.gate().begin_login(request, None).await.unwrap_err();
    assert_eq!(brief(&error), "3D000 database \"sales\" does not exist");
}

#[tokio::test]
async fn a_credential_of_one_warehouse_opens_no_other() {
    let world = World::new().await;
    let other = world.beside("other").await;
    other.define(&["CREATE USER bob PASSWORD 'Passw0rd1'"]).await;
    let minted = mint(&world, existing("bob")).await;
    connect(&world, &minted).await.unwrap();
    let error = connect(&other, &minted).await.unwrap_err();
    assert_eq!(brief(&error), "28000 password authentication failed for user \"IAM:bob\"");
}

#[tokio::test]
async fn a_login_name_is_never_a_passwords() {
    let world = World::new().await;
    // the user's own password proves nothing for the temporary name, nor a temporary one for the user
    let error = world.password("IAM:bob", crate::testing::PASSWORD).await.unwrap_err();
    assert_eq!(brief(&error), "28000 password authentication failed for user \"IAM:bob\"");
    let minted = mint(&world, existing("bob")).await;
    let error = world.password("bob", minted.password.expose()).await.unwrap_err();
    assert_eq!(brief(&error), "28000 password authentication failed for user \"bob\"");
}

#[tokio::test]
async fn connection_limits_count_for_it() {
    let world = World::new().await;
    world.define(&["ALTER USER bob CONNECTION LIMIT 1"]).await;
    let minted = mint(&world, existing("bob")).await;
    let _first = connect(&world, &minted).await.unwrap();
    let error = connect(&world, &minted).await.unwrap_err();
    assert_eq!(brief(&error), "53300 too many connections for user \"bob\"");
}

/// Many share a login name: whoever sends wrong passwords for it keeps nobody out.
#[tokio::test]
async fn wrong_temporary_passwords_keep_nobody_out() {
    let world = World::new().await;
    let minted = mint(&world, existing("bob")).await;
    let wrong = Minted { password: Secret::from("wrong"), ..minted.clone() };
    for _ in 0..=directory::attempts::ACCOUNT.free_failures {
        let error = connect(&world, &wrong).await.unwrap_err();
        assert_eq!(brief(&error), "28000 password authentication failed for user \"IAM:bob\"");
    }
    connect(&world, &minted).await.unwrap();
}
