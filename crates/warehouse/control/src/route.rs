//! Which warehouse a connection is for.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base::id::{ClusterId, WarehouseId, WorkgroupName};
use base::{ErrorKind, Fault, PublicMessage};
use network::{Attachment, Refusal};
use time::OffsetDateTime;

/// What has an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndpointName {
    Cluster(ClusterId),
    Workgroup(WorkgroupName),
}

/// What connections to an endpoint find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointState {
    /// They may come in.
    Open,
    /// Its cluster is paused until somebody resumes it.
    Paused,
    /// Its cluster is being paused, resumed or rebooted, and keeps its place.
    Changing,
    /// It is being made or deleted.
    Closed,
}

/// An endpoint, and what is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedEndpoint {
    pub warehouse: WarehouseId,
    /// As it is listened on: the default listener's number where none was given.
    pub port: u16,
    pub state: EndpointState,
    /// Whether it takes connections from every address; see [`crate::reach::reach`].
    pub publicly_accessible: bool,
    /// The security groups that are on it.
    pub attachment: Attachment,
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
    /// The endpoint, by its name, is being made, changed or deleted.
    #[error("the endpoint {endpoint} isn't available")]
    NotAvailable { endpoint: String },
    /// The endpoint's cluster, by its identifier, is paused.
    #[error("the cluster {cluster} is paused")]
    Paused { cluster: String },
    /// No endpoint is available on this port.
    #[error("no cluster or workgroup is reached on this port")]
    Nothing,
    /// The endpoint isn't publicly accessible, and the connection comes from a public address.
    #[error("the endpoint is not publicly accessible, and {peer} is a public address")]
    NotPublic { peer: IpAddr },
    /// No rule of the endpoint's security groups admits the address.
    #[error("the endpoint {endpoint} is closed to {}: {}", .refusal.peer, .refusal.nearest)]
    NotAdmitted { endpoint: String, refusal: Refusal },
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

    /// Whose a port is for connections that name no endpoint: the oldest that is neither being made nor deleted.
    pub(crate) fn holder(&self, port: u16) -> Option<(&EndpointName, &ServedEndpoint)> {
        let mut on_port = self.by_port.get(&port)?.iter().map(|((_, name), endpoint)| (name, endpoint));
        on_port.find(|(_, endpoint)| endpoint.state != EndpointState::Closed)
    }

    /// By its name.
    #[must_use]
    pub fn get(&self, name: &EndpointName) -> Option<&ServedEndpoint> {
        self.by_name.get(name)
    }

    /// Those on a port that are neither being made nor deleted, oldest first.
    pub(crate) fn on_port(&self, port: u16) -> impl Iterator<Item = (&EndpointName, &ServedEndpoint)> {
        let on_port = self.by_port.get(&port).into_iter().flatten();
        on_port
            .map(|((_, name), endpoint)| (name, endpoint))
            .filter(|(_, endpoint)| endpoint.state != EndpointState::Closed)
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
/// endpoint of the port that is neither being made nor deleted. A paused one keeps its place: whoever used it must not land in
/// another.
///
/// # Errors
/// [`RouteRefusal`]: a name of that shape opens what it names or nothing.
pub fn route<'e>(
    endpoints: &'e Endpoints,
    server_name: Option<&str>,
    port: u16,
) -> Result<&'e ServedEndpoint, RouteRefusal> {
    let (name, endpoint) = meant(endpoints, server_name, port)?;
    open(name, endpoint)
}

/// The endpoint that [`route`] means, in whatever state it is.
pub(crate) fn meant<'e>(
    endpoints: &'e Endpoints,
    server_name: Option<&str>,
    port: u16,
) -> Result<(&'e EndpointName, &'e ServedEndpoint), RouteRefusal> {
    if let Some(server_name) = server_name
        && let Some(name) = named(&endpoints.host, server_name)
    {
        let endpoint = endpoints.by_name.get_key_value(&name);
        return endpoint.ok_or_else(|| RouteRefusal::Unknown { server_name: server_name.to_owned() });
    }
    endpoints.holder(port).ok_or(RouteRefusal::Nothing)
}

/// # Errors
/// [`RouteRefusal::Paused`], [`RouteRefusal::NotAvailable`].
pub(crate) fn open<'e>(name: &EndpointName, endpoint: &'e ServedEndpoint) -> Result<&'e ServedEndpoint, RouteRefusal> {
    let label = match name {
        EndpointName::Cluster(identifier) => identifier.to_string(),
        EndpointName::Workgroup(name) => name.to_string(),
    };
    match endpoint.state {
        EndpointState::Open => Ok(endpoint),
        EndpointState::Paused => Err(RouteRefusal::Paused { cluster: label }),
        EndpointState::Changing | EndpointState::Closed => Err(RouteRefusal::NotAvailable { endpoint: label }),
    }
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
            Self::NotAvailable { .. } | Self::Paused { .. } => ErrorKind::Unavailable,
            Self::NotPublic { .. } | Self::NotAdmitted { .. } => ErrorKind::Denied,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Unknown { server_name } => {
                PublicMessage::new(format!("no cluster or workgroup has the endpoint {server_name}"))
                    .with_hint("DescribeClusters and ListWorkgroups show the endpoints that there are.")
            }
            Self::NotAvailable { endpoint } => {
                PublicMessage::new(format!("the endpoint {endpoint} is being made, changed or deleted"))
                    .with_hint("Wait until DescribeClusters or GetWorkgroup shows it available.")
            }
            Self::Paused { cluster } => PublicMessage::new(format!("the cluster {cluster} is paused"))
                .with_hint(format!("Resume it: aws redshift resume-cluster --cluster-identifier {cluster}")),
            Self::Nothing => PublicMessage::new("no cluster or workgroup is reached on this port")
                .with_hint("Create one, or use the port that DescribeClusters and ListWorkgroups show."),
            Self::NotPublic { peer } => PublicMessage::new(format!(
                "the endpoint takes no connections from {peer}, a public address"
            ))
            .with_hint(
                "Connect from a private address, or make it publicly accessible (ModifyCluster, UpdateWorkgroup).",
            ),
            Self::NotAdmitted { endpoint, refusal } => {
                let message = format!("the endpoint {endpoint} takes no connections from {}", refusal.peer);
                let message = PublicMessage::new(message).with_detail(refusal.reason());
                match refusal.mend() {
                    Some(mend) => message.with_hint(mend),
                    None => message,
                }
            }
        }
    }
}
