//! identitystore: reading people and groups of the directory. They are written by SCIM.

mod groups;
mod lookup;
mod users;

use groups::{GetGroupId, ListGroups};
use users::{GetUserId, ListUsers};

use crate::operation::{Context, Operation as _, Performed, perform};

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    match operation {
        ListUsers::NAME => perform(ListUsers::parse(body), context).await,
        ListGroups::NAME => perform(ListGroups::parse(body), context).await,
        GetUserId::NAME => perform(GetUserId::parse(body), context).await,
        GetGroupId::NAME => perform(GetGroupId::parse(body), context).await,
        other => Performed::unsupported(other),
    }
}
