//! CreateCluster.

use base::Secret;
use base::id::{ClusterId, RedshiftIdcApplicationArn};
use control::{MasterPassword, NewCluster};
use sts::Ask;

use super::{SERVICE, answer, check_node_type, options, resource};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::pass_role::pass_role;
use crate::protocol::query::{Fields, QueryParameters};
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
                master_password: password(fields)?,
                db_name: fields.optional("DBName"),
                port: fields.port("Port")?,
                idc_application: fields.optional("RedshiftIdcApplicationArn").map(RedshiftIdcApplicationArn::new),
                iam_roles: fields.texts("IamRoles", "IamRoleArn")?.unwrap_or_default(),
                default_iam_role: fields.optional("DefaultIamRoleArn"),
                publicly_accessible: fields.boolean("PubliclyAccessible")?.unwrap_or(false),
                tags: tags::read(fields, "Tags")?,
                options: options::read(fields)?,
            })
        })?;
        check_node_type(&new.node_type)?;
        Ok(Self(new))
    }
}

fn password(fields: &mut Fields<'_>) -> Result<MasterPassword, ApiError> {
    const GIVEN: &str = "MasterUserPassword";
    let managed = fields.boolean("ManageMasterPassword")?.unwrap_or(false);
    match (fields.optional(GIVEN), managed) {
        (Some(_), true) => Err(ApiError::ParameterCombination { one: GIVEN, other: "ManageMasterPassword" }),
        (Some(password), false) => Ok(MasterPassword::Given(Secret::new(password))),
        (None, true) => Ok(MasterPassword::Managed),
        (None, false) => Err(ApiError::MissingParameter { operation: CreateCluster::NAME, parameter: GIVEN }),
    }
}

impl Operation for CreateCluster {
    const NAME: &'static str = "CreateCluster";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.0.identifier)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let tags = self.0.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let own = Ask::new(Self::NAME, self.resource(state)).with_request_tags(tags);
        std::iter::once(own).chain(self.0.iam_roles.iter().map(|role| pass_role(role, SERVICE))).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.control.create_cluster(self.0).await?;
        Ok(answer(context.state, &made))
    }
}
