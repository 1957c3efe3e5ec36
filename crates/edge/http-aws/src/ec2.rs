//! ec2: virtual networks, subnets, security groups and their rules, as far as a warehouse needs them.

mod filter;
mod groups;
mod permissions;
mod places;
mod request;
mod rule_edits;
mod rule_list;
mod rules;
mod subnets;
mod tags;
mod vpcs;
mod write;

use groups::{CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroups};
use network::NetworkError;
use places::{DescribeAvailabilityZones, DescribeRegions};
use request::call;
use rule_edits::{ModifySecurityGroupRules, UpdateEgressDescriptions, UpdateIngressDescriptions};
use rule_list::DescribeSecurityGroupRules;
use rules::{AuthorizeEgress, AuthorizeIngress, RevokeEgress, RevokeIngress};
use subnets::{CreateSubnet, DeleteSubnet, DescribeSubnets};
use tags::{CreateTags, DeleteTags, DescribeTags};
use vpcs::{CreateVpc, DeleteVpc, DescribeVpcs};

use crate::error::ApiError;
use crate::operation::{Context, Operation as _, Performed};
use crate::protocol::query::QueryParameters;
use crate::state::AwsState;

pub(crate) async fn dispatch(operation: &str, parameters: QueryParameters, context: &Context<'_>) -> Performed {
    match operation {
        DescribeVpcs::NAME => call::<DescribeVpcs>(parameters, context).await,
        CreateVpc::NAME => call::<CreateVpc>(parameters, context).await,
        DeleteVpc::NAME => call::<DeleteVpc>(parameters, context).await,
        DescribeSubnets::NAME => call::<DescribeSubnets>(parameters, context).await,
        CreateSubnet::NAME => call::<CreateSubnet>(parameters, context).await,
        DeleteSubnet::NAME => call::<DeleteSubnet>(parameters, context).await,
        DescribeAvailabilityZones::NAME => call::<DescribeAvailabilityZones>(parameters, context).await,
        DescribeRegions::NAME => call::<DescribeRegions>(parameters, context).await,
        CreateSecurityGroup::NAME => call::<CreateSecurityGroup>(parameters, context).await,
        DeleteSecurityGroup::NAME => call::<DeleteSecurityGroup>(parameters, context).await,
        DescribeSecurityGroups::NAME => call::<DescribeSecurityGroups>(parameters, context).await,
        AuthorizeIngress::NAME => call::<AuthorizeIngress>(parameters, context).await,
        AuthorizeEgress::NAME => call::<AuthorizeEgress>(parameters, context).await,
        RevokeIngress::NAME => call::<RevokeIngress>(parameters, context).await,
        RevokeEgress::NAME => call::<RevokeEgress>(parameters, context).await,
        DescribeSecurityGroupRules::NAME => call::<DescribeSecurityGroupRules>(parameters, context).await,
        ModifySecurityGroupRules::NAME => call::<ModifySecurityGroupRules>(parameters, context).await,
        UpdateIngressDescriptions::NAME => call::<UpdateIngressDescriptions>(parameters, context).await,
        UpdateEgressDescriptions::NAME => call::<UpdateEgressDescriptions>(parameters, context).await,
        CreateTags::NAME => call::<CreateTags>(parameters, context).await,
        DeleteTags::NAME => call::<DeleteTags>(parameters, context).await,
        DescribeTags::NAME => call::<DescribeTags>(parameters, context).await,
        other => Performed::unsupported(other),
    }
}

/// `arn:aws:ec2:REGION:ACCOUNT:<kind>/<id>`
fn arn(state: &AwsState, kind: &str, id: &str) -> String {
    format!("arn:aws:ec2:{}:{}:{kind}/{id}", state.region(), state.account())
}

impl From<NetworkError> for ApiError {
    fn from(error: NetworkError) -> Self {
        use base::Fault as _;
        let public = error.public();
        let message = [Some(public.message), public.detail].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let (kind, status, code) = (error.kind(), error.status(), error.code());
        Self::Named { kind, status, code, message, members: Vec::new() }
    }
}
