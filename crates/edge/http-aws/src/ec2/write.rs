//! How EC2 shows networks.

use std::collections::BTreeMap;

use network::{Direction, Rule, SecurityGroup, Source, Subnet, Traffic, Vpc};

use super::arn;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

const fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

pub(super) fn tags(xml: &mut Xml, tags: &BTreeMap<String, String>) {
    xml.element("tagSet", |xml| {
        for (key, value) in tags {
            xml.element("item", |xml| {
                xml.text("key", key);
                xml.text("value", value);
            });
        }
    });
}

pub(super) fn vpc(xml: &mut Xml, state: &AwsState, vpc: &Vpc) {
    let suffix = vpc.id.as_str().trim_start_matches("vpc-");
    xml.text("vpcId", vpc.id.as_str());
    xml.text("ownerId", state.account());
    xml.text("state", "available");
    xml.text("cidrBlock", &vpc.cidr.to_string());
    xml.element("cidrBlockAssociationSet", |xml| {
        xml.element("item", |xml| {
            xml.text("associationId", &format!("vpc-cidr-assoc-{suffix}"));
            xml.text("cidrBlock", &vpc.cidr.to_string());
            xml.element("cidrBlockState", |xml| xml.text("state", "associated"));
        });
    });
    if let Some(block) = &vpc.ipv6 {
        xml.element("ipv6CidrBlockAssociationSet", |xml| {
            xml.element("item", |xml| {
                xml.text("associationId", &format!("vpc-cidr-assoc-6{suffix}"));
                xml.text("ipv6CidrBlock", &block.to_string());
                xml.element("ipv6CidrBlockState", |xml| xml.text("state", "associated"));
                xml.text("networkBorderGroup", state.region());
                xml.text("ipv6AddressAttribute", "private");
            });
        });
    }
    xml.text("instanceTenancy", "default");
    xml.text("isDefault", flag(vpc.is_default));
    tags(xml, &vpc.tags);
}

pub(super) fn subnet(xml: &mut Xml, state: &AwsState, subnet: &Subnet) {
    xml.text("subnetId", subnet.id.as_str());
    xml.text("subnetArn", &arn(state, "subnet", subnet.id.as_str()));
    xml.text("state", "available");
    xml.text("ownerId", state.account());
    xml.text("vpcId", subnet.vpc.as_str());
    xml.text("cidrBlock", &subnet.cidr.to_string());
    xml.element("ipv6CidrBlockAssociationSet", |xml| {
        if let Some(block) = &subnet.ipv6 {
            xml.element("item", |xml| {
                let suffix = subnet.id.as_str().trim_start_matches("subnet-");
                xml.text("associationId", &format!("subnet-cidr-assoc-{suffix}"));
                xml.text("ipv6CidrBlock", &block.to_string());
                xml.element("ipv6CidrBlockState", |xml| xml.text("state", "associated"));
            });
        }
    });
    xml.text("availableIpAddressCount", &subnet.available_addresses().to_string());
    xml.text("availabilityZone", &subnet.zone);
    let zone = state.network.zones().iter().find(|zone| zone.name == subnet.zone);
    xml.text("availabilityZoneId", zone.map_or("", |zone| zone.id.as_str()));
    xml.text("defaultForAz", flag(subnet.default_for_zone));
    for never in ["mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "ipv6Native"] {
        xml.text(never, "false");
    }
    tags(xml, &subnet.tags);
}

pub(super) fn group(xml: &mut Xml, state: &AwsState, group: &SecurityGroup) {
    xml.text("ownerId", state.account());
    xml.text("groupId", group.id.as_str());
    xml.text("securityGroupArn", &arn(state, "security-group", group.id.as_str()));
    xml.text("groupName", &group.name);
    xml.text("groupDescription", &group.description);
    xml.text("vpcId", group.vpc.as_str());
    permissions(xml, state, "ipPermissions", group, Direction::Ingress);
    permissions(xml, state, "ipPermissionsEgress", group, Direction::Egress);
    tags(xml, &group.tags);
}

/// One item for each kind of traffic, with everybody it is for.
fn permissions(xml: &mut Xml, state: &AwsState, name: &str, group: &SecurityGroup, direction: Direction) {
    let mut by_traffic = BTreeMap::<Traffic, Vec<&Rule>>::new();
    for rule in group.rules_of(direction) {
        by_traffic.entry(rule.permission.traffic).or_default().push(rule);
    }
    xml.element(name, |xml| {
        for (traffic, rules) in &by_traffic {
            xml.element("item", |xml| {
                xml.text("ipProtocol", &traffic.protocol());
                if let Some((from, to)) = traffic.ports() {
                    xml.text("fromPort", &from.to_string());
                    xml.text("toPort", &to.to_string());
                }
                sources(xml, state, rules);
            });
        }
    });
}

fn sources(xml: &mut Xml, state: &AwsState, rules: &[&Rule]) {
    let described = |xml: &mut Xml, rule: &Rule, name: &str| {
        xml.element("item", |xml| {
            xml.text(name, &rule.permission.source.to_string());
            if name == "groupId" {
                xml.text("userId", state.account());
            }
            if let Some(description) = &rule.description {
                xml.text("description", description);
            }
        });
    };
    let mut list = |element: &str, name: &str, wanted: fn(&Source) -> bool| {
        xml.element(element, |xml| {
            for rule in rules.iter().filter(|rule| wanted(&rule.permission.source)) {
                described(xml, rule, name);
            }
        });
    };
    list("groups", "groupId", |source| matches!(source, Source::Group(_)));
    list("ipRanges", "cidrIp", |source| matches!(source, Source::V4(_)));
    list("ipv6Ranges", "cidrIpv6", |source| matches!(source, Source::V6(_)));
    list("prefixListIds", "prefixListId", |_| false);
}

/// A rule by itself (EC2 `SecurityGroupRule`); a revoked one names its source group in another way.
pub(super) fn rule(xml: &mut Xml, state: &AwsState, group: &SecurityGroup, rule: &Rule, revoked: bool) {
    xml.text("securityGroupRuleId", rule.id.as_str());
    xml.text("groupId", group.id.as_str());
    if !revoked {
        xml.text("groupOwnerId", state.account());
    }
    xml.text("isEgress", flag(rule.direction == Direction::Egress));
    xml.text("ipProtocol", &rule.permission.traffic.protocol());
    let (from, to) = rule.permission.traffic.ports().unwrap_or((-1, -1));
    xml.text("fromPort", &from.to_string());
    xml.text("toPort", &to.to_string());
    match &rule.permission.source {
        Source::V4(net) => xml.text("cidrIpv4", &net.to_string()),
        Source::V6(net) => xml.text("cidrIpv6", &net.to_string()),
        Source::Group(id) if revoked => xml.text("referencedGroupId", id.as_str()),
        Source::Group(id) => xml.element("referencedGroupInfo", |xml| {
            xml.text("groupId", id.as_str());
            xml.text("userId", state.account());
        }),
    }
    if let Some(description) = &rule.description {
        xml.text("description", description);
    }
    if !revoked {
        tags(xml, &rule.tags);
        xml.text("securityGroupRuleArn", &arn(state, "security-group-rule", rule.id.as_str()));
    }
}
