//! Rules of security groups.

use super::{call, fails, new_group};
use crate::tests::world::World;

/// The form that the CLI sends for `--protocol tcp --port 5439 --cidr X`.
fn redshift(action: &str, id: &str, cidr: &str) -> String {
    format!(
        "Action={action}&GroupId={id}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=5439\
         &IpPermissions.1.ToPort=5439&IpPermissions.1.IpRanges.1.CidrIp={cidr}"
    )
}

#[tokio::test]
async fn the_redshift_rule_of_the_walkthrough() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    let form = redshift("AuthorizeSecurityGroupIngress", &id, "10.8.0.9/16");
    let made = call(&world, &format!("{form}&IpPermissions.1.IpRanges.1.Description=VPN")).await.ok();
    assert_eq!((made.element("return"), made.element("cidrIpv4")), ("true", "10.8.0.0/16"));
    assert_eq!((made.element("ipProtocol"), made.element("fromPort"), made.element("toPort")), ("tcp", "5439", "5439"));
    assert_eq!((made.element("isEgress"), made.element("description")), ("false", "VPN"));
    let rule = made.element("securityGroupRuleId").to_owned();
    assert!(rule.starts_with("sgr-"));
    let shown = call(&world, &format!("Action=DescribeSecurityGroups&GroupId.1={id}")).await.ok();
    let item = "<ipProtocol>tcp</ipProtocol><fromPort>5439</fromPort><toPort>5439</toPort><groups></groups><ipRanges><item>\
                <cidrIp>10.8.0.0/16</cidrIp><description>VPN</description></item></ipRanges>";
    assert!(shown.element("ipPermissions").contains(item), "{}", shown.body);
    let again = call(&world, &form).await;
    let words = "the specified rule \"peer: 10.8.0.0/16, TCP, from port: 5439, to port: 5439, ALLOW\" already exists";
    fails(&again, 400, "InvalidPermission.Duplicate", words);
    let gone = call(&world, &redshift("RevokeSecurityGroupIngress", &id, "10.8.0.0/16")).await.ok();
    assert!(gone.element("revokedSecurityGroupRuleSet").contains(&rule));
    let missing = call(&world, &redshift("RevokeSecurityGroupIngress", &id, "10.8.0.0/16")).await;
    fails(&missing, 400, "InvalidPermission.NotFound", "does not exist in this security group");
}

#[tokio::test]
async fn a_permission_becomes_a_rule_for_each_of_its_sources() {
    let world = World::new().await;
    let (id, other) = (new_group(&world, "vpn").await, new_group(&world, "other").await);
    let form = format!(
        "Action=AuthorizeSecurityGroupIngress&GroupName=vpn&IpPermissions.1.IpProtocol=6&IpPermissions.1.FromPort=5439\
         &IpPermissions.1.ToPort=5440&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8&IpPermissions.1.IpRanges.2.CidrIp=192.0.2.7/32\
         &IpPermissions.1.Ipv6Ranges.1.CidrIpv6=2001:DB8::/32&IpPermissions.1.Groups.1.GroupId={other}\
         &IpPermissions.1.Groups.2.GroupName=vpn&IpPermissions.1.Groups.2.UserId=123456789012\
         &IpPermissions.2.IpProtocol=icmpv6&IpPermissions.2.Ipv6Ranges.1.CidrIpv6=::/0\
         &TagSpecification.1.ResourceType=security-group-rule&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value=data"
    );
    let made = call(&world, &form).await.ok();
    assert_eq!(made.body.matches("<securityGroupRuleId>").count(), 6);
    assert_eq!(made.body.matches("<value>data</value>").count(), 6);
    for text in [
        "<cidrIpv6>2001:db8::/32</cidrIpv6>",
        &format!("<referencedGroupInfo><groupId>{id}</groupId>"),
        "<ipProtocol>icmpv6",
    ] {
        assert!(made.body.contains(text), "{text}: {}", made.body);
    }
    let list = call(&world, &format!("Action=DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1={id}"))
        .await
        .ok();
    assert_eq!(
        list.body.matches("<securityGroupRuleArn>arn:aws:ec2:us-east-1:123456789012:security-group-rule/sgr-").count(),
        8
    );
    let rule = made.element("securityGroupRuleId");
    let one = call(&world, &format!("Action=DescribeSecurityGroupRules&SecurityGroupRuleId.1={rule}")).await.ok();
    assert_eq!(one.body.matches("<item><securityGroupRuleId>").count(), 1);
    let gone = format!("Action=RevokeSecurityGroupIngress&GroupId={id}&SecurityGroupRuleId.1={rule}");
    call(&world, &gone).await.ok();
    let none = call(&world, &format!("Action=DescribeSecurityGroupRules&SecurityGroupRuleId.1={rule}")).await;
    fails(&none, 400, "InvalidSecurityGroupRuleId.NotFound", rule);
}

#[tokio::test]
async fn outbound_rules_are_kept_and_shown() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    let form = format!(
        "Action=AuthorizeSecurityGroupEgress&GroupId={id}&IpProtocol=udp&FromPort=53&ToPort=53&CidrIp=10.0.0.2/32"
    );
    assert_eq!(call(&world, &form).await.ok().element("isEgress"), "true");
    let all = format!(
        "Action=RevokeSecurityGroupEgress&GroupId={id}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0"
    );
    let gone = call(&world, &all).await.ok();
    let revoked = gone.element("revokedSecurityGroupRuleSet");
    assert!(revoked.contains("<ipProtocol>-1</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort>"), "{revoked}");
    let shown = call(&world, &format!("Action=DescribeSecurityGroups&GroupId.1={id}")).await.ok();
    assert!(shown.element("ipPermissionsEgress").contains("<fromPort>53</fromPort>"));
    assert!(!shown.element("ipPermissionsEgress").contains("0.0.0.0/0"));
    fails(&call(&world, "Action=RevokeSecurityGroupEgress&GroupName=vpn").await, 400, "MissingParameter", "groupId");
}

#[tokio::test]
async fn rules_are_modified_and_described() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    let made = call(&world, &redshift("AuthorizeSecurityGroupIngress", &id, "10.8.0.0/16")).await.ok();
    let rule = made.element("securityGroupRuleId").to_owned();
    let modify = |members: &str| {
        format!("Action=ModifySecurityGroupRules&GroupId={id}&SecurityGroupRule.1.SecurityGroupRuleId={rule}{members}")
    };
    let to = "&SecurityGroupRule.1.SecurityGroupRule.IpProtocol=tcp&SecurityGroupRule.1.SecurityGroupRule.FromPort=5493\
              &SecurityGroupRule.1.SecurityGroupRule.ToPort=5493";
    let form = modify(&format!("{to}&SecurityGroupRule.1.SecurityGroupRule.CidrIpv4=10.9.0.0/16"));
    assert_eq!(call(&world, &form).await.ok().element("return"), "true");
    let show =
        async || call(&world, &format!("Action=DescribeSecurityGroupRules&SecurityGroupRuleId.1={rule}")).await.ok();
    let shown = show().await;
    assert_eq!((shown.element("cidrIpv4"), shown.element("fromPort")), ("10.9.0.0/16", "5493"));
    let describe = |description: &str| {
        format!(
            "Action=UpdateSecurityGroupRuleDescriptionsIngress&GroupId={id}\
             &SecurityGroupRuleDescription.1.SecurityGroupRuleId={rule}{description}"
        )
    };
    call(&world, &describe("&SecurityGroupRuleDescription.1.Description=VPN")).await.ok();
    assert_eq!(show().await.element("description"), "VPN");
    call(&world, &describe("")).await.ok();
    assert!(!show().await.body.contains("<description>"));
    let outbound = "Action=UpdateSecurityGroupRuleDescriptionsEgress&GroupName=vpn&IpPermissions.1.IpProtocol=-1\
         &IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0&IpPermissions.1.IpRanges.1.Description=all";
    call(&world, outbound).await.ok();
    for (form, code) in [
        (modify(&format!("{to}&SecurityGroupRule.1.SecurityGroupRule.CidrIpv6=::/0")), "InvalidParameterValue"),
        (modify(to), "InvalidParameterCombination"),
        (modify("&SecurityGroupRule.1.SecurityGroupRule.CidrIpv4=10.0.0.0/8"), "MissingParameter"),
        (modify(&format!("{to}&SecurityGroupRule.1.SecurityGroupRule.PrefixListId=pl-1")), "UnknownParameter"),
        (format!("Action=ModifySecurityGroupRules&GroupId={id}"), "MissingParameter"),
        (format!("Action=UpdateSecurityGroupRuleDescriptionsIngress&GroupId={id}"), "MissingParameter"),
        (
            format!("Action=DescribeSecurityGroupRules&SecurityGroupRuleId.1={id}"),
            "InvalidSecurityGroupRuleId.Malformed",
        ),
    ] {
        let reply = call(&world, &form).await;
        assert_eq!((reply.status, reply.element("Code")), (400, code), "{form}: {}", reply.body);
    }
}

#[tokio::test]
async fn what_rules_refuse_has_ec2s_codes_and_changes_nothing() {
    let world = World::new().await;
    let id = new_group(&world, "vpn").await;
    let authorize = |rest: &str| format!("Action=AuthorizeSecurityGroupIngress&GroupId={id}{rest}");
    for (form, code) in [
        (authorize(""), "MissingParameter"),
        (
            authorize("&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=1&IpPermissions.1.ToPort=1"),
            "MissingParameter",
        ),
        (authorize("&IpProtocol=tcp&CidrIp=10.0.0.0/8"), "InvalidParameterValue"),
        (authorize("&IpProtocol=tcp&FromPort=5440&ToPort=5439&CidrIp=10.0.0.0/8"), "InvalidParameterValue"),
        (authorize("&IpProtocol=tcp&FromPort=x&ToPort=5439&CidrIp=10.0.0.0/8"), "InvalidParameterValue"),
        (authorize("&IpProtocol=redshift&CidrIp=10.0.0.0/8"), "InvalidParameterValue"),
        (authorize("&IpProtocol=-1&CidrIp=10.0.0.0"), "InvalidParameterValue"),
        (authorize("&IpProtocol=-1&CidrIp=10.0.0.0/33"), "InvalidParameterValue"),
        (authorize("&IpProtocol=-1"), "MissingParameter"),
        (
            authorize(
                "&IpProtocol=-1&CidrIp=10.0.0.0/8&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8",
            ),
            "InvalidParameterCombination",
        ),
        (
            authorize("&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=::ffff:10.0.0.0/104"),
            "InvalidParameterValue",
        ),
        (authorize("&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId=sg-0"), "InvalidGroup.NotFound"),
        (authorize("&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupName=none"), "InvalidGroup.NotFound"),
        (
            authorize(
                "&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupName=vpn&IpPermissions.1.Groups.1.UserId=1",
            ),
            "InvalidGroup.NotFound",
        ),
        (
            "Action=AuthorizeSecurityGroupIngress&GroupId=sg-0&IpProtocol=-1&CidrIp=10.0.0.0/8".to_owned(),
            "InvalidGroup.NotFound",
        ),
        (
            format!("Action=RevokeSecurityGroupIngress&GroupId={id}&SecurityGroupRuleId.1=sgr-0"),
            "InvalidSecurityGroupRuleId.NotFound",
        ),
        (
            format!(
                "Action=RevokeSecurityGroupIngress&GroupId={id}&SecurityGroupRuleId.1=sgr-0&IpProtocol=-1&CidrIp=10.0.0.0/8"
            ),
            "InvalidParameterCombination",
        ),
    ] {
        let reply = call(&world, &form).await;
        assert_eq!((reply.status, reply.element("Code")), (400, code), "{form}: {}", reply.body);
    }
    // One bad source, and none of the rules is made.
    let form = "&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8&IpPermissions.1.Groups.1.GroupId=sg-0";
    call(&world, &authorize(form)).await;
    let shown = call(&world, &format!("Action=DescribeSecurityGroups&GroupId.1={id}")).await.ok();
    assert_eq!(shown.element("ipPermissions"), "");
    let many: String =
        (0..61).map(|number| format!("&IpPermissions.1.IpRanges.{}.CidrIp=10.{number}.0.0/16", number + 1)).collect();
    let reply = call(&world, &authorize(&format!("&IpPermissions.1.IpProtocol=-1{many}"))).await;
    fails(&reply, 400, "RulesPerSecurityGroupLimitExceeded", "60");
}
