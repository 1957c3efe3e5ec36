//! EC2's frames, DryRun, filters, pages, and what is refused by its name.

use base::{AuditStep, Outcome};

use super::{call, fails, new_group};
use crate::tests::world::World;

#[tokio::test]
async fn answers_have_ec2s_frame() {
    let world = World::new().await;
    let reply = call(&world, "Action=DescribeRegions").await.ok();
    let begin = format!(
        "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>{}</requestId><regionInfo>",
        reply.request_id
    );
    assert!(reply.body.starts_with(&begin), "{}", reply.body);
    assert_eq!(reply.element("regionName"), "us-east-1");
    let record = world.last_record();
    assert_eq!(
        (record.step, record.outcome, record.action.as_str()),
        (AuditStep::ApiCall, Outcome::Allowed, "ec2:DescribeRegions")
    );
}

#[tokio::test]
async fn a_dry_run_does_nothing() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    for form in [
        "Action=CreateVpc&CidrBlock=10.1.0.0/16".to_owned(),
        "Action=DescribeSecurityGroups".to_owned(),
        format!("Action=DeleteSecurityGroup&GroupId={id}"),
        format!(
            "Action=AuthorizeSecurityGroupIngress&GroupId={id}&IpProtocol=tcp&FromPort=1&ToPort=2&CidrIp=10.0.0.0/8"
        ),
        format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=a&Tag.1.Value=b"),
    ] {
        let reply = call(&world, &format!("{form}&DryRun=true")).await;
        fails(&reply, 412, "DryRunOperation", "Request would have succeeded");
    }
    let group = call(&world, &format!("Action=DescribeSecurityGroups&GroupId.1={id}&DryRun=false")).await.ok();
    assert_eq!((group.element("ipPermissions"), group.element("tagSet")), ("", ""));
    assert_eq!(call(&world, "Action=DescribeVpcs").await.ok().body.matches("<vpcId>").count(), 1);
    // What can't be read is refused, dry or not.
    let reply = call(&world, "Action=CreateVpc&DryRun=true").await;
    fails(&reply, 400, "MissingParameter", "cidrBlock");
    fails(&call(&world, "Action=CreateVpc&DryRun=maybe").await, 400, "InvalidParameterValue", "DryRun");
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_its_name() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    fails(&call(&world, "Action=RunInstances").await, 400, "UnsupportedOperation", "RunInstances");
    for (form, parameter) in [
        ("Action=CreateVpc&CidrBlock=10.1.0.0/16&Ipv4IpamPoolId=ipam-pool-1".to_owned(), "Ipv4IpamPoolId"),
        ("Action=CreateSubnet&VpcId=vpc-1&CidrBlock=10.1.0.0/24&OutpostArn=arn".to_owned(), "OutpostArn"),
        (
            format!(
                "Action=AuthorizeSecurityGroupIngress&GroupId={id}&SourceSecurityGroupName=x&IpProtocol=-1&CidrIp=::/0"
            ),
            "malformed",
        ),
        (
            format!(
                "Action=AuthorizeSecurityGroupIngress&GroupId={id}&SourceSecurityGroupName=x&IpProtocol=-1&CidrIp=0.0.0.0/0"
            ),
            "SourceSecurityGroupName",
        ),
        (
            format!(
                "Action=AuthorizeSecurityGroupIngress&GroupId={id}&IpPermissions.1.IpProtocol=-1\
                 &IpPermissions.1.PrefixListIds.1.PrefixListId=pl-1"
            ),
            "PrefixListIds",
        ),
        (
            format!(
                "Action=AuthorizeSecurityGroupIngress&GroupId={id}&IpPermissions.1.IpProtocol=-1\
                 &IpPermissions.1.Groups.1.GroupId={id}&IpPermissions.1.Groups.1.VpcPeeringConnectionId=pcx-1"
            ),
            "VpcPeeringConnectionId",
        ),
        ("Action=CreateVpc&CidrBlock=10.1.0.0/16&TagSpecification.1.ResourceType=subnet".to_owned(), "subnet"),
    ] {
        let reply = call(&world, &form).await;
        assert_eq!(reply.status, 400, "{form}");
        assert!(reply.element("Message").contains(parameter), "{form}: {}", reply.body);
    }
    let reply = call(&world, "Action=DescribeVpcs&Colour=red").await;
    fails(&reply, 400, "UnknownParameter", "Colour");
}

#[tokio::test]
async fn an_unknown_key_and_a_wrong_secret_are_authorization_failures() {
    let world = World::new().await;
    let caller = || {
        let mut client = world.client("ec2", "Action=DescribeVpcs&Version=2016-11-15");
        client.headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        client
    };
    let mut client = caller();
    client.key = "AKIAAAAAAAAAAAAAAAAA".to_owned();
    fails(&client.send().await, 401, "AuthFailure", "invalid");
    let mut client = caller();
    client.secret = base::Secret::new("x".repeat(40));
    fails(&client.send().await, 401, "AuthFailure", "signature");
}

#[tokio::test]
async fn lists_are_filtered_by_what_is_known_only() {
    let world = World::new().await;
    let id = new_group(&world, "vpn-1").await;
    new_group(&world, "lan").await;
    call(&world, &format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=team&Tag.1.Value=data")).await.ok();
    let groups = async |filter: &str| {
        let reply = call(&world, &format!("Action=DescribeSecurityGroups&{filter}")).await.ok();
        reply.body.matches("<groupDescription>").count()
    };
    for (filter, count) in [
        ("Filter.1.Name=group-name&Filter.1.Value.1=vpn-1", 1),
        ("Filter.1.Name=group-name&Filter.1.Value.1=vpn-1&Filter.1.Value.2=lan", 2),
        ("Filter.1.Name=group-name&Filter.1.Value.1=*n*", 2),
        ("Filter.1.Name=group-name&Filter.1.Value.1=VPN-1", 0),
        ("Filter.1.Name=tag:team&Filter.1.Value.1=data", 1),
        ("Filter.1.Name=tag:team&Filter.1.Value.1=other", 0),
        ("Filter.1.Name=tag-key&Filter.1.Value.1=te?m", 1),
        ("Filter.1.Name=group-name&Filter.1.Value.1=lan&Filter.2.Name=tag-key&Filter.2.Value.1=team", 0),
        ("Filter.1.Name=ip-permission.cidr&Filter.1.Value.1=10.0.0.0/8", 1),
        ("Filter.1.Name=egress.ip-permission.cidr&Filter.1.Value.1=0.0.0.0/0", 3),
    ] {
        assert_eq!(groups(filter).await, count, "{filter}");
    }
    for (filter, message) in [
        ("Filter.1.Name=colour&Filter.1.Value.1=red", "'colour' is invalid"),
        ("Filter.1.Name=group-name", "no values"),
        ("Filter.1.Name=tag:&Filter.1.Value.1=x", "'tag:' is invalid"),
    ] {
        let reply = call(&world, &format!("Action=DescribeSecurityGroups&{filter}")).await;
        fails(&reply, 400, "InvalidParameterValue", message);
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::new().await;
    for number in 0..7 {
        new_group(&world, &format!("group-{number}")).await;
    }
    let (mut token, mut seen, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let reply = call(&world, &format!("Action=DescribeSecurityGroups&MaxResults=5{token}")).await.ok();
        let ids = reply.body.split("<groupName>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned());
        seen.extend(ids);
        pages += 1;
        if !reply.body.contains("<nextToken>") {
            break;
        }
        token = format!("&NextToken={}", reply.element("nextToken"));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((pages, seen.len()), (2, 8));
    for (form, code) in [
        ("MaxResults=4", "InvalidParameterValue"),
        ("MaxResults=1001", "InvalidParameterValue"),
        ("MaxResults=many", "InvalidParameterValue"),
        ("NextToken=vpc-1", "InvalidParameterValue"),
        ("MaxResults=5&GroupId.1=sg-1", "InvalidParameterCombination"),
    ] {
        assert_eq!(
            call(&world, &format!("Action=DescribeSecurityGroups&{form}")).await.element("Code"),
            code,
            "{form}"
        );
    }
}
