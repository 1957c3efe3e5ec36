//! RestoreFromClusterSnapshot.

use base::id::ClusterId;
use control::RestoreCluster;
use sts::Ask;

use super::ask;
use super::describe::{ask_of_arn, of_arn};
use super::parameters::RESTORE_CLUSTER;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::pass_role::pass_role;
use crate::protocol::query::QueryParameters;
use crate::redshift::clusters::{self, options};
use crate::redshift::parameters::settle;
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct RestoreFromClusterSnapshot {
    /// Its `snapshot` is empty where the snapshot is named by `arn`.
    restore: RestoreCluster,
    arn: Option<String>,
    owner: Option<String>,
}

impl RestoreFromClusterSnapshot {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            settle(fields, RESTORE_CLUSTER)?;
            let identifier = fields.optional("SnapshotIdentifier");
            let arn = fields.optional("SnapshotArn");
            if identifier.is_some() && arn.is_some() {
                return Err(ApiError::ParameterCombination { one: "SnapshotIdentifier", other: "SnapshotArn" });
            }
            if identifier.is_none() && arn.is_none() {
                return Err(ApiError::MissingParameter { operation: Self::NAME, parameter: "SnapshotIdentifier" });
            }
            let restore = RestoreCluster {
                snapshot: identifier.unwrap_or_default(),
                snapshot_cluster: fields.optional("SnapshotClusterIdentifier").map(ClusterId::new),
                identifier: ClusterId::new(fields.required("ClusterIdentifier")?),
                node_type: fields.optional("NodeType"),
                node_count: options::nodes(fields)?,
                port: fields.port("Port")?,
                vpc_security_groups: options::security_groups(fields)?.unwrap_or_default(),
                subnet_group: options::subnet_group(fields),
                availability_zone: fields.optional("AvailabilityZone"),
                parameter_group: fields.optional("ClusterParameterGroupName"),
                maintenance_window: options::window(fields),
                automated_retention: options::automated_retention(fields)?,
                manual_retention: options::manual_retention(fields)?,
                iam_roles: fields.texts("IamRoles", "IamRoleArn")?.unwrap_or_default(),
                default_iam_role: fields.optional("DefaultIamRoleArn"),
                publicly_accessible: fields.boolean("PubliclyAccessible")?.unwrap_or(false),
                manage_master_password: fields.boolean("ManageMasterPassword")?.unwrap_or(false),
            };
            Ok(Self { restore, arn, owner: fields.optional("OwnerAccount") })
        })?;
        if let Some(node_type) = &parsed.restore.node_type {
            clusters::check_node_type(node_type)?;
        }
        Ok(parsed)
    }
}

impl Operation for RestoreFromClusterSnapshot {
    const NAME: &'static str = "RestoreFromClusterSnapshot";

    fn resource(&self, state: &AwsState) -> String {
        clusters::resource(state, &self.restore.identifier)
    }

    /// The cluster that is made, the snapshot that it is made of, and the roles that it gets.
    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let cluster = self.restore.snapshot_cluster.as_ref();
        let of_snapshot = match &self.arn {
            Some(arn) => ask_of_arn(state, Self::NAME, arn, cluster),
            None => ask(state, Self::NAME, cluster, &self.restore.snapshot),
        };
        let roles = self.restore.iam_roles.iter().map(|role| pass_role(role, "redshift.amazonaws.com"));
        [Ask::new(Self::NAME, self.resource(state)), of_snapshot].into_iter().chain(roles).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let mut restore = self.restore;
        if let Some(arn) = &self.arn {
            let (cluster, identifier) = of_arn(state, arn, restore.snapshot_cluster.as_ref())?;
            (restore.snapshot_cluster, restore.snapshot) = (Some(cluster), identifier);
        }
        if self.owner.is_some_and(|owner| owner != state.account()) {
            let rule = format!("this server has the snapshots of account {} only; leave it out", state.account());
            return Err(ApiError::InvalidParameter { parameter: "OwnerAccount", rule });
        }
        let made = state.control.restore_cluster(restore).await?;
        Ok(clusters::answer(state, &made))
    }
}
