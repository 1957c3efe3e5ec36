use std::sync::atomic::Ordering;

use base::Outcome;

use super::{application_form, call, cluster_form};
use crate::tests::host::PORT_IN_USE;
use crate::tests::world::World;

const ROLE: &str = "arn:aws:iam::123456789012:role/R";

#[tokio::test]
async fn a_cluster_is_created_with_everything_that_is_carried_out() {
    let world = World::new().await;
    let form = application_form(&world, "app", "&IdentityNamespace=awsidc").await;
    let application = call(&world, &form).await.ok().element("RedshiftIdcApplicationArn").to_owned();
    let more = format!(
        "&DBName=sales&Port=5440&RedshiftIdcApplicationArn={application}&IamRoles.IamRoleArn.1={ROLE}&DefaultIamRoleArn={ROLE}\
         &PubliclyAccessible=true&Tags.Tag.1.Key=team&Tags.Tag.1.Value=data&Tags.Tag.2.Key=empty"
    );
    let made = call(&world, &cluster_form("analytics", &more)).await.ok();
    assert!(made.body.contains("<CreateClusterResult><Cluster>"));
    assert_eq!(world.last_record().target, "arn:aws:redshift:us-east-1:123456789012:cluster:analytics");
    assert_eq!(world.host.calls(), ["listen 5440", "create sales awsuser awsidc"]);
    assert_eq!((made.element("ClusterStatus"), made.element("ClusterAvailabilityStatus")), ("available", "Available"));
    assert_eq!(made.element("Endpoint"), "<Address>127.0.0.1</Address><Port>5440</Port>");
    assert_eq!((made.element("DBName"), made.element("PubliclyAccessible")), ("sales", "true"));
    assert_eq!(made.element("DefaultIamRoleArn"), ROLE);
    assert_eq!(made.body.matches("<ApplyStatus>in-sync</ApplyStatus>").count(), 2);
    assert!(made.element("IamRoles").contains("role/EspressoRedshiftRole"));
    assert_eq!(
        made.element("Tags"),
        "<Tag><Key>empty</Key><Value></Value></Tag><Tag><Key>team</Key><Value>data</Value></Tag>"
    );
    assert!(made.element("ClusterNamespaceArn").starts_with("arn:aws:redshift:us-east-1:123456789012:namespace:"));
    assert!(!format!("{}{:?}", made.body, world.last_record()).contains("Passw0rd1"));
    let described = call(&world, "Action=DescribeClusters&ClusterIdentifier=analytics").await.ok();
    assert_eq!(described.element("Cluster"), made.element("Cluster"));
}

#[tokio::test]
async fn a_cluster_that_cannot_be_opened_is_shown_as_failed() {
    let world = World::new().await;
    call(&world, &cluster_form("analytics", "")).await.ok();
    world.host.broken.store(true, Ordering::Relaxed);
    let described = call(&world, "Action=DescribeClusters&ClusterIdentifier=analytics").await.ok();
    assert_eq!(described.element("ClusterAvailabilityStatus"), "Failed");
}

#[tokio::test]
async fn clusters_are_described() {
    let world = World::new().await;
    let empty = call(&world, "Action=DescribeClusters").await.ok();
    assert_eq!(empty.element("DescribeClustersResult"), "<Clusters></Clusters>");
    call(&world, &cluster_form("testcluster", "")).await.ok();
    for form in ["Action=DescribeClusters", "Action=DescribeClusters&ClusterIdentifier=testcluster&MaxRecords=20"] {
        let reply = call(&world, form).await.ok();
        assert_eq!(reply.element("Endpoint"), "<Address>127.0.0.1</Address><Port>5439</Port>");
        assert_eq!((reply.element("ClusterStatus"), reply.element("DBName")), ("available", "dev"));
        assert_eq!(reply.element("ClusterCreateTime"), "2026-02-28T23:59:30.000Z");
        assert_eq!(reply.element("ClusterNodes").matches("<member>").count(), 1);
        for list in ["ClusterSecurityGroups", "Tags", "IamRoles", "PendingModifiedValues"] {
            assert_eq!(reply.element(list), "", "{list}");
        }
        assert!(reply.element("VpcSecurityGroupId").starts_with("sg-") && reply.element("VpcId").starts_with("vpc-"));
        assert_eq!(
            (reply.element("AvailabilityZone"), reply.element("ClusterSubnetGroupName")),
            ("us-east-1a", "default")
        );
        assert_eq!(reply.element("ParameterGroupName"), "default.redshift-1.0");
        assert!(
            reply.element("ClusterParameterGroups").contains("<ParameterApplyStatus>in-sync</ParameterApplyStatus>")
        );
        assert!(!reply.body.contains("pending-reboot"));
        assert_eq!(reply.element("PreferredMaintenanceWindow"), "sun:05:00-sun:05:30");
        assert_eq!(reply.element("NextMaintenanceWindowStartTime"), "2026-03-01T05:00:00.000Z");
        assert_eq!((reply.element("AutomatedSnapshotRetentionPeriod"), reply.element("NumberOfNodes")), ("1", "1"));
    }
    for (form, code) in [
        ("&MaxRecords=19", "InvalidParameterValue"),
        ("&MaxRecords=101", "InvalidParameterValue"),
        ("&MaxRecords=x", "InvalidParameterValue"),
        ("&TagKeys.TagKey.2=x", "MalformedQueryString"),
        ("&ClusterIdentifier=a&Marker=b", "InvalidParameterCombination"),
    ] {
        call(&world, &format!("Action=DescribeClusters{form}")).await.fails(400, code, "");
    }
}

#[tokio::test]
async fn clusters_are_selected_by_their_tags() {
    let world = World::new().await;
    for (name, key, value) in [("a", "team", "data"), ("b", "team", "web"), ("c", "stage", "data")] {
        let more = format!("&Tags.Tag.1.Key={key}&Tags.Tag.1.Value={value}");
        call(&world, &cluster_form(name, &more)).await.ok();
    }
    for (filter, expected) in [
        ("", "abc"),
        ("&TagKeys.TagKey.1=team", "ab"),
        ("&TagValues.TagValue.1=data", "ac"),
        ("&TagKeys.TagKey.1=team&TagValues.TagValue.1=data", "a"),
        ("&TagKeys.TagKey.1=stage&TagKeys.TagKey.2=team", "abc"),
        ("&TagKeys.TagKey.1=stage&TagValues.TagValue.1=web", ""),
        ("&TagKeys.TagKey.1=team&Marker=a", "b"),
        ("&TagKeys.TagKey.1=team&ClusterIdentifier=c", ""),
    ] {
        let reply = call(&world, &format!("Action=DescribeClusters{filter}")).await.ok();
        let names = reply.body.split("<ClusterIdentifier>").skip(1).filter_map(|rest| rest.chars().next());
        assert_eq!(names.collect::<String>(), expected, "{filter}");
    }
}

#[tokio::test]
async fn a_cluster_is_modified() {
    let world = World::new().await;
    call(&world, &cluster_form("first", "")).await.ok();
    call(&world, &cluster_form("second", "")).await.ok();
    world.host.calls();
    let more = "&NewClusterIdentifier=renamed&MasterUserPassword=Passw0rd2&PubliclyAccessible=true&NodeType=ra3.large\
                &ClusterType=single-node&NumberOfNodes=1&VpcSecurityGroupIds=";
    let changed = call(&world, &format!("Action=ModifyCluster&ClusterIdentifier=second{more}")).await.ok();
    assert_eq!(world.last_record().target, "arn:aws:redshift:us-east-1:123456789012:cluster:second");
    assert_eq!((changed.element("ClusterIdentifier"), changed.element("PubliclyAccessible")), ("renamed", "true"));
    assert_eq!(changed.element("Endpoint"), "<Address>renamed.redshift.localhost</Address><Port>5439</Port>");
    assert_eq!(world.host.calls(), ["password awsuser Passw0rd2"]);
    assert!(!format!("{}{:?}", changed.body, world.last_record()).contains("Passw0rd2"));
    call(&world, "Action=DescribeClusters&ClusterIdentifier=second").await.fails(404, "ClusterNotFound", "second");

    let moved = call(&world, "Action=ModifyCluster&ClusterIdentifier=renamed&Port=5441").await.ok();
    assert_eq!(moved.element("Endpoint"), "<Address>127.0.0.1</Address><Port>5441</Port>");
    for (more, code, message) in [
        ("renamed&NewClusterIdentifier=first", "ClusterAlreadyExists", "first"),
        ("renamed&NewClusterIdentifier=First", "InvalidParameterValue", "NewClusterIdentifier"),
        ("renamed&NodeType=large", "InvalidParameterValue", "ra3.16xlarge"),
        ("renamed&NumberOfNodes=0", "InvalidParameterValue", "NumberOfNodes"),
        ("renamed&ClusterType=single-node&NumberOfNodes=2", "InvalidParameterValue", "single-node cluster has 1"),
        ("renamed&MasterUserPassword=short", "InvalidParameterValue", "too short"),
        ("renamed&Encrypted=true", "InvalidParameterValue", "\"Encrypted\""),
        ("renamed&ManageMasterPassword=false", "InvalidParameterValue", "needs a MasterUserPassword"),
        ("renamed&ManageMasterPassword=true&MasterUserPassword=Passw0rd3", "InvalidParameterValue", "is made here"),
        ("renamed&MasterPasswordSecretKmsKeyId=k", "InvalidParameterValue", "\"MasterPasswordSecretKmsKeyId\""),
        ("renamed&PreferredMaintenanceWindow=sun", "InvalidParameterValue", "ddd:hh24:mi"),
        ("renamed&AutomatedSnapshotRetentionPeriod=36", "InvalidParameterValue", "0 to 35"),
        ("renamed&ManualSnapshotRetentionPeriod=0", "InvalidParameterValue", "1 to 3653"),
        ("renamed&AvailabilityZone=eu-west-1a", "InvalidParameterValue", "us-east-1a"),
        ("renamed&MultiAZ=true", "InvalidParameterValue", "\"MultiAZ\""),
        ("renamed&AllowVersionUpgrade=false", "InvalidParameterValue", "\"AllowVersionUpgrade\""),
        ("renamed&PubliclyAccessible=yes", "InvalidParameterValue", "true or false"),
        ("renamed&Port=80", "InvalidParameterValue", "Port"),
        ("renamed&Port=70000", "InvalidParameterValue", "Port"),
    ] {
        let reply = call(&world, &format!("Action=ModifyCluster&ClusterIdentifier={more}")).await;
        reply.fails(400, code, message);
    }
    let absent = call(&world, "Action=ModifyCluster&ClusterIdentifier=none").await;
    absent.fails(404, "ClusterNotFound", "none");
}

#[tokio::test]
async fn roles_are_added_and_removed() {
    let world = World::new().await;
    call(&world, &cluster_form("roles", "")).await.ok();
    let other = "arn:aws:iam::123456789012:role/Other";
    let modify =
        async |more: &str| call(&world, &format!("Action=ModifyClusterIamRoles&ClusterIdentifier=roles{more}")).await;
    let both = format!("&AddIamRoles.IamRoleArn.1={ROLE}&AddIamRoles.IamRoleArn.2={other}&DefaultIamRoleArn={ROLE}");
    let added = modify(&both).await.ok();
    assert_eq!(added.body.matches("<ClusterIamRole>").count(), 2);
    assert_eq!(added.element("DefaultIamRoleArn"), ROLE);
    let removed = modify(&format!("&RemoveIamRoles.IamRoleArn.1={other}&AddIamRoles=")).await.ok();
    assert_eq!(
        removed.element("IamRoles"),
        format!("<ClusterIamRole><IamRoleArn>{ROLE}</IamRoleArn><ApplyStatus>in-sync</ApplyStatus></ClusterIamRole>")
    );
    modify("&AddIamRoles.IamRoleArn.1=x").await.fails(400, "InvalidParameterValue", "AddIamRoles");
    modify("&AddIamRoles.member.1=x").await.fails(400, "MalformedQueryString", "AddIamRoles.IamRoleArn.1");
}

#[tokio::test]
async fn a_cluster_is_deleted_with_its_data_only() {
    let world = World::new().await;
    call(&world, &cluster_form("gone", "")).await.ok();
    world.host.calls();
    for (more, code, message) in [
        ("", "InvalidParameterValue", "FinalClusterSnapshotIdentifier"),
        ("&SkipFinalClusterSnapshot=false", "InvalidParameterValue", "SkipFinalClusterSnapshot=true"),
        ("&SkipFinalClusterSnapshot=maybe", "InvalidParameterValue", "true or false"),
        (
            "&SkipFinalClusterSnapshot=true&FinalClusterSnapshotIdentifier=s",
            "InvalidParameterCombination",
            "FinalClusterSnapshotIdentifier",
        ),
        (
            "&SkipFinalClusterSnapshot=true&FinalClusterSnapshotRetentionPeriod=1",
            "InvalidParameterCombination",
            "FinalClusterSnapshotRetentionPeriod",
        ),
    ] {
        let reply = call(&world, &format!("Action=DeleteCluster&ClusterIdentifier=gone{more}")).await;
        reply.fails(400, code, message);
    }
    assert!(world.host.calls().is_empty());
    let delete = "Action=DeleteCluster&ClusterIdentifier=gone&SkipFinalClusterSnapshot=true";
    let deleted = call(&world, delete).await.ok();
    assert_eq!((deleted.element("ClusterStatus"), deleted.element("ClusterIdentifier")), ("deleting", "gone"));
    assert!(!deleted.body.contains("<Endpoint>"));
    assert!(world.host.calls().contains(&"delete".to_owned()));
    call(&world, "Action=DescribeClusters&ClusterIdentifier=gone").await.fails(404, "ClusterNotFound", "gone");
    call(&world, delete).await.fails(404, "ClusterNotFound", "gone");
}

#[tokio::test]
async fn what_describes_other_machines_may_say_what_is_true() {
    let world = World::new().await;
    let more = "&ClusterType=single-node&NumberOfNodes=1&Encrypted=false&MultiAZ=false&AllowVersionUpgrade=true\
                &EnhancedVpcRouting=false&AutomatedSnapshotRetentionPeriod=0&ManualSnapshotRetentionPeriod=-1&ClusterVersion=1.0\
                &MaintenanceTrackName=current&AvailabilityZoneRelocation=false&AquaConfigurationStatus=auto\
                &ManageMasterPassword=false&IpAddressType=ipv4&ExtraComputeForAutomaticOptimization=false\
                &ClusterSecurityGroups=&VpcSecurityGroupIds=&IamRoles=&Tags=";
    call(&world, &cluster_form("facts", more)).await.ok();
}

#[tokio::test]
async fn wrong_input_makes_nothing() {
    let world = World::new().await;
    for (form, code, message) in [
        (cluster_form("UPPER", ""), "InvalidParameterValue", "ClusterIdentifier"),
        (cluster_form("a", "&NodeType=").replace("NodeType=ra3.large&", ""), "InvalidParameterValue", "ra3.16xlarge"),
        (cluster_form("a", "").replace("awsuser", "public"), "InvalidParameterValue", "MasterUsername"),
        (cluster_form("a", "").replace("Passw0rd1", "short"), "InvalidParameterValue", "too short"),
        (cluster_form("a", "").replace("&MasterUserPassword=Passw0rd1", ""), "MissingParameter", "MasterUserPassword"),
        (cluster_form("a", "&DBName=1x"), "InvalidParameterValue", "DBName"),
        (cluster_form("a", "&Port=x"), "InvalidParameterValue", "Port"),
        (cluster_form("a", &format!("&Port={PORT_IN_USE}")), "InvalidParameterValue", "5999"),
        (cluster_form("a", "&Tags.Tag.1.Value=v"), "InvalidTagFault", "needs a Key"),
        (cluster_form("a", "&Tags.Tag.1.Key=k&Tags.Tag.2.Key=k"), "InvalidTagFault", "\"k\" is given twice"),
        (cluster_form("a", "&Tags.Tag.1.Key=aws:k"), "InvalidTagFault", "aws:"),
        (cluster_form("a", "&Tags.Tag.1.Key=k&Tags.Tag.1.Other=k"), "MalformedQueryString", "Tags.Tag.1.Other"),
        (cluster_form("a", "&IamRoles.IamRoleArn.1=x"), "InvalidParameterValue", "IamRoles"),
        (cluster_form("a", &format!("&DefaultIamRoleArn={ROLE}")), "InvalidParameterValue", "DefaultIamRoleArn"),
        (cluster_form("a", "&NoSuchParameter=1"), "InvalidParameterValue", "\"NoSuchParameter\""),
    ] {
        call(&world, &form).await.fails(400, code, message);
        assert_eq!(world.last_record().outcome, Outcome::Failed);
    }
    let reply = call(&world, &cluster_form("a", "&RedshiftIdcApplicationArn=arn%3Ax")).await;
    reply.fails(404, "RedshiftIdcApplicationNotExists", "arn:x");
    let empty = call(&world, "Action=DescribeClusters").await.ok();
    assert_eq!(empty.element("DescribeClustersResult"), "<Clusters></Clusters>");

    call(&world, &cluster_form("a", "")).await.ok();
    call(&world, &cluster_form("a", "")).await.fails(400, "ClusterAlreadyExists", "a");
    for number in 1..control::WAREHOUSES_MAX {
        call(&world, &cluster_form(&format!("a{number}"), "")).await.ok();
    }
    call(&world, &cluster_form("toomany", "")).await.fails(400, "ClusterQuotaExceeded", "16");
    for operation in ["ResizeCluster", "EnableSnapshotCopy", "CreateEndpointAccess"] {
        let reply = call(&world, &format!("Action={operation}&ClusterIdentifier=a")).await;
        reply.fails(400, "UnsupportedOperation", operation);
    }
}
