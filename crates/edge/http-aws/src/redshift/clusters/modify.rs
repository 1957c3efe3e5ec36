//! ModifyCluster.

use base::Secret;
use base::id::ClusterId;
use control::ClusterEdit;

use super::{answer, check_node_type, options, resource};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::redshift::parameters;
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct ModifyCluster {
    identifier: ClusterId,
    edit: ClusterEdit,
}

impl ModifyCluster {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            parameters::settle(fields, parameters::MODIFY_CLUSTER)?;
            Ok(Self {
                identifier: ClusterId::new(fields.required("ClusterIdentifier")?),
                edit: ClusterEdit {
                    identifier: fields.optional("NewClusterIdentifier").map(ClusterId::new),
                    master_password: fields.optional("MasterUserPassword").map(Secret::new),
                    manage_master_password: fields.boolean("ManageMasterPassword")?,
                    port: fields.port("Port")?,
                    publicly_accessible: fields.boolean("PubliclyAccessible")?,
                    node_type: fields.optional("NodeType"),
                    node_count: options::node_count(fields)?,
                    vpc_security_groups: options::security_groups(fields)?,
                    availability_zone: fields.optional("AvailabilityZone"),
                    parameter_group: fields.optional("ClusterParameterGroupName"),
                    maintenance_window: options::window(fields),
                    automated_retention: options::automated_retention(fields)?,
                    manual_retention: options::manual_retention(fields)?,
                },
            })
        })?;
        parsed.edit.node_type.as_deref().map_or(Ok(()), check_node_type)?;
        Ok(parsed)
    }
}

impl Operation for ModifyCluster {
    const NAME: &'static str = "ModifyCluster";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.identifier)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let changed = context.state.control.modify_cluster(&self.identifier, self.edit).await?;
        Ok(answer(context.state, &changed))
    }
}
