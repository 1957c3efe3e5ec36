//! `gatehouse up`: opens everything, listens, tells where, and stops cleanly.

mod credentials;
mod health;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use base::{Clock, Secret, SystemClock};
use http_aws::AwsState;
use http_identity::{IdentitySettings, IdentityState};
use http_idp::{IdpSettings, IdpState};
use metrics_exporter_prometheus::PrometheusBuilder;
use sessions::EndReason;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::data_dir::DataDir;
use crate::endpoints::Endpoints;
use crate::listeners::{Listeners, serve_http};
use crate::options::{ScimProfile, UpOptions};
use crate::settings::{DATABASE, ORGANISATION, REGION};
use crate::wiring::{CatalogPreview, Gatehouse, PublicUrls, SqlListening};
use crate::{demo, logging, tls};

pub(crate) async fn run(options: UpOptions) -> anyhow::Result<()> {
    logging::start(options.log_format, &options.log)?;
    let metrics = PrometheusBuilder::new().install_recorder().context("metrics can't be kept")?;
    let data = DataDir::open(&options.data_dir)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let listeners = Listeners::bind(&options).await?;
    let addresses = Addresses::of(&listeners)?;
    let hosts = [addresses.https.ip(), addresses.sql.ip()];
    let urls = addresses.public(&options);
    let public = [&urls.center, &urls.idp].map(|url| host_name(url));
    let names = tls::Names { sql_domain: &options.sql_domain, public: &public };
    let tls = tls::prepare(&data, &hosts, &names, clock.now())?;
    let (stop, stopping) = watch::channel(false);
    let sql = SqlListening {
        address: addresses.sql,
        host: reachable(addresses.sql),
        domain: options.sql_domain,
        tls: Arc::clone(&tls.server),
        shutdown: stopping.clone(),
    };
    let gatehouse = Gatehouse::open(&data, clock, &sql, &urls).await?;
    let demo_password = if options.demo { Some(demo::ensure(&gatehouse, &data).await?) } else { None };
    gatehouse.ensure_first_cluster(&data, None).await?;
    gatehouse.watch();

    let ready = watch::channel(false);
    let router = router(&gatehouse, &urls, options.scim_profile, ready.1);
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
    let endpoints = endpoints(&gatehouse, &data, &addresses, &urls, &tls.ca_file, demo_password).await?;
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

    /// What browsers use. The built-in identity provider is on another host than Identity Center where nothing is said: they are
    /// strangers to each other, and passkeys need a name.
    fn public(&self, options: &UpOptions) -> PublicUrls {
        let idp = options.idp_url.as_ref().or(options.public_url.as_ref());
        PublicUrls {
            center: options.public_url.clone().unwrap_or_else(|| url("https", self.https)),
            idp: idp.cloned().unwrap_or_else(|| format!("https://localhost:{}", self.https.port())),
            providers: if options.private_providers { oidc::Network::Private } else { oidc::Network::Public },
        }
    }
}

/// The DNS name in an address; empty where it is an IP address.
fn host_name(url: &str) -> String {
    let host = url::Url::parse(url).ok().and_then(|url| url.host().map(|host| host.to_owned()));
    match host {
        Some(url::Host::Domain(name)) => name,
        Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)) | None => String::new(),
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

fn router(gatehouse: &Gatehouse, urls: &PublicUrls, scim_profile: ScimProfile, ready: watch::Receiver<bool>) -> Router {
    let https = urls.center.clone();
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
        sts: Arc::clone(&gatehouse.sts),
        sources: Arc::clone(&gatehouse.sources),
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
        iam: Arc::clone(&gatehouse.iam),
        sts: Arc::clone(&gatehouse.sts),
        credentials: Arc::clone(&gatehouse.credentials),
        network: Arc::clone(&gatehouse.network),
        directory: Arc::clone(&gatehouse.directory),
        center: Arc::clone(&gatehouse.center),
        control: Arc::clone(&gatehouse.control),
        audit: Arc::clone(&gatehouse.audit),
        trail: Arc::clone(&gatehouse.trail),
        clock: Arc::clone(&gatehouse.clock),
        sources: Arc::clone(&gatehouse.sources),
    };
    let idp = IdpState {
        idp: Arc::clone(&gatehouse.built_in.provider),
        openid: Arc::clone(&gatehouse.built_in.openid),
        pusher: Arc::clone(&gatehouse.built_in.pusher),
        sealer: Arc::clone(&gatehouse.sealer),
        audit: Arc::clone(&gatehouse.audit),
        clock: Arc::clone(&gatehouse.clock),
        settings: Arc::new(IdpSettings { idp_url: urls.idp.clone(), organisation_name: ORGANISATION.to_owned() }),
    };
    Router::new()
        .merge(health::router(ready, move || warehouses.out_of_service()))
        .merge(http_identity::oauth::router(identity))
        .merge(http_identity::scim::routers(scim))
        .merge(http_idp::router(idp))
        .merge(http_aws::router(aws))
        .merge(http_aws::service_provider_router(&https))
}

async fn endpoints(
    gatehouse: &Gatehouse,
    data: &DataDir,
    addresses: &Addresses,
    urls: &PublicUrls,
    ca_file: &Path,
    demo_password: Option<Secret<String>>,
) -> anyhow::Result<Endpoints> {
    let root = gatehouse.iam.root();
    let application =
        gatehouse.default_warehouse().and_then(|warehouse| gatehouse.control.idc_application_of(warehouse.id()));
    Ok(Endpoints {
        http: url("http", addresses.http),
        https: url("https", addresses.https),
        ca_file: ca_file.to_path_buf(),
        scim_url: format!("{}/scim/v2", url("https", addresses.https)),
        scim_token: credentials::scim_token(gatehouse, data).await?,
        idp_url: format!("{}/idp", urls.idp),
        idp_api_token: credentials::idp_api_token(gatehouse, data).await?,
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

/// What a person at the terminal wants to know.
#[expect(clippy::print_stdout, reason = "tells the person who started the server where it is")]
fn greet(endpoints: &Endpoints, file: &Path) {
    println!("Gatehouse is ready.");
    println!("  sign-in and AWS APIs   {}", endpoints.https);
    println!("  SCIM                   {}", endpoints.scim_url);
    println!("  identity provider      {}", endpoints.idp_url);
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
