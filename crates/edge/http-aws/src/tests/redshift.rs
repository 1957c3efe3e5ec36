use base::id::{ClusterId, RedshiftIdcApplicationArn};
use control::NewCluster;

use super::world::World;

fn form(world: &World, name: &str, more: &str) -> String {
    let instance = world.state.center.instance().arn.clone();
    format!(
        "Action=CreateRedshiftIdcApplication&IdcInstanceArn={instance}&RedshiftIdcApplicationName={name}&IdcDisplayName=Redshift\
         &IamRoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FEspressoRedshiftRole{more}"
    )
}

#[tokio::test]
async fn an_application_is_created_described_and_deleted() {
    let world = World::new().await;
    let made = world
        .query("redshift", &form(&world, "app", "&IdentityNamespace=awsidc&ApplicationType=None"))
        .send()
        .await
        .ok();
    let arn = made.element("RedshiftIdcApplicationArn").to_owned();
    assert_eq!(made.element("IdentityNamespace"), "awsidc");
    assert_eq!(made.element("IdcOnboardStatus"), "Completed");
    let managed = base::id::ApplicationArn::new(made.element("IdcManagedApplicationArn"));
    assert!(world.state.center.application(&managed).is_some());
    assert_eq!(world.last_record().target, "arn:aws:redshift:us-east-1:123456789012:redshiftidcapplication:*");

    let describe = format!("Action=DescribeRedshiftIdcApplications&RedshiftIdcApplicationArn={arn}");
    let described = world.query("redshift", &describe).send().await.ok();
    assert_eq!(described.element("member"), made.element("RedshiftIdcApplication"));
    let deleted =
        world.query("redshift", &format!("Action=DeleteRedshiftIdcApplication&RedshiftIdcApplicationArn={arn}"));
    let deleted = deleted.send().await.ok();
    assert!(!deleted.body.contains("Result"));
    assert_eq!(world.last_record().target, arn);
    assert!(world.state.center.application(&managed).is_none());
    world.query("redshift", &describe).send().await.fails(404, "RedshiftIdcApplicationNotExists", &arn);
    let gone = world.query("redshift", &format!("Action=DeleteRedshiftIdcApplication&RedshiftIdcApplicationArn={arn}"));
    gone.send().await.fails(404, "RedshiftIdcApplicationNotExists", &arn);
}

#[tokio::test]
async fn a_second_application_of_the_same_name_is_refused() {
    let world = World::new().await;
    world.query("redshift", &form(&world, "app", "")).send().await.ok();
    let again = world.query("redshift", &form(&world, "app", "")).send().await;
    again.fails(400, "RedshiftIdcApplicationAlreadyExists", "app");
}

#[tokio::test]
async fn parameters_are_refused_by_name() {
    let world = World::new().await;
    for (more, parameter) in [
        (
            "&ServiceIntegrations.member.1.LakeFormation.member.1.LakeFormationQuery.Authorization=Enabled",
            "ServiceIntegrations",
        ),
        ("&AuthorizedTokenIssuerList.member.1.TrustedTokenIssuerArn=x", "AuthorizedTokenIssuerList"),
        ("&Tags.Tag.1.Key=k&Tags.Tag.1.Value=v", "Tags"),
        ("&SsoTagKeys.TagKey.1=k", "SsoTagKeys"),
    ] {
        let reply = world.query("redshift", &form(&world, "app", more)).send().await;
        let message = format!("parameter \"{parameter}\" of CreateRedshiftIdcApplication is not supported");
        reply.fails(400, "InvalidParameterValue", &message);
    }
    let reply = world.query("redshift", &form(&world, "app", "&ApplicationType=Lakehouse")).send().await;
    reply.fails(400, "InvalidParameterValue", "ApplicationType");
    let reply = world.query("redshift", &form(&world, "App", "")).send().await;
    reply.fails(400, "InvalidParameterValue", "RedshiftIdcApplicationName");
    let reply = world.query("redshift", "Action=CreateRedshiftIdcApplication").send().await;
    reply.fails(400, "MissingParameter", "CreateRedshiftIdcApplication requires the parameter IdcInstanceArn");
    assert!(world.state.center.applications().is_empty());
    for (form, code) in [
        ("Action=DescribeClusters&MaxRecords=19", "InvalidParameterValue"),
        ("Action=DescribeClusters&MaxRecords=101", "InvalidParameterValue"),
        ("Action=DescribeClusters&MaxRecords=x", "InvalidParameterValue"),
        ("Action=DescribeClusters&TagKeys.TagKey.1=x", "InvalidParameterValue"),
        ("Action=DescribeClusters&ClusterIdentifier=a&Marker=b", "InvalidParameterCombination"),
        ("Action=DescribeRedshiftIdcApplications&RedshiftIdcApplicationArn=a&Marker=b", "InvalidParameterCombination"),
        ("Action=DeleteRedshiftIdcApplication", "MissingParameter"),
    ] {
        world.query("redshift", form).send().await.fails(400, code, "");
    }
}

#[tokio::test]
async fn applications_are_paged() {
    let world = World::new().await;
    for number in 0..21 {
        world.query("redshift", &form(&world, &format!("app{number}"), "")).send().await.ok();
    }
    let first = world.query("redshift", "Action=DescribeRedshiftIdcApplications&MaxRecords=20").send().await.ok();
    assert_eq!(first.body.matches("<member>").count(), 20);
    let marker = RedshiftIdcApplicationArn::new(first.element("Marker"));
    let next =
        world.query("redshift", &format!("Action=DescribeRedshiftIdcApplications&MaxRecords=20&Marker={marker}"));
    let next = next.send().await.ok();
    assert_eq!(next.body.matches("<member>").count(), 1);
    assert!(!next.body.contains("<Marker>"));
    assert!(!first.body.contains(next.element("RedshiftIdcApplicationArn")));
}

#[tokio::test]
async fn clusters_are_described() {
    let world = World::new().await;
    let empty = world.query("redshift", "Action=DescribeClusters").send().await.ok();
    assert_eq!(empty.element("DescribeClustersResult"), "<Clusters></Clusters>");
    let new = NewCluster {
        identifier: ClusterId::new("testcluster"),
        node_type: "ra3.large".to_owned(),
        master_username: "awsuser".to_owned(),
        db_name: "dev".to_owned(),
        endpoint_address: "127.0.0.1".to_owned(),
        endpoint_port: 5439,
    };
    world.state.control.ensure_cluster(new).await.unwrap();
    for form in ["Action=DescribeClusters", "Action=DescribeClusters&ClusterIdentifier=testcluster&MaxRecords=20"] {
        let reply = world.query("redshift", form).send().await.ok();
        assert_eq!(reply.element("Endpoint"), "<Address>127.0.0.1</Address><Port>5439</Port>");
        assert_eq!((reply.element("ClusterStatus"), reply.element("DBName")), ("available", "dev"));
        assert_eq!(reply.element("ClusterCreateTime"), "2026-02-28T23:59:30.000Z");
    }
}
