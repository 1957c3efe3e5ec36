//! CreateCluster.

use base::Secret;
use base::id::{ClusterId, RedshiftIdcApplicationArn};
use control::NewCluster;

use super::{answer, check_node_type, resource};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::redshift::{parameters, tags};
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct CreateCluster(NewCluster);

impl CreateCluster {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let new = parameters.parse(Self::NAME, |fields| {
            parameters::settle(fields, parameters::CREATE_CLUSTER)?;
            Ok(NewCluster {
                identifier: ClusterId::new(fields.required("ClusterIdentifier")?),
                node_type: fields.required("NodeType")?,
                master_username: fields.required("MasterUsername")?,
                master_password: Secret::new(fields.required("MasterUserPassword")?),
                db_name: fields.optional("DBName"),
                port: fields.port("Port")?,
                idc_application: fields.optional("RedshiftIdcApplicationArn").map(RedshiftIdcApplicationArn::new),
                iam_roles: fields.texts("IamRoles", "IamRoleArn")?.unwrap_or_default(),
                default_iam_role: fields.optional("DefaultIamRoleArn"),
                publicly_accessible: fields.boolean("PubliclyAccessible")?.unwrap_or(false),
                tags: tags::read(fields, "Tags")?,
            })
        })?;
        check_node_type(&new.node_type)?;
        Ok(Self(new))
    }
}

impl Operation for CreateCluster {
    const NAME: &'static str = "CreateCluster";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.0.identifier)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.control.create_cluster(self.0).await?;
        Ok(answer(context.state, &made))
    }
}
