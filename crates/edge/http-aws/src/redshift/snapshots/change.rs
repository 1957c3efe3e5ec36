//! DeleteClusterSnapshot, ModifyClusterSnapshot, CopyClusterSnapshot.

use base::id::ClusterId;
use sts::Ask;

use super::{answer, ask, retention};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct DeleteClusterSnapshot {
    identifier: String,
    cluster: Option<ClusterId>,
}

impl DeleteClusterSnapshot {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                identifier: fields.required("SnapshotIdentifier")?,
                cluster: fields.optional("SnapshotClusterIdentifier").map(ClusterId::new),
            })
        })
    }
}

impl Operation for DeleteClusterSnapshot {
    const NAME: &'static str = "DeleteClusterSnapshot";

    fn resource(&self, state: &AwsState) -> String {
        super::resource(state, self.cluster.as_ref(), &self.identifier)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![ask(state, Self::NAME, self.cluster.as_ref(), &self.identifier)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let deleted = context.state.control.delete_snapshot(&self.identifier, self.cluster.as_ref()).await?;
        Ok(answer(context.state, &deleted, Some("deleted")))
    }
}

#[derive(Debug)]
pub(in crate::redshift) struct ModifyClusterSnapshot {
    identifier: String,
    retention: Option<Option<u16>>,
    force: bool,
}

impl ModifyClusterSnapshot {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                identifier: fields.required("SnapshotIdentifier")?,
                retention: retention(fields, "ManualSnapshotRetentionPeriod")?,
                force: fields.boolean("Force")?.unwrap_or(false),
            })
        })
    }
}

impl Operation for ModifyClusterSnapshot {
    const NAME: &'static str = "ModifyClusterSnapshot";

    fn resource(&self, state: &AwsState) -> String {
        super::resource(state, None, &self.identifier)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![ask(state, Self::NAME, None, &self.identifier)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        let changed = control.modify_snapshot(&self.identifier, self.retention, self.force).await?;
        let gone = control.snapshot(&changed.identifier).is_none();
        Ok(answer(context.state, &changed, gone.then_some("deleted")))
    }
}

#[derive(Debug)]
pub(in crate::redshift) struct CopyClusterSnapshot {
    source: String,
    cluster: Option<ClusterId>,
    target: String,
    retention: Option<u16>,
}

impl CopyClusterSnapshot {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                source: fields.required("SourceSnapshotIdentifier")?,
                cluster: fields.optional("SourceSnapshotClusterIdentifier").map(ClusterId::new),
                target: fields.required("TargetSnapshotIdentifier")?,
                retention: retention(fields, "ManualSnapshotRetentionPeriod")?.flatten(),
            })
        })
    }
}

impl Operation for CopyClusterSnapshot {
    const NAME: &'static str = "CopyClusterSnapshot";

    fn resource(&self, state: &AwsState) -> String {
        super::resource(state, self.cluster.as_ref(), &self.source)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![ask(state, Self::NAME, self.cluster.as_ref(), &self.source)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        let copy = control.copy_snapshot(&self.source, self.cluster.as_ref(), &self.target, self.retention).await?;
        Ok(answer(context.state, &copy, None))
    }
}
