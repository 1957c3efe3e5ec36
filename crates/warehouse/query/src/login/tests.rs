use base::{AuditStep, Outcome, Principal, Secret};

use crate::WarehouseSettings;
use crate::login::{Challenge, ChallengeAnswer, StartupRequest};
use crate::testing::{PASSWORD, World, brief, field, startup};

#[tokio::test]
async fn another_database_is_refused_by_name_and_recorded() {
    let world = World::new().await;
    let mut request = startup(&[("user", "bob"), ("application_name", "dbt")]);
    request.parameters[2].1 = "prod".to_owned();
    let error = world.gate().begin_login(request, Some("host.example")).await.unwrap_err();
    assert_eq!(brief(&error), "3D000 database \"prod\" does not exist");
    assert_eq!(error.message.hint.as_deref(), Some("This warehouse has the database \"dev\"."));
    assert!(error.fatal);
    let records = world.audit.take(AuditStep::Connection);
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].outcome, &records[0].principal), (Outcome::Denied, &Principal::Anonymous));
    assert_eq!((field(&records[0], "user"), field(&records[0], "application_name")), ("bob", "dbt"));
}

#[tokio::test]
async fn a_refusal_before_the_challenge_is_recorded_too() {
    let world = World::new().await;
    let request = StartupRequest { encrypted: false, ..startup(&[("idp_type", "AwsIdc")]) };
    let error = world.gate().begin_login(request, None).await.unwrap_err();
    assert_eq!(brief(&error), "28000 an access token is accepted only over an encrypted connection");
    let records = world.audit.take(AuditStep::Connection);
    assert_eq!((records.len(), field(&records[0], "encrypted"), field(&records[0], "sqlstate")), (1, "false", "28000"));
}

#[tokio::test]
async fn a_clear_connection_is_refused_where_encryption_is_required() {
    let world = World::new().await;
    let clear = || StartupRequest { encrypted: false, ..startup(&[("user", "bob"), ("driver_version", "2.1")]) };
    world.gate().begin_login(clear(), None).await.unwrap();
    let settings = WarehouseSettings { require_ssl: true, ..WarehouseSettings::default() };
    world.warehouse.set_settings(settings);
    for request in [clear(), StartupRequest { encrypted: false, ..startup(&[("idp_type", "AwsIdc"), ("user", "bob")]) }]
    {
        let error = world.gate().begin_login(request, None).await.unwrap_err();
        let words = "28000 no pg_hba.conf entry for host \"127.0.0.1\", user \"bob\", database \"dev\", SSL off";
        assert_eq!((brief(&error).as_str(), error.fatal), (words, true));
        assert!(error.message.detail.unwrap().contains("require_ssl"));
        let record = world.audit.take(AuditStep::Connection).pop().unwrap();
        assert_eq!((record.outcome, field(&record, "encrypted")), (Outcome::Denied, "false"));
    }
    world.password("bob", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn what_a_warehouse_is_told_counts_for_the_next_session() {
    let world = World::new().await;
    let before = world.password("bob", PASSWORD).await.unwrap();
    let settings = WarehouseSettings { search_path: vec!["s".to_owned()], ..WarehouseSettings::default() };
    world.warehouse.set_settings(settings);
    let after = world.password("bob", PASSWORD).await.unwrap();
    assert_eq!((before.settings.search_path.len(), &after.settings.search_path), (2, &vec!["s".to_owned()]));
}

#[tokio::test]
async fn the_database_is_called_like_the_user_where_none_is_named() {
    let world = World::new().await;
    let mut request = startup(&[("user", "dev")]);
    request.parameters.pop();
    let pending = world.gate().begin_login(request, None).await.unwrap();
    assert_eq!(*pending.challenge(), Challenge::Cleartext);
}

#[tokio::test]
async fn another_proof_than_the_one_asked_for_opens_nothing() {
    let world = World::new().await;
    let asked = |parameters: &'static [(&'static str, &'static str)]| {
        let gate = world.gate();
        async move { gate.begin_login(startup(parameters), None).await.unwrap() }
    };
    let pending = asked(&[("user", "bob")]).await;
    let error = pending.finish(ChallengeAnswer::Token(Secret::from("x"))).await.unwrap_err();
    assert_eq!(brief(&error), "28000 the client answered another authentication method than the one asked for");
    // a right password where a token or a digest was asked for
    for parameters in [&[("idp_type", "AwsIdc"), ("user", "bob")][..], &[("user", "bob"), ("driver_version", "x")]] {
        let pending = asked(parameters).await;
        let error = pending.finish(ChallengeAnswer::Cleartext(Secret::from(PASSWORD))).await.unwrap_err();
        assert_eq!(error.sqlstate, "28000");
        assert!(error.fatal);
    }
    assert_eq!(world.sessions.count(), 0);
    assert_eq!(world.audit.brief(AuditStep::Connection), ["denied connect"; 3]);
}

#[tokio::test]
async fn a_login_that_cannot_be_recorded_is_not_opened() {
    let world = World::new().await;
    world.audit.break_down(true);
    let error = world.password("bob", PASSWORD).await.unwrap_err();
    assert_eq!(error.sqlstate, "58030");
    assert_eq!(world.sessions.count(), 0);
    world.audit.break_down(false);
    world.password("bob", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn the_record_of_a_login_tells_who_from_where_and_no_secret() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let token = world.token(&ethan).await;
    let parameters = [("plugin_name", "BrowserIdcAuthPlugin"), ("os_version", "Linux"), ("password", "hidden")];
    let connection = world.present(token.clone(), &parameters).await.unwrap();
    let records = world.audit.take(AuditStep::Connection);
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!((record.outcome, record.target.as_str()), (Outcome::Allowed, "testcluster/dev"));
    let principal = Principal::DirectoryUser { id: ethan.id().to_string(), user_name: "ethan".to_owned() };
    assert_eq!(record.principal, principal);
    assert_eq!(record.correlation.as_str(), "way-ethan");
    assert_eq!(field(record, "db_user"), "awsidc:ethan");
    assert_eq!(field(record, "process_id"), connection.backend_key().0.to_string());
    assert_eq!((field(record, "remote_host"), field(record, "remote_port")), ("127.0.0.1", "50000"));
    assert_eq!((field(record, "plugin_name"), field(record, "os_version")), ("BrowserIdcAuthPlugin", "Linux"));
    assert!(!format!("{record:?}").contains(token.expose()) && !format!("{record:?}").contains("hidden"));
}

#[tokio::test]
async fn the_end_of_a_session_is_recorded() {
    let world = World::new().await;
    let connection = world.password("bob", PASSWORD).await.unwrap();
    let process_id = connection.backend_key().0.to_string();
    connection.close().await;
    let records = world.audit.take(AuditStep::SessionEnd);
    assert_eq!(records.len(), 1);
    assert_eq!((field(&records[0], "process_id"), field(&records[0], "reason")), (process_id.as_str(), "client"));
    assert_eq!(world.sessions.count(), 0);
}
