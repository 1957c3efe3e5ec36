//! DeleteCluster.

use base::id::ClusterId;
use control::FinalSnapshot;
use sts::Ask;

use super::{answer, resource};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::redshift::snapshots::retention;
use crate::state::AwsState;

/// Deletes the cluster and its data, after a last snapshot of them where nobody says to skip it.
#[derive(Debug)]
pub(in crate::redshift) struct DeleteCluster {
    identifier: ClusterId,
    last: Option<FinalSnapshot>,
}

impl DeleteCluster {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            let identifier = ClusterId::new(fields.required("ClusterIdentifier")?);
            let skips = fields.boolean("SkipFinalClusterSnapshot")?.unwrap_or(false);
            let last = fields.optional("FinalClusterSnapshotIdentifier");
            let retention = retention(fields, "FinalClusterSnapshotRetentionPeriod")?;
            match last {
                Some(_) if skips => Err(ApiError::ParameterCombination {
                    one: "SkipFinalClusterSnapshot=true",
                    other: "FinalClusterSnapshotIdentifier",
                }),
                Some(last) => Ok(Self {
                    identifier,
                    last: Some(FinalSnapshot { identifier: last, retention: retention.flatten() }),
                }),
                None if !skips => Err(ApiError::InvalidParameter {
                    parameter: "FinalClusterSnapshotIdentifier",
                    rule:
                        "it names the snapshot that is taken before the cluster is deleted; where you want none, give \
                           SkipFinalClusterSnapshot=true, which deletes the data for good"
                            .to_owned(),
                }),
                None if retention.is_some() => Err(ApiError::ParameterCombination {
                    one: "SkipFinalClusterSnapshot=true",
                    other: "FinalClusterSnapshotRetentionPeriod",
                }),
                None => Ok(Self { identifier, last: None }),
            }
        })
    }
}

impl Operation for DeleteCluster {
    const NAME: &'static str = "DeleteCluster";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.identifier)
    }

    /// A last snapshot is one that somebody must be allowed to take.
    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let delete = Ask::new(Self::NAME, self.resource(state));
        let take = self.last.as_ref().map(|last| {
            let snapshot = format!("snapshot:{}/{}", self.identifier, last.identifier.to_ascii_lowercase());
            Ask::new("CreateClusterSnapshot", state.redshift_arn(&snapshot))
        });
        std::iter::once(delete).chain(take).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        let deleted = match self.last {
            Some(last) => control.delete_cluster_after_snapshot(&self.identifier, last).await?,
            None => control.delete_cluster(&self.identifier).await?,
        };
        Ok(answer(context.state, &deleted))
    }
}
