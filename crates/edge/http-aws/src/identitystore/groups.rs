//! Groups.

use std::sync::Arc;

use base::id::DirectoryGroupId;
use directory::DirectoryGroup;
use serde_json::{Value, json};

use super::lookup::{Identifier, List, StoreId, extend, external_ids};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct ListGroups(List);

impl ListGroups {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| List::read(fields, "DisplayName").map(Self))
    }
}

impl Operation for ListGroups {
    const NAME: &'static str = "ListGroups";

    fn resource(&self, state: &AwsState) -> String {
        self.0.store.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (list, state) = (self.0, context.state);
        list.store.check(state)?;
        let groups: Vec<Arc<DirectoryGroup>> = match &list.filter {
            Some(name) => state.directory.group_by_name(name).into_iter().collect(),
            None => {
                let after = list.after.as_deref().map(DirectoryGroupId::new);
                state.directory.groups(after.as_ref(), list.records.saturating_add(1))
            }
        };
        Ok(Answer::Json(list.answer("Groups", &groups, |group| group.id.as_str(), |group| show(state, group))))
    }
}

#[derive(Debug)]
pub(super) struct GetGroupId {
    store: StoreId,
    identifier: Identifier,
}

impl GetGroupId {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { store: StoreId::read(fields)?, identifier: Identifier::read(fields, "displayName")? })
        })
    }
}

impl Operation for GetGroupId {
    const NAME: &'static str = "GetGroupId";

    fn resource(&self, state: &AwsState) -> String {
        self.store.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        self.store.check(state)?;
        let directory = &state.directory;
        let found =
            self.identifier.find(state, |id| directory.group_by_external_id(id), |name| directory.group_by_name(name));
        let group = found.ok_or(ApiError::IdentityNotFound { kind: "GROUP", id: None })?;
        let store = &state.center.instance().identity_store_id;
        Ok(Answer::Json(json!({ "IdentityStoreId": store, "GroupId": group.id.as_str() })))
    }
}

fn show(state: &AwsState, group: &DirectoryGroup) -> Value {
    let mut shown = json!({
        "IdentityStoreId": state.center.instance().identity_store_id,
        "GroupId": group.id.as_str(),
        "DisplayName": group.display_name,
        "CreatedAt": group.created.unix_timestamp(),
        "UpdatedAt": group.modified.unix_timestamp(),
    });
    extend(&mut shown, [("ExternalIds", external_ids(state, group.external_id.as_deref()))]);
    shown
}
