use super::call;
use crate::tests::ec2;
use crate::tests::world::World;

async fn subnets(world: &World) -> Vec<String> {
    let reply = ec2::call(world, "Action=DescribeSubnets").await.ok();
    reply.body.split("<subnetId>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect()
}

fn create(name: &str, subnets: &[String]) -> String {
    let ids = (1..).zip(subnets).map(|(number, id): (usize, _)| format!("&SubnetIds.SubnetIdentifier.{number}={id}"));
    format!(
        "Action=CreateClusterSubnetGroup&ClusterSubnetGroupName={name}&Description=for+tests{}",
        ids.collect::<String>()
    )
}

#[tokio::test]
async fn a_cluster_subnet_group_lives_from_its_making_to_its_end() {
    let world = World::new().await;
    let subnets = subnets(&world).await;
    let made =
        call(&world, &format!("{}&Tags.Tag.1.Key=team&Tags.Tag.1.Value=data", create("My-Group", &subnets))).await.ok();
    assert_eq!((made.element("ClusterSubnetGroupName"), made.element("SubnetGroupStatus")), ("my-group", "Complete"));
    assert_eq!(made.body.matches("<SubnetStatus>Active</SubnetStatus>").count(), 3);
    assert_eq!(made.element("Tags"), "<Tag><Key>team</Key><Value>data</Value></Tag>");
    assert_eq!(world.last_record().target, "arn:aws:redshift:us-east-1:123456789012:subnetgroup:my-group");
    let form = format!(
        "Action=ModifyClusterSubnetGroup&ClusterSubnetGroupName=MY-GROUP&Description=one&SubnetIds.SubnetIdentifier.1={}",
        subnets[0]
    );
    let less = call(&world, &form).await.ok();
    assert_eq!((less.element("Description"), less.body.matches("<SubnetStatus>").count()), ("one", 1));
    let shown = call(&world, "Action=DescribeClusterSubnetGroups&ClusterSubnetGroupName=my-group").await.ok();
    assert_eq!(shown.element("ClusterSubnetGroup"), less.element("ClusterSubnetGroup"));
    let arn = "arn:aws:redshift:us-east-1:123456789012:subnetgroup:my-group";
    call(&world, &format!("Action=CreateTags&ResourceName={arn}&Tags.Tag.1.Key=cost&Tags.Tag.1.Value=1")).await.ok();
    let tags = call(&world, "Action=DescribeTags&ResourceType=subnet+group").await.ok();
    assert_eq!(tags.body.matches("<ResourceType>Subnet group</ResourceType>").count(), 2);
    call(&world, &format!("Action=DeleteTags&ResourceName={arn}&TagKeys.TagKey.1=team")).await.ok();
    let none = call(&world, "Action=DescribeClusterSubnetGroups&TagKeys.TagKey.1=team").await.ok();
    assert_eq!(none.element("ClusterSubnetGroups"), "");
    call(&world, "Action=DeleteClusterSubnetGroup&ClusterSubnetGroupName=my-group").await.ok();
    let gone = call(&world, "Action=DescribeClusterSubnetGroups&ClusterSubnetGroupName=my-group").await;
    gone.fails(400, "ClusterSubnetGroupNotFoundFault", "my-group");
}

#[tokio::test]
async fn what_cluster_subnet_groups_refuse_has_redshifts_codes() {
    let world = World::new().await;
    let subnets = subnets(&world).await;
    call(&world, &create("one", &subnets)).await.ok();
    let vpc = ec2::call(&world, "Action=CreateVpc&CidrBlock=10.1.0.0/16").await.ok().element("vpcId").to_owned();
    let form = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.1.1.0/24");
    let elsewhere = ec2::call(&world, &form).await.ok().element("subnetId").to_owned();
    let many: Vec<_> = (0..21).map(|number| format!("subnet-{number}")).collect();
    for (form, code) in [
        (create("ONE", &subnets), "ClusterSubnetGroupAlreadyExists"),
        (create("two", &[]), "MissingParameter"),
        (format!("{}&SubnetIds=", create("two", &[])), "InvalidSubnet"),
        (create("two", &["subnet-0".to_owned()]), "InvalidSubnet"),
        (create("two", &[subnets[0].clone(), elsewhere.clone()]), "InvalidSubnet"),
        (create("two", &many), "ClusterSubnetQuotaExceededFault"),
        (create("default", &subnets), "InvalidParameterValue"),
        (format!("{}&Tags.Tag.1.Key=aws:x", create("two", &subnets)), "InvalidTagFault"),
        (format!("{}&Colour=red", create("two", &subnets)), "InvalidParameterValue"),
        ("Action=DeleteClusterSubnetGroup&ClusterSubnetGroupName=none".to_owned(), "ClusterSubnetGroupNotFoundFault"),
        (
            format!(
                "Action=ModifyClusterSubnetGroup&ClusterSubnetGroupName=none&SubnetIds.SubnetIdentifier.1={elsewhere}"
            ),
            "ClusterSubnetGroupNotFoundFault",
        ),
        (
            format!(
                "Action=ModifyClusterSubnetGroup&ClusterSubnetGroupName=one&SubnetIds.SubnetIdentifier.1={elsewhere}"
            ),
            "InvalidSubnet",
        ),
        ("Action=ModifyClusterSubnetGroup&ClusterSubnetGroupName=one".to_owned(), "MissingParameter"),
        (
            "Action=DescribeClusterSubnetGroups&ClusterSubnetGroupName=one&Marker=a".to_owned(),
            "InvalidParameterCombination",
        ),
    ] {
        let reply = call(&world, &form).await;
        assert_eq!((reply.status, reply.element("Code")), (400, code), "{form}: {}", reply.body);
    }
    let form = super::cluster_form("one", "&ClusterSubnetGroupName=one");
    call(&world, &form).await.ok();
    let used = call(&world, "Action=DeleteClusterSubnetGroup&ClusterSubnetGroupName=one").await;
    used.fails(400, "InvalidClusterSubnetGroupStateFault", "cluster one");
    let kept = ec2::call(&world, &format!("Action=DeleteSubnet&SubnetId={}", subnets[0])).await;
    ec2::fails(&kept, 400, "DependencyViolation", "cluster subnet group one");
}

#[tokio::test]
async fn cluster_subnet_groups_come_in_pages() {
    let world = World::new().await;
    let subnets = subnets(&world).await;
    for number in 10..35 {
        call(&world, &create(&format!("group-{number}"), &subnets)).await.ok();
    }
    let first = call(&world, "Action=DescribeClusterSubnetGroups&MaxRecords=20").await.ok();
    assert_eq!((first.body.matches("<ClusterSubnetGroup>").count(), first.element("Marker")), (20, "group-29"));
    let rest = call(&world, "Action=DescribeClusterSubnetGroups&MaxRecords=20&Marker=group-29").await.ok();
    assert_eq!(rest.body.matches("<ClusterSubnetGroup>").count(), 5);
    assert!(!rest.body.contains("<Marker>"));
}
