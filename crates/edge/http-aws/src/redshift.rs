//! redshift: the control plane.

mod clusters;
mod idc_applications;
pub(crate) mod parameters;
mod qev2_applications;
pub(crate) mod tags;

use clusters::{CreateCluster, DeleteCluster, DescribeClusters, ModifyCluster, ModifyClusterIamRoles};
use idc_applications::{
    CreateRedshiftIdcApplication, DeleteRedshiftIdcApplication, DescribeRedshiftIdcApplications,
    ModifyRedshiftIdcApplication,
};
use qev2_applications::{
    CreateQev2IdcApplication, DeleteQev2IdcApplication, DescribeQev2IdcApplications, ModifyQev2IdcApplication,
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
        CreateTags::NAME => perform(CreateTags::parse(parameters), context).await,
        DeleteTags::NAME => perform(DeleteTags::parse(parameters), context).await,
        DescribeTags::NAME => perform(DescribeTags::parse(parameters), context).await,
        other => Performed::unsupported(other),
    }
}
