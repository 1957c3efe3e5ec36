//! Clusters.

use base::id::ClusterId;
use control::{Cluster, ControlError, Page};

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{QueryParameters, timestamp};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct DescribeClusters {
    identifier: Option<ClusterId>,
    marker: Option<ClusterId>,
    records: usize,
}

impl DescribeClusters {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                identifier: fields.optional("ClusterIdentifier").map(ClusterId::new),
                marker: fields.optional("Marker").map(ClusterId::new),
                records: fields.max_records()?,
            })
        })?;
        if parsed.identifier.is_some() && parsed.marker.is_some() {
            return Err(ApiError::ParameterCombination { one: "ClusterIdentifier", other: "Marker" });
        }
        Ok(parsed)
    }
}

impl Operation for DescribeClusters {
    const NAME: &'static str = "DescribeClusters";

    fn resource(&self, state: &AwsState) -> String {
        state.redshift_arn(&format!("cluster:{}", self.identifier.as_ref().map_or("*", ClusterId::as_str)))
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        let page = match self.identifier {
            Some(id) => {
                let cluster = control.cluster(&id).ok_or(ControlError::ClusterNotFound(id))?;
                Page { items: vec![cluster], next: None }
            }
            None => control.clusters(self.marker.as_ref(), self.records),
        };
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("Clusters", |xml| {
                for cluster in &page.items {
                    xml.element("Cluster", |xml| write(xml, cluster));
                }
            });
            if let Some(marker) = &page.next {
                xml.text("Marker", marker);
            }
        }))))
    }
}

fn write(xml: &mut Xml, cluster: &Cluster) {
    xml.text("ClusterIdentifier", cluster.identifier.as_str());
    xml.text("NodeType", &cluster.node_type);
    xml.text("ClusterStatus", cluster.status.name());
    xml.text("ClusterAvailabilityStatus", "Available");
    xml.text("MasterUsername", &cluster.master_username);
    xml.text("DBName", &cluster.db_name);
    xml.element("Endpoint", |xml| {
        xml.text("Address", &cluster.endpoint_address);
        xml.text("Port", &cluster.endpoint_port.to_string());
    });
    xml.text("ClusterCreateTime", &timestamp(cluster.created));
    xml.text("NumberOfNodes", "1");
    xml.text("ClusterNamespaceArn", &cluster.namespace_arn);
}
