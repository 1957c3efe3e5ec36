//! Who is in which group, one membership at a time.

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{DirectoryGroup, GroupEdit, MembershipId};
use serde_json::{Value, json};
use sts::Ask;

use super::ids;
use super::refusal::{conflict, duplicate};
use super::store::{StoreId, own_id};
use super::{groups, users};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

pub(super) mod lists;

/// A group and a person.
#[derive(Debug)]
struct Pair {
    store: StoreId,
    group: DirectoryGroupId,
    user: DirectoryUserId,
}

impl Pair {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self { store: StoreId::read(fields)?, group: ids::group(fields)?, user: ids::member(fields)? })
    }

    /// Both exist.
    fn check(&self, state: &AwsState) -> Result<(), ApiError> {
        self.store.check(state)?;
        state.directory.group(&self.group).ok_or_else(|| groups::unknown(&self.group))?;
        state.directory.user(&self.user).ok_or_else(|| users::unknown(&self.user))?;
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct CreateGroupMembership(Pair);

impl CreateGroupMembership {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Pair::read(fields).map(Self))
    }
}

impl Operation for CreateGroupMembership {
    const NAME: &'static str = "CreateGroupMembership";

    fn resource(&self, _: &AwsState) -> String {
        ids::group_arn(&self.0.group)
    }

    /// Of the group and of the person (Service Authorization Reference, Identity Store).
    fn asks(&self, _: &AwsState) -> Vec<Ask> {
        [ids::group_arn(&self.0.group), ids::user_arn(&self.0.user)].map(|arn| Ask::new(Self::NAME, arn)).to_vec()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (pair, state) = (self.0, context.state);
        pair.check(state)?;
        let directory = &state.directory;
        let edit = |current: &DirectoryGroup| {
            if directory.is_member(&pair.group, &pair.user) {
                return Err(duplicate("Member and Group relationship already exists."));
            }
            let mut edit = GroupEdit::from(current);
            edit.members.add([pair.user.clone()]);
            Ok(edit)
        };
        directory.update_group(&pair.group, None, edit).await?;
        let id = directory.membership_id(&pair.group, &pair.user).await?;
        let id = id.ok_or_else(|| {
            conflict("CONCURRENT_MODIFICATION", "The membership was made, and ended again by somebody else meanwhile.")
        })?;
        Ok(Answer::Json(head(state, &id)))
    }
}

#[derive(Debug)]
pub(super) struct GetGroupMembershipId(Pair);

impl GetGroupMembershipId {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Pair::read(fields).map(Self))
    }
}

impl Operation for GetGroupMembershipId {
    const NAME: &'static str = "GetGroupMembershipId";

    fn resource(&self, _: &AwsState) -> String {
        ids::group_arn(&self.0.group)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (pair, state) = (self.0, context.state);
        pair.check(state)?;
        let id = state.directory.membership_id(&pair.group, &pair.user).await?;
        Ok(Answer::Json(head(state, &id.ok_or_else(|| unknown(None))?)))
    }
}

/// A membership by its id.
#[derive(Debug)]
struct One {
    store: StoreId,
    id: MembershipId,
}

impl One {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self { store: StoreId::read(fields)?, id: ids::membership(fields)? })
    }

    async fn find(&self, state: &AwsState) -> Result<(DirectoryGroupId, DirectoryUserId), ApiError> {
        self.store.check(state)?;
        state.directory.membership(&self.id).await?.ok_or_else(|| unknown(Some(&self.id)))
    }
}

#[derive(Debug)]
pub(super) struct DescribeGroupMembership(One);

impl DescribeGroupMembership {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| One::read(fields).map(Self))
    }
}

impl Operation for DescribeGroupMembership {
    const NAME: &'static str = "DescribeGroupMembership";

    fn resource(&self, _: &AwsState) -> String {
        ids::membership_arn(&self.0.id)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (group, user) = self.0.find(context.state).await?;
        Ok(Answer::Json(show(context.state, &self.0.id, &group, &user)))
    }
}

#[derive(Debug)]
pub(super) struct DeleteGroupMembership(One);

impl DeleteGroupMembership {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| One::read(fields).map(Self))
    }
}

impl Operation for DeleteGroupMembership {
    const NAME: &'static str = "DeleteGroupMembership";

    fn resource(&self, _: &AwsState) -> String {
        ids::membership_arn(&self.0.id)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let One { store, id } = self.0;
        store.check(context.state)?;
        if context.state.directory.end_membership(&id).await? {
            return Ok(Answer::Json(json!({})));
        }
        Err(unknown(Some(&id)))
    }
}

fn unknown(id: Option<&MembershipId>) -> ApiError {
    ApiError::IdentityNotFound { kind: "GROUP_MEMBERSHIP", id: id.map(ToString::to_string) }
}

fn head(state: &AwsState, id: &MembershipId) -> Value {
    json!({
        "IdentityStoreId": own_id(state),
        "MembershipId": id.as_str(),
        "MembershipArn": ids::membership_arn(id),
    })
}

fn show(state: &AwsState, id: &MembershipId, group: &DirectoryGroupId, user: &DirectoryUserId) -> Value {
    let mut shown = head(state, id);
    if let Some(object) = shown.as_object_mut() {
        object.insert("GroupId".to_owned(), group.as_str().into());
        object.insert("MemberId".to_owned(), json!({ "UserId": user.as_str() }));
    }
    shown
}
