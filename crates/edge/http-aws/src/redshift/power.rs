//! Pausing, resuming and rebooting clusters.

use base::id::ClusterId;

use super::clusters;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::state::AwsState;

fn parse(operation: &'static str, parameters: QueryParameters) -> Result<ClusterId, ApiError> {
    parameters.parse(operation, |fields| fields.required("ClusterIdentifier").map(ClusterId::new))
}

#[derive(Debug)]
pub(super) struct PauseCluster(ClusterId);

impl PauseCluster {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parse(Self::NAME, parameters).map(Self)
    }
}

impl Operation for PauseCluster {
    const NAME: &'static str = "PauseCluster";

    fn resource(&self, state: &AwsState) -> String {
        clusters::resource(state, &self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let paused = context.state.control.pause_cluster(&self.0).await?;
        Ok(clusters::answer(context.state, &paused))
    }
}

#[derive(Debug)]
pub(super) struct ResumeCluster(ClusterId);

impl ResumeCluster {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parse(Self::NAME, parameters).map(Self)
    }
}

impl Operation for ResumeCluster {
    const NAME: &'static str = "ResumeCluster";

    fn resource(&self, state: &AwsState) -> String {
        clusters::resource(state, &self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let resumed = context.state.control.resume_cluster(&self.0).await?;
        Ok(clusters::answer(context.state, &resumed))
    }
}

#[derive(Debug)]
pub(super) struct RebootCluster(ClusterId);

impl RebootCluster {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parse(Self::NAME, parameters).map(Self)
    }
}

impl Operation for RebootCluster {
    const NAME: &'static str = "RebootCluster";

    fn resource(&self, state: &AwsState) -> String {
        clusters::resource(state, &self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let rebooted = context.state.control.reboot_cluster(&self.0).await?;
        Ok(clusters::answer(context.state, &rebooted))
    }
}
