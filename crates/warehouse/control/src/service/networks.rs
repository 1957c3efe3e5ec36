//! Who gets to which warehouse, by the security groups that are on it, and what of the networks is in use.

use std::net::IpAddr;
use std::sync::Arc;

use base::id::{SecurityGroupId, SubnetId, WarehouseId};
use network::{Admission, NetworkChange, NetworkUsers, Refusal};
use tokio::sync::broadcast::error::RecvError;

use super::Control;
use super::inner::Inner;
use super::reads::record;
use crate::reach;
use crate::route::{self, EndpointName, RouteRefusal, ServedEndpoint};
use crate::state::{Owner, State};

/// Where a connection leads, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    pub warehouse: WarehouseId,
    /// The rule of a security group that admits it, in words: `sgr-… of sg-…: tcp/5439 from 10.0.0.0/8`.
    pub network_rule: String,
}

impl Control {
    /// [`Self::route`] for a connection from this address: by [`reach::reach`] and [`network::admits()`] also whether the endpoint
    /// takes it. Both must.
    ///
    /// # Errors
    /// [`RouteRefusal`].
    pub fn admit(&self, server_name: Option<&str>, port: u16, peer: IpAddr) -> Result<Admitted, RouteRefusal> {
        let state = self.inner.read();
        let (name, endpoint) = route::meant(&state.endpoints, server_name, port)?;
        if !reach::reach(endpoint.publicly_accessible, peer) {
            return Err(RouteRefusal::NotPublic { peer });
        }
        match self.admission(endpoint, peer) {
            // Its state is told to those whom it admits.
            admission @ Admission::Admitted { .. } => {
                let endpoint = route::open(name, endpoint)?;
                Ok(Admitted { warehouse: endpoint.warehouse.clone(), network_rule: admission.explanation() })
            }
            Admission::Refused(refusal) => Err(not_admitted(&state, endpoint, refusal)),
        }
    }

    /// Before anything is read of a connection: whether the security groups of an endpoint on this port admit the address. Where the
    /// port has no endpoint there is nothing to protect, and whoever comes is told so later.
    ///
    /// # Errors
    /// [`RouteRefusal::NotAdmitted`], of the oldest endpoint.
    pub fn admit_at_port(&self, port: u16, peer: IpAddr) -> Result<(), RouteRefusal> {
        let state = self.inner.read();
        let mut first = None;
        for (_, endpoint) in state.endpoints.on_port(port) {
            match self.admission(endpoint, peer) {
                Admission::Admitted { .. } => return Ok(()),
                Admission::Refused(refusal) => first = first.or(Some((endpoint, refusal))),
            }
        }
        first.map_or(Ok(()), |(endpoint, refusal)| Err(not_admitted(&state, endpoint, refusal)))
    }

    /// Whether an open session from this address may stay, as far as the security groups of its warehouse go. A warehouse without
    /// an endpoint has none.
    ///
    /// # Errors
    /// Why not.
    pub fn admits_session(&self, warehouse: &WarehouseId, peer: IpAddr) -> Result<(), Refusal> {
        let state = self.inner.read();
        let Some(endpoint) = endpoint_of(&state, warehouse) else { return Ok(()) };
        match self.admission(endpoint, peer) {
            Admission::Admitted { .. } => Ok(()),
            Admission::Refused(refusal) => Err(refusal),
        }
    }

    fn admission(&self, endpoint: &ServedEndpoint, peer: IpAddr) -> Admission {
        self.inner.network.admission(&endpoint.attachment, endpoint.port, peer)
    }
}

fn not_admitted(state: &State, endpoint: &ServedEndpoint, refusal: Refusal) -> RouteRefusal {
    let name = record(state, &endpoint.warehouse).map(|(_, record)| record.name);
    RouteRefusal::NotAdmitted { endpoint: name.unwrap_or_else(|| endpoint.warehouse.to_string()), refusal }
}

fn endpoint_of<'s>(state: &'s State, warehouse: &WarehouseId) -> Option<&'s ServedEndpoint> {
    let name = match state.owners.get(warehouse)? {
        Owner::Cluster(identifier) => EndpointName::Cluster(identifier.clone()),
        Owner::Namespace(namespace) => EndpointName::Workgroup(state.workgroup_of(namespace)?.name.clone()),
    };
    state.endpoints.get(&name)
}

/// Starts the task that ends sessions which a change of security groups no longer admits. It ends with the control plane.
pub(super) fn watch(inner: &Arc<Inner>) {
    let (watched, mut changes) = (Arc::downgrade(inner), inner.network.subscribe());
    base::task::spawn("network watch", async move {
        loop {
            let narrowed = match changes.recv().await {
                Ok(NetworkChange::Narrowed(group)) => Some(group),
                Err(RecvError::Lagged(_)) => None,
                Err(RecvError::Closed) => return,
            };
            let Some(inner) = watched.upgrade() else { return };
            inner.end_unadmitted(narrowed.as_ref()).await;
        }
    });
}

impl Inner {
    /// Ends what isn't admitted any more, in every warehouse that has this security group; `None`: in all.
    async fn end_unadmitted(&self, group: Option<&SecurityGroupId>) {
        let Ok(host) = self.host() else { return };
        for warehouse in self.behind(group) {
            host.end_unadmitted(&warehouse).await;
        }
    }

    fn behind(&self, group: Option<&SecurityGroupId>) -> Vec<WarehouseId> {
        let state = self.read();
        let endpoints = state.owners.keys().filter_map(|id| endpoint_of(&state, id));
        let has = |endpoint: &&ServedEndpoint| {
            let groups = self.network.groups_of(&endpoint.attachment);
            group.is_none_or(|group| groups.iter().any(|one| one.id == *group))
        };
        endpoints.filter(has).map(|endpoint| endpoint.warehouse.clone()).collect()
    }
}

impl NetworkUsers for Inner {
    fn uses_group(&self, group: &SecurityGroupId) -> Option<String> {
        let state = self.read();
        let cluster = state.clusters.values().find(|cluster| cluster.vpc_security_groups.contains(group));
        let workgroup = state.workgroups.values().find(|workgroup| workgroup.security_group_ids.contains(group));
        cluster
            .map(|cluster| format!("cluster {}", cluster.identifier))
            .or_else(|| workgroup.map(|workgroup| format!("workgroup {}", workgroup.name)))
    }

    fn uses_subnet_group(&self, name: &str) -> Option<String> {
        let state = self.read();
        let cluster = state.clusters.values().find(|cluster| cluster.subnet_group.as_deref() == Some(name));
        cluster.map(|cluster| format!("cluster {}", cluster.identifier))
    }

    fn uses_subnet(&self, subnet: &SubnetId) -> Option<String> {
        let state = self.read();
        let workgroup = state.workgroups.values().find(|workgroup| workgroup.subnet_ids.contains(subnet));
        workgroup.map(|workgroup| format!("workgroup {}", workgroup.name))
    }
}
