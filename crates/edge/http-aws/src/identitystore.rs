//! identitystore: the people and groups of the directory. What is written here SCIM reads, and the other way round.

mod attributes;
mod change;
mod groups;
mod ids;
mod lookup;
mod memberships;
mod refusal;
mod store;
mod users;

use groups::{CreateGroup, DeleteGroup, DescribeGroup, GetGroupId, ListGroups, UpdateGroup};
use memberships::lists::{IsMemberInGroups, ListGroupMemberships, ListGroupMembershipsForMember};
use memberships::{CreateGroupMembership, DeleteGroupMembership, DescribeGroupMembership, GetGroupMembershipId};
use store::{DescribeIdentityStore, ListIdentityStores};
use users::writes::{CreateUser, DeleteUser, UpdateUser};
use users::{DescribeUser, GetUserId, ListUsers};

use crate::operation::{Context, Operation as _, Performed, perform};

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    match operation {
        CreateUser::NAME => perform(CreateUser::parse(body), context).await,
        DescribeUser::NAME => perform(DescribeUser::parse(body), context).await,
        UpdateUser::NAME => perform(UpdateUser::parse(body), context).await,
        DeleteUser::NAME => perform(DeleteUser::parse(body), context).await,
        ListUsers::NAME => perform(ListUsers::parse(body), context).await,
        GetUserId::NAME => perform(GetUserId::parse(body), context).await,
        CreateGroup::NAME => perform(CreateGroup::parse(body), context).await,
        DescribeGroup::NAME => perform(DescribeGroup::parse(body), context).await,
        UpdateGroup::NAME => perform(UpdateGroup::parse(body), context).await,
        DeleteGroup::NAME => perform(DeleteGroup::parse(body), context).await,
        ListGroups::NAME => perform(ListGroups::parse(body), context).await,
        GetGroupId::NAME => perform(GetGroupId::parse(body), context).await,
        CreateGroupMembership::NAME => perform(CreateGroupMembership::parse(body), context).await,
        DescribeGroupMembership::NAME => perform(DescribeGroupMembership::parse(body), context).await,
        DeleteGroupMembership::NAME => perform(DeleteGroupMembership::parse(body), context).await,
        GetGroupMembershipId::NAME => perform(GetGroupMembershipId::parse(body), context).await,
        ListGroupMemberships::NAME => perform(ListGroupMemberships::parse(body), context).await,
        ListGroupMembershipsForMember::NAME => perform(ListGroupMembershipsForMember::parse(body), context).await,
        IsMemberInGroups::NAME => perform(IsMemberInGroups::parse(body), context).await,
        DescribeIdentityStore::NAME => perform(DescribeIdentityStore::parse(body), context).await,
        ListIdentityStores::NAME => perform(ListIdentityStores::parse(body), context).await,
        other => Performed::unsupported(other),
    }
}
