//! Security groups.

use super::{call, fails, new_group};
use crate::tests::world::World;

#[tokio::test]
async fn a_group_is_made_shown_and_deleted() {
    let world = World::new().await;
    let form = "Action=CreateSecurityGroup&GroupName=Redshift+VPN&GroupDescription=From+the+VPN\
                &TagSpecification.1.ResourceType=security-group&TagSpecification.1.Tag.1.Key=team\
                &TagSpecification.1.Tag.1.Value=data";
    let made = call(&world, form).await.ok();
    let id = made.element("groupId").to_owned();
    assert_eq!(made.element("securityGroupArn"), format!("arn:aws:ec2:us-east-1:123456789012:security-group/{id}"));
    assert_eq!(made.element("tagSet"), "<item><key>team</key><value>data</value></item>");
    for form in [format!("GroupId.1={id}"), "GroupName.1=redshift+vpn".to_owned()] {
        let shown = call(&world, &format!("Action=DescribeSecurityGroups&{form}")).await.ok();
        assert_eq!((shown.element("groupName"), shown.element("groupDescription")), ("Redshift VPN", "From the VPN"));
        assert_eq!((shown.element("ownerId"), shown.element("ipPermissions")), ("123456789012", ""));
        assert!(shown.element("ipPermissionsEgress").contains("<cidrIp>0.0.0.0/0</cidrIp>"), "{}", shown.body);
        assert!(shown.element("ipPermissionsEgress").contains("<cidrIpv6>::/0</cidrIpv6>"), "{}", shown.body);
    }
    let gone = call(&world, "Action=DeleteSecurityGroup&GroupName=Redshift+VPN").await.ok();
    assert_eq!((gone.element("return"), gone.element("groupId")), ("true", id.as_str()));
    let none = call(&world, &format!("Action=DescribeSecurityGroups&GroupId.1={id}")).await;
    fails(&none, 400, "InvalidGroup.NotFound", &format!("The security group '{id}' does not exist"));
}

#[tokio::test]
async fn the_default_group_says_whom_it_lets_in() {
    let world = World::new().await;
    let shown = call(&world, "Action=DescribeSecurityGroups&GroupName.1=default").await.ok();
    let inbound = shown.element("ipPermissions");
    for text in ["<cidrIp>127.0.0.0/8</cidrIp>", "<cidrIpv6>fc00::/7</cidrIpv6>", "Made by Gatehouse: this machine"] {
        assert!(inbound.contains(text), "{inbound}");
    }
    let id = shown.element("groupId").to_owned();
    fails(&call(&world, &format!("Action=DeleteSecurityGroup&GroupId={id}")).await, 400, "CannotDelete", "default");
}

#[tokio::test]
async fn what_groups_refuse_has_ec2s_codes() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    for (form, code) in [
        ("Action=CreateSecurityGroup&GroupName=a", "MissingParameter"),
        ("Action=CreateSecurityGroup&GroupDescription=a", "MissingParameter"),
        ("Action=CreateSecurityGroup&GroupName=VPN&GroupDescription=a", "InvalidGroup.Duplicate"),
        ("Action=CreateSecurityGroup&GroupName=sg-1&GroupDescription=a", "InvalidParameterValue"),
        ("Action=CreateSecurityGroup&GroupName=default&GroupDescription=a", "InvalidParameterValue"),
        ("Action=CreateSecurityGroup&GroupName=b&GroupDescription=a&VpcId=vpc-0", "InvalidVpcID.NotFound"),
        ("Action=DeleteSecurityGroup", "MissingParameter"),
        ("Action=DeleteSecurityGroup&GroupId=vpn", "InvalidGroupId.Malformed"),
        ("Action=DeleteSecurityGroup&GroupId=sg-0", "InvalidGroup.NotFound"),
        ("Action=DeleteSecurityGroup&GroupName=none", "InvalidGroup.NotFound"),
        ("Action=DeleteSecurityGroup&GroupId=sg-0&GroupName=vpn", "InvalidParameterCombination"),
        ("Action=DescribeSecurityGroups&GroupId.1=x", "InvalidGroupId.Malformed"),
        ("Action=DescribeSecurityGroups&GroupName.1=none", "InvalidGroup.NotFound"),
    ] {
        let reply = call(&world, form).await;
        assert_eq!((reply.status, reply.element("Code")), (400, code), "{form}: {}", reply.body);
    }
    let other = new_group(&world, "other").await;
    let form = format!(
        "Action=AuthorizeSecurityGroupIngress&GroupId={other}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={id}"
    );
    call(&world, &form).await.ok();
    let used = call(&world, &format!("Action=DeleteSecurityGroup&GroupId={id}")).await;
    fails(&used, 400, "DependencyViolation", &format!("resource {id} has a dependent object"));
}

#[tokio::test]
async fn a_group_that_a_cluster_has_is_not_deleted() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    let form = crate::tests::redshift::cluster_form("one", &format!("&VpcSecurityGroupIds.VpcSecurityGroupId.1={id}"));
    crate::tests::redshift::call(&world, &form).await.ok();
    let used = call(&world, &format!("Action=DeleteSecurityGroup&GroupId={id}")).await;
    fails(&used, 400, "DependencyViolation", "cluster one");
}
