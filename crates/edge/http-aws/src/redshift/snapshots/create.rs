//! CreateClusterSnapshot.

use base::id::ClusterId;
use control::NewSnapshot;
use sts::Ask;

use super::{answer, retention};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::redshift::tags;
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct CreateClusterSnapshot(NewSnapshot);

impl CreateClusterSnapshot {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self(NewSnapshot {
                identifier: fields.required("SnapshotIdentifier")?,
                cluster: ClusterId::new(fields.required("ClusterIdentifier")?),
                retention: retention(fields, "ManualSnapshotRetentionPeriod")?,
                tags: tags::read(fields, "Tags")?,
            }))
        })
    }
}

impl Operation for CreateClusterSnapshot {
    const NAME: &'static str = "CreateClusterSnapshot";

    fn resource(&self, state: &AwsState) -> String {
        super::resource(state, Some(&self.0.cluster), &self.0.identifier)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let pairs = self.0.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        vec![Ask::new(Self::NAME, self.resource(state)).with_request_tags(pairs)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.control.create_snapshot(self.0).await?;
        Ok(answer(context.state, &made, None))
    }
}
