//! `gatehouse up`: opens everything, listens, tells where, and stops cleanly.

mod health;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use base::{Clock, Secret, SystemClock};
use http_aws::AwsState;
use http_identity::{IdentitySettings, IdentityState};
use metrics_exporter_prometheus::PrometheusBuilder;
use sessions::EndReason;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::data_dir::DataDir;
use crate::endpoints::Endpoints;
use crate::listeners::{Listeners, serve_http};
use crate::options::{ScimProfile, UpOptions};
use crate::settings::{DATABASE, ORGANISATION, REGION};
use crate::wiring::{CatalogPreview, Gatehouse, SqlListening};
use crate::{demo, logging, tls};

/// The SCIM token of `endpoints.env` is made anew when it has less left.
const SCIM_TOKEN_LIFETIME: time::Duration = time::Duration::days(365);
const SCIM_TOKEN_RENEWED_BEFORE: time::Duration = time::Duration::days(30);

pub(crate) async fn run(options: UpOptions) -> anyhow::Result<()> {
    logging::start(options.log_format, &options.log)?;
    let metrics = PrometheusBuilder::new().install_recorder().context("metrics can't be kept")?;
    let data = DataDir::open(&options.data_dir)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let listeners = Listeners::bind(&options).await?;
    let addresses = Addresses::of(&listeners)?;
    let hosts = [addresses.https.ip(), addresses.sql.ip()];
    let tls = tls::prepare(&data, &hosts, &options.sql_domain, clock.now())?;
    let (stop, stopping) = watch::channel(false);
    let sql = SqlListening {
        address: addresses.sql,
        host: reachable(addresses.sql),
        domain: options.sql_domain,
        tls: Arc::clone(&tls.server),
        shutdown: stopping.clone(),
    };
    let gatehouse = Gatehouse::open(&data, clock, &sql).await?;
    let demo_password = if options.demo { Some(demo::ensure(&gatehouse, &data).await?) } else { None };
    gatehouse.ensure_first_cluster(&data, None).await?;
    gatehouse.watch();

    let ready = watch::channel(false);
    let router = router(&gatehouse, &addresses, options.scim_profile, ready.1);
    let gate = gatehouse.host.gate(addresses.sql.port()).context("the SQL endpoint has no gate")?;
    let places = gatehouse.places.clone();
    let Listeners { http, https, sql: sql_listener } = listeners;
    let served = [
        base::task::spawn(
            "http",
            serve_http(http, None, router.clone().merge(health::metrics(metrics)), stopping.clone()),
        ),
        base::task::spawn("https", serve_http(https, Some(Arc::clone(&tls.server)), router, stopping.clone())),
        base::task::spawn("sql", pgfront::serve(sql_listener, tls.server, gate, places, stopping.clone(), stopping)),
    ];
    let endpoints = endpoints(&gatehouse, &data, &addresses, &tls.ca_file, demo_password).await?;
    let file = endpoints.write(&data)?;
    ready.0.send_replace(true);
    greet(&endpoints, &file);

    stop_signal().await?;
    tracing::info!("stopping");
    ready.0.send_replace(false);
    stop.send_replace(true);
    gatehouse.sessions.end_all(&EndReason::Shutdown);
    for task in served {
        task.await?;
    }
    gatehouse.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// What the listeners got, port 0 replaced.
struct Addresses {
    http: SocketAddr,
    https: SocketAddr,
    sql: SocketAddr,
}

impl Addresses {
    fn of(listeners: &Listeners) -> anyhow::Result<Self> {
        Ok(Self {
            http: listeners.http.local_addr()?,
            https: listeners.https.local_addr()?,
            sql: listeners.sql.local_addr()?,
        })
    }
}

/// The address that a client on this machine can use: `0.0.0.0` is none.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() }
}

fn url(scheme: &str, address: SocketAddr) -> String {
    let host = reachable(address);
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    format!("{scheme}://{host}:{}", address.port())
}

fn router(
    gatehouse: &Gatehouse,
    addresses: &Addresses,
    scim_profile: ScimProfile,
    ready: watch::Receiver<bool>,
) -> Router {
    let https = url("https", addresses.https);
    let warehouses = Arc::clone(&gatehouse.warehouses);
    let identity = IdentityState {
        directory: Arc::clone(&gatehouse.directory),
        tokens: Arc::clone(&gatehouse.tokens),
        sessions: Arc::clone(&gatehouse.sessions),
        audit: Arc::clone(&gatehouse.audit),
        clock: Arc::clone(&gatehouse.clock),
        settings: Arc::new(IdentitySettings {
            issuer_url: gatehouse.issuer_url(),
            instance_arn: gatehouse.instance().clone(),
            region: REGION.to_owned(),
            organisation_name: ORGANISATION.to_owned(),
            public_https_url: https.clone(),
        }),
        access_keys: Arc::clone(&gatehouse.access_keys),
    };
    let scim = http_identity::scim::ScimState {
        directory: Arc::clone(&gatehouse.directory),
        audit: Arc::clone(&gatehouse.audit),
        base_url: format!("{https}/scim/v2"),
        profile: match scim_profile {
            ScimProfile::Rfc => http_identity::scim::Profile::Rfc,
            ScimProfile::Idc => http_identity::scim::Profile::IdcCompat,
        },
        tenant: gatehouse.center.instance().identity_store_id.to_string(),
        preview: Arc::new(CatalogPreview {
            center: Arc::clone(&gatehouse.center),
            access: Arc::clone(&gatehouse.access),
            open: Arc::clone(&gatehouse.warehouses),
        }),
    };
    let aws = AwsState {
        access_keys: Arc::clone(&gatehouse.access_keys),
        directory: Arc::clone(&gatehouse.directory),
        center: Arc::clone(&gatehouse.center),
        control: Arc::clone(&gatehouse.control),
        audit: Arc::clone(&gatehouse.audit),
        trail: Arc::clone(&gatehouse.trail),
        clock: Arc::clone(&gatehouse.clock),
    };
    Router::new()
        .merge(health::router(ready, move || warehouses.out_of_service()))
        .merge(http_identity::oauth::router(identity))
        .merge(http_identity::scim::routers(scim))
        .merge(http_aws::router(aws))
}

async fn endpoints(
    gatehouse: &Gatehouse,
    data: &DataDir,
    addresses: &Addresses,
    ca_file: &Path,
    demo_password: Option<Secret<String>>,
) -> anyhow::Result<Endpoints> {
    let root = gatehouse.access_keys.root();
    let application =
        gatehouse.default_warehouse().and_then(|warehouse| gatehouse.control.idc_application_of(warehouse.id()));
    Ok(Endpoints {
        http: url("http", addresses.http),
        https: url("https", addresses.https),
        ca_file: ca_file.to_path_buf(),
        scim_url: format!("{}/scim/v2", url("https", addresses.https)),
        scim_token: scim_token(gatehouse, data).await?,
        region: REGION.to_owned(),
        access_key_id: root.id.clone(),
        secret_access_key: root.secret.clone(),
        sql_host: reachable(addresses.sql),
        sql_port: addresses.sql.port(),
        sql_database: DATABASE.to_owned(),
        sql_admin: gatehouse.first_administrator(data)?,
        issuer_url: gatehouse.issuer_url(),
        instance_arn: gatehouse.instance().to_string(),
        application_arn: application.map(|application| application.idc_managed_application_arn.to_string()),
        demo_password,
    })
}

/// The token of an earlier start while it is good; else a new one.
async fn scim_token(gatehouse: &Gatehouse, data: &DataDir) -> anyhow::Result<Secret<String>> {
    let directory = &gatehouse.directory;
    if let Some(token) = data.existing_secret("scim-token")? {
        let client = directory.verify_scim_token(&token).ok();
        let now = gatehouse.clock.now();
        let kept =
            client.and_then(|client| directory.scim_tokens().into_iter().find(|kept| kept.id == client.token_id()));
        match kept {
            Some(kept) if kept.expires - now > SCIM_TOKEN_RENEWED_BEFORE => return Ok(token),
            Some(kept) => directory.delete_scim_token(&kept.id).await?,
            None => {}
        }
    }
    let (_, token) = directory.create_scim_token(SCIM_TOKEN_LIFETIME).await?;
    data.write_secret("scim-token", &token)?;
    Ok(token)
}

/// What a person at the terminal wants to know.
#[expect(clippy::print_stdout, reason = "tells the person who started the server where it is")]
fn greet(endpoints: &Endpoints, file: &Path) {
    println!("Gatehouse is ready.");
    println!("  sign-in and AWS APIs   {}", endpoints.https);
    println!("  SCIM                   {}", endpoints.scim_url);
    let administrator = endpoints.sql_admin.as_ref().map(|(user, _)| format!("  administrator {user}"));
    println!(
        "  SQL                    {}:{}  database {}{}",
        endpoints.sql_host,
        endpoints.sql_port,
        endpoints.sql_database,
        administrator.unwrap_or_default()
    );
    println!("  everything else        set -a; source {}; set +a", file.display());
    if endpoints.demo_password.is_some() {
        println!(
            "  people                 ethan, fiona, olivia, nina, admin; their password is DEMO_PASSWORD in that file"
        );
    }
}

async fn stop_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
