//! The last step of a login: a registered session with an engine connection behind it.

use std::net::SocketAddr;
use std::sync::Arc;

use base::id::{DbGroupId, DbIdentityProviderId, DbRoleId, DbUserId, DirectoryUserId};
use base::{CorrelationId, ErrorKind, Outcome};
use catalog::CatalogOp;
use engine::{CatalogWrite, EngineError, EngineErrorKind};
use sessions::OpenDb;

use crate::connection::DbConnection;
use crate::connection_log::LoggedConnection;
use crate::end;
use crate::error::QueryError;
use crate::live::Arrival;
use crate::login::{self, StartupRequest};
use crate::rows::engine_writes;
use crate::warehouse::Warehouse;

/// How often a login tries to make its database user while others change the catalog.
pub(crate) const PROVISION_ATTEMPTS_MAX: usize = 8;

/// Somebody whose proof was accepted.
#[derive(Debug)]
pub(crate) struct Newcomer {
    pub(crate) user: DbUserId,
    pub(crate) arrival: Arrival,
    pub(crate) opening: OpenDb,
    pub(crate) standing: Standing,
    /// Further fields of the connection's record.
    pub(crate) told: Vec<(&'static str, String)>,
}

/// What a session has beside its user's own rights.
#[derive(Debug, Clone)]
pub(crate) enum Standing {
    Own,
    /// The roles of the person's directory groups.
    Federated(Person),
    /// The roles of the groups that its token names.
    Bearer(Bearer),
    /// Those that its temporary credentials were issued for.
    Temporary {
        groups: Vec<DbGroupId>,
        roles: Vec<DbRoleId>,
    },
}

/// The person behind a federated session. Their groups are asked for anew by every statement.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: DirectoryUserId,
    pub(crate) provider: DbIdentityProviderId,
}

/// Whom a token of an identity provider of type azure names. What it says holds for the session.
#[derive(Debug, Clone)]
pub(crate) struct Bearer {
    pub(crate) provider: DbIdentityProviderId,
    pub(crate) groups: Arc<[String]>,
}

/// Opens the session. What can't be recorded isn't opened.
pub(crate) async fn open(
    warehouse: &Arc<Warehouse>,
    startup: &StartupRequest,
    newcomer: Newcomer,
) -> Result<DbConnection, QueryError> {
    let engine = warehouse.connect_engine().await?;
    let told = newcomer.told.clone();
    let mut connection = DbConnection::open(Arc::clone(warehouse), startup, newcomer, engine)?;
    let context = connection.handle.context();
    let mut event = login::warehouse_event(
        warehouse,
        startup,
        Outcome::Allowed,
        context.correlation().clone(),
        context.principal().clone(),
    )
    .field("db_user", context.db_user())
    .field("process_id", connection.backend_key().0.to_string());
    let logged = LoggedConnection::beginning(startup, &connection, &told);
    event.fields.extend(told);
    warehouse.audit.record(event).await?;
    warehouse.connection_log.session([logged.authenticated(), logged.clone()]);
    connection.logged = Some(logged);
    metrics::counter!("gatehouse_logins_total", "outcome" => "allowed", "sqlstate" => "00000").increment(1);
    Ok(connection)
}

/// Commits catalog operations in an engine transaction of their own. `false`: somebody else changed the same; plan anew.
pub(crate) async fn apply(warehouse: &Arc<Warehouse>, ops: Vec<CatalogOp>) -> Result<bool, QueryError> {
    let warehouse = Arc::clone(warehouse);
    // In a task of its own: a client that goes away must not keep what the engine commits from being published.
    let task = base::task::spawn("catalog change of a login", async move {
        let Ok(committing) = warehouse.catalog.commit(&ops).await else { return Ok(false) };
        let writes = engine_writes(&ops, committing.around())?;
        match store(&warehouse, &writes).await {
            Ok(()) => committing.publish(),
            // An open transaction has changed the same rows.
            Err(error) if error.kind == EngineErrorKind::Conflict => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    });
    task.await
        .map_err(|join| QueryError::new(ErrorKind::Internal, "XX000", "the login failed").log(join.to_string()))?
}

async fn store(warehouse: &Warehouse, writes: &[CatalogWrite]) -> Result<(), EngineError> {
    let mut engine = warehouse.connect_engine().await?;
    engine.begin().await?;
    engine.write_catalog(writes).await?;
    engine.commit().await
}

pub(crate) fn busy() -> QueryError {
    QueryError::new(ErrorKind::Unavailable, "57P03", "the catalog is being changed by too many others at the moment")
        .hint("Connect again.")
        .fatal()
}

impl Warehouse {
    /// A session of the administrator that nobody has to prove: for the server's own set-up, never for a client.
    ///
    /// # Errors
    /// When the administrator was dropped, or the session can't be recorded.
    pub async fn open_as_administrator(self: &Arc<Self>) -> Result<DbConnection, QueryError> {
        let name = self.catalog.current().catalog.user_name(catalog::ADMIN_USER);
        let peer = SocketAddr::from(([127, 0, 0, 1], 0));
        let startup = StartupRequest { parameters: Vec::new(), peer, encrypted: false, network_rule: None };
        let arrival = self.live.arrive().map_err(|reason| end::error(&reason, &name))?;
        let opening = OpenDb::with_password(&self.id, name, CorrelationId::fresh(), peer);
        let standing = Standing::Own;
        open(self, &startup, Newcomer { user: catalog::ADMIN_USER, arrival, opening, standing, told: Vec::new() }).await
    }
}
