use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::{AuditStep, Outcome, Principal};
use sessions::EndReason;

use crate::testing::{CLOSED_PORT, NETWORK_RULE, PASSWORD, World, brief, field, ok, run, startup};
use crate::{CancelKeys, ChallengeAnswer, DbConnection, Found, Gate, NoWarehouse, QueryError, Warehouse, Warehouses};

async fn sign_in(gate: &Gate, server_name: Option<&str>) -> Result<DbConnection, QueryError> {
    let pending = gate.begin_login(startup(&[("user", "awsuser")]), server_name).await?;
    pending.finish(ChallengeAnswer::Cleartext(base::Secret::from(PASSWORD))).await
}

#[tokio::test]
async fn each_warehouse_is_reached_by_its_name_and_the_first_by_none() {
    let world = World::new().await;
    let other = world.beside("other").await;
    let gate = world.gate_of(&[&world, &other]);
    world.audit.take(AuditStep::Connection);
    for (server_name, target) in [
        (Some("other.redshift.localhost"), "other/dev"),
        (Some("testcluster.redshift.localhost"), "testcluster/dev"),
        (None, "testcluster/dev"),
    ] {
        sign_in(&gate, server_name).await.unwrap();
        let records = world.audit.take(AuditStep::Connection);
        assert_eq!((records[0].outcome, records[0].target.as_str()), (Outcome::Allowed, target), "{server_name:?}");
        let id = format!("w-{}", target.strip_suffix("/dev").unwrap());
        assert_eq!(field(&records[0], "warehouse_id"), id);
    }
    // what one has the other hasn't
    let mut elsewhere = sign_in(&gate, Some("other.redshift.localhost")).await.unwrap();
    assert_eq!(run(&mut elsewhere, "SELECT a FROM s.t").await.unwrap_err().sqlstate, "3F000");
}

#[tokio::test]
async fn a_connection_that_leads_nowhere_is_told_so_and_recorded() {
    let world = World::new().await;
    let gone =
        world.gate().begin_login(startup(&[("user", "bob")]), Some("gone.redshift.localhost")).await.unwrap_err();
    assert_eq!(brief(&gone), "08004 there is no warehouse at \"gone.redshift.localhost\"");
    let nothing = world.gate_of(&[]).begin_login(startup(&[("user", "bob")]), None).await.unwrap_err();
    assert_eq!(brief(&nothing), "08004 there is no warehouse at port 5439");
    let broken =
        world.gate().begin_login(startup(&[("user", "bob")]), Some("broken.redshift.localhost")).await.unwrap_err();
    assert_eq!(brief(&broken), "57P03 the warehouse \"broken\" is out of service");
    let new = world.gate().begin_login(startup(&[("user", "bob")]), Some("new.redshift.localhost")).await.unwrap_err();
    assert_eq!(brief(&new), "57P03 the warehouse \"new\" is being created, changed or deleted");
    let paused = world.gate().begin_login(startup(&[("user", "bob")]), Some("paused.redshift.localhost")).await;
    let paused = paused.unwrap_err();
    assert_eq!(brief(&paused), "57P03 the cluster \"paused\" is paused");
    let hint = paused.message.hint.as_deref();
    assert_eq!(hint, Some("Resume it: aws redshift resume-cluster --cluster-identifier paused"));
    let private = world.gate().begin_login(startup(&[("user", "bob")]), Some("private.redshift.localhost")).await;
    let private = private.unwrap_err();
    assert_eq!(brief(&private), "08004 the warehouse takes no connections from 127.0.0.1");
    for error in [&gone, &nothing, &broken, &new, &paused, &private] {
        assert!(error.fatal && error.message.hint.is_some(), "{error:?}");
    }
    let records = world.audit.take(AuditStep::Connection);
    let seen: Vec<_> = records
        .iter()
        .map(|event| (event.target.as_str(), field(event, "sqlstate"), field(event, "user"), event.outcome))
        .collect();
    assert_eq!(
        seen,
        [
            ("gone.redshift.localhost:5439", "08004", "bob", Outcome::Denied),
            ("port 5439", "08004", "bob", Outcome::Denied),
            ("broken.redshift.localhost:5439", "57P03", "bob", Outcome::Denied),
            ("new.redshift.localhost:5439", "57P03", "bob", Outcome::Denied),
            ("paused.redshift.localhost:5439", "57P03", "bob", Outcome::Denied),
            ("private.redshift.localhost:5439", "08004", "bob", Outcome::Denied),
        ]
    );
    assert!(records.iter().all(|event| event.principal == Principal::Anonymous));
    assert_eq!(field(&records[2], "reason"), "not a database file");
}

#[tokio::test]
async fn a_cancel_request_finds_its_session_in_any_warehouse() {
    let world = World::new().await;
    let other = world.beside("other").await;
    other.define(&["CREATE SCHEMA s", "CREATE TABLE s.t (a int)"]).await;
    let gate = world.gate_of(&[&world, &other]);
    let (mut here, mut there) = (world.admin().await, other.admin().await);
    let ((process_id, secret_key), (elsewhere, _)) = (there.backend_key(), here.backend_key());
    assert_ne!(process_id, elsewhere);
    other.engine.hang("query");
    let (outcome, ()) = tokio::join!(run(&mut there, "SELECT a FROM s.t"), async {
        other.engine.is_waiting().await;
        gate.cancel(elsewhere, secret_key).await;
        gate.cancel(process_id, secret_key).await;
    });
    assert_eq!(outcome.unwrap_err().sqlstate, "57014");
    ok(&mut here, "SELECT a FROM s.t").await;
}

/// Its endpoint is taken away, and its sessions are ended, right behind the moment in which it was first found.
#[derive(Debug)]
struct Leaving {
    warehouse: Arc<Warehouse>,
    cancel_keys: CancelKeys,
    gone: AtomicBool,
}

impl Warehouses for Leaving {
    fn at_port(&self, _: u16, _: IpAddr) -> Result<(), NoWarehouse> {
        Ok(())
    }

    fn find(&self, _: Option<&str>, port: u16, _: IpAddr) -> Result<Found, NoWarehouse> {
        if self.gone.swap(true, Ordering::SeqCst) {
            return Err(NoWarehouse::Nothing { port });
        }
        self.warehouse.end_sessions(&EndReason::WarehouseClosed);
        Ok(Found { warehouse: Arc::clone(&self.warehouse), network_rule: None })
    }

    fn cancel_keys(&self) -> &CancelKeys {
        &self.cancel_keys
    }
}

#[tokio::test]
async fn who_is_on_the_way_while_the_endpoint_goes_does_not_get_in() {
    let world = World::new().await;
    let warehouse = Arc::clone(&world.warehouse);
    let leaving = Leaving { warehouse, cancel_keys: CancelKeys::default(), gone: AtomicBool::new(false) };
    let gate = Gate::new(Arc::new(leaving), world.audit.clone(), 5439);
    let refused = sign_in(&gate, None).await.unwrap_err();
    assert_eq!(brief(&refused), "08004 there is no warehouse at port 5439");
}

#[tokio::test]
async fn who_is_closed_out_at_the_port_is_recorded_with_what_would_let_them_in() {
    let world = World::new().await;
    let routes = world.gate();
    routes.at_port("10.8.0.9:7".parse().unwrap()).await.unwrap();
    routes.at_name(Some("testcluster.redshift.localhost"), "10.8.0.9:7".parse().unwrap()).await.unwrap();
    // What else leads nowhere is told at the login, where it can be.
    routes.at_name(Some("gone.redshift.localhost"), "10.8.0.9:7".parse().unwrap()).await.unwrap();
    assert!(world.audit.take(AuditStep::Connection).is_empty());
    let closed = world.gate_at(CLOSED_PORT);
    let at_port = closed.at_port("10.8.0.9:7".parse().unwrap()).await.unwrap_err();
    assert_eq!(brief(&at_port), "08004 the warehouse \"closed\" takes no connections from 10.8.0.9");
    routes.at_name(Some("closed.redshift.localhost"), "10.8.0.9:7".parse().unwrap()).await.unwrap_err();
    let records = world.audit.take(AuditStep::Connection);
    assert_eq!(
        records.iter().map(|event| event.target.as_str()).collect::<Vec<_>>(),
        ["port 5493", "closed.redshift.localhost:5439"]
    );
    for event in &records {
        assert_eq!((event.outcome, field(event, "remote_host")), (Outcome::Denied, "10.8.0.9"));
        assert_eq!(
            (field(event, "mend"), field(event, "reason")),
            ("aws ec2 authorize", "No inbound rule of sg-1 admits it.")
        );
        let checks = base::Checks::from_json(field(event, "checks")).unwrap();
        assert_eq!(checks.failed().unwrap().check, "network rule");
    }
}

#[tokio::test]
async fn a_client_without_tls_is_told_the_rule_that_is_missing() {
    let world = World::new().await;
    let login = world.gate().begin_login(startup(&[("user", "bob")]), Some("closed.redshift.localhost")).await;
    let refused = login.unwrap_err();
    assert!(refused.fatal);
    assert_eq!(refused.message.detail.as_deref(), Some("No inbound rule of sg-1 admits it."));
    assert_eq!(refused.message.hint.as_deref(), Some("Ask your administrator for a rule: aws ec2 authorize"));
}

#[tokio::test]
async fn the_record_of_a_connection_names_the_rule_that_let_it_in() {
    let world = World::new().await;
    sign_in(&world.gate(), None).await.unwrap();
    let records = world.audit.take(AuditStep::Connection);
    assert_eq!(field(&records[0], "network_rule"), NETWORK_RULE);
}
