//! Groups.

use std::sync::Arc;

use base::id::DirectoryGroupId;
use directory::{DirectoryGroup, GroupEdit, NewGroup};
use scim::Object;
use serde_json::{Value, json};

use super::attributes::{GROUP, assign, of_group, show_all};
use super::change::{self, Change};
use super::ids;
use super::lookup::{Identifier, List, extend, external_ids, revision};
use super::refusal::{check_reserved, required};
use super::store::{StoreId, own_id};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

const DISPLAY_NAME: &str = "displayName";

#[derive(Debug)]
pub(super) struct CreateGroup {
    store: StoreId,
    new: NewGroup,
}

impl CreateGroup {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let store = StoreId::read(fields)?;
            let mut attributes = Object::new();
            for attribute in GROUP {
                if let Some(value) = fields.optional::<Value>(attribute.name)? {
                    attributes.insert(attribute.kept.to_owned(), attribute.keep(value)?);
                }
            }
            let display_name = take_display_name(&mut attributes)?;
            check_reserved(&display_name)?;
            Ok(Self { store, new: NewGroup { display_name, attributes, ..NewGroup::default() } })
        })
    }
}

fn take_display_name(attributes: &mut Object) -> Result<String, ApiError> {
    match attributes.remove(DISPLAY_NAME) {
        Some(Value::String(name)) => Ok(name),
        Some(_) | None => Err(required(&["displayname"])),
    }
}

impl Operation for CreateGroup {
    const NAME: &'static str = "CreateGroup";

    fn resource(&self, state: &AwsState) -> String {
        self.store.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        self.store.check(state)?;
        let group = state.directory.create_group(self.new).await?;
        Ok(Answer::Json(head(state, &group)))
    }
}

#[derive(Debug)]
pub(super) struct DescribeGroup {
    store: StoreId,
    group: DirectoryGroupId,
}

impl DescribeGroup {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { store: StoreId::read(fields)?, group: ids::group(fields)? }))
    }
}

impl Operation for DescribeGroup {
    const NAME: &'static str = "DescribeGroup";

    fn resource(&self, _: &AwsState) -> String {
        ids::group_arn(&self.group)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        self.store.check(state)?;
        let group = state.directory.group(&self.group).ok_or_else(|| unknown(&self.group))?;
        Ok(Answer::Json(show(state, &group)))
    }
}

#[derive(Debug)]
pub(super) struct UpdateGroup {
    store: StoreId,
    group: DirectoryGroupId,
    changes: Vec<Change>,
    revision: Option<u64>,
}

impl UpdateGroup {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self {
                store: StoreId::read(fields)?,
                group: ids::group(fields)?,
                changes: change::read(fields, of_group)?,
                revision: revision(fields)?,
            })
        })
    }
}

impl Operation for UpdateGroup {
    const NAME: &'static str = "UpdateGroup";

    fn resource(&self, _: &AwsState) -> String {
        ids::group_arn(&self.group)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (Self { store, group, changes, revision }, state) = (self, context.state);
        store.check(state)?;
        let edit = |current: &DirectoryGroup| changed(current, changes);
        let group = state.directory.update_group(&group, revision, edit).await?;
        Ok(Answer::Json(head(state, &group)))
    }
}

/// The group after the operations; its members stay.
fn changed(current: &DirectoryGroup, changes: Vec<Change>) -> Result<GroupEdit, ApiError> {
    let mut attributes = scim::group::attributes_of(current);
    for change in changes {
        assign(&mut attributes, &change.place.kept, change.value);
    }
    attributes.remove("externalId");
    let display_name = take_display_name(&mut attributes)?;
    if display_name != current.display_name {
        check_reserved(&display_name)?;
    }
    Ok(GroupEdit { display_name, attributes, ..GroupEdit::from(current) })
}

#[derive(Debug)]
pub(super) struct DeleteGroup {
    store: StoreId,
    group: DirectoryGroupId,
    revision: Option<u64>,
}

impl DeleteGroup {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { store: StoreId::read(fields)?, group: ids::group(fields)?, revision: revision(fields)? })
        })
    }
}

impl Operation for DeleteGroup {
    const NAME: &'static str = "DeleteGroup";

    fn resource(&self, _: &AwsState) -> String {
        ids::group_arn(&self.group)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        self.store.check(context.state)?;
        context.state.directory.delete_group(&self.group, self.revision).await?;
        Ok(Answer::Json(json!({})))
    }
}

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
        Ok(Answer::Json(list.answer(
            Self::NAME,
            "Groups",
            &groups,
            |group| group.id.as_str(),
            |group| show(state, group),
        )))
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
            Ok(Self { store: StoreId::read(fields)?, identifier: Identifier::read(fields, &[DISPLAY_NAME])? })
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
        let by_name = |_: &str, name: &str| directory.group_by_name(name);
        let found = self.identifier.find(state, |id| directory.group_by_external_id(id), by_name);
        let group = found.ok_or(ApiError::IdentityNotFound { kind: "GROUP", id: None })?;
        Ok(Answer::Json(json!({
            "IdentityStoreId": own_id(state),
            "GroupId": group.id.as_str(),
            "GroupArn": ids::group_arn(&group.id),
        })))
    }
}

pub(super) fn unknown(group: &DirectoryGroupId) -> ApiError {
    ApiError::IdentityNotFound { kind: "GROUP", id: Some(group.to_string()) }
}

fn head(state: &AwsState, group: &DirectoryGroup) -> Value {
    json!({
        "IdentityStoreId": own_id(state),
        "GroupId": group.id.as_str(),
        "GroupArn": ids::group_arn(&group.id),
        "Revision": group.version.to_string(),
    })
}

fn show(state: &AwsState, group: &DirectoryGroup) -> Value {
    let mut shown = head(state, group);
    if let Some(object) = shown.as_object_mut() {
        object.extend(show_all(GROUP, &scim::group::attributes_of(group)));
    }
    extend(
        &mut shown,
        [
            ("CreatedAt", Some(group.created.unix_timestamp().into())),
            ("UpdatedAt", Some(group.modified.unix_timestamp().into())),
            ("ExternalIds", external_ids(state, group.external_id.as_deref())),
        ],
    );
    shown
}
