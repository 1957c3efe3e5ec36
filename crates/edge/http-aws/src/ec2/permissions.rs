//! `IpPermissions.N`, and the flat form of one permission: a rule for each of its sources.

use base::id::SecurityGroupId;
use network::{Network, NetworkError, NewRule, Permission, SecurityGroup, Source, Traffic};

use super::groups::group_id;
use super::request::{missing, number, refused};
use crate::error::ApiError;
use crate::protocol::query::{Fields, Structure};
use crate::state::AwsState;

/// A permission as it is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    traffic: Traffic,
    source: AskedSource,
    description: Option<String>,
}

#[derive(Debug, Clone)]
enum AskedSource {
    Known(Source),
    /// A group of the same network, by its name; `account` is whose it is said to be.
    Group {
        id: Option<SecurityGroupId>,
        name: Option<String>,
        account: Option<String>,
    },
}

/// Reads what stands in `IpPermissions` or in the flat form; empty where there is neither.
pub(super) fn read(fields: &mut Fields<'_>) -> Result<Vec<Asked>, ApiError> {
    let structures = fields.flat_structures("IpPermissions")?;
    let flat = flat(fields)?;
    match (structures.is_empty(), flat) {
        (false, Some(_)) => {
            let message = "The parameter 'ipPermissions' may not be used in combination with 'ipProtocol'";
            Err(refused("InvalidParameterCombination", message))
        }
        (true, flat) => Ok(flat.into_iter().collect()),
        (false, None) => {
            let mut asked = Vec::new();
            for structure in structures {
                asked.extend(permission(structure, fields.operation())?);
            }
            Ok(asked)
        }
    }
}

/// As [`read`], of which there must be some.
pub(super) fn read_some(fields: &mut Fields<'_>) -> Result<Vec<Asked>, ApiError> {
    let asked = read(fields)?;
    if asked.is_empty() { Err(missing("ipPermissions")) } else { Ok(asked) }
}

fn flat(fields: &mut Fields<'_>) -> Result<Option<Asked>, ApiError> {
    let (protocol, cidr) = (fields.optional("IpProtocol"), fields.optional("CidrIp"));
    let from = number("fromPort", fields.optional("FromPort"))?;
    let to = number("toPort", fields.optional("ToPort"))?;
    if protocol.is_none() && cidr.is_none() && from.is_none() && to.is_none() {
        return Ok(None);
    }
    let protocol = protocol.ok_or_else(|| missing("ipProtocol"))?;
    let source = Source::v4(&cidr.ok_or_else(|| missing("cidrIp"))?)?;
    let traffic = Traffic::read(&protocol, from, to)?;
    Ok(Some(Asked { traffic, source: AskedSource::Known(source), description: None }))
}

fn permission(mut structure: Structure, operation: &'static str) -> Result<Vec<Asked>, ApiError> {
    let protocol = structure.optional("IpProtocol").ok_or_else(|| missing("ipProtocol"))?;
    let from = number("fromPort", structure.optional("FromPort"))?;
    let to = number("toPort", structure.optional("ToPort"))?;
    let traffic = Traffic::read(&protocol, from, to)?;
    let mut asked = Vec::new();
    for mut range in structure.flat_structures("IpRanges")? {
        let source = Source::v4(&range.optional("CidrIp").ok_or_else(|| missing("cidrIp"))?)?;
        let description = range.optional("Description");
        range.finish()?;
        asked.push(Asked { traffic, source: AskedSource::Known(source), description });
    }
    for mut range in structure.flat_structures("Ipv6Ranges")? {
        let source = Source::v6(&range.optional("CidrIpv6").ok_or_else(|| missing("cidrIpv6"))?)?;
        let description = range.optional("Description");
        range.finish()?;
        asked.push(Asked { traffic, source: AskedSource::Known(source), description });
    }
    for mut pair in structure.flat_structures("Groups")? {
        let id = pair.optional("GroupId").map(group_id).transpose()?;
        let (name, account) = (pair.optional("GroupName"), pair.optional("UserId"));
        let description = pair.optional("Description");
        pair.finish()?;
        if id.is_none() && name.is_none() {
            return Err(missing("groupId"));
        }
        asked.push(Asked { traffic, source: AskedSource::Group { id, name, account }, description });
    }
    if !structure.flat_structures("PrefixListIds")?.is_empty() {
        return Err(ApiError::UnsupportedParameter { operation, parameter: "PrefixListIds".to_owned() });
    }
    structure.finish()?;
    if asked.is_empty() {
        let message = "Source group ID missing. Give IpRanges, Ipv6Ranges or UserIdGroupPairs.";
        return Err(refused("MissingParameter", message));
    }
    Ok(asked)
}

impl Asked {
    /// The rule that is meant, on this group. A source group is found by its id, or by its name in the group's network.
    pub(super) fn rule(self, state: &AwsState, group: &SecurityGroup) -> Result<NewRule, ApiError> {
        let source = match self.source {
            AskedSource::Known(source) => source,
            AskedSource::Group { id, name, account } => {
                if let Some(other) = account.filter(|account| account != state.account()) {
                    let message = format!("This server has no security groups of the account {other}.");
                    return Err(refused("InvalidGroup.NotFound", message));
                }
                Source::Group(source_group(&state.network, group, id, name)?)
            }
        };
        let permission = Permission { traffic: self.traffic, source };
        Ok(NewRule { permission, description: self.description.filter(|text| !text.is_empty()) })
    }
}

fn source_group(
    network: &Network,
    group: &SecurityGroup,
    id: Option<SecurityGroupId>,
    name: Option<String>,
) -> Result<SecurityGroupId, ApiError> {
    let all = network.snapshot();
    let by_name = |name: String| match all.group_named(&group.vpc, &name) {
        Some(found) => Ok(found.id.clone()),
        None => Err(NetworkError::GroupNameNotFound { name, vpc: group.vpc.clone() }),
    };
    match (id, name) {
        (Some(id), None) => Ok(id),
        (None, Some(name)) => Ok(by_name(name)?),
        (Some(id), Some(name)) if by_name(name.clone())? == id => Ok(id),
        (Some(_), Some(_)) => {
            let message = "The GroupId and the GroupName of a source group are of different groups; give one of them.";
            Err(refused("InvalidParameterCombination", message))
        }
        (None, None) => Err(missing("groupId")),
    }
}
