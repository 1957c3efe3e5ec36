//! DeleteCluster.

use base::id::ClusterId;

use super::{answer, resource};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::redshift::parameters;
use crate::state::AwsState;

/// Deletes the cluster and its data.
#[derive(Debug)]
pub(in crate::redshift) struct DeleteCluster(ClusterId);

impl DeleteCluster {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            parameters::settle(fields, parameters::DELETE_CLUSTER)?;
            let identifier = ClusterId::new(fields.required("ClusterIdentifier")?);
            if fields.boolean("SkipFinalClusterSnapshot")? == Some(true) {
                return Ok(Self(identifier));
            }
            Err(ApiError::InvalidParameter {
                parameter: "SkipFinalClusterSnapshot",
                rule: format!("it must be true: {}", parameters::NO_FINAL_SNAPSHOT),
            })
        })
    }
}

impl Operation for DeleteCluster {
    const NAME: &'static str = "DeleteCluster";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let deleted = context.state.control.delete_cluster(&self.0).await?;
        Ok(answer(context.state, &deleted))
    }
}
