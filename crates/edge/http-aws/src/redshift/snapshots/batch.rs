//! BatchDeleteClusterSnapshots, BatchModifyClusterSnapshots: each snapshot for itself; one that fails stops no other.

use base::ErrorKind;
use base::id::ClusterId;
use sts::Ask;

use super::{ask, retention};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::service::Protocol;
use crate::state::AwsState;

/// Snapshots in one call (Redshift API).
const SNAPSHOTS_MAX: usize = 100;

/// A snapshot of a batch.
#[derive(Debug)]
struct Named {
    identifier: String,
    cluster: Option<ClusterId>,
}

/// What became of one: its identifier, or why not.
type Outcome = (Named, Result<(), ApiError>);

#[derive(Debug)]
pub(in crate::redshift) struct BatchDeleteClusterSnapshots(Vec<Named>);

impl BatchDeleteClusterSnapshots {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let named = parameters.parse(Self::NAME, |fields| {
            let mut named = Vec::new();
            for mut one in fields.structures("Identifiers", "DeleteClusterSnapshotMessage")? {
                let missing = ApiError::MissingParameter { operation: Self::NAME, parameter: "SnapshotIdentifier" };
                let identifier = one.optional("SnapshotIdentifier").ok_or(missing)?;
                let cluster = one.optional("SnapshotClusterIdentifier").map(ClusterId::new);
                one.finish()?;
                named.push(Named { identifier, cluster });
            }
            Ok(named)
        })?;
        check(Self::NAME, "Identifiers", &named, "BatchDeleteRequestSizeExceeded")?;
        Ok(Self(named))
    }
}

impl Operation for BatchDeleteClusterSnapshots {
    const NAME: &'static str = "BatchDeleteClusterSnapshots";

    fn resource(&self, state: &AwsState) -> String {
        state.redshift_arn("snapshot:*/*")
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        self.0.iter().map(|one| ask(state, Self::NAME, one.cluster.as_ref(), &one.identifier)).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let mut outcomes = Vec::new();
        for one in self.0 {
            let deleted = context.state.control.delete_snapshot(&one.identifier, one.cluster.as_ref()).await;
            outcomes.push((one, deleted.map(drop).map_err(ApiError::from)));
        }
        Ok(told(&outcomes, "SnapshotErrorMessage"))
    }
}

#[derive(Debug)]
pub(in crate::redshift) struct BatchModifyClusterSnapshots {
    snapshots: Vec<Named>,
    retention: Option<Option<u16>>,
    force: bool,
}

impl BatchModifyClusterSnapshots {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            let identifiers = fields.texts("SnapshotIdentifierList", "String")?.unwrap_or_default();
            Ok(Self {
                snapshots: identifiers.into_iter().map(|identifier| Named { identifier, cluster: None }).collect(),
                retention: retention(fields, "ManualSnapshotRetentionPeriod")?,
                force: fields.boolean("Force")?.unwrap_or(false),
            })
        })?;
        let code = "BatchModifyClusterSnapshotsLimitExceededFault";
        check(Self::NAME, "SnapshotIdentifierList", &parsed.snapshots, code)?;
        Ok(parsed)
    }
}

impl Operation for BatchModifyClusterSnapshots {
    const NAME: &'static str = "BatchModifyClusterSnapshots";

    fn resource(&self, state: &AwsState) -> String {
        state.redshift_arn("snapshot:*/*")
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        self.snapshots.iter().map(|one| ask(state, Self::NAME, None, &one.identifier)).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let mut outcomes = Vec::new();
        for one in self.snapshots {
            let changed = context.state.control.modify_snapshot(&one.identifier, self.retention, self.force).await;
            outcomes.push((one, changed.map(drop).map_err(ApiError::from)));
        }
        Ok(told(&outcomes, "SnapshotErrorMessage"))
    }
}

fn check(
    operation: &'static str,
    parameter: &'static str,
    named: &[Named],
    code: &'static str,
) -> Result<(), ApiError> {
    if named.is_empty() {
        return Err(ApiError::MissingParameter { operation, parameter });
    }
    if named.len() <= SNAPSHOTS_MAX {
        return Ok(());
    }
    let message = format!("One call takes at most {SNAPSHOTS_MAX} snapshots; make several.");
    Err(ApiError::Named { kind: ErrorKind::LimitExceeded, status: 400, code, message, members: Vec::new() })
}

fn told(outcomes: &[Outcome], error: &str) -> Answer {
    Answer::Xml(Some(Xml::fragment(|xml| {
        xml.element("Resources", |xml| {
            for (one, _) in outcomes.iter().filter(|(_, outcome)| outcome.is_ok()) {
                xml.text("String", &one.identifier);
            }
        });
        xml.element("Errors", |xml| {
            for (one, outcome) in outcomes {
                let Err(why) = outcome else { continue };
                let shown = why.shown(Protocol::Query);
                xml.element(error, |xml| {
                    xml.text("SnapshotIdentifier", &one.identifier);
                    if let Some(cluster) = &one.cluster {
                        xml.text("SnapshotClusterIdentifier", cluster.as_str());
                    }
                    xml.text("FailureCode", shown.code);
                    xml.text("FailureReason", &shown.message);
                });
            }
        });
    })))
}
