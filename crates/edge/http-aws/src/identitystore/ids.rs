//! Ids of people, groups and memberships. Each may also be given as its ARN.

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::MembershipId;
use serde::Deserialize;

use crate::error::ApiError;
use crate::protocol::json::Fields;

const USER: &str = "arn:aws:identitystore:::user/";
const GROUP: &str = "arn:aws:identitystore:::group/";
const MEMBERSHIP: &str = "arn:aws:identitystore:::membership/";

pub(super) fn user_arn(id: &DirectoryUserId) -> String {
    format!("{USER}{id}")
}

pub(super) fn group_arn(id: &DirectoryGroupId) -> String {
    format!("{GROUP}{id}")
}

pub(super) fn membership_arn(id: &MembershipId) -> String {
    format!("{MEMBERSHIP}{id}")
}

pub(super) fn user(fields: &mut Fields) -> Result<DirectoryUserId, ApiError> {
    id("UserId", USER, &fields.required::<String>("UserId")?).map(DirectoryUserId::new)
}

pub(super) fn group(fields: &mut Fields) -> Result<DirectoryGroupId, ApiError> {
    id("GroupId", GROUP, &fields.required::<String>("GroupId")?).map(DirectoryGroupId::new)
}

pub(super) fn groups(fields: &mut Fields) -> Result<Vec<DirectoryGroupId>, ApiError> {
    const MOST: usize = 100;
    let given: Vec<String> = fields.required("GroupIds")?;
    if given.is_empty() || given.len() > MOST {
        let rule = format!("it must have 1 to {MOST} items");
        return Err(ApiError::InvalidParameter { parameter: "GroupIds", rule });
    }
    given.iter().map(|text| id("GroupIds", GROUP, text).map(DirectoryGroupId::new)).collect()
}

pub(super) fn membership(fields: &mut Fields) -> Result<MembershipId, ApiError> {
    id("MembershipId", MEMBERSHIP, &fields.required::<String>("MembershipId")?).map(MembershipId::new)
}

/// `MemberId`: a union with one member, a person.
pub(super) fn member(fields: &mut Fields) -> Result<DirectoryUserId, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct MemberId {
        user_id: String,
    }
    let member: MemberId = fields.required("MemberId")?;
    id("MemberId", USER, &member.user_id).map(DirectoryUserId::new)
}

/// `prefix`: what stands before the id in an ARN.
fn id<'a>(parameter: &'static str, prefix: &str, text: &'a str) -> Result<&'a str, ApiError> {
    let id = text.strip_prefix(prefix).unwrap_or(text);
    if is_id(id) {
        return Ok(id);
    }
    Err(ApiError::InvalidParameter { parameter, rule: format!("it must be a UUID, or {prefix}<UUID>") })
}

/// A UUID, as the model has it: also behind the ten digits of an identity store.
fn is_id(text: &str) -> bool {
    let hex = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: &[usize] = if groups.len() == 6 { &[10, 8, 4, 4, 4, 12] } else { &[8, 4, 4, 4, 12] };
    groups.len() == lengths.len() && groups.iter().zip(lengths).all(|(group, length)| hex(group, *length))
}

#[cfg(test)]
mod tests;
