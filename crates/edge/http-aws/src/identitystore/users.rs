//! People.

use std::sync::Arc;

use base::id::DirectoryUserId;
use directory::DirectoryUser;
use serde_json::{Value, json};

use super::lookup::{Identifier, List, StoreId, extend, external_ids};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

/// SCIM attributes that are one text, and their names here.
const TEXTS: [(&str, &str); 8] = [
    ("nickName", "NickName"),
    ("profileUrl", "ProfileUrl"),
    ("userType", "UserType"),
    ("title", "Title"),
    ("preferredLanguage", "PreferredLanguage"),
    ("locale", "Locale"),
    ("timezone", "Timezone"),
    ("website", "Website"),
];

#[derive(Debug)]
pub(super) struct ListUsers(List);

impl ListUsers {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| List::read(fields, "UserName").map(Self))
    }
}

impl Operation for ListUsers {
    const NAME: &'static str = "ListUsers";

    fn resource(&self, state: &AwsState) -> String {
        self.0.store.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (list, state) = (self.0, context.state);
        list.store.check(state)?;
        let users: Vec<Arc<DirectoryUser>> = match &list.filter {
            Some(name) => state.directory.user_by_name(name).into_iter().collect(),
            None => {
                let after = list.after.as_deref().map(DirectoryUserId::new);
                state.directory.users(after.as_ref(), list.records.saturating_add(1))
            }
        };
        Ok(Answer::Json(list.answer("Users", &users, |user| user.id.as_str(), |user| show(state, user))))
    }
}

#[derive(Debug)]
pub(super) struct GetUserId {
    store: StoreId,
    identifier: Identifier,
}

impl GetUserId {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { store: StoreId::read(fields)?, identifier: Identifier::read(fields, "userName")? })
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
        let found =
            self.identifier.find(state, |id| directory.user_by_external_id(id), |name| directory.user_by_name(name));
        let user = found.ok_or(ApiError::IdentityNotFound { kind: "USER", id: None })?;
        let store = &state.center.instance().identity_store_id;
        Ok(Answer::Json(json!({ "IdentityStoreId": store, "UserId": user.id.as_str() })))
    }
}

fn show(state: &AwsState, user: &DirectoryUser) -> Value {
    let mut shown = json!({
        "IdentityStoreId": state.center.instance().identity_store_id,
        "UserId": user.id.as_str(),
        "UserName": user.user_name,
        "UserStatus": if user.active { "ENABLED" } else { "DISABLED" },
        "CreatedAt": user.created.unix_timestamp(),
        "UpdatedAt": user.modified.unix_timestamp(),
    });
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let mut name = json!({});
    extend(&mut name, [("GivenName", text(&user.given_name)), ("FamilyName", text(&user.family_name))]);
    extend(
        &mut shown,
        [
            ("DisplayName", text(&user.display_name)),
            ("Name", name.as_object().is_some_and(|name| !name.is_empty()).then_some(name)),
            ("Emails", user.email.as_ref().map(|email| json!([{ "Value": email, "Primary": true }]))),
            ("ExternalIds", external_ids(state, user.external_id.as_deref())),
        ],
    );
    extend(
        &mut shown,
        TEXTS.map(|(scim, name)| (name, user.attributes.get(scim).filter(|value| value.is_string()).cloned())),
    );
    shown
}
