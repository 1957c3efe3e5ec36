//! Everything there is, put together once.

mod access;
mod first;
mod hosting;
mod iam;
mod idc_permissions;
mod identity;
mod outbound;
#[cfg(test)]
pub(crate) mod testing;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;

use ::iam::Iam;
use anyhow::Context as _;
use base::id::InstanceArn;
use base::{AuditLog, AuditTrail, BoundedAudit, Clock, Sealer};
use center::Center;
use control::{Control, ControlParts, SqlEndpoints, WarehouseHost};
use credentials::Credentials;
use directory::Directory;
use network::Network;
use pgfront::{Limits, Places};
use query::{TokenIssuers, Warehouse};
use rustls::ServerConfig;
use sessions::{BrowserLimits, Sessions};
use source::Sources;
use store::{
    SqliteAudit, SqliteCenter, SqliteControl, SqliteDirectory, SqliteNetwork, SqliteTokens, SqliteTrail, Store,
};
use sts::Sts;
use tokens::{AccessDecision, Lifetimes, TokenSettings, Tokens};
use tokio::sync::watch::Receiver;

use crate::data_dir::DataDir;
use crate::settings::{ACCOUNT, REGION};
use access::CenterAccess;
pub(crate) use first::first_password;
pub(crate) use hosting::CatalogPreview;
use hosting::{Host, OpenWarehouses, SqlServer, WarehouseFiles, WarehouseServices};
use iam::IamParts;
use idc_permissions::RolesInIdc;
pub(crate) use identity::PublicUrls;
use identity::{BuiltIn, Identity, IdentityParts};

/// The whole server, without its listeners.
#[derive(Debug)]
pub(crate) struct Gatehouse {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit: Arc<dyn AuditLog>,
    /// The same trail, read back.
    pub(crate) trail: Arc<dyn AuditTrail>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) center: Arc<Center>,
    pub(crate) control: Arc<Control>,
    pub(crate) iam: Arc<Iam>,
    pub(crate) sts: Arc<Sts>,
    pub(crate) network: Arc<Network>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) access: Arc<dyn AccessDecision>,
    pub(crate) sources: Arc<Sources>,
    pub(crate) built_in: BuiltIn,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) warehouses: Arc<OpenWarehouses>,
    pub(crate) host: Arc<Host>,
    pub(crate) places: Places,
    sql_port: u16,
}

/// The default SQL listener, as warehouses are reached by it.
#[derive(Debug, Clone)]
pub(crate) struct SqlListening {
    pub(crate) address: SocketAddr,
    /// What clients reach the address by.
    pub(crate) host: String,
    /// What the names of endpoints end in.
    pub(crate) domain: String,
    pub(crate) tls: Arc<ServerConfig>,
    /// Turns true when the server stops.
    pub(crate) shutdown: Receiver<bool>,
}

impl Gatehouse {
    /// Opens everything, the warehouses too. One that can't be opened is out of service and stops nothing else.
    pub(crate) async fn open(
        data: &DataDir,
        clock: Arc<dyn Clock>,
        sql: &SqlListening,
        urls: &PublicUrls,
    ) -> anyhow::Result<Self> {
        let store =
            Store::open(&data.private_file("control.sqlite")?).await.context("the control database can't be opened")?;
        let recorded = Arc::new(SqliteAudit::open(&store, Arc::clone(&clock)).await?);
        let audit: Arc<dyn AuditLog> = Arc::new(BoundedAudit::new(recorded, Arc::clone(&clock)));
        let directory = Directory::open(Arc::new(SqliteDirectory::new(&store)), Arc::clone(&clock)).await?;
        let parts = IdentityParts { data, control: &store, directory: &directory, clock: &clock, urls };
        let Identity { sources, built_in, sealer, fetch } = identity::open(&parts, &data.file("ca.pem")).await?;
        let parts =
            IamParts { control: &store, sealer: &sealer, clock: &clock, fetch: &fetch, network: urls.providers };
        let (iam, sts, credentials) = iam::open(parts).await?;
        let center =
            Arc::new(Center::open(Arc::new(SqliteCenter::new(&store)), Arc::clone(&clock), ACCOUNT, REGION).await?);
        let (network, control) = open_control(&store, &clock, &center, &sealer, sql).await?;
        let warehouses = Arc::<OpenWarehouses>::default();
        let access: Arc<dyn AccessDecision> =
            Arc::new(CenterAccess::new(&center, &control, &directory, &warehouses, sql.address.port()));
        let tokens = open_tokens(&store, &directory, &access, &clock, &center).await?;
        let sessions = open_sessions(&store, &directory, &tokens, &access, &clock).await?;
        let services = WarehouseServices {
            instance: center.instance().arn.clone(),
            directory: Arc::clone(&directory),
            tokens: Arc::clone(&tokens),
            access: Arc::clone(&access),
            sessions: Arc::clone(&sessions),
            credentials: Arc::clone(&credentials),
            issuers: TokenIssuers { keys: sts.issuers(), network: urls.providers },
            idc: Arc::new(RolesInIdc::new(&sts, &control)),
            audit: Arc::clone(&audit),
            clock: Arc::clone(&clock),
        };
        let places = Places::new(Limits::default());
        let trail = Arc::new(SqliteTrail::new(&store));
        let host = open_warehouses(data, services, &warehouses, &control, sql, places.clone()).await?;
        Ok(Self {
            store,
            clock,
            audit,
            trail,
            directory,
            center,
            control,
            iam,
            sts,
            network,
            credentials,
            access,
            sources,
            built_in,
            sealer,
            tokens,
            sessions,
            warehouses,
            host,
            places,
            sql_port: sql.address.port(),
        })
    }

    /// The tasks that end sessions when people or assignments change, and the one that takes automated snapshots.
    pub(crate) fn watch(&self) {
        drop(sessions::watch_directory(Arc::clone(&self.sessions), Arc::clone(&self.audit)));
        drop(self.control.keep_snapshots());
        watch::assignments(&self.center, &self.directory, &self.sessions);
        drop(sessions::watch_sources(Arc::clone(&self.sessions), &self.sources, Arc::clone(&self.audit)));
        drop(credentials::watch_iam(&self.iam, &self.sts, Arc::clone(&self.sessions), Arc::clone(&self.audit)));
        self.built_in.watch(&self.audit);
    }

    pub(crate) fn instance(&self) -> &InstanceArn {
        &self.center.instance().arn
    }

    /// The issuer that clients name when they register, in the shape that AWS's own tools accept (apis.md 2.4).
    pub(crate) fn issuer_url(&self) -> String {
        issuer_url(&self.center)
    }

    /// The warehouse of connections to the default listener that name none.
    pub(crate) fn default_warehouse(&self) -> Option<Arc<Warehouse>> {
        self.warehouses.get(&self.control.route(None, self.sql_port).ok()?)
    }

    /// Lets go of what is open, in the order in which it depends on each other.
    pub(crate) async fn close(self) {
        self.host.listeners_ended().await;
        self.warehouses.clear();
        if let Err(cause) = self.iam.flush_used().await {
            tracing::warn!(%cause, "when access keys were last used isn't stored");
        }
        self.built_in.close().await;
        self.store.close().await;
    }
}

/// The networks, and the control plane that is in them.
async fn open_control(
    store: &Store,
    clock: &Arc<dyn Clock>,
    center: &Arc<Center>,
    sealer: &Arc<Sealer>,
    sql: &SqlListening,
) -> anyhow::Result<(Arc<Network>, Arc<Control>)> {
    let network = Network::open(Arc::new(SqliteNetwork::new(store)), Arc::clone(clock), ACCOUNT, REGION).await?;
    let network = Arc::new(network);
    let control = Control::open(ControlParts {
        store: Arc::new(SqliteControl::new(store)),
        clock: Arc::clone(clock),
        center: Arc::clone(center),
        network: Arc::clone(&network),
        sealer: Arc::clone(sealer),
        endpoints: SqlEndpoints { host: sql.host.clone(), port: sql.address.port(), domain: sql.domain.clone() },
    });
    Ok((network, Arc::new(control.await?)))
}

async fn open_sessions(
    store: &Store,
    directory: &Arc<Directory>,
    tokens: &Arc<Tokens>,
    access: &Arc<dyn AccessDecision>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Arc<Sessions>> {
    let port = Arc::new(SqliteTokens::new(store));
    let (directory, tokens) = (Arc::clone(directory), Arc::clone(tokens));
    let limits = BrowserLimits::default();
    Ok(Sessions::open(port, directory, tokens, Arc::clone(access), Arc::clone(clock), limits).await?)
}

async fn open_warehouses(
    data: &DataDir,
    services: WarehouseServices,
    open: &Arc<OpenWarehouses>,
    control: &Arc<Control>,
    sql: &SqlListening,
    places: Places,
) -> anyhow::Result<Arc<Host>> {
    let files = WarehouseFiles::below(data.path().to_path_buf());
    let records = control.warehouses();
    files.adopt_first(&records.iter().map(|record| record.id.clone()).collect::<Vec<_>>())?;
    let (tls, shutdown) = (Arc::clone(&sql.tls), sql.shutdown.clone());
    let server = SqlServer { default: sql.address, tls, places, shutdown };
    let host = Arc::new(Host::new(services, files, open, control, server));
    host.open_all(records).await;
    let attached: Arc<dyn WarehouseHost> = Arc::<Host>::clone(&host);
    control.attach(attached).await?;
    Ok(host)
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
