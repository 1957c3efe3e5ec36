//! ModifyCluster.

use base::Secret;
use base::id::ClusterId;
use control::{ClusterEdit, ControlError};

use super::{answer, resource};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::redshift::parameters;
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct ModifyCluster {
    identifier: ClusterId,
    /// It may be given where it is the cluster's own.
    node_type: Option<String>,
    edit: ClusterEdit,
}

impl ModifyCluster {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            parameters::settle(fields, parameters::MODIFY_CLUSTER)?;
            Ok(Self {
                identifier: ClusterId::new(fields.required("ClusterIdentifier")?),
                node_type: fields.optional("NodeType"),
                edit: ClusterEdit {
                    identifier: fields.optional("NewClusterIdentifier").map(ClusterId::new),
                    master_password: fields.optional("MasterUserPassword").map(Secret::new),
                    port: fields.port("Port")?,
                    publicly_accessible: fields.boolean("PubliclyAccessible")?,
                },
            })
        })
    }
}

impl Operation for ModifyCluster {
    const NAME: &'static str = "ModifyCluster";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.identifier)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        let cluster = control.cluster(&self.identifier);
        let cluster = cluster.ok_or_else(|| ControlError::ClusterNotFound(self.identifier.clone()))?;
        if self.node_type.is_some_and(|given| given != cluster.node_type) {
            return Err(ApiError::InvalidParameter {
                parameter: "NodeType",
                rule: format!(
                    "it can only be the cluster's own, {}: every cluster has what the machine of this server has; leave it out",
                    cluster.node_type
                ),
            });
        }
        let changed = control.modify_cluster(&self.identifier, self.edit).await?;
        Ok(answer(context.state, &changed))
    }
}
