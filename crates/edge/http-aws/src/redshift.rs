//! redshift: the control plane.

mod authentication_profiles;
mod clusters;
pub(crate) mod credentials;
mod custom_domains;
mod idc_applications;
mod options;
mod parameter_groups;
pub(crate) mod parameters;
mod power;
mod qev2_applications;
mod snapshots;
mod subnet_groups;
pub(crate) mod tags;

use authentication_profiles::{
    CreateAuthenticationProfile, DeleteAuthenticationProfile, DescribeAuthenticationProfiles,
    ModifyAuthenticationProfile,
};
use clusters::{CreateCluster, DeleteCluster, DescribeClusters, ModifyCluster, ModifyClusterIamRoles};
use credentials::{GetClusterCredentials, GetClusterCredentialsWithIam};
use custom_domains::DescribeCustomDomainAssociations;
use idc_applications::{
    CreateRedshiftIdcApplication, DeleteRedshiftIdcApplication, DescribeRedshiftIdcApplications,
    ModifyRedshiftIdcApplication,
};
use options::{
    DescribeAccountAttributes, DescribeClusterTracks, DescribeClusterVersions, DescribeLoggingStatus,
    DescribeOrderableClusterOptions, DisableLogging, EnableLogging,
};
use parameter_groups::{
    CreateClusterParameterGroup, DeleteClusterParameterGroup, DescribeClusterParameterGroups,
    DescribeClusterParameters, DescribeDefaultClusterParameters, ModifyClusterParameterGroup,
    ResetClusterParameterGroup,
};
use qev2_applications::{
    CreateQev2IdcApplication, DeleteQev2IdcApplication, DescribeQev2IdcApplications, ModifyQev2IdcApplication,
};
use subnet_groups::{
    CreateClusterSubnetGroup, DeleteClusterSubnetGroup, DescribeClusterSubnetGroups, ModifyClusterSubnetGroup,
};
use tags::{CreateTags, DeleteTags, DescribeTags};

use crate::operation::{Context, Operation as _, Performed, perform};
use crate::protocol::query::QueryParameters;

pub(crate) async fn dispatch(operation: &str, parameters: QueryParameters, context: &Context<'_>) -> Performed {
    match operation {
        CreateCluster::NAME => perform(CreateCluster::parse(parameters), context).await,
        DescribeClusters::NAME => perform(DescribeClusters::parse(parameters), context).await,
        ModifyCluster::NAME => perform(ModifyCluster::parse(parameters), context).await,
        ModifyClusterIamRoles::NAME => perform(ModifyClusterIamRoles::parse(parameters), context).await,
        DeleteCluster::NAME => perform(DeleteCluster::parse(parameters), context).await,
        CreateRedshiftIdcApplication::NAME => perform(CreateRedshiftIdcApplication::parse(parameters), context).await,
        DescribeRedshiftIdcApplications::NAME => {
            perform(DescribeRedshiftIdcApplications::parse(parameters), context).await
        }
        ModifyRedshiftIdcApplication::NAME => perform(ModifyRedshiftIdcApplication::parse(parameters), context).await,
        DeleteRedshiftIdcApplication::NAME => perform(DeleteRedshiftIdcApplication::parse(parameters), context).await,
        CreateQev2IdcApplication::NAME => perform(CreateQev2IdcApplication::parse(parameters), context).await,
        DescribeQev2IdcApplications::NAME => perform(DescribeQev2IdcApplications::parse(parameters), context).await,
        ModifyQev2IdcApplication::NAME => perform(ModifyQev2IdcApplication::parse(parameters), context).await,
        DeleteQev2IdcApplication::NAME => perform(DeleteQev2IdcApplication::parse(parameters), context).await,
        GetClusterCredentials::NAME => perform(GetClusterCredentials::parse(parameters), context).await,
        GetClusterCredentialsWithIam::NAME => perform(GetClusterCredentialsWithIam::parse(parameters), context).await,
        DescribeCustomDomainAssociations::NAME => {
            perform(DescribeCustomDomainAssociations::parse(parameters), context).await
        }
        CreateAuthenticationProfile::NAME => perform(CreateAuthenticationProfile::parse(parameters), context).await,
        ModifyAuthenticationProfile::NAME => perform(ModifyAuthenticationProfile::parse(parameters), context).await,
        DeleteAuthenticationProfile::NAME => perform(DeleteAuthenticationProfile::parse(parameters), context).await,
        DescribeAuthenticationProfiles::NAME => {
            perform(DescribeAuthenticationProfiles::parse(parameters), context).await
        }
        CreateClusterParameterGroup::NAME => perform(CreateClusterParameterGroup::parse(parameters), context).await,
        DescribeClusterParameterGroups::NAME => {
            perform(DescribeClusterParameterGroups::parse(parameters), context).await
        }
        DescribeClusterParameters::NAME => perform(DescribeClusterParameters::parse(parameters), context).await,
        DescribeDefaultClusterParameters::NAME => {
            perform(DescribeDefaultClusterParameters::parse(parameters), context).await
        }
        ModifyClusterParameterGroup::NAME => perform(ModifyClusterParameterGroup::parse(parameters), context).await,
        ResetClusterParameterGroup::NAME => perform(ResetClusterParameterGroup::parse(parameters), context).await,
        DeleteClusterParameterGroup::NAME => perform(DeleteClusterParameterGroup::parse(parameters), context).await,
        DescribeOrderableClusterOptions::NAME => {
            perform(DescribeOrderableClusterOptions::parse(parameters), context).await
        }
        DescribeClusterVersions::NAME => perform(DescribeClusterVersions::parse(parameters), context).await,
        DescribeClusterTracks::NAME => perform(DescribeClusterTracks::parse(parameters), context).await,
        DescribeAccountAttributes::NAME => perform(DescribeAccountAttributes::parse(parameters), context).await,
        DescribeLoggingStatus::NAME => perform(DescribeLoggingStatus::parse(parameters), context).await,
        EnableLogging::NAME => perform(EnableLogging::parse(parameters), context).await,
        DisableLogging::NAME => perform(DisableLogging::parse(parameters), context).await,
        CreateClusterSubnetGroup::NAME => perform(CreateClusterSubnetGroup::parse(parameters), context).await,
        ModifyClusterSubnetGroup::NAME => perform(ModifyClusterSubnetGroup::parse(parameters), context).await,
        DescribeClusterSubnetGroups::NAME => perform(DescribeClusterSubnetGroups::parse(parameters), context).await,
        DeleteClusterSubnetGroup::NAME => perform(DeleteClusterSubnetGroup::parse(parameters), context).await,
        CreateTags::NAME => perform(CreateTags::parse(parameters), context).await,
        DeleteTags::NAME => perform(DeleteTags::parse(parameters), context).await,
        DescribeTags::NAME => perform(DescribeTags::parse(parameters), context).await,
        other => snapshots::dispatch(other, parameters, context).await,
    }
}
