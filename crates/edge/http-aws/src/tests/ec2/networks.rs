//! Virtual networks, subnets, zones.

use super::{call, fails, new_group};
use crate::tests::world::World;

#[tokio::test]
async fn there_is_a_default_network_in_three_zones() {
    let world = World::new().await;
    let vpc = call(&world, "Action=DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=true").await.ok();
    assert_eq!(
        (vpc.element("cidrBlock"), vpc.element("isDefault"), vpc.element("state")),
        ("172.31.0.0/16", "true", "available")
    );
    assert!(vpc.element("ipv6CidrBlock").starts_with("fd"));
    let id = vpc.element("vpcId");
    let filter =
        format!("Filter.1.Name=vpc-id&Filter.1.Value.1={id}&Filter.2.Name=default-for-az&Filter.2.Value.1=true");
    let subnets = call(&world, &format!("Action=DescribeSubnets&{filter}")).await.ok();
    assert_eq!(subnets.body.matches("<subnetId>").count(), 3);
    assert_eq!(subnets.element("availableIpAddressCount"), "4091");
    let zones = call(&world, "Action=DescribeAvailabilityZones").await.ok();
    for zone in ["us-east-1a", "us-east-1b", "us-east-1c"] {
        assert!(zones.body.contains(&format!("<zoneName>{zone}</zoneName>")));
        assert!(subnets.body.contains(&format!("<availabilityZone>{zone}</availabilityZone>")));
    }
    let one = call(&world, "Action=DescribeAvailabilityZones&ZoneName.1=us-east-1b").await.ok();
    assert_eq!((one.element("zoneId"), one.body.matches("<item>").count()), ("use1-az2", 1));
}

#[tokio::test]
async fn a_network_is_made_and_deleted() {
    let world = World::new().await;
    let form = "Action=CreateVpc&CidrBlock=10.1.0.0/16&AmazonProvidedIpv6CidrBlock=true\
                &TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value=data";
    let made = call(&world, form).await.ok();
    let vpc = made.element("vpcId").to_owned();
    assert_eq!((made.element("isDefault"), made.element("key"), made.element("value")), ("false", "team", "data"));
    let form = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.1.1.0/24&AvailabilityZone=us-east-1c");
    let made = call(&world, &form).await.ok();
    let subnet = made.element("subnetId").to_owned();
    assert_eq!((made.element("availabilityZone"), made.element("availableIpAddressCount")), ("us-east-1c", "251"));
    assert_eq!(made.element("subnetArn"), format!("arn:aws:ec2:us-east-1:123456789012:subnet/{subnet}"));
    fails(&call(&world, &format!("Action=DeleteVpc&VpcId={vpc}")).await, 400, "DependencyViolation", &subnet);
    call(&world, &format!("Action=DeleteSubnet&SubnetId={subnet}")).await.ok();
    call(&world, &format!("Action=DeleteVpc&VpcId={vpc}")).await.ok();
    fails(&call(&world, &format!("Action=DescribeVpcs&VpcId.1={vpc}")).await, 400, "InvalidVpcID.NotFound", &vpc);
}

#[tokio::test]
async fn what_networks_refuse_has_ec2s_codes() {
    let world = World::new().await;
    let vpc = call(&world, "Action=DescribeVpcs").await.ok().element("vpcId").to_owned();
    for (form, code) in [
        ("Action=CreateVpc&CidrBlock=10.0.0.0/8".to_owned(), "InvalidVpc.Range"),
        ("Action=CreateVpc&CidrBlock=10.0.0.0".to_owned(), "InvalidParameterValue"),
        ("Action=CreateVpc&CidrBlock=10.1.0.0/16&InstanceTenancy=dedicated".to_owned(), "InvalidParameterValue"),
        ("Action=DeleteVpc".to_owned(), "MissingParameter"),
        ("Action=DeleteVpc&VpcId=vpc-0".to_owned(), "InvalidVpcID.NotFound"),
        (format!("Action=DeleteVpc&VpcId={vpc}"), "OperationNotPermitted"),
        ("Action=DeleteSubnet&SubnetId=subnet-0".to_owned(), "InvalidSubnetID.NotFound"),
        ("Action=DescribeSubnets&SubnetId.1=subnet-0".to_owned(), "InvalidSubnetID.NotFound"),
        ("Action=CreateSubnet&VpcId=vpc-0&CidrBlock=10.1.0.0/24".to_owned(), "InvalidVpcID.NotFound"),
        (format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.1.0.0/24"), "InvalidSubnet.Range"),
        (format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=172.31.0.0/24"), "InvalidSubnet.Conflict"),
        (
            format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=172.31.64.0/24&AvailabilityZone=eu-west-1a"),
            "InvalidParameterValue",
        ),
        (
            format!(
                "Action=CreateSubnet&VpcId={vpc}&CidrBlock=172.31.64.0/24&AvailabilityZone=us-east-1a&AvailabilityZoneId=use1-az1"
            ),
            "InvalidParameterCombination",
        ),
        ("Action=DescribeAvailabilityZones&ZoneName.1=us-east-1z".to_owned(), "InvalidParameterValue"),
        ("Action=DescribeRegions&RegionName.1=eu-west-1".to_owned(), "InvalidParameterValue"),
        ("Action=DescribeSubnets&SubnetId.2=subnet-0".to_owned(), "MalformedQueryString"),
    ] {
        let reply = call(&world, &form).await;
        assert_eq!((reply.status, reply.element("Code")), (400, code), "{form}: {}", reply.body);
    }
    for cidr in ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16"] {
        call(&world, &format!("Action=CreateVpc&CidrBlock={cidr}")).await.ok();
    }
    fails(&call(&world, "Action=CreateVpc&CidrBlock=10.5.0.0/16").await, 400, "VpcLimitExceeded", "5");
}

#[tokio::test]
async fn tags_are_listed_and_removed() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    let subnet = call(&world, "Action=DescribeSubnets").await.ok().element("subnetId").to_owned();
    let form = format!(
        "Action=CreateTags&ResourceId.1={id}&ResourceId.2={subnet}&Tag.1.Key=team&Tag.1.Value=data&Tag.2.Key=x"
    );
    assert_eq!(call(&world, &form).await.ok().element("return"), "true");
    let all = call(&world, "Action=DescribeTags").await.ok();
    assert_eq!(all.body.matches("<resourceId>").count(), 4);
    let form = "Action=DescribeTags&Filter.1.Name=resource-type&Filter.1.Value.1=security-group&Filter.2.Name=key&Filter.2.Value.1=team";
    let one = call(&world, form).await.ok();
    assert_eq!((one.element("resourceId"), one.element("value")), (id.as_str(), "data"));
    call(&world, &format!("Action=DeleteTags&ResourceId.1={id}&Tag.1.Key=team&Tag.1.Value=other")).await.ok();
    call(&world, &format!("Action=DeleteTags&ResourceId.1={subnet}&Tag.1.Key=team")).await.ok();
    let left = call(&world, "Action=DescribeTags&Filter.1.Name=key&Filter.1.Value.1=team").await.ok();
    assert_eq!(left.element("resourceId"), id);
    for (form, code) in [
        ("Action=CreateTags&Tag.1.Key=a".to_owned(), "MissingParameter"),
        (format!("Action=CreateTags&ResourceId.1={id}"), "MissingParameter"),
        (format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=aws:x"), "InvalidParameterValue"),
        (format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=a&Tag.2.Key=a"), "InvalidParameterValue"),
        ("Action=CreateTags&ResourceId.1=i-1&Tag.1.Key=a".to_owned(), "InvalidParameterValue"),
        ("Action=CreateTags&ResourceId.1=sg-1&Tag.1.Key=a".to_owned(), "InvalidGroup.NotFound"),
        ("Action=DeleteTags&ResourceId.1=sgr-1".to_owned(), "InvalidSecurityGroupRuleId.NotFound"),
    ] {
        let reply = call(&world, &form).await;
        assert_eq!((reply.status, reply.element("Code")), (400, code), "{form}: {}", reply.body);
    }
}
