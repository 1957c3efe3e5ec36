//! Everything there is, put together once.

mod access;
mod watch;

use std::sync::Arc;

use anyhow::Context as _;
use base::id::{ClusterId, InstanceArn};
use base::{AuditLog, Clock, Secret};
use catalog::{Catalog, PasswordVerifier};
use center::{AccessKeys, Center};
use control::{Control, NewCluster};
use directory::Directory;
use engine_duckdb::{DuckDb, DuckDbOptions};
use query::{Warehouse, WarehouseParts};
use sessions::{BrowserLimits, Sessions};
use store::{SqliteAccessKeys, SqliteAudit, SqliteCenter, SqliteControl, SqliteDirectory, SqliteTokens, Store};
use tokens::{AccessDecision, Lifetimes, TokenSettings, Tokens};

use crate::data_dir::DataDir;
use crate::settings::{ACCOUNT, ADMIN_USER, CLUSTER, DATABASE, REGION};
use access::CenterAccess;

/// The whole server, without its listeners.
#[derive(Debug)]
pub(crate) struct Gatehouse {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit: Arc<dyn AuditLog>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) center: Arc<Center>,
    pub(crate) control: Arc<Control>,
    pub(crate) access_keys: Arc<AccessKeys>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) warehouse: Arc<Warehouse>,
    pub(crate) admin_password: Secret<String>,
}

/// Where the warehouse is reached, for DescribeClusters.
#[derive(Debug, Clone)]
pub(crate) struct SqlAddress {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Gatehouse {
    pub(crate) async fn open(data: &DataDir, clock: Arc<dyn Clock>, sql: &SqlAddress) -> anyhow::Result<Self> {
        let store =
            Store::open(&data.private_file("control.sqlite")?).await.context("the control database can't be opened")?;
        let audit: Arc<dyn AuditLog> = Arc::new(SqliteAudit::open(&store, Arc::clone(&clock)).await?);
        let directory = Directory::open(Arc::new(SqliteDirectory::new(&store)), Arc::clone(&clock)).await?;
        let center =
            Arc::new(Center::open(Arc::new(SqliteCenter::new(&store)), Arc::clone(&clock), ACCOUNT, REGION).await?);
        let control = Arc::new(
            Control::open(Arc::new(SqliteControl::new(&store)), Arc::clone(&clock), Arc::clone(&center)).await?,
        );
        let access_keys = Arc::new(AccessKeys::open(Arc::new(SqliteAccessKeys::new(&store)), &*clock, ACCOUNT).await?);
        let access: Arc<dyn AccessDecision> = Arc::new(CenterAccess::new(&center, &control, &directory));
        let tokens = open_tokens(&store, &directory, &access, &clock, &center).await?;
        let browsers = Arc::new(SqliteTokens::new(&store));
        let sessions = Sessions::open(
            browsers,
            Arc::clone(&directory),
            Arc::clone(&tokens),
            Arc::clone(&access),
            Arc::clone(&clock),
            BrowserLimits::default(),
        )
        .await?;
        ensure_cluster(&control, sql).await?;
        let admin_password = data.secret("sql-admin-password", new_admin_password)?;
        let parts = WarehouseParts {
            cluster: ClusterId::new(CLUSTER),
            database: DATABASE.to_owned(),
            instance: center.instance().arn.clone(),
            engine: Arc::new(DuckDb::open(&data.file("gatehouse-data.duckdb"), DuckDbOptions::default()).await?),
            directory: Arc::clone(&directory),
            tokens: Arc::clone(&tokens),
            access,
            sessions: Arc::clone(&sessions),
            audit: Arc::clone(&audit),
            clock: Arc::clone(&clock),
        };
        let verifier = PasswordVerifier::from_clear(&admin_password, base::random::bytes());
        let bootstrap = Catalog::bootstrap(DATABASE, ADMIN_USER, verifier)?;
        let warehouse = Warehouse::open(parts, bootstrap).await.context("the warehouse can't be opened")?;
        Ok(Self {
            store,
            clock,
            audit,
            directory,
            center,
            control,
            access_keys,
            tokens,
            sessions,
            warehouse,
            admin_password,
        })
    }

    /// The tasks that end sessions when people or assignments change.
    pub(crate) fn watch(&self) {
        drop(sessions::watch_directory(Arc::clone(&self.sessions), Arc::clone(&self.audit)));
        watch::assignments(&self.center, &self.directory, &self.sessions);
    }

    pub(crate) fn instance(&self) -> &InstanceArn {
        &self.center.instance().arn
    }

    /// The issuer that clients name when they register, in the shape that AWS's own tools accept (apis.md 2.4).
    pub(crate) fn issuer_url(&self) -> String {
        issuer_url(&self.center)
    }
}

fn issuer_url(center: &Center) -> String {
    format!("https://identitycenter.amazonaws.com/{}", center.instance().id())
}

async fn open_tokens(
    store: &Store,
    directory: &Arc<Directory>,
    access: &Arc<dyn AccessDecision>,
    clock: &Arc<dyn Clock>,
    center: &Center,
) -> anyhow::Result<Arc<Tokens>> {
    let settings = TokenSettings {
        instance: center.instance().arn.clone(),
        issuer_urls: vec![
            issuer_url(center),
            format!("https://{}.awsapps.com/start", center.instance().identity_store_id),
        ],
        lifetimes: Lifetimes::default(),
    };
    let port = Arc::new(SqliteTokens::new(store));
    Ok(Arc::new(Tokens::open(port, Arc::clone(directory), Arc::clone(access), Arc::clone(clock), settings).await?))
}

async fn ensure_cluster(control: &Control, sql: &SqlAddress) -> anyhow::Result<()> {
    let cluster = NewCluster {
        identifier: ClusterId::new(CLUSTER),
        node_type: "ra3.large".to_owned(),
        master_username: ADMIN_USER.to_owned(),
        db_name: DATABASE.to_owned(),
        endpoint_address: sql.host.clone(),
        endpoint_port: sql.port,
    };
    control.ensure_cluster(cluster).await?;
    Ok(())
}

/// Meets Redshift's rule: upper case, lower case, a digit, no quotes or slashes.
fn new_admin_password() -> Secret<String> {
    Secret::new(format!("Gh1{}", base::random::hex::<16>()))
}
