//! ModifyClusterIamRoles.

use base::id::ClusterId;

use sts::Ask;

use super::{SERVICE, answer, resource};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::pass_role::pass_role;
use crate::protocol::query::QueryParameters;
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct ModifyClusterIamRoles {
    identifier: ClusterId,
    add: Vec<String>,
    remove: Vec<String>,
    default: Option<String>,
}

impl ModifyClusterIamRoles {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                identifier: ClusterId::new(fields.required("ClusterIdentifier")?),
                add: fields.texts("AddIamRoles", "IamRoleArn")?.unwrap_or_default(),
                remove: fields.texts("RemoveIamRoles", "IamRoleArn")?.unwrap_or_default(),
                default: fields.optional("DefaultIamRoleArn"),
            })
        })
    }
}

impl Operation for ModifyClusterIamRoles {
    const NAME: &'static str = "ModifyClusterIamRoles";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.identifier)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let own = Ask::new(Self::NAME, self.resource(state));
        std::iter::once(own).chain(self.add.iter().map(|role| pass_role(role, SERVICE))).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Self { identifier, add, remove, default } = self;
        let changed = context.state.control.modify_cluster_iam_roles(&identifier, add, remove, default).await?;
        Ok(answer(context.state, &changed))
    }
}
