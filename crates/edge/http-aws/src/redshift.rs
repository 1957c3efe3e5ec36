//! redshift: the control plane.

mod clusters;
mod idc_applications;

use clusters::DescribeClusters;
use idc_applications::{CreateRedshiftIdcApplication, DeleteRedshiftIdcApplication, DescribeRedshiftIdcApplications};

use crate::operation::{Context, Operation as _, Performed, perform};
use crate::protocol::query::QueryParameters;

pub(crate) async fn dispatch(operation: &str, parameters: QueryParameters, context: &Context<'_>) -> Performed {
    match operation {
        CreateRedshiftIdcApplication::NAME => perform(CreateRedshiftIdcApplication::parse(parameters), context).await,
        DescribeRedshiftIdcApplications::NAME => {
            perform(DescribeRedshiftIdcApplications::parse(parameters), context).await
        }
        DeleteRedshiftIdcApplication::NAME => perform(DeleteRedshiftIdcApplication::parse(parameters), context).await,
        DescribeClusters::NAME => perform(DescribeClusters::parse(parameters), context).await,
        other => Performed::unsupported(other),
    }
}
