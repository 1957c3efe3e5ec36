//! What is answered from memory.

use std::sync::Arc;

use base::id::{
    ApplicationArn, ClusterId, NamespaceName, Qev2IdcApplicationArn, RedshiftIdcApplicationArn, WarehouseId,
    WorkgroupName,
};

use super::{Control, DESCRIBE_RECORDS_MAX};
use crate::route::{self, RouteRefusal};
use crate::state::{Owner, page};
use crate::{
    Cluster, Endpoint, Lifecycle, ManagedSecret, Namespace, Page, Qev2IdcApplication, RedshiftIdcApplication,
    SqlEndpoints, WarehouseRecord, Workgroup,
};

impl Control {
    /// The default SQL listener.
    #[must_use]
    pub fn sql_endpoints(&self) -> &SqlEndpoints {
        &self.inner.endpoints
    }

    #[must_use]
    pub fn cluster(&self, id: &ClusterId) -> Option<Arc<Cluster>> {
        self.inner.read().clusters.get(id).cloned()
    }

    /// The clusters that follow `after`, by identifier; at most `records` (1 to [`DESCRIBE_RECORDS_MAX`], outside of it the
    /// nearest).
    #[must_use]
    pub fn clusters(&self, after: Option<&ClusterId>, records: usize) -> Page<Cluster> {
        page(&self.inner.read().clusters, after, records.clamp(1, DESCRIBE_RECORDS_MAX))
    }

    #[must_use]
    pub fn namespace(&self, name: &NamespaceName) -> Option<Arc<Namespace>> {
        self.inner.read().namespaces.get(name).cloned()
    }

    /// By name, as for [`Self::clusters`].
    #[must_use]
    pub fn namespaces(&self, after: Option<&NamespaceName>, records: usize) -> Page<Namespace> {
        page(&self.inner.read().namespaces, after, records.clamp(1, DESCRIBE_RECORDS_MAX))
    }

    #[must_use]
    pub fn workgroup(&self, name: &WorkgroupName) -> Option<Arc<Workgroup>> {
        self.inner.read().workgroups.get(name).cloned()
    }

    /// By name, as for [`Self::clusters`].
    #[must_use]
    pub fn workgroups(&self, after: Option<&WorkgroupName>, records: usize) -> Page<Workgroup> {
        page(&self.inner.read().workgroups, after, records.clamp(1, DESCRIBE_RECORDS_MAX))
    }

    /// The workgroup of a namespace, where it has one.
    #[must_use]
    pub fn workgroup_of(&self, namespace: &NamespaceName) -> Option<Arc<Workgroup>> {
        self.inner.read().workgroup_of(namespace).cloned()
    }

    #[must_use]
    pub fn idc_application(&self, arn: &RedshiftIdcApplicationArn) -> Option<Arc<RedshiftIdcApplication>> {
        self.inner.read().idc_applications.get(arn).cloned()
    }

    /// The Redshift application whose managed application in Identity Center this is.
    #[must_use]
    pub fn idc_application_by_managed(&self, arn: &ApplicationArn) -> Option<Arc<RedshiftIdcApplication>> {
        self.inner.read().idc_application_by_managed(arn).cloned()
    }

    /// The application that a warehouse is connected to, where it is to one.
    #[must_use]
    pub fn idc_application_of(&self, id: &WarehouseId) -> Option<Arc<RedshiftIdcApplication>> {
        let state = self.inner.read();
        let arn = match state.owners.get(id)? {
            Owner::Cluster(identifier) => state.clusters.get(identifier)?.idc_application.as_ref()?,
            Owner::Namespace(name) => state.namespaces.get(name)?.idc_application.as_ref()?,
        };
        state.idc_applications.get(arn).cloned()
    }

    /// The applications that follow `after`, by ARN; at most `records`, as for [`Self::clusters`].
    #[must_use]
    pub fn idc_applications(
        &self,
        after: Option<&RedshiftIdcApplicationArn>,
        records: usize,
    ) -> Page<RedshiftIdcApplication> {
        page(&self.inner.read().idc_applications, after, records.clamp(1, DESCRIBE_RECORDS_MAX))
    }

    /// `ServiceIntegrations` `Redshift.Connect`: whether the managed application has the scope `redshift:connect` right now.
    #[must_use]
    pub fn redshift_connect(&self, application: &RedshiftIdcApplication) -> bool {
        self.inner.connects(&application.idc_managed_application_arn)
    }

    #[must_use]
    pub fn qev2_application(&self, arn: &Qev2IdcApplicationArn) -> Option<Arc<Qev2IdcApplication>> {
        self.inner.read().qev2_applications.get(arn).cloned()
    }

    /// By ARN, as for [`Self::clusters`].
    #[must_use]
    pub fn qev2_applications(&self, after: Option<&Qev2IdcApplicationArn>, records: usize) -> Page<Qev2IdcApplication> {
        page(&self.inner.read().qev2_applications, after, records.clamp(1, DESCRIBE_RECORDS_MAX))
    }

    /// Every warehouse that should be open.
    #[must_use]
    pub fn warehouses(&self) -> Vec<WarehouseRecord> {
        let state = self.inner.read();
        let ids = state.owners.keys();
        ids.filter_map(|id| record(&state, id)).filter(|(opens, _)| *opens).map(|(_, it)| it).collect()
    }

    /// One warehouse, whatever its state.
    #[must_use]
    pub fn warehouse(&self, id: &WarehouseId) -> Option<WarehouseRecord> {
        record(&self.inner.read(), id).map(|(_, record)| record)
    }

    /// What `IAM_ROLE default` stands for in a warehouse: the default role of its cluster or namespace.
    #[must_use]
    pub fn default_iam_role(&self, id: &WarehouseId) -> Option<String> {
        let state = self.inner.read();
        match state.owners.get(id)? {
            Owner::Cluster(cluster) => state.clusters.get(cluster)?.default_iam_role.clone(),
            Owner::Namespace(namespace) => state.namespaces.get(namespace)?.default_iam_role.clone(),
        }
    }

    /// Whether no cluster was ever made here, so that a deleted first cluster doesn't come back at the next start.
    #[must_use]
    pub fn is_new(&self) -> bool {
        !self.inner.read().cluster_made
    }

    /// Decides by [`route::route`] which warehouse a connection is for.
    ///
    /// # Errors
    /// [`RouteRefusal`].
    pub fn route(&self, server_name: Option<&str>, port: u16) -> Result<WarehouseId, RouteRefusal> {
        route::route(&self.inner.read().endpoints, server_name, port).map(|endpoint| endpoint.warehouse.clone())
    }

    /// The warehouse of connections that name none and come in at this port, be it paused.
    #[must_use]
    pub fn default_warehouse(&self, port: u16) -> Option<WarehouseId> {
        self.inner.read().endpoints.holder(port).map(|(_, endpoint)| endpoint.warehouse.clone())
    }

    /// An address that works without DNS where the port alone leads here, else a name.
    #[must_use]
    pub fn endpoint_of_cluster(&self, cluster: &Cluster) -> Endpoint {
        self.endpoint(Some(&cluster.warehouse), cluster.port, cluster.identifier.as_str(), "redshift")
    }

    /// As [`Self::endpoint_of_cluster`].
    #[must_use]
    pub fn endpoint_of_workgroup(&self, workgroup: &Workgroup) -> Endpoint {
        let namespace = self.namespace(&workgroup.namespace);
        let warehouse = namespace.as_ref().map(|namespace| &namespace.warehouse);
        self.endpoint(warehouse, workgroup.port.unwrap_or_default(), workgroup.name.as_str(), "redshift-serverless")
    }

    /// `arn:aws:redshift:REGION:ACCOUNT:cluster:ID`
    #[must_use]
    pub fn cluster_arn(&self, cluster: &Cluster) -> String {
        self.inner.arns.redshift("cluster", cluster.identifier.as_str())
    }

    /// `ClusterNamespaceArn`: `arn:aws:redshift:REGION:ACCOUNT:namespace:<uuid>`
    #[must_use]
    pub fn cluster_namespace_arn(&self, cluster: &Cluster) -> String {
        self.inner.arns.redshift("namespace", cluster.warehouse.as_str())
    }

    /// The ARN of a managed password.
    #[must_use]
    pub fn secret_arn(&self, secret: &ManagedSecret) -> String {
        self.inner.arns.secret(&format!("{}-{}", secret.name, secret.suffix))
    }

    /// `arn:aws:redshift-serverless:REGION:ACCOUNT:namespace/<uuid>`
    #[must_use]
    pub fn namespace_arn(&self, namespace: &Namespace) -> String {
        self.inner.arns.serverless("namespace", namespace.warehouse.as_str())
    }

    /// `arn:aws:redshift-serverless:REGION:ACCOUNT:workgroup/<uuid>`
    #[must_use]
    pub fn workgroup_arn(&self, workgroup: &Workgroup) -> String {
        self.inner.arns.serverless("workgroup", &workgroup.id)
    }

    /// Whether the warehouse takes logins now ([`crate::WarehouseHost::is_in_service`]); nothing does before a host is attached.
    #[must_use]
    pub fn is_in_service(&self, id: &WarehouseId) -> bool {
        self.inner.host().is_ok_and(|host| host.is_in_service(id))
    }

    fn endpoint(&self, warehouse: Option<&WarehouseId>, port: u16, name: &str, kind: &str) -> Endpoint {
        let port = self.inner.read().listened(port);
        let SqlEndpoints { host, domain, .. } = &self.inner.endpoints;
        let by_port = warehouse.is_some() && self.default_warehouse(port).as_ref() == warehouse;
        let address = if by_port { host.clone() } else { format!("{name}.{kind}.{domain}") };
        Endpoint { address, port }
    }
}

/// Whether a start opens it, and what it is.
pub(super) fn record(state: &crate::state::State, id: &WarehouseId) -> Option<(bool, WarehouseRecord)> {
    match state.owners.get(id)? {
        Owner::Cluster(identifier) => state.clusters.get(identifier).map(|cluster| {
            let record = WarehouseRecord {
                id: id.clone(),
                name: identifier.to_string(),
                database: cluster.db_name.clone(),
                admin_username: cluster.master_username.clone(),
                settings: state.settings_of(id),
            };
            (cluster.status.opens_at_start(), record)
        }),
        Owner::Namespace(name) => state.namespaces.get(name).map(|namespace| {
            let record = WarehouseRecord {
                id: id.clone(),
                name: name.to_string(),
                database: namespace.db_name.clone(),
                admin_username: namespace.admin_username.clone(),
                settings: state.settings_of(id),
            };
            (namespace.status == Lifecycle::Available, record)
        }),
    }
}
