//! Many memberships: of a group, of a person, and whether a person is in some groups.

use base::id::{DirectoryGroupId, DirectoryUserId};
use serde_json::{Value, json};

use super::show;
use crate::error::ApiError;
use crate::identitystore::store::StoreId;
use crate::identitystore::{groups, ids, users};
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

/// Where a page begins, and how long it is.
#[derive(Debug)]
struct Page {
    after: Option<String>,
    records: usize,
}

impl Page {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self { after: fields.position()?, records: fields.max_results()? })
    }

    /// One more than is shown, so that the last page is known to be the last.
    const fn fetched(&self) -> usize {
        self.records.saturating_add(1)
    }

    /// `found`: up to one membership more than is shown. `position`: what the next page begins after.
    async fn answer(
        &self,
        operation: &'static str,
        state: &AwsState,
        mut found: Vec<(DirectoryGroupId, DirectoryUserId)>,
        position: impl Fn(&(DirectoryGroupId, DirectoryUserId)) -> &str,
    ) -> Result<Answer, ApiError> {
        let more = found.len() > self.records;
        found.truncate(self.records);
        // A membership that ended meanwhile has no id any more.
        let ids = state.directory.membership_ids(&found).await?;
        let shown =
            found.iter().zip(&ids).filter_map(|((group, user), id)| Some(show(state, id.as_ref()?, group, user)));
        let mut answer = json!({ "GroupMemberships": shown.collect::<Vec<Value>>() });
        if let (true, Some(last), Some(members)) = (more, found.last(), answer.as_object_mut()) {
            members.insert("NextToken".to_owned(), json::next_token(operation, position(last)).into());
        }
        Ok(Answer::Json(answer))
    }
}

#[derive(Debug)]
pub(in crate::identitystore) struct ListGroupMemberships {
    store: StoreId,
    group: DirectoryGroupId,
    page: Page,
}

impl ListGroupMemberships {
    pub(in crate::identitystore) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { store: StoreId::read(fields)?, group: ids::group(fields)?, page: Page::read(fields)? })
        })
    }
}

impl Operation for ListGroupMemberships {
    const NAME: &'static str = "ListGroupMemberships";

    fn resource(&self, _: &AwsState) -> String {
        ids::group_arn(&self.group)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (Self { store, group, page }, state) = (self, context.state);
        store.check(state)?;
        state.directory.group(&group).ok_or_else(|| groups::unknown(&group))?;
        let after = page.after.as_deref().map(DirectoryUserId::new);
        let members = state.directory.members_after(&group, after.as_ref(), page.fetched());
        let found = members.iter().map(|member| (group.clone(), member.id.clone())).collect();
        page.answer(Self::NAME, state, found, |(_, user)| user.as_str()).await
    }
}

#[derive(Debug)]
pub(in crate::identitystore) struct ListGroupMembershipsForMember {
    store: StoreId,
    user: DirectoryUserId,
    page: Page,
}

impl ListGroupMembershipsForMember {
    pub(in crate::identitystore) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { store: StoreId::read(fields)?, user: ids::member(fields)?, page: Page::read(fields)? })
        })
    }
}

impl Operation for ListGroupMembershipsForMember {
    const NAME: &'static str = "ListGroupMembershipsForMember";

    fn resource(&self, _: &AwsState) -> String {
        ids::user_arn(&self.user)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (Self { store, user, page }, state) = (self, context.state);
        store.check(state)?;
        state.directory.user(&user).ok_or_else(|| users::unknown(&user))?;
        let after = page.after.as_deref().map(DirectoryGroupId::new);
        let groups = state.directory.groups_after(&user, after.as_ref(), page.fetched());
        let found = groups.iter().map(|group| (group.id.clone(), user.clone())).collect();
        page.answer(Self::NAME, state, found, |(group, _)| group.as_str()).await
    }
}

#[derive(Debug)]
pub(in crate::identitystore) struct IsMemberInGroups {
    store: StoreId,
    user: DirectoryUserId,
    groups: Vec<DirectoryGroupId>,
}

impl IsMemberInGroups {
    pub(in crate::identitystore) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { store: StoreId::read(fields)?, user: ids::member(fields)?, groups: ids::groups(fields)? })
        })
    }
}

impl Operation for IsMemberInGroups {
    const NAME: &'static str = "IsMemberInGroups";

    fn resource(&self, _: &AwsState) -> String {
        ids::user_arn(&self.user)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (Self { store, user, groups }, state) = (self, context.state);
        store.check(state)?;
        let directory = &state.directory;
        directory.user(&user).ok_or_else(|| users::unknown(&user))?;
        // "No" about a group that doesn't exist would hide a wrong id.
        if let Some(group) = groups.iter().find(|group| directory.group(group).is_none()) {
            return Err(groups::unknown(group));
        }
        let results = groups.iter().map(|group| {
            json!({
                "GroupId": group.as_str(),
                "MemberId": { "UserId": user.as_str() },
                "MembershipExists": directory.is_member(group, &user),
            })
        });
        Ok(Answer::Json(json!({ "Results": results.collect::<Vec<Value>>() })))
    }
}
