"""EC2's operations on networks: a network of one's own, made, described and removed."""


def group(answers):
    return {"GroupId": answers["CreateSecurityGroup"]["GroupId"]}


def network(answers):
    return {"VpcId": answers["CreateVpc"]["Vpc"]["VpcId"]}


def subnet(answers):
    return {"SubnetId": answers["CreateSubnet"]["Subnet"]["SubnetId"]}


def ec2():
    return [("ec2", *step) for step in (*networks(), *groups(), *tags(), *removed())]


def networks():
    yield "DescribeRegions", {}
    yield "DescribeAvailabilityZones", {}
    yield "CreateVpc", {"CidrBlock": "10.9.0.0/16"}
    yield "DescribeVpcs", {}
    yield "CreateSubnet", lambda a: {**network(a), "CidrBlock": "10.9.1.0/24"}
    yield "DescribeSubnets", {}


def groups():
    permission = {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "IpRanges": [{"CidrIp": "203.0.113.0/24"}]}
    described = {**permission, "IpRanges": [{"CidrIp": "203.0.113.0/24", "Description": "the office"}]}

    def permissions(value):
        return lambda a: {**group(a), "IpPermissions": [value]}

    def rule(answers):
        return answers["AuthorizeSecurityGroupIngress"]["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    changed = {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5440, "CidrIpv4": "203.0.113.0/24"}
    yield "CreateSecurityGroup", lambda a: {**network(a), "GroupName": "operations", "Description": "operations"}
    yield "DescribeSecurityGroups", lambda a: {"GroupIds": [group(a)["GroupId"]]}
    yield "AuthorizeSecurityGroupIngress", permissions(permission)
    yield "AuthorizeSecurityGroupEgress", permissions(permission)
    yield "DescribeSecurityGroupRules", lambda a: {"Filters": [{"Name": "group-id", "Values": [group(a)["GroupId"]]}]}
    yield "UpdateSecurityGroupRuleDescriptionsIngress", permissions(described)
    yield "UpdateSecurityGroupRuleDescriptionsEgress", permissions(described)
    yield "ModifySecurityGroupRules", lambda a: {
        **group(a), "SecurityGroupRules": [{"SecurityGroupRuleId": rule(a), "SecurityGroupRule": changed}],
    }
    yield "RevokeSecurityGroupIngress", lambda a: {**group(a), "SecurityGroupRuleIds": [rule(a)]}
    yield "RevokeSecurityGroupEgress", permissions(permission)


def tags():
    def of(answers):
        return {"Resources": [group(answers)["GroupId"]], "Tags": [{"Key": "team", "Value": "data"}]}

    yield "CreateTags", of
    yield "DescribeTags", {}
    yield "DeleteTags", of


def removed():
    yield "DeleteSecurityGroup", group
    yield "DeleteSubnet", subnet
    yield "DeleteVpc", network
