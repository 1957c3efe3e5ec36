//! Which warehouse a connection is for.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base::id::{ClusterId, WarehouseId, WorkgroupName};
use base::{ErrorKind, Fault, PublicMessage};
use time::OffsetDateTime;

/// What has an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndpointName {
    Cluster(ClusterId),
    Workgroup(WorkgroupName),
}

/// An endpoint, and what is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedEndpoint {
    pub warehouse: WarehouseId,
    /// As it is listened on: the default listener's number where none was given.
    pub port: u16,
    /// Whether connections may come in: it is neither being made nor being deleted.
    pub available: bool,
    /// Whether it takes connections from every address; see [`crate::reach::reach`].
    pub publicly_accessible: bool,
    pub created: OffsetDateTime,
}

/// Every endpoint there is, indexed by name and by port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    host: String,
    by_name: BTreeMap<EndpointName, ServedEndpoint>,
    by_port: BTreeMap<u16, BTreeMap<(OffsetDateTime, EndpointName), ServedEndpoint>>,
}

/// Why a connection is for no warehouse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteRefusal {
    /// The server name is of an endpoint that isn't here. A client of a deleted cluster must not land in another one.
    #[error("no cluster or workgroup has the endpoint {server_name}")]
    Unknown { server_name: String },
    /// The endpoint is being made or deleted.
    #[error("the endpoint {server_name} isn't available")]
    NotAvailable { server_name: String },
    /// No endpoint is available on this port.
    #[error("no cluster or workgroup is reached on this port")]
    Nothing,
    /// The endpoint isn't publicly accessible, and the connection comes from a public address.
    #[error("the endpoint is not publicly accessible, and {peer} is a public address")]
    NotPublic { peer: IpAddr },
}

impl Endpoints {
    /// `host` is the default listener's name, which never names an endpoint, whatever its labels.
    #[must_use]
    pub fn new(host: &str) -> Self {
        Self { host: host.to_ascii_lowercase(), ..Self::default() }
    }

    /// Makes the endpoint or replaces it.
    pub fn put(&mut self, name: EndpointName, endpoint: ServedEndpoint) {
        self.remove(&name);
        let on_port = self.by_port.entry(endpoint.port).or_default();
        on_port.insert((endpoint.created, name.clone()), endpoint.clone());
        self.by_name.insert(name, endpoint);
    }

    pub fn remove(&mut self, name: &EndpointName) {
        let Some(endpoint) = self.by_name.remove(name) else { return };
        if let Some(on_port) = self.by_port.get_mut(&endpoint.port) {
            on_port.remove(&(endpoint.created, name.clone()));
            if on_port.is_empty() {
                self.by_port.remove(&endpoint.port);
            }
        }
    }

    /// Every port that an endpoint has, in order.
    pub fn ports(&self) -> impl Iterator<Item = u16> + '_ {
        self.by_port.keys().copied()
    }

    /// Whether an endpoint other than `but` has this port.
    #[must_use]
    pub fn has_port(&self, port: u16, but: Option<&EndpointName>) -> bool {
        self.by_port.get(&port).is_some_and(|on_port| on_port.keys().any(|(_, name)| Some(name) != but))
    }
}

/// By the TLS server name, else by the port the connection came in at.
///
/// A name with a label `redshift` behind its first label is the endpoint of the cluster in its first label; with a label
/// `redshift-serverless`, of that workgroup: `analytics.redshift.localhost`, and AWS's
/// `analytics.abc.us-east-1.redshift.amazonaws.com`. Any other name, the default listener's own, an address or none: the oldest
/// available endpoint of the port.
///
/// # Errors
/// [`RouteRefusal`]: a name of that shape opens what it names or nothing.
pub fn route<'e>(
    endpoints: &'e Endpoints,
    server_name: Option<&str>,
    port: u16,
) -> Result<&'e ServedEndpoint, RouteRefusal> {
    if let Some(server_name) = server_name
        && let Some(name) = named(&endpoints.host, server_name)
    {
        return match endpoints.by_name.get(&name) {
            Some(endpoint) if endpoint.available => Ok(endpoint),
            Some(_) => Err(RouteRefusal::NotAvailable { server_name: server_name.to_owned() }),
            None => Err(RouteRefusal::Unknown { server_name: server_name.to_owned() }),
        };
    }
    let on_port = endpoints.by_port.get(&port);
    let oldest = on_port.into_iter().flat_map(BTreeMap::values).find(|endpoint| endpoint.available);
    oldest.ok_or(RouteRefusal::Nothing)
}

fn named(host: &str, server_name: &str) -> Option<EndpointName> {
    let lower = server_name.to_ascii_lowercase();
    let lower = lower.strip_suffix('.').unwrap_or(&lower);
    let (first, rest) = lower.split_once('.').filter(|_| lower != host)?;
    rest.split('.').find_map(|label| match label {
        "redshift" => Some(EndpointName::Cluster(ClusterId::new(first))),
        "redshift-serverless" => Some(EndpointName::Workgroup(WorkgroupName::new(first))),
        _ => None,
    })
}

impl Fault for RouteRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown { .. } | Self::Nothing => ErrorKind::NotFound,
            Self::NotAvailable { .. } => ErrorKind::Unavailable,
            Self::NotPublic { .. } => ErrorKind::Denied,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Unknown { server_name } => {
                PublicMessage::new(format!("no cluster or workgroup has the endpoint {server_name}"))
                    .with_hint("DescribeClusters and ListWorkgroups show the endpoints that there are.")
            }
            Self::NotAvailable { server_name } => {
                PublicMessage::new(format!("the endpoint {server_name} is being made or deleted"))
                    .with_hint("Wait until DescribeClusters or GetWorkgroup shows it available.")
            }
            Self::Nothing => PublicMessage::new("no cluster or workgroup is reached on this port")
                .with_hint("Create one, or use the port that DescribeClusters and ListWorkgroups show."),
            Self::NotPublic { peer } => PublicMessage::new(format!(
                "the endpoint takes no connections from {peer}, a public address"
            ))
            .with_hint(
                "Connect from a private address, or make it publicly accessible (ModifyCluster, UpdateWorkgroup).",
            ),
        }
    }
}
