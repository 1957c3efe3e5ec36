mod authentication_profiles;
mod clusters;
mod credentials;
mod idc_applications;
mod options;
mod parameter_groups;
mod qev2_applications;
mod snapshots;
mod subnet_groups;
mod tags;

use super::world::{Reply, World};

/// A form that makes a Redshift application.
pub(super) fn application_form(world: &World, name: &str, more: &str) -> String {
    let instance = world.state.center.instance().arn.clone();
    format!(
        "Action=CreateRedshiftIdcApplication&IdcInstanceArn={instance}&RedshiftIdcApplicationName={name}&IdcDisplayName=Redshift\
         &IamRoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FEspressoRedshiftRole{more}"
    )
}

/// A form that makes a cluster.
pub(super) fn cluster_form(identifier: &str, more: &str) -> String {
    format!(
        "Action=CreateCluster&ClusterIdentifier={identifier}&NodeType=ra3.large&MasterUsername=awsuser\
         &MasterUserPassword=Passw0rd1{more}"
    )
}

pub(super) async fn call(world: &World, form: &str) -> Reply {
    world.query("redshift", form).send().await
}
