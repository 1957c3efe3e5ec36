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

use ::iam::{Holder, NewRole};
use serde_json::json;

use super::world::{Reply, World};

/// A role that Redshift may act in; `actions` are allowed to it on everything.
pub(super) async fn role(world: &World, name: &str, actions: &[&str]) {
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}});
    let new = NewRole { name: name.to_owned(), trust: trust.to_string(), ..NewRole::default() };
    world.state.iam.create_role(new).await.ok();
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}});
    world.state.iam.put_policy(Holder::Role(name), "idc", &policy.to_string()).await.unwrap();
}

/// A form that makes a Redshift application. Its role is made too, where it isn't there.
pub(super) async fn application_form(world: &World, name: &str, more: &str) -> String {
    role(world, "EspressoRedshiftRole", &["sso:DescribeApplication", "sso:DescribeInstance"]).await;
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
