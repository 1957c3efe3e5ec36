use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::{AuditStep, Outcome, Principal};
use sessions::EndReason;

use crate::testing::{PASSWORD, World, brief, field, ok, run, startup};
use crate::{CancelKeys, ChallengeAnswer, DbConnection, Gate, NoWarehouse, QueryError, Warehouse, Warehouses};

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
    assert_eq!(brief(&new), "57P03 the warehouse at \"new.redshift.localhost\" is being created or deleted");
    let private = world.gate().begin_login(startup(&[("user", "bob")]), Some("private.redshift.localhost")).await;
    let private = private.unwrap_err();
    assert_eq!(brief(&private), "08004 the warehouse takes no connections from 127.0.0.1");
    for error in [&gone, &nothing, &broken, &new, &private] {
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
    fn find(&self, _: Option<&str>, port: u16, _: IpAddr) -> Result<Arc<Warehouse>, NoWarehouse> {
        if self.gone.swap(true, Ordering::SeqCst) {
            return Err(NoWarehouse::Nothing { port });
        }
        self.warehouse.end_sessions(&EndReason::WarehouseClosed);
        Ok(Arc::clone(&self.warehouse))
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
