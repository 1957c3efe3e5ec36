//! People, read.

use std::sync::Arc;

use base::id::DirectoryUserId;
use directory::DirectoryUser;
use serde_json::{Value, json};

use super::attributes::{ENTERPRISE, ENTERPRISE_ATTRIBUTE, USER, show_all, status};
use super::ids;
use super::lookup::{Identifier, List, extend, external_ids};
use super::store::{StoreId, own_id};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

pub(super) mod writes;

/// Which extensions are shown beside the other attributes.
#[derive(Debug, Clone, Copy)]
struct Extensions {
    enterprise: bool,
}

impl Extensions {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let names: Vec<String> = fields.optional("Extensions")?.unwrap_or_default();
        match names.iter().find(|name| *name != ENTERPRISE) {
            None => Ok(Self { enterprise: !names.is_empty() }),
            Some(_) => Err(ApiError::InvalidParameter {
                parameter: "Extensions",
                rule: format!("the only extension is {ENTERPRISE}"),
            }),
        }
    }
}

#[derive(Debug)]
pub(super) struct DescribeUser {
    store: StoreId,
    user: DirectoryUserId,
    extensions: Extensions,
}

impl DescribeUser {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { store: StoreId::read(fields)?, user: ids::user(fields)?, extensions: Extensions::read(fields)? })
        })
    }
}

impl Operation for DescribeUser {
    const NAME: &'static str = "DescribeUser";

    fn resource(&self, _: &AwsState) -> String {
        ids::user_arn(&self.user)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        self.store.check(state)?;
        let user = state.directory.user(&self.user).ok_or_else(|| unknown(&self.user))?;
        Ok(Answer::Json(show(state, &user, self.extensions)))
    }
}

#[derive(Debug)]
pub(super) struct ListUsers {
    list: List,
    extensions: Extensions,
}

impl ListUsers {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { list: List::read(fields, "UserName")?, extensions: Extensions::read(fields)? })
        })
    }
}

impl Operation for ListUsers {
    const NAME: &'static str = "ListUsers";

    fn resource(&self, state: &AwsState) -> String {
        self.list.store.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (Self { list, extensions }, state) = (self, context.state);
        list.store.check(state)?;
        let users: Vec<Arc<DirectoryUser>> = match &list.filter {
            Some(name) => state.directory.user_by_name(name).into_iter().collect(),
            None => {
                let after = list.after.as_deref().map(DirectoryUserId::new);
                state.directory.users(after.as_ref(), list.records.saturating_add(1))
            }
        };
        let show = |user: &Arc<DirectoryUser>| show(state, user, extensions);
        Ok(Answer::Json(list.answer(Self::NAME, "Users", &users, |user| user.id.as_str(), show)))
    }
}

const USER_NAME: &str = "userName";
const EMAIL: &str = "emails.value";

#[derive(Debug)]
pub(super) struct GetUserId {
    store: StoreId,
    identifier: Identifier,
}

impl GetUserId {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { store: StoreId::read(fields)?, identifier: Identifier::read(fields, &[USER_NAME, EMAIL])? })
        })
    }
}

impl Operation for GetUserId {
    const NAME: &'static str = "GetUserId";

    fn resource(&self, state: &AwsState) -> String {
        self.store.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        self.store.check(state)?;
        let directory = &state.directory;
        let by_attribute = |attribute: &str, value: &str| match attribute {
            EMAIL => directory.user_by_email(value),
            _ => directory.user_by_name(value),
        };
        let found = self.identifier.find(state, |id| directory.user_by_external_id(id), by_attribute);
        let user = found.ok_or(ApiError::IdentityNotFound { kind: "USER", id: None })?;
        Ok(Answer::Json(json!({
            "IdentityStoreId": own_id(state),
            "UserId": user.id.as_str(),
            "UserArn": ids::user_arn(&user.id),
        })))
    }
}

pub(super) fn unknown(user: &DirectoryUserId) -> ApiError {
    ApiError::IdentityNotFound { kind: "USER", id: Some(user.to_string()) }
}

/// The members of an answer that every shown person has, and that is all that a write answers.
fn head(state: &AwsState, user: &DirectoryUser) -> Value {
    json!({
        "IdentityStoreId": own_id(state),
        "UserId": user.id.as_str(),
        "UserArn": ids::user_arn(&user.id),
        "Revision": user.version.to_string(),
    })
}

fn show(state: &AwsState, user: &DirectoryUser, extensions: Extensions) -> Value {
    let kept = scim::user::attributes_of(user);
    let mut shown = head(state, user);
    if let Some(object) = shown.as_object_mut() {
        object.extend(show_all(USER, &kept));
    }
    let enterprise = || kept.get(ENTERPRISE_ATTRIBUTE.kept).and_then(|value| ENTERPRISE_ATTRIBUTE.show(value));
    let enterprise = extensions.enterprise.then(enterprise).flatten();
    extend(
        &mut shown,
        [
            ("UserStatus", Some(status(user.active).into())),
            ("CreatedAt", Some(user.created.unix_timestamp().into())),
            ("UpdatedAt", Some(user.modified.unix_timestamp().into())),
            ("ExternalIds", external_ids(state, user.external_id.as_deref())),
            ("Extensions", enterprise.map(|value| json!({ ENTERPRISE: value }))),
        ],
    );
    shown
}
