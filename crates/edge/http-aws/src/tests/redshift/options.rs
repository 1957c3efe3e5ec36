//! Options of clusters, and what they can be.

use std::collections::BTreeMap;

use network::{NewSecurityGroup, NewSubnetGroup};

use super::{call, cluster_form};
use crate::tests::world::World;

#[tokio::test]
async fn a_cluster_of_the_walkthrough_has_what_it_was_given() {
    let world = World::new().await;
    let network = &world.state.network;
    let new = NewSecurityGroup {
        name: "redshift".to_owned(),
        description: "from the VPN".to_owned(),
        vpc: None,
        tags: BTreeMap::new(),
    };
    let group = network.create_group(new).await.unwrap().id.clone();
    let subnets = network.snapshot().subnets().map(|subnet| subnet.id.clone()).collect();
    let new = NewSubnetGroup { name: "vpn".to_owned(), description: "d".to_owned(), subnets, tags: BTreeMap::new() };
    network.create_subnet_group(new).await.unwrap();
    let more = format!(
        "&DBName=testdb&Port=5493&ClusterType=multi-node&NumberOfNodes=2&VpcSecurityGroupIds.VpcSecurityGroupId.1={group}\
         &ClusterSubnetGroupName=VPN&AvailabilityZone=us-east-1b&EnhancedVpcRouting=false&PubliclyAccessible=false\
         &ClusterParameterGroupName=default.redshift-2.0&Encrypted=false&PreferredMaintenanceWindow=Mon:03:00-Mon:04:00\
         &AutomatedSnapshotRetentionPeriod=7&ManualSnapshotRetentionPeriod=30"
    );
    call(&world, &cluster_form("testcluster", &more)).await.ok();
    let shown = call(&world, "Action=DescribeClusters&ClusterIdentifier=testcluster").await.ok();
    for (element, text) in [
        ("Endpoint", "<Address>127.0.0.1</Address><Port>5493</Port>"),
        ("NumberOfNodes", "2"),
        ("VpcSecurityGroupId", group.as_str()),
        ("Status", "active"),
        ("ClusterSubnetGroupName", "vpn"),
        ("AvailabilityZone", "us-east-1b"),
        ("ParameterGroupName", "default.redshift-2.0"),
        ("PreferredMaintenanceWindow", "mon:03:00-mon:04:00"),
        ("AutomatedSnapshotRetentionPeriod", "7"),
        ("ManualSnapshotRetentionPeriod", "30"),
        ("Encrypted", "false"),
    ] {
        assert_eq!(shown.element(element), text, "{element}");
    }
    for role in ["LEADER", "COMPUTE-0", "COMPUTE-1"] {
        assert!(shown.element("ClusterNodes").contains(&format!("<NodeRole>{role}</NodeRole>")), "{role}");
    }
    world.host.calls();
    let modify = "Action=ModifyCluster&ClusterIdentifier=testcluster&VpcSecurityGroupIds.VpcSecurityGroupId.1=";
    call(&world, &format!("{modify}sg-0")).await.fails(404, "ClusterSecurityGroupNotFound", "sg-0");
    assert!(world.host.calls().is_empty());
    let own = network.snapshot().groups().find(|one| one.id != group).unwrap().id.clone();
    let changed = call(&world, &format!("{modify}{own}&ClusterParameterGroupName=default.redshift-1.0")).await.ok();
    assert_eq!(changed.element("VpcSecurityGroupId"), own.as_str());
    assert!(changed.body.contains("pending-reboot"));
    assert_eq!(world.host.calls(), ["end unadmitted"]);
}

#[tokio::test]
async fn what_a_cluster_cannot_have_is_refused_by_name() {
    let world = World::new().await;
    for (more, status, code, message) in [
        ("&ClusterSubnetGroupName=none", 400, "ClusterSubnetGroupNotFoundFault", "none"),
        ("&VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-0", 404, "ClusterSecurityGroupNotFound", "sg-0"),
        ("&ClusterParameterGroupName=none", 404, "ClusterParameterGroupNotFound", "none"),
        ("&AvailabilityZone=eu-west-1a", 400, "InvalidParameterValue", "us-east-1a"),
        ("&ClusterType=multi-node", 400, "InvalidParameterValue", "at least 2"),
        ("&ClusterType=single-node&NumberOfNodes=2", 400, "InvalidParameterValue", "has 1"),
        ("&ClusterType=big", 400, "InvalidParameterValue", "ClusterType"),
        ("&NumberOfNodes=129", 400, "InvalidParameterValue", "1 to 128"),
        ("&NumberOfNodes=x", 400, "InvalidParameterValue", "NumberOfNodes"),
        ("&Encrypted=true", 400, "InvalidParameterValue", "encrypted disk"),
        ("&KmsKeyId=k", 400, "InvalidParameterValue", "\"KmsKeyId\""),
        ("&EnhancedVpcRouting=true", 400, "InvalidParameterValue", "\"EnhancedVpcRouting\""),
        ("&MultiAZ=true", 400, "InvalidParameterValue", "\"MultiAZ\""),
        ("&SnapshotScheduleIdentifier=s", 400, "InvalidParameterValue", "AutomatedSnapshotRetentionPeriod"),
        ("&MaintenanceTrackName=trailing", 400, "InvalidParameterValue", "\"MaintenanceTrackName\""),
        ("&ElasticIp=192.0.2.1", 400, "InvalidParameterValue", "\"ElasticIp\""),
        ("&PreferredMaintenanceWindow=sun:05:00-sun:05:10", 400, "InvalidParameterValue", "30 minutes"),
        ("&AutomatedSnapshotRetentionPeriod=-1", 400, "InvalidParameterValue", "0 to 35"),
        ("&ManualSnapshotRetentionPeriod=4000", 400, "InvalidParameterValue", "1 to 3653"),
        ("&ManageMasterPassword=true", 400, "InvalidParameterCombination", "ManageMasterPassword"),
        ("&MasterPasswordSecretKmsKeyId=k", 400, "InvalidParameterValue", "\"MasterPasswordSecretKmsKeyId\""),
    ] {
        call(&world, &cluster_form("one", more)).await.fails(status, code, message);
    }
    assert!(world.host.calls().is_empty());
}

#[tokio::test]
async fn what_can_be_ordered_is_described() {
    let world = World::new().await;
    let all = call(&world, "Action=DescribeOrderableClusterOptions").await.ok();
    assert_eq!(all.body.matches("<OrderableClusterOption>").count(), 20);
    let some = call(&world, "Action=DescribeOrderableClusterOptions&NodeType=ra3.large&ClusterVersion=1.0").await.ok();
    assert_eq!(some.body.matches("<OrderableClusterOption>").count(), 2);
    assert!(some.element("AvailabilityZones").contains("<Name>us-east-1a</Name>"));
    let none = call(&world, "Action=DescribeOrderableClusterOptions&ClusterVersion=2.0").await.ok();
    assert_eq!(none.element("OrderableClusterOptions"), "");
    let versions = call(&world, "Action=DescribeClusterVersions").await.ok();
    assert_eq!(versions.body.matches("<ClusterParameterGroupFamily>").count(), 2);
    let tracks = call(&world, "Action=DescribeClusterTracks").await.ok();
    assert_eq!(tracks.element("MaintenanceTrackName"), "current");
    let attributes = call(&world, "Action=DescribeAccountAttributes").await.ok();
    assert!(attributes.body.contains("<AttributeValue>VPC</AttributeValue>"));
    for (form, code, message) in [
        ("DescribeOrderableClusterOptions&NodeType=big", "InvalidParameterValue", "ra3.large"),
        ("DescribeOrderableClusterOptions&Marker=x", "InvalidParameterValue", "Marker"),
        ("DescribeClusterTracks&MaintenanceTrackName=trailing", "InvalidClusterTrack", "current"),
        ("DescribeAccountAttributes&AttributeNames.AttributeName.1=x", "InvalidParameterValue", "default-vpc"),
        ("DescribeNodeConfigurationOptions", "UnsupportedOperation", "DescribeNodeConfigurationOptions"),
        ("ResizeCluster", "UnsupportedOperation", "ResizeCluster"),
    ] {
        call(&world, &format!("Action={form}")).await.fails(400, code, message);
    }
}

#[tokio::test]
async fn logging_is_nowhere_and_says_where_the_trail_is() {
    let world = World::new().await;
    call(&world, &cluster_form("one", "")).await.ok();
    for operation in ["DescribeLoggingStatus", "DisableLogging"] {
        let reply = call(&world, &format!("Action={operation}&ClusterIdentifier=one")).await.ok();
        assert_eq!(reply.element("LoggingEnabled"), "false");
        let reply = call(&world, &format!("Action={operation}&ClusterIdentifier=none")).await;
        reply.fails(404, "ClusterNotFound", "none");
    }
    let enable = async |more: &str| call(&world, &format!("Action=EnableLogging&ClusterIdentifier=one{more}")).await;
    for destination in
        ["", "&LogDestinationType=s3&BucketName=b", "&LogDestinationType=cloudwatch&LogExports.member.1=userlog"]
    {
        enable(destination).await.fails(400, "UnsupportedOperation", "LookupEvents");
    }
    enable("&LogDestinationType=tape").await.fails(400, "InvalidParameterValue", "s3, cloudwatch or s3table");
}
